import type { ClientBase, Pool } from "pg";
import { z } from "zod";
import type { BeforeStart, Cursor, EntryKey, IncludedUse } from "../billing/ports.ts";
import { CustomerId, type HundredthUnits, TicketId, TicketNumber } from "../model/index.ts";
import { EntryKindColumn } from "./billing-columns.ts";
import { customerOf } from "./entry-sql.ts";
import { InstantColumn, UnitsColumn } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

const CursorRow = z.object({
  changedSince: InstantColumn,
  helpdeskNow: InstantColumn.nullable(),
  rereadAt: InstantColumn.nullable(),
});

export async function readCursor(pool: Pool, scope: string): Promise<Cursor | null> {
  const rows = await read(
    pool,
    CursorRow,
    `select changed_since as "changedSince", helpdesk_now as "helpdeskNow", reread_at as "rereadAt"
       from otrs_bridge.cursor
      where scope = $1
      order by only_row`,
    [scope],
  );
  return rows[0] ?? null;
}

const OpenRow = z.object({ ticketId: TicketId });

export async function readOpenTickets(
  pool: Pool,
  which: {
    readonly billedSince: Temporal.Instant | null;
    readonly ticketNumbers: readonly string[];
    readonly unbilledStates: readonly string[];
  },
): Promise<readonly TicketId[]> {
  const rows = await read(
    pool,
    OpenRow,
    // What waits for a decision, is held or was cancelled may stay so for ever, and reading it again for each run would
    // only cost more and more: it is read when that ends, by its answer, its release or its change.
    `select e.ticket_id as "ticketId"
       from otrs_bridge.time_entries e
       join otrs_bridge.tickets t on t.ticket_id = e.ticket_id
      where e.open and e.ticket_id > 0 and not (t.closed_before_start and t.opening is null)
        and not t.held and t.state <> all ($3::text[])
     union
     select t.ticket_id
       from otrs_bridge.tickets t
      where t.billed_elsewhere and t.ticket_id > 0
     union
     select e.ticket_id
       from otrs_bridge.lines l
       join otrs_bridge.ledger g on g.line_id = l.id
       join otrs_bridge.time_entries e
         on e.kind = g.kind and e.source_id = g.source_id and e.created_at = g.created_at
      where l.made_at >= $1 and l.reverses is null and e.ticket_id > 0
     union
     select t.ticket_id
       from otrs_bridge.tickets t
      where t.ticket_number = any ($2::text[]) and t.ticket_id > 0
     union
     select (i.about ->> 'ticketId')::bigint
       from otrs_bridge.inbox i
      where i.flow = 'billing' and i.reason = 'unreadable-ticket' and i.closed_at is null
      order by 1`,
    [which.billedSince?.toString() ?? null, which.ticketNumbers, which.unbilledStates],
  );
  return rows.map((row) => row.ticketId);
}

const SettledEntryRow = z.object({
  ticketId: TicketId,
  kind: EntryKindColumn,
  sourceId: z.coerce.number(),
  createdAt: InstantColumn,
});

export async function readSettledEntries(
  pool: Pool,
  ticketIds: readonly TicketId[],
): Promise<readonly { readonly ticketId: TicketId; readonly key: EntryKey }[]> {
  const rows = await read(
    pool,
    SettledEntryRow,
    `select ticket_id as "ticketId", kind, source_id as "sourceId", created_at as "createdAt"
       from otrs_bridge.time_entries
      where ticket_id = any ($1::bigint[]) and settled_units <> 0
      order by ticket_id, kind, source_id, created_at`,
    [ticketIds],
  );
  return rows.map(({ ticketId, ...key }) => ({ ticketId, key }));
}

const UseRow = z.object({ customerId: CustomerId, month: z.string(), units: UnitsColumn });

export async function readIncludedUse(pool: Pool, customerIds: readonly CustomerId[]): Promise<IncludedUse> {
  const rows = await read(
    pool,
    UseRow,
    `select l.customer_id as "customerId", to_char(g.worked_on, 'YYYY-MM') as month, sum(g.units) as units
       from otrs_bridge.lines l
       join otrs_bridge.ledger g on g.line_id = l.id
      where l.customer_id = any ($1::integer[]) and l.kind = 'included' and g.worked_on is not null
      group by 1, 2
     having sum(g.units) <> 0
      order by 1, 2`,
    [customerIds],
  );
  const use = new Map<CustomerId, Map<string, HundredthUnits>>();
  for (const { customerId, month, units } of rows) {
    const months = use.get(customerId) ?? new Map<string, HundredthUnits>();
    use.set(customerId, months.set(month, units));
  }
  return use;
}

const BeforeStartRow = z.object({
  ticketId: TicketId,
  ticketNumber: TicketNumber,
  title: z.string(),
  state: z.string(),
  customerId: CustomerId.nullable(),
  closedAt: InstantColumn.nullable(),
  openUnits: UnitsColumn,
});

/** As the caller's transaction sees them; see the port. */
export async function selectBeforeStart(client: ClientBase): Promise<readonly BeforeStart[]> {
  const { rows } = await client.query(
    `select t.ticket_id as "ticketId", t.ticket_number as "ticketNumber", t.title, t.state,
            ${customerOf("t")} as "customerId", t.closed_at as "closedAt",
            sum(e.seen_units - e.settled_units) as "openUnits"
       from otrs_bridge.time_entries e
       join otrs_bridge.tickets t on t.ticket_id = e.ticket_id
      where e.open and t.ticket_id > 0 and t.closed_before_start and t.opening is null
      group by t.ticket_id
      order by t.ticket_number, t.ticket_id`,
  );
  return z.array(BeforeStartRow).parse(rows);
}

async function read<T>(pool: Pool, schema: z.ZodType<T>, query: string, values: unknown[]): Promise<readonly T[]> {
  return inTransaction(pool, "snapshot", async (client) => {
    const { rows } = await client.query(query, values);
    return z.array(schema).parse(rows);
  });
}
