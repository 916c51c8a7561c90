import type { Pool } from "pg";
import { z } from "zod";
import type { BillingState } from "../billing/ports.ts";
import { MinutesPerUnit, TicketId } from "../model/index.ts";
import { type InsertDraft, writeDraft } from "./drafts.ts";
import { syncInbox } from "./inbox.ts";
import { InstantColumn } from "./rows.ts";
import { finishRun, startRun } from "./runs.ts";
import { settle } from "./settle.ts";
import { inTransaction } from "./transaction.ts";

/** Billing's memory: tickets and time as last seen, the ledger, the inbox. */
export function createBillingState(pool: Pool, insertDraft: InsertDraft): BillingState {
  return {
    readCursor: (scope) => readCursor(pool, scope),
    readOpenTickets: () => readOpenTickets(pool),
    settle: (settlement) => settle(pool, settlement),
    writeDraft: (record, minutesPerUnit) => writeDraft(pool, insertDraft, record, minutesPerUnit),
    readFrozenUnit: () => readFrozenUnit(pool),
    syncInbox: (items, options) => syncInbox(pool, items, options),
    startRun: (flow, startedAt) => startRun(pool, flow, startedAt),
    finishRun: (run, end) => finishRun(pool, run, end),
  };
}

const CursorRow = z.object({ changedSince: InstantColumn });

async function readCursor(pool: Pool, scope: string): Promise<Temporal.Instant | null> {
  const rows = await read(
    pool,
    CursorRow,
    `select changed_since as "changedSince"
       from otrs_bridge.cursor
      where scope = $1
      order by only_row`,
    [scope],
  );
  return rows[0]?.changedSince ?? null;
}

const OpenRow = z.object({ ticketId: TicketId });

async function readOpenTickets(pool: Pool): Promise<readonly TicketId[]> {
  const rows = await read(
    pool,
    OpenRow,
    // Differences of tickets closed before the start are never billed: reading them again would only cost.
    `select a.ticket_id as "ticketId"
       from otrs_bridge.articles a
       join otrs_bridge.tickets t on t.ticket_id = a.ticket_id
      where a.seen_units <> a.billed_units and a.ticket_id > 0 and not t.closed_before_start
     union
     select t.ticket_id
       from otrs_bridge.tickets t
       left join (select ticket_id, sum(seen_units) as units from otrs_bridge.articles group by ticket_id) a
         on a.ticket_id = t.ticket_id
      where t.total_units <> coalesce(a.units, 0) and t.ticket_id > 0 and not t.closed_before_start
      order by 1`,
    [],
  );
  return rows.map((row) => row.ticketId);
}

const UnitRow = z.object({ minutesPerUnit: MinutesPerUnit });

async function readFrozenUnit(pool: Pool): Promise<MinutesPerUnit | null> {
  const rows = await read(
    pool,
    UnitRow,
    `select trim_scale(minutes_per_unit)::text as "minutesPerUnit"
       from otrs_bridge.billing_unit
      order by only_row`,
    [],
  );
  return rows[0]?.minutesPerUnit ?? null;
}

async function read<T>(pool: Pool, schema: z.ZodType<T>, query: string, values: unknown[]): Promise<readonly T[]> {
  return inTransaction(pool, "snapshot", async (client) => {
    const { rows } = await client.query(query, values);
    return z.array(schema).parse(rows);
  });
}
