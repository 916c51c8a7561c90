import { authenticate, isOwnTicket, mayUseQueue, type Caller } from "./accounts.ts";
import { filledFields, filledText, isTrue, textOf, textsOf, type Fields } from "./loose-values.ts";
import { failureOf, type Call } from "./operation.ts";
import { matchesWildcard, meetsCondition } from "./search-conditions.ts";
import { hitsWindow, timeWindow } from "./search-times.ts";
import { queueById, stateById, type Simulation } from "./simulation.ts";
import { closeTimes } from "./ticket-get.ts";
import { integerOf, numbered } from "./ticket-lookup.ts";
import { locks, priorities, stateTypes, type Ticket } from "./world-state.ts";

// GenericInterface::Operation::TicketSearch###SearchLimit as shipped.
const defaultLimit = 500;

type Filter = (ticket: Ticket) => boolean;

/** `Ticket::TicketSearch`: ids as strings, `{}` for none; parameters it does not know are ignored without a word. */
export function ticketSearch(sim: Simulation, call: Call): unknown {
  const caller = authenticate(sim, call);
  if (caller === undefined) throw failureOf("TicketSearch")("AuthFail", "Authorization failing!");
  const { data } = call;
  const limit = integerOf(isTrue(data["Limit"]) ? data["Limit"] : undefined, defaultLimit);
  const order = sorting(sim, data);
  const filters = allFilters(sim, data, caller);
  if (limit < 0 || order === "nothing" || filters === "nothing") return {};
  const found = Object.values(sim.state.tickets).filter((ticket) => filters.every((filter) => filter(ticket)));
  const ids = found
    .sort(order)
    .slice(0, limit)
    .map((ticket) => String(ticket.id));
  return ids.length === 0 ? {} : { TicketID: ids };
}

function allFilters(sim: Simulation, data: Fields, caller: Caller): Filter[] | "nothing" {
  const filters: Filter[] = [permissionFilter(sim, caller)];
  const archive = archiveFilter(sim, data);
  if (archive !== undefined) filters.push(archive);
  filters.push(...listFilters(data));
  for (const found of [namedFilters(sim, data), timeFilters(sim, data), dynamicFieldFilters(sim, data)]) {
    if (found === "nothing") return "nothing";
    filters.push(...found);
  }
  return filters;
}

function permissionFilter(sim: Simulation, caller: Caller): Filter {
  if (caller.kind === "customer") return (ticket) => isOwnTicket(caller.user, ticket);
  const readable = new Set(
    sim.state.queues.filter((queue) => mayUseQueue(sim, caller.agent, queue.id, "ro")).map((queue) => queue.id),
  );
  return (ticket) => readable.has(ticket.queueId);
}

function archiveFilter(sim: Simulation, data: Fields): Filter | undefined {
  if (!sim.settings.archiveSystem) return undefined;
  const wanted = textOf(data["SearchInArchive"]);
  if (wanted === "AllTickets") return undefined;
  return (ticket) => ticket.archived === (wanted === "ArchivedTickets");
}

function listFilters(data: Fields): Filter[] {
  const filters: Filter[] = [];
  const add = (name: string, meets: (ticket: Ticket, value: string) => boolean) => {
    const values = textsOf(data[name]);
    if (values !== undefined) filters.push((ticket) => values.some((value) => meets(ticket, value)));
  };
  add("TicketID", (ticket, value) => String(ticket.id) === value);
  add("TicketNumber", (ticket, value) => matchesWildcard(ticket.number, value));
  add("Title", (ticket, value) => matchesWildcard(ticket.title, value));
  add("CustomerID", (ticket, value) => meetsCondition(ticket.customerId ?? "", value));
  add("CustomerIDRaw", (ticket, value) => ticket.customerId === value);
  add("CustomerUserLogin", (ticket, value) => meetsCondition(ticket.customerUserId ?? "", value));
  add("OwnerIDs", (ticket, value) => String(ticket.ownerId) === value);
  add("ResponsibleIDs", (ticket, value) => String(ticket.responsibleId) === value);
  add("CreatedUserIDs", (ticket, value) => String(ticket.createdBy) === value);
  add("TypeIDs", (_ticket, value) => value === "1");
  for (const never of ["WatchUserIDs", "ServiceIDs", "SLAIDs"]) add(never, () => false);
  return filters;
}

