import { queueById, stateById, type Simulation } from "./simulation.ts";
import { locks, priorities, type Article, type HistoryRow, type Ticket } from "./world-state.ts";

/** What a new ticket needs; stamps come from the clock unless `at` (epoch second) says otherwise. */
export interface NewTicket {
  title: string;
  queueId: number;
  stateId: number;
  priorityId: number;
  customerId: string;
  customerUserId: string;
  /** root@localhost when absent. */
  ownerId?: number;
  userId: number;
  at?: number;
}

/** Adds a ticket with its two first history rows. */
export function createTicket(sim: Simulation, given: NewTicket): Ticket {
  const stamp = sim.clock.stamp(given.at);
  const id = sim.state.nextId.ticket++;
  const ticket: Ticket = {
    id,
    number: nextTicketNumber(sim, stamp),
    title: given.title.slice(0, 255),
    queueId: given.queueId,
    stateId: given.stateId,
    priorityId: given.priorityId,
    typeId: 1,
    serviceId: null,
    slaId: null,
    lockId: 1,
    ownerId: given.ownerId ?? 1,
    responsibleId: 1,
    customerId: null,
    customerUserId: null,
    unlockTimeout: 0,
    pendingUntil: 0,
    archived: false,
    created: stamp,
    createdBy: given.userId,
    changed: stamp,
    changedBy: given.userId,
    dynamicFields: {},
  };
  sim.state.tickets[id] = ticket;
  const names = [ticket.number, queueById(sim, given.queueId).name, priorities[given.priorityId - 1]];
  const state = stateById(sim, given.stateId).name;
  addHistory(sim, ticket, "NewTicket", `%%${[...names, state, id].join("%%")}`, given);
  setTicketCustomer(sim, ticket, { customerId: given.customerId, customerUserId: given.customerUserId }, given);
  return ticket;
}

/** Who does something, and when, if not now. */
export interface Actor {
  userId: number;
  at?: number;
}

// The number is the day, the system id 10, a five-digit counter and a checksum (generator DateChecksum).
function nextTicketNumber(sim: Simulation, stamp: string): string {
  const counter = String(sim.state.nextId.counter++).padStart(5, "0");
  const digits = `${stamp.slice(0, 10).replaceAll("-", "")}10${counter}`;
  let sum = 0;
  for (const [index, digit] of Array.from(digits).entries()) sum += Number(digit) * (index % 2 === 0 ? 1 : 2);
  const check = 10 - (sum % 10);
  return `${digits}${check === 10 ? 1 : check}`;
}

/** Adds a history row with the ticket's values of this moment. */
export function addHistory(
  sim: Simulation,
  ticket: Ticket,
  type: string,
  name: string,
  actor: Actor,
  articleId = 0,
): HistoryRow {
  const row: HistoryRow = {
    ticketId: ticket.id,
    articleId,
    type,
    name: name.slice(0, 200),
    queueId: ticket.queueId,
    ownerId: ticket.ownerId,
    priorityId: ticket.priorityId,
    stateId: ticket.stateId,
    created: sim.clock.stamp(actor.at),
    createdBy: actor.userId,
  };
  sim.state.history.push(row);
  return row;
}

/** Moves `Changed`. */
export function touch(sim: Simulation, ticket: Ticket, actor: Actor): void {
  ticket.changed = sim.clock.stamp(actor.at);
  ticket.changedBy = actor.userId;
}

/** Sets customer and contact of a ticket; history gets a row even when nothing differs, as the helpdesk's own call does. */
export function setTicketCustomer(
  sim: Simulation,
  ticket: Ticket,
  to: { customerId?: string; customerUserId?: string },
  actor: Actor,
): void {
  let name = "%%";
  if (to.customerId !== undefined) name += `CustomerID=${(ticket.customerId = to.customerId)};`;
  if (to.customerUserId !== undefined) name += `CustomerUser=${(ticket.customerUserId = to.customerUserId)};`;
  touch(sim, ticket, actor);
  addHistory(sim, ticket, "CustomerUpdate", name, actor);
}

/** What a new article needs. */
export interface NewArticle {
  senderTypeId: number;
  channelId: number;
  visible: boolean;
  from: string;
  to: string;
  cc?: string;
  subject: string;
  body: string;
  contentType: string;
  historyType: string;
  historyComment: string;
}

/** Adds an article; one by an agent also resets the unlock time. */
export function addArticle(sim: Simulation, ticket: Ticket, given: NewArticle, actor: Actor): Article {
  const stamp = sim.clock.stamp(actor.at);
  const incoming = actor.at ?? sim.clock.epoch();
  const { historyType, historyComment, ...content } = given;
  const by = { created: stamp, createdBy: actor.userId, changed: stamp, changedBy: actor.userId };
  const article: Article = { cc: "", ...content, id: sim.state.nextId.article++, ticketId: ticket.id, incoming, ...by };
  sim.state.articles.push(article);
  touch(sim, ticket, actor);
  addHistory(sim, ticket, historyType, historyComment, actor, article.id);
  if (given.senderTypeId === 1) resetUnlockTime(sim, ticket, incoming, actor);
  return article;
}

/** Books time, in hundredths of the helpdesk's unit; `written` is how history shows it. */
export function accountTime(
  sim: Simulation,
  ticket: Ticket,
  articleId: number | null,
  hundredths: number,
  actor: Actor,
): void {
  sim.state.timeRows.push({
    id: sim.state.nextId.timeRow++,
    ticketId: ticket.id,
    articleId,
    hundredths,
    created: sim.clock.stamp(actor.at),
    createdBy: actor.userId,
  });
  touch(sim, ticket, actor);
  const total = accountedOnTicket(sim, ticket.id);
  addHistory(sim, ticket, "TimeAccounting", `%%${hundredths / 100}%%${total / 100}`, actor, articleId ?? 0);
}

