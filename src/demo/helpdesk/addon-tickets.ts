import { requestedInstance, requireBridgeAgent } from "./addon-info.ts";
import { mayUseQueue } from "./accounts.ts";
import { requestedTickets, type TicketsPlace, type TicketsRequest } from "./addon-tickets-request.ts";
import type { Fields } from "./loose-values.ts";
import type { Call } from "./operation.ts";
import { findTicket, queueById, stateById, type Simulation } from "./simulation.ts";
import { closeTimes } from "./ticket-get.ts";
import { priorities, type Agent, type Article, type Ticket, type TimeRow } from "./world-state.ts";

const operation = "KivitendoBridgeTickets";
const goneTypes = new Set(["merged", "removed"]);

/** `KivitendoBridge::Tickets`: tickets with the rows of their accounted time, by change or by id. */
export function bridgeTickets(sim: Simulation, call: Call): unknown {
  const agent = requireBridgeAgent(sim, call, operation);
  requestedInstance(call, operation, false);
  const request = requestedTickets(sim, call);
  const { tickets, unreadable, next } = chosen(sim, agent, request);
  const entryOf = entries(sim, request.dynamicFields);
  const Tickets = tickets.map(entryOf);
  const ids = new Set(Tickets.flatMap(({ Times }) => Times.map(({ AgentID }) => AgentID)));
  const named = sim.state.agents.filter(({ id }) => ids.has(id));
  return {
    Tickets,
    Agents: Object.fromEntries(
      named.map(({ id, login, firstName, lastName }) => [id, { Login: login, Name: `${firstName} ${lastName}` }]),
    ),
    Unreadable: unreadable,
    Next: next,
    TimeZone: sim.settings.timeZone,
    Now: sim.clock.epoch(),
  };
}

interface Chosen {
  tickets: Ticket[];
  unreadable: number[];
  next: { Changed: string; TicketID: number } | null;
}

function chosen(sim: Simulation, agent: Agent, request: TicketsRequest): Chosen {
  const isReadable = (ticket: Ticket) => mayUseQueue(sim, agent, ticket.queueId, "ro");
  if (request.kind === "ids") {
    const ids = [...new Set(request.ids)];
    const tickets = ids.flatMap((id) => findTicket(sim, id) ?? []).filter(isReadable);
    const read = new Set(tickets.map(({ id }) => id));
    const unreadable = ids.filter((id) => !read.has(id)).toSorted((a, b) => a - b);
    return { tickets: tickets.toSorted(byChange), unreadable, next: null };
  }
  const { closedBefore, after, limit } = request;
  const closes = closedBefore === undefined ? undefined : closeTimes(sim);
  const all = Object.values(sim.state.tickets).filter(
    (ticket) =>
      isReadable(ticket) &&
      isInState(sim, ticket, request) &&
      (request.changedSince === undefined || ticket.changed >= request.changedSince) &&
      (closedBefore === undefined || (closes?.get(ticket.id) ?? []).some((stamp) => stamp < closedBefore)) &&
      (after === undefined || isAfter(ticket, after)),
  );
  const page = all.toSorted(byChange).slice(0, limit);
  const last = page.at(-1);
  const next = all.length > limit && last !== undefined ? { Changed: last.changed, TicketID: last.id } : null;
  return { tickets: page, unreadable: [], next };
}

function isInState(
  sim: Simulation,
  ticket: Ticket,
  { states, stateTypes }: TicketsRequest & { kind: "search" },
): boolean {
  const { name, type } = stateById(sim, ticket.stateId);
  if (goneTypes.has(type)) return false;
  return (states?.includes(name) ?? true) && (stateTypes?.includes(type) ?? true);
}

function byChange(a: Ticket, b: Ticket): number {
  if (a.changed === b.changed) return a.id - b.id;
  return a.changed < b.changed ? -1 : 1;
}

function isAfter(ticket: Ticket, { changed, ticketId }: TicketsPlace): boolean {
  return ticket.changed > changed || (ticket.changed === changed && ticket.id > ticketId);
}

interface TimeEntry {
  RowID: number;
  ArticleID: number | null;
  ArticleCreated: string | null;
  Subject: string | null;
  Units: string;
  AgentID: number;
  Booked: string;
}

/** How one ticket is told. */
function entries(sim: Simulation, fieldNames: string[]): (ticket: Ticket) => Fields & { Times: TimeEntry[] } {
  const closes = closeTimes(sim);
  const articles = new Map(sim.state.articles.map((article) => [article.id, article]));
  const rows = Map.groupBy(sim.state.timeRows, (row) => row.ticketId);
  return (ticket) => {
    const state = stateById(sim, ticket.stateId);
    const closed = closes.get(ticket.id)?.toSorted() ?? [];
    const set = fieldNames.flatMap((name) => {
      const value = ticket.dynamicFields[name];
      if (!value) return [];
      return [[name, sim.state.ticketFieldTypes[name] === "Date" ? value.slice(0, 10) : value]];
    });
    return {
      TicketID: ticket.id,
      TicketNumber: ticket.number,
      Title: ticket.title,
      Queue: queueById(sim, ticket.queueId).name,
      Service: nameIn(sim.state.services, ticket.serviceId),
      SLA: nameIn(sim.state.slas, ticket.slaId),
      Type: nameIn(sim.state.types, ticket.typeId),
      Priority: priorities[ticket.priorityId - 1],
      State: state.name,
      StateType: state.type,
      CustomerID: ticket.customerId ?? "",
      CustomerUserID: ticket.customerUserId ?? "",
      Archived: ticket.archived ? 1 : 0,
      Created: ticket.created,
      Changed: ticket.changed,
      Closed: closed.at(-1) ?? "",
      FirstClosed: closed[0] ?? "",
      DynamicFields: Object.fromEntries(set),
      Times: (rows.get(ticket.id) ?? [])
        .filter((row) => row.hundredths !== 0)
        .toSorted((a, b) => a.id - b.id)
        .map((row) => timeEntry(row, row.articleId === null ? undefined : articles.get(row.articleId))),
    };
  };
}

function nameIn(rows: { id: number; name: string }[], id: number | null): string {
  return rows.find((row) => row.id === id)?.name ?? "";
}

function timeEntry(row: TimeRow, article: Article | undefined): TimeEntry {
  return {
    RowID: row.id,
    ArticleID: article?.id ?? null,
    ArticleCreated: article?.created ?? null,
    Subject: article?.subject ?? null,
    Units: (row.hundredths / 100).toFixed(2),
    AgentID: row.createdBy,
    Booked: row.created,
  };
}
