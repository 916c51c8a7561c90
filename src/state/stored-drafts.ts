import type { ClientBase, Pool } from "pg";
import { z } from "zod";
import type { DraftStatus, QuestionReason, StoredDraft, StoredLine, TokenPlace } from "../billing/ports.ts";
import { BugError, CustomerId, CustomerNumber, Decimal, PartNumber, TicketId, TicketNumber } from "../model/index.ts";
import { DraftStatusColumn, LineKindColumn, TargetColumn } from "./billing-columns.ts";
import { InstantColumn, storableText, UnitsColumn } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

/** Every filter that is given has to fit; an empty list fits nothing. */
export interface DraftFilter {
  readonly statuses?: readonly DraftStatus[];
  readonly draftIds?: readonly number[];
  readonly customerNumbers?: readonly string[];
  readonly ticketNumbers?: readonly string[];
  readonly untold?: true;
  readonly asked?: true | QuestionReason;
  readonly invoicedAfter?: number;
  readonly takenBackSince?: Temporal.Instant;
  readonly takenBackFor?: QuestionReason;
}

const EditRow = z.object({
  change: z.record(z.string(), z.object({ from: z.string(), to: z.string() })),
  by: z.string(),
  why: z.string(),
  at: InstantColumn,
});

const LineRow = z.object({
  lineId: z.number(),
  position: z.number(),
  kind: LineKindColumn,
  // A ticket that was set aside has a negative id, which means nothing outside.
  ticketId: z
    .number()
    .transform((id) => (id > 0 ? TicketId.parse(id) : null))
    .nullable(),
  ticketNumber: TicketNumber.nullable(),
  partNumber: PartNumber.nullable(),
  unit: z.string().nullable(),
  unitPrice: Decimal,
  discount: Decimal,
  quantity: Decimal,
  netAmount: Decimal,
  workedUnits: UnitsColumn,
  description: z.string(),
  rule: z.string().nullable(),
  priceSource: z.string().nullable(),
  late: z.boolean(),
  kivitendoRow: z.number().nullable(),
  reversed: z.boolean(),
  edits: z.array(EditRow),
}) satisfies z.ZodType<StoredLine>;

const DraftRow = z.object({
  draftId: z.number(),
  target: TargetColumn,
  status: DraftStatusColumn,
  kivitendoId: z.string().nullable(),
  kivitendoNumber: z.string().nullable(),
  customerId: CustomerId,
  customerNumber: CustomerNumber,
  period: z.string(),
  netAmount: Decimal,
  formMd5: z.string().nullable(),
  invoiceId: z.number().nullable(),
  invoiceNumber: z.string().nullable(),
  createdAt: InstantColumn,
  lines: z.array(LineRow),
}) satisfies z.ZodType<StoredDraft>;

/** Drafts with their lines, oldest first; see the port. */
export async function readDrafts(pool: Pool, filter: DraftFilter): Promise<readonly StoredDraft[]> {
  return inTransaction(pool, "snapshot", (client) => selectDrafts(client, filter));
}

/** One draft, inside the caller's transaction. */
export async function readDraft(client: ClientBase, draftId: number): Promise<StoredDraft> {
  const [draft] = await selectDrafts(client, { draftIds: [draftId] });
  if (draft === undefined) throw new BugError(`there is no draft ${draftId}`);
  return draft;
}