/** Sum of a ticket's accounted time in hundredths. */
export function accountedOnTicket(sim: Simulation, ticketId: number): number {
  let sum = 0;
  for (const row of sim.state.timeRows) if (row.ticketId === ticketId) sum += row.hundredths;
  return sum;
}

/** Changes the state, if it is another one; leaving a pending state resets the pending time. */
export function setState(sim: Simulation, ticket: Ticket, stateId: number, actor: Actor): void {
  if (ticket.stateId === stateId) return;
  const before = stateById(sim, ticket.stateId).name;
  const after = stateById(sim, stateId);
  ticket.stateId = stateId;
  touch(sim, ticket, actor);
  addHistory(sim, ticket, "StateUpdate", `%%${before}%%${after.name}%%`, actor);
  if (!after.type.startsWith("pending")) {
    ticket.pendingUntil = 0;
    addHistory(sim, ticket, "SetPendingTime", "%%00-00-00 00:00", actor);
  }
}

/** Makes an agent the owner, if it is another one. */
export function setOwner(sim: Simulation, ticket: Ticket, ownerId: number, actor: Actor): void {
  if (ticket.ownerId === ownerId) return;
  ticket.ownerId = ownerId;
  touch(sim, ticket, actor);
  addHistory(sim, ticket, "OwnerUpdate", agentName(sim, ownerId), actor);
}

/** Makes an agent responsible, if it is another one. */
export function setResponsible(sim: Simulation, ticket: Ticket, responsibleId: number, actor: Actor): void {
  if (ticket.responsibleId === responsibleId) return;
  ticket.responsibleId = responsibleId;
  touch(sim, ticket, actor);
  addHistory(sim, ticket, "ResponsibleUpdate", agentName(sim, responsibleId), actor);
}

function agentName(sim: Simulation, id: number): string {
  return `%%${sim.state.agents.find((agent) => agent.id === id)?.login ?? ""}%%${id}`;
}

/** Changes the priority, if it is another one. */
export function setPriority(sim: Simulation, ticket: Ticket, priorityId: number, actor: Actor): void {
  if (ticket.priorityId === priorityId) return;
  const before = `%%${priorities[ticket.priorityId - 1]}%%${ticket.priorityId}`;
  ticket.priorityId = priorityId;
  touch(sim, ticket, actor);
  addHistory(sim, ticket, "PriorityUpdate", `${before}%%${priorities[priorityId - 1]}%%${priorityId}`, actor);
}

/** Moves the ticket to another queue. */
export function setQueue(sim: Simulation, ticket: Ticket, queueId: number, actor: Actor): void {
  if (ticket.queueId === queueId) return;
  const before = queueById(sim, ticket.queueId);
  ticket.queueId = queueId;
  touch(sim, ticket, actor);
  const name = `%%${queueById(sim, queueId).name}%%${queueId}%%${before.name}%%${before.id}`;
  addHistory(sim, ticket, "Move", name, actor);
}

/** Locks or unlocks, if that changes anything. */
export function setLock(sim: Simulation, ticket: Ticket, lockId: number, actor: Actor): void {
  if (ticket.lockId === lockId) return;
  ticket.lockId = lockId;
  touch(sim, ticket, actor);
  addHistory(sim, ticket, lockId === 1 ? "Unlock" : "Lock", `%%${locks[lockId - 1]}`, actor);
  if (lockId !== 1) resetUnlockTime(sim, ticket, actor.at ?? sim.clock.epoch(), actor);
}

function resetUnlockTime(sim: Simulation, ticket: Ticket, epoch: number, actor: Actor): void {
  if (ticket.unlockTimeout === epoch) return;
  ticket.unlockTimeout = epoch;
  addHistory(sim, ticket, "Misc", "Reset of unlock time.", actor);
}

/** Merges `merged` into `main`: articles, their history and all time move, the emptied ticket gets a note and state merged. */
export function mergeTickets(sim: Simulation, main: Ticket, merged: Ticket, actor: Actor): void {
  const stamp = sim.clock.stamp(actor.at);
  for (const article of sim.state.articles) {
    if (article.ticketId === merged.id)
      Object.assign(article, { ticketId: main.id, changed: stamp, changedBy: actor.userId });
  }
  for (const row of sim.state.history) if (row.ticketId === merged.id && row.articleId !== 0) row.ticketId = main.id;
  for (const row of sim.state.timeRows) if (row.ticketId === merged.id) row.ticketId = main.id;
  const note: NewArticle = {
    senderTypeId: 1,
    channelId: 3,
    visible: true,
    from: "",
    to: "",
    subject: "Ticket Merged",
    body: `Merged Ticket ${merged.number} to ${main.number}.`,
    contentType: "text/plain; charset=ascii",
    historyType: "AddNote",
    historyComment: "%%Note",
  };
  addArticle(sim, merged, note, actor);
  const name = `%%${merged.number}%%${merged.id}%%${main.number}%%${main.id}`;
  addHistory(sim, merged, "Merged", name, actor);
  addHistory(sim, main, "Merged", name, actor);
  touch(sim, main, actor);
  const mergedState = sim.state.states.find((state) => state.type === "merged" && state.validId === 1);
  if (mergedState === undefined) throw new Error("no valid state of type merged");
  setState(sim, merged, mergedState.id, actor);
  setLock(sim, merged, 1, actor);
}
