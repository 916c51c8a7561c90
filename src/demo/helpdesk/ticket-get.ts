import { authenticate, mayOpen, type Caller } from "./accounts.ts";
import { filledList, filledText, isTrue, textOf, textsOf, type Fields } from "./loose-values.ts";
import { failureOf, type Call, type OperationError } from "./operation.ts";
import { findTicket, queueById, stateById, type Simulation } from "./simulation.ts";
import { accountedOnTicket } from "./ticket-core.ts";
import { integerOf } from "./ticket-lookup.ts";
import { locks, priorities, senderTypes, type Article, type Named, type Ticket } from "./world-state.ts";

/** `Ticket::TicketGet`: always a list; one ticket that the caller may not see fails all of them. */
export function ticketGet(sim: Simulation, call: Call): unknown {
  const failure = failureOf("TicketGet");
  const caller = authenticate(sim, call);
  if (caller === undefined) throw failure("AuthFail", "Authorization failing!");
  const tickets = ticketIds(call, failure).map((id) => {
    const ticket = findTicket(sim, id);
    if (ticket === undefined || !mayOpen(sim, caller, ticket, "ro"))
      throw failure("AccessDenied", "User does not have access to the ticket!");
    return ticket;
  });
  return { Ticket: tickets.map((ticket) => ticketEntry(sim, ticket, call.data, caller)) };
}

/** The ids asked for: one, several in one string with commas, or a list. */
export function ticketIds(call: Call, failure: (code: string, message: string) => OperationError): unknown[] {
  const given = call.data["TicketID"];
  // An empty list is true in Perl, so it is not missing but of the wrong structure.
  if (!isTrue(given)) throw failure("MissingParameter", "TicketID parameter is missing!");
  const list = filledText(given)?.split(",") ?? filledList(given);
  if (list === undefined) throw failure("WrongStructure", "Structure for TicketID is not correct!");
  return list;
}

function ticketEntry(sim: Simulation, ticket: Ticket, options: Fields, caller: Caller): Fields {
  const entry: Fields = {
    ...plainEntry(sim, ticket),
    ...(isTrue(options["Extended"]) ? extendedEntry(sim, ticket) : {}),
  };
  if (isTrue(options["DynamicFields"])) {
    const values = sim.state.dynamicFields.ticket.map((Name) => ({ Name, Value: ticket.dynamicFields[Name] ?? null }));
    if (values.length > 0) entry["DynamicField"] = values.toSorted((a, b) => (a.Name < b.Name ? -1 : 1));
  }
  if (isTrue(options["AllArticles"])) {
    const articles = articleEntries(sim, ticket, options, caller);
    if (articles.length > 0) entry["Article"] = articles;
  }
  return entry;
}

function plainEntry(sim: Simulation, ticket: Ticket): Fields {
  const login = (id: number) => sim.state.agents.find((agent) => agent.id === id)?.login ?? "";
  const queue = queueById(sim, ticket.queueId);
  const state = stateById(sim, ticket.stateId);
  const now = sim.clock.epoch();
  return {
    Age: now - (sim.clock.epochOf(ticket.created) ?? now),
    ArchiveFlag: ticket.archived ? "y" : "n",
    ChangeBy: ticket.changedBy,
    Changed: ticket.changed,
    CreateBy: ticket.createdBy,
    Created: ticket.created,
    CustomerID: ticket.customerId,
    CustomerUserID: ticket.customerUserId,
    EscalationResponseTime: 0,
    EscalationSolutionTime: 0,
    EscalationTime: 0,
    EscalationUpdateTime: 0,
    GroupID: queue.groupId,
    Lock: locks[ticket.lockId - 1],
    LockID: ticket.lockId,
    Owner: login(ticket.ownerId),
    OwnerID: ticket.ownerId,
    Priority: priorities[ticket.priorityId - 1],
    PriorityID: ticket.priorityId,
    Queue: queue.name,
    QueueID: queue.id,
    RealTillTimeNotUsed: ticket.pendingUntil,
    Responsible: login(ticket.responsibleId),
    ResponsibleID: ticket.responsibleId,
    ...namedAs("SLA", sim.state.slas, ticket.slaId),
    ...namedAs("Service", sim.state.services, ticket.serviceId),
    State: state.name,
    StateID: state.id,
    StateType: state.type,
    TicketID: ticket.id,
    TicketNumber: ticket.number,
    TimeUnit: accountedOnTicket(sim, ticket.id) / 100,
    Title: ticket.title,
    ...namedAs("Type", sim.state.types, ticket.typeId),
    UnlockTimeout: ticket.unlockTimeout,
    UntilTime: state.type.startsWith("pending") ? ticket.pendingUntil - now : 0,
  };
}

