import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type { DraftRecord, InvoiceDraft, LedgerLine } from "../billing/ports.ts";
import { ArticleId, type MinutesPerUnit, RefusedError, sumAmounts, TicketId } from "../model/index.ts";
import { InstantColumn, storableText, UnitsColumn } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

/** Writes the draft into kivitendo on the given connection, which is inside a transaction. */
export type InsertDraft = (client: PoolClient, draft: InvoiceDraft) => Promise<{ readonly formMd5: string }>;

const LockedRow = z.object({
  articleId: ArticleId,
  createdAt: InstantColumn,
  ticketId: TicketId,
  billedUnits: UnitsColumn,
});

const tryAgain = "Run it again: the next run plans with the ledger as it stands now.";

/** Draft and ledger lines in one transaction, or nothing; see the port. */
export async function writeDraft(
  pool: Pool,
  insertDraft: InsertDraft,
  record: DraftRecord,
  minutesPerUnit: MinutesPerUnit,
): Promise<void> {
  await inTransaction(pool, "write", async (client) => {
    await freezeUnit(client, minutesPerUnit);
    await assertUnmoved(client, record.lines);
    const { formMd5 } = await insertDraft(client, record.draft);
    const draftId = await insertRecord(client, record, formMd5);
    await insertLines(client, draftId, record.lines);
  });
}

async function freezeUnit(client: PoolClient, minutesPerUnit: MinutesPerUnit): Promise<void> {
  await client.query(
    `insert into otrs_bridge.billing_unit (minutes_per_unit)
     values ($1)
         on conflict (only_row) do nothing`,
    [minutesPerUnit],
  );
  const { rowCount } = await client.query(
    `select
       from otrs_bridge.billing_unit
      where minutes_per_unit = $1::numeric`,
    [minutesPerUnit],
  );
  if (rowCount === 1) return;
  throw new RefusedError(
    `Time was billed with another unit than ${minutesPerUnit} minutes before. Nothing was written.`,
    "Set billing.timeUnit back to what it was.",
  );
}

/** Locks the articles and compares them with what the plan was made from. */
async function assertUnmoved(client: PoolClient, lines: readonly LedgerLine[]): Promise<void> {
  const { rows } = await client.query(
    `select a.article_id as "articleId", a.created_at as "createdAt", a.ticket_id as "ticketId",
            a.billed_units as "billedUnits"
       from otrs_bridge.articles a
      where (a.article_id, a.created_at) in (
              select i.article_id, i.created_at
                from jsonb_to_recordset($1) as i (article_id bigint, created_at timestamptz))
      order by a.article_id, a.created_at
        for update of a`,
    [JSON.stringify(lines.flatMap(entriesOf))],
  );
  const locked = new Map(
    rows.map((row) => {
      const article = LockedRow.parse(row);
      return [`${article.articleId} ${article.createdAt.epochNanoseconds}`, article];
    }),
  );
  for (const line of lines) {
    for (const entry of line.entries) {
      const now = locked.get(`${entry.articleId} ${entry.createdAt.epochNanoseconds}`);
      if (now?.billedUnits === entry.billedBefore && now.ticketId === line.ticketId) continue;
      throw new RefusedError(
        `The ledger moved since the plan was made (ticket ${line.ticketNumber}). Nothing of this draft was written.`,
        tryAgain,
      );
    }
  }
}

const InsertedRow = z.object({ id: z.number() });

async function insertRecord(client: PoolClient, record: DraftRecord, formMd5: string): Promise<number> {
  const { rows } = await client.query(
    `insert into otrs_bridge.drafts
       (target, kivitendo_id, customer_id, customer_number, period, net_amount, form_md5, run_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     returning id`,
    [
      record.target,
      record.draft.draftId,
      record.customerId,
      record.customerNumber,
      record.periodLabel,
      sumAmounts(record.lines.map((line) => line.netAmount)),
      formMd5,
      record.run,
    ],
  );
  return InsertedRow.parse(rows[0]).id;
}

async function insertLines(client: PoolClient, draftId: number, lines: readonly LedgerLine[]): Promise<void> {
  await client.query(
    `with line as (
       insert into otrs_bridge.draft_lines
         (draft_id, position, ticket_id, ticket_number, part_number, unit_price, quantity, worked_units, net_amount,
          late)
       select $1, position, ticket_id, ticket_number, part_number, unit_price, quantity, worked_units, net_amount, late
         from jsonb_to_recordset($2) as i (
           position integer, ticket_id bigint, ticket_number text, part_number text, unit_price numeric,
           quantity numeric, worked_units bigint, net_amount numeric, late boolean)
        order by position
       returning id, position
     )
     insert into otrs_bridge.ledger (line_id, article_id, article_created_at, units)
     select line.id, e.article_id, e.created_at, e.units
       from jsonb_to_recordset($3) as e (position integer, article_id bigint, created_at timestamptz, units bigint)
       join line on line.position = e.position
      order by e.article_id, e.created_at, line.id`,
    [draftId, JSON.stringify(lines.map(lineOf)), JSON.stringify(lines.flatMap(entriesOf))],
  );
}

function lineOf(line: LedgerLine): Record<string, unknown> {
  return {
    position: line.position,
    ticket_id: line.ticketId,
    ticket_number: storableText(line.ticketNumber),
    part_number: line.partNumber,
    unit_price: line.unitPrice,
    quantity: line.quantity,
    worked_units: line.workedUnits,
    net_amount: line.netAmount,
    late: line.late,
  };
}

function entriesOf(line: LedgerLine): Record<string, unknown>[] {
  return line.entries.map((entry) => ({
    position: line.position,
    article_id: entry.articleId,
    created_at: entry.createdAt.toString(),
    units: entry.units,
  }));
}
