import { authenticate, inGroup, mayOpen } from "./accounts.ts";
import { isTrue, textOf } from "./loose-values.ts";
import { failureOf, type Call } from "./operation.ts";
import { findTicket, queueById, type Simulation } from "./simulation.ts";
import { ticketIds } from "./ticket-get.ts";
import { historyTypeIds } from "./world-state.ts";

/** `Ticket::TicketHistoryGet`, for agents. Ids come back as they were given. */
export function ticketHistoryGet(sim: Simulation, call: Call): unknown {
  const failure = failureOf("TicketHistoryGet");
  const caller = authenticate(sim, call);
  if (caller === undefined) throw failure("AuthFail", "Authorization failing!");
  if (caller.kind !== "agent") throw failure("AuthFail", "User needs to an Agent!");
  const ids = ticketIds(call, failure);
  const allowed = ids.map((id) => {
    const ticket = findTicket(sim, id);
    if (ticket === undefined || !mayOpen(sim, caller, ticket, "ro"))
      throw failure("AccessDenied", `User does not have access to the ticket ${textOf(id)}!`);
    return { id, ticket };
  });
  return { TicketHistory: allowed.map(({ id, ticket }) => ({ TicketID: id, History: historyOf(sim, id, ticket.id) })) };
}

function historyOf(sim: Simulation, given: unknown, ticketId: number): unknown[] {
  const rows = sim.state.history.filter((row) => row.ticketId === ticketId);
  return rows
    .toSorted((a, b) => (a.created < b.created ? -1 : a.created > b.created ? 1 : 0))
    .map((row) => ({
      ArticleID: row.articleId,
      CreateBy: row.createdBy,
      CreateTime: row.created,
      HistoryType: row.type,
      HistoryTypeID: historyTypeIds[row.type] ?? historyTypeIds["Misc"],
      Name: row.name,
      OwnerID: row.ownerId,
      PriorityID: row.priorityId,
      QueueID: row.queueId,
      StateID: row.stateId,
      TicketID: given,
      TypeID: 1,
    }));
}

/** `Ticket::TimeAccountingGet`: the bookings of one agent; wants `rw` in the group timeaccounting_webservice. */
export function timeAccountingGet(sim: Simulation, call: Call): unknown {
  const failure = failureOf("TimeAccountingGet");
  const caller = authenticate(sim, call);
  if (caller === undefined) throw failure("AuthFail", "Authentication failed!");
  if (caller.kind !== "agent" || !inGroup(sim, caller.agent, "timeaccounting_webservice", "rw"))
    throw failure("NoPermission", "No permission!");
  for (const needed of ["TimeAccountingUserLogin", "TimeAccountingStart", "TimeAccountingEnd"])
    if (!isTrue(call.data[needed])) throw failure("MissingParameter", `${needed} parameter is missing!`);
  const agent = sim.state.agents.find((candidate) => candidate.login === textOf(call.data["TimeAccountingUserLogin"]));
  const start = textOf(call.data["TimeAccountingStart"]);
  const end = textOf(call.data["TimeAccountingEnd"]);
  const rows = sim.state.timeRows.filter(
    (row) => row.createdBy === agent?.id && row.created >= start && row.created <= end,
  );
  if (rows.length === 0) return {};
  return { TimeAccountingResult: rows.map((row) => bookingOf(sim, row.ticketId, row.created, row.hundredths)) };
}

function bookingOf(sim: Simulation, ticketId: number, created: string, hundredths: number): unknown {
  const ticket = findTicket(sim, ticketId);
  if (ticket === undefined) throw new Error(`accounted time on the missing ticket ${ticketId}`);
  return {
    Created: created,
    Queue: queueById(sim, ticket.queueId).name,
    TicketCustomerID: ticket.customerId ?? "",
    TicketNumber: ticket.number,
    TicketTitle: ticket.title,
    TimeUnit: (hundredths / 100).toFixed(2),
  };
}
