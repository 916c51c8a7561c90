import type { FlowContext, TicketId } from "../model/index.ts";
import type { BillingState, HelpdeskTickets, TicketBatch } from "./ports.ts";
import { scopeOf } from "./rules.ts";
import type { BillingRules } from "./rules.ts";

export interface Collected {
  readonly batches: readonly TicketBatch[];
  readonly closedBeforeStart: ReadonlySet<TicketId>;
  /** The last change among what the search found; null when it found nothing new. */
  readonly cursor: Temporal.Instant | null;
}

/**
 * How far a run looks back behind the last change it knows. Changes are stamped when a transaction starts and with whole
 * seconds, so a ticket may become visible after a later one was read.
 */
const overlap = { minutes: 10 };

/**
 * Reads the tickets that may be due: those in a billable state that changed since the last run, and those that have an
 * open difference as last seen (a reopened ticket is not among the closed ones any more). No transaction is open.
 */
export async function collectTickets(
  ports: { readonly helpdesk: HelpdeskTickets; readonly state: BillingState },
  rules: BillingRules,
  context: FlowContext,
): Promise<Collected> {
  const start = startOf(rules);
  const cursor = await ports.state.readCursor(scopeOf(rules));
  const since = cursor?.subtract(overlap);
  // Closing moves the change time, so whatever was closed since the start date was changed since then, too.
  const changedSince = since && Temporal.Instant.compare(since, start) > 0 ? since : start;
  context.report({ flow: "billing", step: "searching closed tickets" });
  const found = await ports.helpdesk.search({
    stateNames: rules.stateNames,
    stateTypes: rules.stateTypes,
    changedSince,
  });
  const early = await ports.helpdesk.searchClosedBefore(start, changedSince);
  const open = await ports.state.readOpenTickets();

  const ids = [...new Set([...found, ...open])];
  const searched = new Set(found);
  const batches: TicketBatch[] = [];
  let last = cursor;
  let done = 0;
  for await (const batch of ports.helpdesk.read(ids, context.signal)) {
    context.signal.throwIfAborted();
    batches.push(batch);
    for (const ticket of batch.tickets) {
      if (searched.has(ticket.ticketId) && (last === null || Temporal.Instant.compare(ticket.changedAt, last) > 0))
        last = ticket.changedAt;
    }
    done += batch.tickets.length + batch.unreadable.length;
    context.report({ flow: "billing", step: "tickets read", done, total: ids.length });
  }
  return { batches, closedBeforeStart: new Set(early), cursor: last };
}

/** The first moment of the start date, in the business zone. */
export function startOf(rules: BillingRules): Temporal.Instant {
  return rules.startDate.toZonedDateTime(rules.timeZone).toInstant();
}
