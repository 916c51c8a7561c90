import type { EntryKey, TicketSnapshot } from "../billing/ports.ts";
import { storableText } from "./rows.ts";

/**
 * SQL for the customer that a ticket's company is, null unless exactly one confirmed link says so, or, where none has this
 * key, the table that the helpdesk reads by itself (customers.way read-only). Compared to the letter: where the helpdesk's
 * database tells upper from lower case, another spelling is another company.
 */
export function customerOf(ticket: string): string {
  const linked = `from otrs_bridge.links link
            where link.kind = 'company' and link.confirmed and link.helpdesk_key = ${ticket}.company_key`;
  return `coalesce(
          (select case when count(*) = 1 then min(link.row_id) end
             ${linked}),
          (select own.row_id
             from otrs_bridge.helpdesk_companies own
            -- The index is over lower(customer_id).
            where lower(own.customer_id) = lower(${ticket}.company_key)
              and own.customer_id = ${ticket}.company_key
              and not exists (select ${linked})))`;
}

/** SQL that is true for a line that was not taken back and takes nothing back. */
export function isActive(line: string): string {
  return `${line}.reverses is null
          and not exists (select from otrs_bridge.lines back where back.reverses = ${line}.id)`;
}

/** Columns of {@link entriesJson}, for jsonb_to_recordset. */
export const entryColumns =
  "(kind text, source_id bigint, created_at timestamptz, ticket_id bigint, units bigint, rows jsonb)";

export function entriesJson(tickets: readonly Pick<TicketSnapshot, "ticketId" | "entries">[]): string {
  return JSON.stringify(
    tickets.flatMap((ticket) =>
      ticket.entries.map(({ key, units, rows }) => ({
        kind: key.kind,
        source_id: key.sourceId,
        created_at: key.createdAt.toString(),
        ticket_id: ticket.ticketId,
        units,
        rows: rows.map((row) => ({
          rowId: row.rowId,
          units: row.units,
          bookedAt: row.bookedAt.toString(),
          agentLogin: textOrNull(row.agentLogin),
          agentName: textOrNull(row.agentName),
          subject: textOrNull(row.subject),
        })),
      })),
    ),
  );
}

/** Tells entries apart. */
export function entryName({ kind, sourceId, createdAt }: EntryKey): string {
  return `${kind} ${sourceId} ${createdAt.epochNanoseconds}`;
}

/** Tickets, or entries, in one statement: keeps each parameter to some hundred kilobytes. */
const ticketsPerStatement = 500;

export function* chunksOf<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += ticketsPerStatement)
    yield all.slice(start, start + ticketsPerStatement);
}

function textOrNull(text: string | null): string | null {
  return text === null ? null : storableText(text);
}
