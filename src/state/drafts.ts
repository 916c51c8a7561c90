import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type {
  Decided,
  DraftContent,
  DraftRecord,
  DraftRounding,
  PlannedLine,
  SettlementRecord,
  StoredDraft,
  StoredLine,
  WrittenTarget,
} from "../billing/ports.ts";
import { isActive } from "./entry-sql.ts";
import { BugError, Decimal, type MinutesPerUnit, type RunId, sumAmounts } from "../model/index.ts";
import { assertUnmoved, freezeUnit, ledgerMoved } from "./ledger-locks.ts";
import { insertLines, type PlacedLine } from "./lines.ts";
import { lockLines, takeBack } from "./reversals.ts";
import { InstantColumn, storableText } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

/** Writes a draft or order into kivitendo on the given connection, which is inside a transaction. */
export type InsertTarget = (client: PoolClient, content: DraftContent) => Promise<WrittenTarget>;

/** A draft or order with its lines in one transaction, or nothing; see the port. */
export async function writeDraft(
  pool: Pool,
  insertTarget: InsertTarget,
  record: DraftRecord,
  minutesPerUnit: MinutesPerUnit,
): Promise<StoredDraft> {
  const { content, settlement, replaces } = record;
  return inTransaction(pool, "write", async (client) => {
    await freezeUnit(client, minutesPerUnit);
    await replaceProposal(client, record.run, [...content.lines, ...settlement], replaces);
    const written = record.propose ? null : await insertTarget(client, content);
    const made = await insertDraft(client, record, written);
    const placed = placedLines(content.lines, written);
    const all = [...placed, ...settlement.map(withoutPlace)];
    const lineIds = await insertLines(client, made.draftId, record.customerId, all);
    return storedDraft(
      record,
      written,
      made,
      placed.map((line, index) => storedLine(line, lineIds[index] ?? 0)),
    );
  });
}

/** Lines without a draft; see the port. */
export async function writeSettlement(
  pool: Pool,
  { run, customerId, lines, replaces }: SettlementRecord,
  minutesPerUnit: MinutesPerUnit,
): Promise<void> {
  await inTransaction(pool, "write", async (client) => {
    await freezeUnit(client, minutesPerUnit);
    await replaceProposal(client, run, lines, replaces);
    await insertLines(client, null, customerId, lines.map(withoutPlace));
  });
}

/** Takes lines back by somebody's decision; see the port. */
export async function reverseLines(pool: Pool, lineIds: readonly number[], decided: Decided): Promise<void> {
  await inTransaction(pool, "write", async (client) => {
    await takeBack(client, lineIds, decided);
  });
}

/** Compares what the plan was made from, and takes the lines back whose place it takes. */
async function replaceProposal(
  client: PoolClient,
  run: RunId,
  lines: readonly PlannedLine[],
  replaces: readonly number[],
): Promise<void> {
  if (replaces.length > 0) await assertReplaceable(client, replaces);
  await assertUnmoved(client, lines, replaces);
  const decided = { by: "kivi-otrs", why: `planned anew by run ${run}`, at: Temporal.Now.instant() };
  await takeBack(client, replaces, decided);
}

/** Somebody may have edited, released or taken back a line since the plan was made. */
async function assertReplaceable(client: PoolClient, lineIds: readonly number[]): Promise<void> {
  await lockLines(client, lineIds);
  const { rowCount } = await client.query(
    `select
       from otrs_bridge.lines l
       left join otrs_bridge.drafts d on d.id = l.draft_id
      where l.id = any ($1::integer[])
        and (d.status = 'proposed' or l.kind = 'transfer')
        and not exists (select from otrs_bridge.line_edits e where e.line_id = l.id)
        and ${isActive("l")}`,
    [lineIds],
  );
  if (rowCount !== new Set(lineIds).size) throw ledgerMoved("a line was edited, released or taken back");
}

/** What a proposal needs besides its lines to be written later. */
export function headOf({ lines: _lines, customer: _customer, today: _today, target: _target, ...head }: DraftContent) {
  return {
    ...head,
    description: storableText(head.description),
    transactionDescription: storableText(head.transactionDescription),
    periodStart: head.periodStart.toString(),
    periodEnd: head.periodEnd.toString(),
  };
}

function storableRounding({ line, ...rounding }: DraftRounding): DraftRounding {
  const rule = line.rule === null ? null : storableText(line.rule);
  return { ...rounding, line: { ...line, rule, description: storableText(line.description) } };
}

const MadeRow = z.object({ draftId: z.number(), createdAt: InstantColumn, netAmount: Decimal });
type Made = z.infer<typeof MadeRow>;

async function insertDraft(client: PoolClient, record: DraftRecord, written: WrittenTarget | null): Promise<Made> {
  const { rows } = await client.query(
    `insert into otrs_bridge.drafts
       (target, status, kivitendo_id, kivitendo_number, form_md5, customer_id, customer_number, period, net_amount, head,
        run_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     returning id as "draftId", created_at as "createdAt", net_amount::text as "netAmount"`,
    [
      record.content.target,
      written === null ? "proposed" : "waiting",
      written?.kivitendoId ?? null,
      written?.number ?? null,
      written?.formMd5 ?? null,
      record.customerId,
      record.customerNumber,
      record.periodLabel,
      sumAmounts(record.content.lines.map((line) => line.netAmount)),
      JSON.stringify({ ...headOf(record.content), roundings: record.roundings.map(storableRounding) }),
      record.run,
    ],
  );
  return MadeRow.parse(rows[0]);
}

/** What was just written, without reading it again. */
function storedDraft(
  { content, customerId, customerNumber, periodLabel }: DraftRecord,
  written: WrittenTarget | null,
  made: Made,
  lines: readonly StoredLine[],
): StoredDraft {
  return {
    ...made,
    target: content.target,
    status: written === null ? "proposed" : "waiting",
    kivitendoId: written?.kivitendoId ?? null,
    kivitendoNumber: written?.number ?? null,
    customerId,
    customerNumber,
    period: periodLabel,
    formMd5: written?.formMd5 ?? null,
    invoiceId: null,
    invoiceNumber: null,
    lines,
  };
}

function storedLine({ line, position, kivitendoRow }: PlacedLine, lineId: number): StoredLine {
  const {
    ticket,
    part,
    entries: _entries,
    service: _service,
    longDescription: _long,
    projectId: _project,
    ...rest
  } = line;
  return {
    ...rest,
    lineId,
    position: position ?? 0,
    ticketId: ticket?.ticketId ?? null,
    ticketNumber: ticket?.ticketNumber ?? null,
    partNumber: part?.partNumber ?? null,
    unit: part?.unit ?? null,
    kivitendoRow,
    reversed: false,
    edits: [],
  };
}

function placedLines(lines: readonly PlannedLine[], written: WrittenTarget | null): PlacedLine[] {
  const rowIds = written?.rowIds ?? [];
  if (rowIds.length > 0 && rowIds.length !== lines.length) {
    throw new BugError(`${rowIds.length} rows were written for ${lines.length} lines`);
  }
  return lines.map((line, index) => ({ line, position: index + 1, kivitendoRow: rowIds[index] ?? null }));
}

function withoutPlace(line: PlannedLine): PlacedLine {
  return { line, position: null, kivitendoRow: null };
}
