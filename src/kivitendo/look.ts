import { z } from "zod";
import type { Pool } from "pg";
import type { WatchedDraft, WatchedNow } from "../billing/ports.ts";
import { databaseErrorOf, Decimal, PartNumber, TicketNumber } from "../model/index.ts";
import {
  creditsQuery,
  linkedQuery,
  orderLinesQuery,
  otherOrdersQuery,
  recordedQuery,
  recordedSplitQuery,
  rowsQuery,
  tokenQuery,
} from "./look-queries.ts";

const RowId = z.number().int();

const Row = z.object({ draftId: RowId, row: z.enum(["untouched", "changed", "missing"]), closed: z.boolean() });
const OrderLine = z.object({ draftId: RowId, row: RowId, quantity: Decimal });
const OtherOrder = z.object({ draftId: RowId, orderId: RowId, fromRow: RowId });
const Recorded = z.object({ draftId: RowId, invoiceId: RowId, invoiceNumber: z.string(), cancelled: z.boolean() });
const PostedRow = z.object({
  draftId: RowId,
  invoiceId: RowId,
  invoiceNumber: z.string(),
  ticketNumber: TicketNumber.nullable(),
  partNumber: PartNumber.nullable(),
  quantity: Decimal,
  description: z.string(),
  fromRow: RowId.nullable(),
});
const LinkedRow = PostedRow.extend({ cancelled: z.boolean() });
const CreditRow = z.object({
  draftId: RowId,
  invoiceId: RowId,
  creditNoteId: RowId,
  creditNoteNumber: z.string(),
  ticketNumber: TicketNumber,
  partNumber: PartNumber.nullable(),
  quantity: Decimal,
});
type Recorded = z.infer<typeof Recorded>;
type PostedRow = z.infer<typeof PostedRow>;
type CreditRow = z.infer<typeof CreditRow>;

type Read = <T>(schema: z.ZodType<T>, query: string, values: readonly unknown[]) => Promise<T[]>;

/**
 * What became of drafts and orders: whether the row is as it was written, and the lines of later invoices that were made
 * from it. Lines of orders are followed through `record_links`, over delivery orders and collective orders; those of
 * drafts, which kivitendo links to nothing, and of deleted orders are known by their ticket number. What a draft was found
 * posted as is read by its id, as long as it counts. A fixed number of statements for any number of drafts.
 */
export async function look(pool: Pool, drafts: readonly WatchedDraft[]): Promise<readonly WatchedNow[]> {
  if (drafts.length === 0) return [];
  const read: Read = async (schema, query, values) => {
    const { rows } = await pool.query(query, [...values]);
    return z.array(schema).parse(rows);
  };
  try {
    const wanted = JSON.stringify(drafts.map((draft) => wantedOf(draft)));
    const rows = await read(Row, rowsQuery, [wanted]);
    const orderLines = await read(OrderLine, orderLinesQuery, [wanted]);
    const otherOrders = await read(OtherOrder, otherOrdersQuery, [wanted]);
    const made = await read(LinkedRow, linkedQuery, [wanted]);
    const linked = made.filter(({ cancelled }) => !cancelled);
    const recorded = await readRecorded(pool, read, drafts);
    const missing = new Set(rows.filter(({ row }) => row === "missing").map(({ draftId }) => draftId));
    const byToken = drafts.filter(
      (draft) => draft.target === "invoice-draft" || missing.has(draft.draftId) || lacksLinks(draft, recorded, linked),
    );
    const posted = [...linked, ...(await readByToken(pool, read, byToken, recorded))];
    const credits = await readCredits(read, drafts, recorded);
    const byId = new Map(rows.map((row) => [row.draftId, row]));
    const own = {
      orderLines: byDraft(orderLines),
      otherOrders: byDraft(otherOrders),
      posted: byDraft(posted),
      recorded: byDraft(recorded),
      credits: byDraft(credits),
      cancelled: byDraft(made.filter(({ cancelled }) => cancelled)),
    };
    return drafts.flatMap((draft) => {
      const { draftId } = draft;
      const row = byId.get(draftId);
      if (row === undefined) return [];
      const invoices = invoicesOf(own.posted(draftId));
      return [
        {
          ...rowNow(row, draft, own.orderLines(draftId)),
          draftId,
          closed: row.closed,
          otherOrders: own.otherOrders(draftId).map(({ orderId, fromRow }) => ({ orderId, fromRow })),
          invoices,
          withdrawn: [
            ...withdrawnOf(draft, own.recorded(draftId), invoices),
            ...cancelledUnseen(draft, own.cancelled(draftId), invoices),
          ],
          credits: creditsOf(own.credits(draftId)),
        },
      ];
    });
  } catch (error) {
    throw databaseErrorOf(error);
  }
}

