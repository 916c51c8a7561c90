import type { FlowContext } from "../model/index.ts";
import { entryName } from "./plan/index.ts";
import type { BillingState, HelpdeskTickets, TicketBatch, TicketSnapshot } from "./ports.ts";
import { isMerged } from "./states.ts";

interface MergedPorts {
  readonly helpdesk: Pick<HelpdeskTickets, "changed">;
  readonly state: Pick<BillingState, "readSettledEntries">;
}

/**
 * Where articles of merged tickets are that were settled and that nothing of `batches` has: on tickets in these states,
 * which are not read otherwise before they are closed. Without that a merge would look like deleted time. Answers only
 * tickets that have such articles. `isWanted` says for which merged tickets it is looked.
 */
export async function readMergedInto(
  { helpdesk, state }: MergedPorts,
  batches: readonly TicketBatch[],
  search: { readonly states: readonly string[]; readonly isWanted: (ticket: TicketSnapshot) => boolean },
  { report, signal }: FlowContext,
): Promise<readonly TicketBatch[]> {
  const read = batches.flatMap(({ tickets }) => tickets);
  const merged = read.filter((ticket) => isMerged(ticket) && search.isWanted(ticket));
  if (merged.length === 0 || search.states.length === 0) return [];
  const seen = new Set(read.flatMap(({ entries }) => entries.map(({ key }) => entryName(key))));
  const settled = await state.readSettledEntries(merged.map(({ ticketId }) => ticketId));
  const missing = settled.filter(({ key }) => key.kind !== "rest" && !seen.has(entryName(key)));
  const from = merged.filter(({ ticketId }) => missing.some((entry) => entry.ticketId === ticketId));
  const [first, ...others] = from.map(({ changedAt }) => changedAt);
  if (first === undefined) return [];
  // Both tickets of a merge change at the same moment, give or take a second.
  const changedSince = others
    .reduce((oldest, at) => (Temporal.Instant.compare(at, oldest) < 0 ? at : oldest), first)
    .subtract({ minutes: 1 });
  const names = new Set(missing.map(({ key }) => entryName(key)));
  const found: TicketBatch[] = [];
  let done = 0;
  for await (const { tickets } of helpdesk.changed(
    { stateNames: search.states, stateTypes: [], changedSince },
    signal,
  )) {
    signal.throwIfAborted();
    done += tickets.length;
    report({ flow: "billing", step: "open tickets with merged time", done });
    const having = tickets.filter(({ entries }) => entries.some(({ key }) => names.has(entryName(key))));
    if (having.length > 0) found.push({ tickets: having, unreadable: [] });
  }
  signal.throwIfAborted();
  return found;
}