function namedAs(thing: string, rows: Named[], id: number | null): Fields {
  const found = rows.find((row) => row.id === id);
  return found === undefined ? { [`${thing}ID`]: "" } : { [`${thing}ID`]: found.id, [thing]: found.name };
}

// `Closed` is the last close, and stays when the ticket is open again.
function extendedEntry(sim: Simulation, ticket: Ticket): Fields {
  const extended: Fields = {};
  const closed = closeTimes(sim, ticket.id).get(ticket.id)?.toSorted().at(-1);
  if (closed !== undefined) {
    extended["Closed"] = closed;
    extended["SolutionInMin"] = sim.clock.workingMinutes(ticket.created, closed);
  }
  const responses = sim.state.articles.filter((a) => a.ticketId === ticket.id && a.senderTypeId === 1 && a.visible);
  const first = responses.map((article) => article.created).toSorted()[0];
  if (first !== undefined) extended["FirstResponse"] = first;
  const locked = sim.state.history.find((row) => row.ticketId === ticket.id && row.type === "Lock");
  if (locked !== undefined) extended["FirstLock"] = locked.created;
  return extended;
}

/** Ids of the states of type closed. */
export function closedStateIds(sim: Simulation): Set<number> {
  return new Set(sim.state.states.filter((state) => state.type === "closed").map((state) => state.id));
}

/** Every moment at which a ticket came into a state of type closed, as stamps; of one ticket or of all of them. */
export function closeTimes(sim: Simulation, ticketId?: number): Map<number, string[]> {
  const closed = closedStateIds(sim);
  const times = new Map<number, string[]>();
  for (const row of sim.state.history) {
    if (ticketId !== undefined && row.ticketId !== ticketId) continue;
    if ((row.type !== "NewTicket" && row.type !== "StateUpdate") || !closed.has(row.stateId)) continue;
    const known = times.get(row.ticketId);
    if (known === undefined) times.set(row.ticketId, [row.created]);
    else known.push(row.created);
  }
  return times;
}

function articleEntries(sim: Simulation, ticket: Ticket, options: Fields, caller: Caller): Fields[] {
  const all = sim.state.articles.filter((article) => article.ticketId === ticket.id).toSorted((a, b) => a.id - b.id);
  const numbers = new Map(all.map((article, index) => [article.id, index + 1]));
  let chosen = caller.kind === "customer" ? all.filter((article) => article.visible) : all;
  const senders = textsOf(options["ArticleSenderType"]);
  if (senders !== undefined)
    chosen = senders.flatMap((sender) => chosen.filter((article) => senderTypes[article.senderTypeId - 1] === sender));
  const limit = Math.min(integerOf(options["ArticleLimit"], 0), chosen.length);
  if (limit > 0) {
    if (textOf(options["ArticleOrder"]) === "DESC") chosen = chosen.toReversed();
    chosen = chosen.slice(0, limit);
  }
  return chosen.map((article) => {
    const entry = articleEntry(sim, article, numbers.get(article.id) ?? 0);
    const names = sim.state.dynamicFields.article;
    if (isTrue(options["DynamicFields"]) && names.length > 0)
      entry["DynamicField"] = names.map((Name) => ({ Name, Value: null }));
    return entry;
  });
}

function articleEntry(sim: Simulation, article: Article, number: number): Fields {
  // The first article of an installation came into the database without passing the program.
  const imported = article.contentType === null;
  const unset = imported ? null : "";
  const charset = /charset=["']?([^"';\s]+)/.exec(article.contentType ?? "")?.[1] ?? "";
  const mimeType = article.contentType?.split(";")[0]?.trim() ?? "";
  const rows = sim.state.timeRows.filter((row) => row.articleId === article.id);
  return {
    ArticleID: article.id,
    ArticleNumber: number,
    Bcc: unset,
    Body: article.body,
    Cc: article.cc ?? unset,
    ChangeBy: article.changedBy,
    ChangeTime: article.changed,
    Charset: charset,
    CommunicationChannelID: article.channelId,
    ContentCharset: charset,
    ContentType: article.contentType,
    CreateBy: article.createdBy,
    CreateTime: article.created,
    From: article.from,
    InReplyTo: unset,
    IncomingTime: article.incoming,
    IsVisibleForCustomer: article.visible ? 1 : 0,
    MessageID: imported ? "<007@localhost>" : "",
    MimeType: mimeType,
    References: unset,
    ReplyTo: unset,
    SenderType: senderTypes[article.senderTypeId - 1],
    SenderTypeID: String(article.senderTypeId),
    Subject: article.subject,
    TicketID: article.ticketId,
    TimeUnit: rows.reduce((sum, row) => sum + row.hundredths, 0) / 100,
    To: article.to,
  };
}