/** The row id of the newest invoice that was made before the moment; 0 for none. */
export async function lastInvoiceBefore(pool: Pool, moment: Temporal.Instant): Promise<number> {
  try {
    // Ids are drawn while a transaction runs, times are those of its start: no transaction is as long as a day.
    const { rows } = await pool.query(
      `select id
         from public.ar
        where itime < $1::timestamptz::timestamp - interval '1 day'
        order by id desc
        limit 1`,
      [moment.toString()],
    );
    return z.array(z.object({ id: RowId })).parse(rows)[0]?.id ?? 0;
  } catch (error) {
    throw databaseErrorOf(error);
  }
}

function byDraft<T extends { readonly draftId: number }>(rows: readonly T[]): (draftId: number) => readonly T[] {
  const groups = Map.groupBy(rows, ({ draftId }) => draftId);
  return (draftId) => groups.get(draftId) ?? [];
}

function wantedOf(draft: WatchedDraft, invoiceIds: readonly number[] | null = null): unknown {
  const { draftId, kivitendoId, formMd5, customerId, invoiceId, invoiceNumbers } = draft;
  return {
    draftId,
    kivitendoId,
    formMd5,
    customerId,
    invoiceId,
    invoiceNumbers,
    invoiceIds,
    order: draft.target !== "invoice-draft",
    createdAt: draft.createdAt.toString(),
    lines: draft.lines.map(({ ticketNumber, kivitendoRow }) => ({ ticketNumber, row: kivitendoRow })),
  };
}

async function readRecorded(pool: Pool, read: Read, drafts: readonly WatchedDraft[]): Promise<readonly Recorded[]> {
  const posted = drafts.filter(({ invoiceId }) => invoiceId !== null);
  if (posted.length === 0) return [];
  const first = await read(Recorded, recordedQuery, [JSON.stringify(posted.map((draft) => wantedOf(draft)))]);
  const split = posted.filter(({ invoiceNumbers }) => invoiceNumbers.length > 1);
  if (split.length === 0) return first;
  const before = await lastInvoiceBefore(pool, oldestOf(split));
  const wanted = JSON.stringify(split.map((draft) => wantedOf(draft)));
  return [...first, ...(await read(Recorded, recordedSplitQuery, [wanted, before]))];
}

/** Ids of the invoices that a draft was found posted as; null when not all of them count any longer, or for none. */
function standing(draft: WatchedDraft, recorded: readonly Recorded[]): readonly number[] | null {
  const own = recorded.filter(({ draftId, cancelled }) => draftId === draft.draftId && !cancelled);
  if (draft.invoiceId === null || own.length < draft.invoiceNumbers.length) return null;
  return own.map(({ invoiceId }) => invoiceId);
}

/** An order whose invoice was saved anew, by which old releases lose the links of its lines. */
function lacksLinks(draft: WatchedDraft, recorded: readonly Recorded[], linked: readonly PostedRow[]): boolean {
  const ids = standing(draft, recorded) ?? [];
  return ids.some((id) => !linked.some(({ draftId, invoiceId }) => draftId === draft.draftId && invoiceId === id));
}

async function readByToken(
  pool: Pool,
  read: Read,
  drafts: readonly WatchedDraft[],
  recorded: readonly Recorded[],
): Promise<readonly PostedRow[]> {
  const pattern = wordPattern(drafts);
  if (pattern === null) return [];
  const known = drafts.map((draft) => standing(draft, recorded));
  const searched = drafts.filter((_draft, index) => known[index] === null);
  // What is read by its id alone stands before everything that is searched.
  const after = searched.length === 0 ? highest : await lastInvoiceBefore(pool, oldestOf(searched));
  const wanted = JSON.stringify(drafts.map((draft, index) => wantedOf(draft, known[index])));
  return read(PostedRow, tokenQuery, [wanted, after, known.flatMap((ids) => ids ?? []), pattern]);
}

async function readCredits(
  read: Read,
  drafts: readonly WatchedDraft[],
  recorded: readonly Recorded[],
): Promise<readonly CreditRow[]> {
  const counting = recorded.filter(({ cancelled }) => !cancelled);
  const posted = drafts.filter(({ draftId }) => counting.some((each) => each.draftId === draftId));
  const pattern = wordPattern(posted);
  if (pattern === null) return [];
  const idsOf = (draft: WatchedDraft): number[] =>
    counting.filter(({ draftId }) => draftId === draft.draftId).map(({ invoiceId }) => invoiceId);
  const wanted = JSON.stringify(posted.map((draft) => wantedOf(draft, idsOf(draft))));
  const first = Math.min(...counting.map(({ invoiceId }) => invoiceId));
  return read(CreditRow, creditsQuery, [wanted, first, [], pattern]);
}