// A name that does not exist makes the helpdesk give up, so nothing is found.
function namedFilters(sim: Simulation, data: Fields): Filter[] | "nothing" {
  const states = sim.state.states.filter((state) => state.validId === 1);
  const typeOf = (id: number) => stateTypes.findIndex((type) => stateById(sim, id).type === type) + 1;
  const kinds: [parameters: string[], rows: { id: number; name: string }[], id: (ticket: Ticket) => number][] = [
    [["States", "StateIDs"], states, (ticket) => ticket.stateId],
    [["StateType", "StateTypeIDs"], numbered(stateTypes), (ticket) => typeOf(ticket.stateId)],
    [["Queues", "QueueIDs"], sim.state.queues, (ticket) => ticket.queueId],
    [["Priorities", "PriorityIDs"], numbered(priorities), (ticket) => ticket.priorityId],
    [["Locks", "LockIDs"], numbered(locks), (ticket) => ticket.lockId],
    [["Types", "TypeIDs"], numbered(["Unclassified"]), () => 1],
    [["Services"], [], () => 0],
    [["SLAs"], [], () => 0],
  ];
  const filters: Filter[] = [];
  for (const [[byName = "", byId = ""], rows, idOf] of kinds) {
    const names = textsOf(data[byName]);
    if (names !== undefined) {
      const ids = rows.filter((row) => names.includes(row.name)).map((row) => row.id);
      if (ids.length === 0 || (byName !== "StateType" && names.some((name) => !rows.some((row) => row.name === name))))
        return "nothing";
      filters.push((ticket) => ids.includes(idOf(ticket)));
    }
    const ids = textsOf(data[byId]);
    if (ids !== undefined) filters.push((ticket) => ids.includes(String(idOf(ticket))));
  }
  return filters;
}

function timeFilters(sim: Simulation, data: Fields): Filter[] | "nothing" {
  const closes = closeTimes(sim);
  const kinds: [prefix: string, stamps: (ticket: Ticket) => string[]][] = [
    ["TicketCreateTime", (ticket) => [ticket.created]],
    ["TicketLastChangeTime", (ticket) => [ticket.changed]],
    ["TicketCloseTime", (ticket) => closes.get(ticket.id) ?? []],
    // Any row of history is a change.
    [
      "TicketChangeTime",
      (ticket) => sim.state.history.filter((row) => row.ticketId === ticket.id).map((row) => row.created),
    ],
    ["ArticleCreateTime", (ticket) => sim.state.articles.filter((a) => a.ticketId === ticket.id).map((a) => a.created)],
    ["TicketPendingTime", (ticket) => (ticket.pendingUntil > 0 ? [sim.clock.stamp(ticket.pendingUntil)] : [])],
  ];
  const filters: Filter[] = [];
  for (const [prefix, stampsOf] of kinds) {
    const window = timeWindow(sim, data, prefix);
    if (window === "nothing") return "nothing";
    if (window !== undefined) filters.push((ticket) => hitsWindow(window, stampsOf(ticket)));
  }
  return filters;
}

function dynamicFieldFilters(sim: Simulation, data: Fields): Filter[] | "nothing" {
  const filters: Filter[] = [];
  for (const name of sim.state.dynamicFields.ticket) {
    const operators = filledFields(data[`DynamicField_${name}`]);
    if (operators === undefined) continue;
    for (const [operator, given] of Object.entries(operators)) {
      const values = textsOf(given) ?? [];
      const valueOf = (ticket: Ticket) => ticket.dynamicFields[name] ?? "";
      if (operator === "Equals") filters.push((ticket) => values.includes(valueOf(ticket)));
      else if (operator === "Like") filters.push((ticket) => values.some((v) => matchesWildcard(valueOf(ticket), v)));
      else if (operator === "Empty") filters.push((ticket) => (valueOf(ticket) === "") === isTrue(given));
      else return "nothing";
    }
  }
  return filters;
}

const sortKeys: Record<string, (sim: Simulation, ticket: Ticket) => string | number> = {
  Age: (_sim, ticket) => ticket.created,
  Created: (_sim, ticket) => ticket.created,
  Changed: (_sim, ticket) => ticket.changed,
  TicketNumber: (_sim, ticket) => ticket.number,
  Ticket: (_sim, ticket) => ticket.number,
  Title: (_sim, ticket) => ticket.title,
  CustomerID: (_sim, ticket) => ticket.customerId ?? "",
  State: (_sim, ticket) => ticket.stateId,
  Queue: (sim, ticket) => queueById(sim, ticket.queueId).name,
  Priority: (_sim, ticket) => ticket.priorityId,
  Owner: (_sim, ticket) => ticket.ownerId,
  Responsible: (_sim, ticket) => ticket.responsibleId,
  Lock: (_sim, ticket) => ticket.lockId,
  PendingTime: (_sim, ticket) => ticket.pendingUntil,
  Type: () => 1,
  Service: () => 0,
  SLA: () => 0,
  EscalationTime: () => 0,
};

// Equal keys come in no promised order; here by id.
function sorting(sim: Simulation, data: Fields): ((a: Ticket, b: Ticket) => number) | "nothing" {
  const names = textsOf(data["SortBy"]) ?? ["Age"];
  const orders = textsOf(data["OrderBy"]) ?? ["Down"];
  if (filledText(data["SortBy"]) !== undefined && !isTrue(data["SortBy"])) return "nothing";
  const keys: { key: (ticket: Ticket) => string | number; sign: number }[] = [];
  for (const [index, name] of names.entries()) {
    const read = sortKeys[name];
    const order = orders[index] ?? "Down";
    if (read === undefined || (order !== "Up" && order !== "Down")) return "nothing";
    keys.push({ key: (ticket) => read(sim, ticket), sign: order === "Up" ? 1 : -1 });
  }
  return (a, b) => {
    for (const { key, sign } of keys) {
      const [left, right] = [key(a), key(b)];
      if (left !== right) return left < right ? -sign : sign;
    }
    return a.id - b.id;
  };
}
