import type { PoolClient } from "pg";
import { z } from "zod";
import type { EntryKey, PlannedLine } from "../billing/ports.ts";
import { type MinutesPerUnit, MovedError, RefusedError } from "../model/index.ts";
import { EntryKindColumn } from "./billing-columns.ts";
import { InstantColumn, UnitsColumn } from "./rows.ts";

// Whoever writes the ledger locks in this order, so that two of them never wait for each other: tickets, drafts, lines,
// entries; each ordered by its key.

const FrozenRow = z.object({ same: z.boolean() });

/** Freezes the meaning of a unit of time, or throws RefusedError when it was frozen as another one. */
export async function freezeUnit(client: PoolClient, minutesPerUnit: MinutesPerUnit): Promise<void> {
  const isFrozen = async (): Promise<boolean | null> => {
    const { rows } = await client.query(
      `select minutes_per_unit = $1::numeric as same
         from otrs_bridge.billing_unit`,
      [minutesPerUnit],
    );
    return rows.length === 0 ? null : FrozenRow.parse(rows[0]).same;
  };
  let same = await isFrozen();
  if (same === null) {
    await client.query(
      `insert into otrs_bridge.billing_unit (minutes_per_unit)
       values ($1)
           on conflict (only_row) do nothing`,
      [minutesPerUnit],
    );
    same = await isFrozen();
  }
  if (same === true) return;
  throw new RefusedError(
    `Time was billed with another unit than ${minutesPerUnit} minutes before. Nothing was written.`,
    "Set billing.timeUnit back to what it was.",
  );
}

const LockedRow = z.object({
  kind: EntryKindColumn,
  sourceId: z.number(),
  createdAt: InstantColumn,
  ticketId: z.number(),
  settledUnits: UnitsColumn,
});

/**
 * Locks the entries of planned lines, and of the lines that they replace, and compares them with what the plan was made
 * from: still with the ticket, and with the same sum in the ledger. Throws MovedError.
 */
export async function assertUnmoved(
  client: PoolClient,
  lines: readonly PlannedLine[],
  replaced: readonly number[],
): Promise<void> {
  const keys = lines.flatMap((line) => line.entries.map(({ key }) => keyColumns(key)));
  const { rows } = await client.query(
    `select e.kind, e.source_id::float8 as "sourceId", e.created_at as "createdAt",
            e.ticket_id::float8 as "ticketId", e.settled_units as "settledUnits"
       from otrs_bridge.time_entries e
      where (e.kind, e.source_id, e.created_at) in (
              select i.kind, i.source_id, i.created_at
                from jsonb_to_recordset($1) as i (kind text, source_id bigint, created_at timestamptz)
               union
              select l.kind, l.source_id, l.created_at
                from otrs_bridge.ledger l
               where l.line_id = any ($2::integer[]))
      order by e.kind, e.source_id, e.created_at
        for update of e`,
    [JSON.stringify(keys), replaced],
  );
  const locked = new Map(
    rows.map((row) => {
      const entry = LockedRow.parse(row);
      return [keyName(entry), entry];
    }),
  );
  for (const { ticket, entries } of lines) {
    for (const { key, settledBefore } of entries) {
      const now = locked.get(keyName(key));
      if (now?.settledUnits === settledBefore && now.ticketId === ticket?.ticketId) continue;
      throw ledgerMoved(ticket === null ? "an entry without a ticket" : `ticket ${ticket.ticketNumber}`);
    }
  }
}

export function ledgerMoved(where: string): MovedError {
  return new MovedError(
    `The ledger moved since the plan was made (${where}). Nothing of this draft was written.`,
    "Run it again: the next run plans with the ledger as it stands now.",
  );
}

/** Locks the entries that lines have in the ledger. */
export async function lockEntriesOfLines(client: PoolClient, lineIds: readonly number[]): Promise<void> {
  await client.query(
    `select
       from otrs_bridge.time_entries e
      where (e.kind, e.source_id, e.created_at) in (
              select l.kind, l.source_id, l.created_at
                from otrs_bridge.ledger l
               where l.line_id = any ($1::integer[]))
      order by e.kind, e.source_id, e.created_at
        for update of e`,
    [lineIds],
  );
}

/** A key as columns of a recordset. */
export function keyColumns({ kind, sourceId, createdAt }: EntryKey): Record<string, unknown> {
  return { kind, source_id: sourceId, created_at: createdAt.toString() };
}

function keyName({ kind, sourceId, createdAt }: EntryKey): string {
  return `${kind} ${sourceId} ${createdAt.epochNanoseconds}`;
}