/** No row has a higher id. */
const highest = 2_147_483_647;

/** Finds words of digits that are long enough for a ticket's number; null without any ticket. */
function wordPattern(drafts: readonly WatchedDraft[]): string | null {
  const numbers = drafts.flatMap(({ lines }) => lines.flatMap(({ ticketNumber }) => ticketNumber ?? []));
  if (numbers.length === 0) return null;
  const words = numbers.filter((number) => /^\d+$/.test(number)).map((number) => number.length);
  return `[0-9]{${words.length === 0 ? 1 : Math.min(...words)},}`;
}

function oldestOf(drafts: readonly WatchedDraft[]): Temporal.Instant {
  const [oldest] = drafts.map(({ createdAt }) => createdAt).sort((a, b) => Temporal.Instant.compare(a, b));
  return oldest ?? Temporal.Now.instant();
}

/** An order is compared by our lines in it; what takes something off stands there with its price below 0. */
function rowNow(
  { row }: z.infer<typeof Row>,
  draft: WatchedDraft,
  orderLines: readonly z.infer<typeof OrderLine>[],
): Pick<WatchedNow, "row" | "orderRows"> {
  const orderRows = orderLines.map((line) => ({ row: line.row, quantity: line.quantity }));
  if (draft.target === "invoice-draft" || row === "missing") return { row, orderRows };
  const same = draft.lines.every(
    (line) =>
      line.kivitendoRow === null ||
      orderRows.some(
        (now) => now.row === line.kivitendoRow && Number(now.quantity) === Math.abs(Number(line.quantity)),
      ),
  );
  return { row: same ? "untouched" : "changed", orderRows };
}

function invoicesOf(rows: readonly PostedRow[]): WatchedNow["invoices"] {
  return [...Map.groupBy(rows, ({ invoiceId }) => invoiceId)].map(([invoiceId, own]) => ({
    invoiceId,
    invoiceNumber: own[0]?.invoiceNumber ?? "",
    lines: own.map(({ ticketNumber, partNumber, quantity, description, fromRow }) => ({
      ticketNumber,
      partNumber,
      quantity,
      description,
      fromRow,
    })),
  }));
}

function withdrawnOf(
  { invoiceId, invoiceNumbers }: WatchedDraft,
  recorded: readonly Recorded[],
  invoices: WatchedNow["invoices"],
): WatchedNow["withdrawn"] {
  return invoiceNumbers.flatMap((invoiceNumber, index) => {
    // The number of an invoice can be changed afterwards, its id cannot.
    const now = recorded.find((each) =>
      index === 0 ? each.invoiceId === invoiceId : each.invoiceNumber === invoiceNumber,
    );
    const how = howWithdrawn(now, invoices);
    return how === null ? [] : [{ invoiceNumber, how }];
  });
}

/** Cancelled invoices that nobody saw before, of lines that no other invoice has. */
function cancelledUnseen(
  { invoiceNumbers }: WatchedDraft,
  cancelled: readonly PostedRow[],
  invoices: WatchedNow["invoices"],
): WatchedNow["withdrawn"] {
  const billed = new Set(invoices.flatMap(({ lines }) => lines.map(({ fromRow }) => fromRow)));
  const numbers = cancelled.filter(({ fromRow }) => !billed.has(fromRow)).map(({ invoiceNumber }) => invoiceNumber);
  const unseen = [...new Set(numbers)].filter((number) => !invoiceNumbers.includes(number));
  return unseen.map((invoiceNumber) => ({ invoiceNumber, how: "cancelled" }));
}

function howWithdrawn(
  recorded: Recorded | undefined,
  invoices: WatchedNow["invoices"],
): WatchedNow["withdrawn"][number]["how"] | null {
  if (recorded === undefined) return "deleted";
  if (recorded.cancelled) return "cancelled";
  return invoices.some(({ invoiceId }) => invoiceId === recorded.invoiceId) ? null : "emptied";
}

function creditsOf(rows: readonly CreditRow[]): WatchedNow["credits"] {
  return [...Map.groupBy(rows, ({ creditNoteId }) => creditNoteId)].map(([creditNoteId, own]) => ({
    creditNoteId,
    creditNoteNumber: own[0]?.creditNoteNumber ?? "",
    invoiceId: Math.max(...own.map(({ invoiceId }) => invoiceId)),
    lines: own.map(({ ticketNumber, partNumber, quantity }) => ({
      ticketNumber,
      partNumber,
      quantity,
      description: "",
      fromRow: null,
    })),
  }));
}