async function selectDrafts(client: ClientBase, filter: DraftFilter): Promise<readonly StoredDraft[]> {
  const { rows } = await client.query(
    `select d.id as "draftId", d.target, d.status, d.kivitendo_id as "kivitendoId",
            d.kivitendo_number as "kivitendoNumber", d.customer_id as "customerId",
            d.customer_number as "customerNumber", d.period, d.net_amount::text as "netAmount", d.form_md5 as "formMd5",
            d.invoice_id as "invoiceId", d.invoice_number as "invoiceNumber", d.created_at as "createdAt",
            coalesce(
              (select jsonb_agg(
                        jsonb_build_object(
                          'lineId', l.id, 'position', l.position, 'kind', l.kind, 'ticketId', l.ticket_id,
                          'ticketNumber', l.ticket_number, 'partNumber', l.part_number, 'unit', l.unit,
                          'unitPrice', l.unit_price::text, 'discount', l.discount::text,
                          'quantity', l.quantity::text, 'netAmount', l.net_amount::text,
                          'workedUnits', l.worked_units, 'description', l.description, 'rule', l.rule,
                          'priceSource', l.price_source, 'late', l.late, 'kivitendoRow', l.kivitendo_row,
                          'reversed', exists (select from otrs_bridge.lines r where r.reverses = l.id),
                          'edits', coalesce(
                            (select jsonb_agg(
                                      jsonb_build_object('change', e.change, 'by', e.edited_by, 'why', e.edited_why,
                                                         'at', e.edited_at)
                                      order by e.id)
                               from otrs_bridge.line_edits e
                              where e.line_id = l.id), '[]'))
                        order by l.position)
                 from otrs_bridge.lines l
                where l.draft_id = d.id), '[]') as lines
       from otrs_bridge.drafts d
      where ($1::text[] is null or d.status = any ($1::text[]))
        and ($2::integer[] is null or d.id = any ($2::integer[]))
        and ($3::text[] is null or d.customer_number = any ($3::text[]))
        and ($4::text[] is null
             or d.id in (select l.draft_id from otrs_bridge.lines l where l.ticket_number = any ($4::text[])))
        and (not $5::boolean or (d.status = 'posted' and d.invoice_number is not null and d.told_at is null))
        and (not $6::boolean
             or d.id in (select (i.about ->> 'draftId')::integer
                           from otrs_bridge.inbox i
                          where i.flow = 'billing' and i.closed_at is null and ($7::text is null or i.reason = $7)))
        and ($8::integer is null or d.invoice_id > $8)
        and ($9::timestamptz is null
             or d.id in (select l.draft_id
                           from otrs_bridge.lines r
                           join otrs_bridge.lines l on l.id = r.reverses
                          where r.made_at >= $9))
        and ($10::text is null
             or d.id in (select b.draft_id
                           from otrs_bridge.billing_decisions b
                          where b.reason = $10 and b.choice in ('due-again', 'waive')))
      order by d.id`,
    valuesOf(filter),
  );
  return rows.map((row) => DraftRow.parse(row));
}

function valuesOf(filter: DraftFilter): unknown[] {
  return [
    filter.statuses ?? null,
    filter.draftIds ?? null,
    filter.customerNumbers ?? null,
    filter.ticketNumbers ?? null,
    filter.untold ?? false,
    filter.asked !== undefined,
    filter.asked === true ? null : (filter.asked ?? null),
    filter.invoicedAfter ?? null,
    filter.takenBackSince?.toString() ?? null,
    filter.takenBackFor ?? null,
  ];
}

/** What became of a draft in kivitendo; see the port. */
export async function recordStatus(
  pool: Pool,
  draftId: number,
  status: DraftStatus,
  invoice: { readonly invoiceId: number; readonly invoiceNumber: string } | null,
): Promise<void> {
  await updateDraft(
    pool,
    `update otrs_bridge.drafts
        set status = $2, invoice_id = $3, invoice_number = $4,
            told_at = case when invoice_number is not distinct from $4 then told_at end
      where id = $1`,
    [draftId, status, invoice?.invoiceId ?? null, invoice === null ? null : storableText(invoice.invoiceNumber)],
  );
}

/** Remembers that the tickets of a draft were told its invoice; see the port. */
export async function recordTold(pool: Pool, draftId: number, at: Temporal.Instant): Promise<void> {
  await updateDraft(pool, `update otrs_bridge.drafts set told_at = $2 where id = $1`, [draftId, at.toString()]);
}

async function updateDraft(pool: Pool, statement: string, values: readonly unknown[]): Promise<void> {
  await inTransaction(pool, "write", async (client) => {
    const { rowCount } = await client.query(statement, [...values]);
    if (rowCount !== 1) throw new BugError(`there is no draft ${String(values[0])}`);
  });
}

/** Those of the places in kivitendo that the ledger knows of; see the port. */
export async function knownPlaces(pool: Pool, places: readonly TokenPlace[]): Promise<readonly TokenPlace[]> {
  if (places.length === 0) return [];
  const asked = places.map(({ ticketNumber, where, id, label }, index) => ({
    index,
    ticket_number: storableText(ticketNumber),
    place: where,
    id: storableText(id),
    label: storableText(label),
  }));
  return inTransaction(pool, "snapshot", async (client) => {
    const { rows } = await client.query(
      `select distinct i.index
         from jsonb_to_recordset($1) as i (index integer, ticket_number text, place text, id text, label text)
         join otrs_bridge.lines l on l.ticket_number = i.ticket_number
         join otrs_bridge.drafts d on d.id = l.draft_id
        cross join lateral (
          select exists (select from otrs_bridge.lines b where b.reverses = l.id) as taken_back
        ) r
        where case i.place
                when 'draft' then d.target = 'invoice-draft' and d.kivitendo_id = i.id and not r.taken_back
                when 'order' then d.target <> 'invoice-draft' and d.kivitendo_id = i.id and not r.taken_back
                when 'invoice' then d.invoice_id::text = i.id
                                    or i.label = any (string_to_array(d.invoice_number, ', '))
              end
        order by i.index`,
      [JSON.stringify(asked)],
    );
    const known = new Set(
      z
        .array(z.object({ index: z.number() }))
        .parse(rows)
        .map(({ index }) => index),
    );
    return places.filter((_place, index) => known.has(index));
  });
}
