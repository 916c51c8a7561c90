import { z } from "zod";
import type { Pool } from "pg";
import type { WatchedDraft, WatchedNow } from "../billing/ports.ts";
import { databaseErrorOf, Decimal, PartNumber, TicketNumber } from "../model/index.ts";

const RowId = z.number().int();

const Row = z.object({ draftId: RowId, row: z.enum(["untouched", "changed", "missing"]), closed: z.boolean() });
const OrderLine = z.object({ draftId: RowId, row: RowId, quantity: Decimal });
const PostedLine = z.object({
  draftId: RowId,
  invoiceId: RowId,
  invoiceNumber: z.string(),
  ticketNumber: TicketNumber,
  partNumber: PartNumber.nullable(),
  quantity: Decimal,
  fromRow: RowId.nullable(),
});
const OtherOrder = z.object({ draftId: RowId, orderId: RowId, fromRow: RowId });
type PostedLine = z.infer<typeof PostedLine>;

/**
 * What became of drafts and orders: whether the row is as it was written, and the lines of later invoices that were made
 * from it. Lines of orders are followed through `record_links`, over delivery orders and collective orders; those of
 * drafts, which kivitendo links to nothing, and of deleted orders are known by their ticket number: in the serial number,
 * else as a word of the description. Five statements for any number of drafts.
 */
export async function look(pool: Pool, drafts: readonly WatchedDraft[]): Promise<readonly WatchedNow[]> {
  if (drafts.length === 0) return [];
  const wanted = JSON.stringify(drafts.map(wantedOf));
  const read = async <T>(schema: z.ZodType<T>, query: string, values: unknown[]): Promise<T[]> => {
    const { rows } = await pool.query(query, values);
    return z.array(schema).parse(rows);
  };
  try {
    const rows = await read(Row, rowsQuery, [wanted]);
    const missing = new Set(rows.filter(({ row }) => row === "missing").map(({ draftId }) => draftId));
    const byToken = drafts.filter(({ draftId, target }) => target === "invoice-draft" || missing.has(draftId));
    const orderLines = await read(OrderLine, orderLinesQuery, [wanted]);
    const otherOrders = await read(OtherOrder, otherOrdersQuery, [wanted]);
    const posted = [
      ...(await read(PostedLine, linkedQuery, [wanted])),
      ...(await read(PostedLine, tokenQuery, [JSON.stringify(byToken.map(wantedOf))])),
    ];
    return rows.map((row) => ({
      ...rowNow(row, drafts, orderLines),
      draftId: row.draftId,
      closed: row.closed,
      otherOrders: otherOrders
        .filter(({ draftId }) => draftId === row.draftId)
        .map(({ orderId, fromRow }) => ({ orderId, fromRow })),
      invoices: invoicesOf(posted.filter(({ draftId }) => draftId === row.draftId)),
    }));
  } catch (error) {
    throw databaseErrorOf(error);
  }
}

function wantedOf(draft: WatchedDraft): unknown {
  return {
    draftId: draft.draftId,
    order: draft.target !== "invoice-draft",
    kivitendoId: draft.kivitendoId,
    formMd5: draft.formMd5,
    createdAt: draft.createdAt.toString(),
    lines: draft.lines.map(({ ticketNumber, kivitendoRow }) => ({ ticketNumber, row: kivitendoRow })),
  };
}

/** An order is compared by our lines in it; what takes something off stands there with its price below 0. */
function rowNow(
  { draftId, row }: z.infer<typeof Row>,
  drafts: readonly WatchedDraft[],
  orderLines: readonly z.infer<typeof OrderLine>[],
): Pick<WatchedNow, "row" | "orderRows"> {
  const orderRows = orderLines.filter((line) => line.draftId === draftId);
  const draft = drafts.find((each) => each.draftId === draftId);
  if (draft === undefined || draft.target === "invoice-draft" || row === "missing") return { row, orderRows };
  const same = draft.lines.every(
    (line) =>
      line.kivitendoRow === null ||
      orderRows.some(
        (now) => now.row === line.kivitendoRow && Number(now.quantity) === Math.abs(Number(line.quantity)),
      ),
  );
  return { row: same ? "untouched" : "changed", orderRows };
}

function invoicesOf(lines: readonly PostedLine[]): WatchedNow["invoices"] {
  return [...Map.groupBy(lines, ({ invoiceId }) => invoiceId)].map(([invoiceId, own]) => ({
    invoiceId,
    invoiceNumber: own[0]?.invoiceNumber ?? "",
    lines: own.map(({ ticketNumber, partNumber, quantity, fromRow }) => ({
      ticketNumber,
      partNumber,
      quantity,
      fromRow,
    })),
  }));
}

const wantedRows = `
  wanted as (
    select *
      from jsonb_to_recordset($1::jsonb) as w("draftId" integer, "order" boolean, "kivitendoId" text, "formMd5" text,
                                              "createdAt" timestamptz, lines jsonb)
  )`;

const rowsQuery = `
  with ${wantedRows}
  select w."draftId",
         case when coalesce(d.id, o.id::text) is null then 'missing'
              when w."order" or md5(d.form) = w."formMd5" then 'untouched'
              else 'changed' end as row,
         coalesce(o.closed, false) as closed
    from wanted w
    left join public.drafts d on not w."order" and d.id = w."kivitendoId"
    left join public.oe o on w."order" and o.id::text = w."kivitendoId"
   order by w."draftId"`;

const ourOrderLines = `
  our_line as (
    select w."draftId", (line ->> 'row')::integer as row, line ->> 'ticketNumber' as ticket_number
      from wanted w
     cross join lateral jsonb_array_elements(w.lines) line
     where w."order" and line ->> 'row' is not null
  )`;

const orderLinesQuery = `
  with ${wantedRows}, ${ourOrderLines}
  select l."draftId", l.row, trim_scale(i.qty::text::numeric)::text as quantity
    from our_line l
    join wanted w using ("draftId")
    join public.orderitems i on i.id = l.row and i.trans_id::text = w."kivitendoId"
   order by l."draftId", l.row`;

const countedInvoices = `coalesce(a.type, '') <> 'credit_note' and not coalesce(a.storno, false)`;

/** Up to four steps: a collective order of an order, its delivery order, the invoice. */
const linkSteps = `
  step("draftId", row, ticket_number, kind, id, depth) as (
    select "draftId", row, ticket_number, 'orderitems', row, 0
      from our_line
     where ticket_number is not null
    union
    select s."draftId", s.row, s.ticket_number, k.to_table::text, k.to_id, s.depth + 1
      from step s
      join public.record_links k on k.from_table = s.kind and k.from_id = s.id
     where s.depth < 4
       and k.to_table in ('orderitems', 'delivery_order_items', 'invoice')
  )`;

const otherOrdersQuery = `
  with recursive ${wantedRows}, ${ourOrderLines}, ${linkSteps}
  select distinct s."draftId", i.trans_id as "orderId", s.row as "fromRow"
    from step s
    join public.orderitems i on i.id = s.id
   where s.kind = 'orderitems' and s.depth > 0
   order by s."draftId", i.trans_id, s.row`;

const linkedQuery = `
  with recursive ${wantedRows}, ${ourOrderLines}, ${linkSteps},
  reached as (
    select distinct "draftId", row, ticket_number, id
      from step
     where kind = 'invoice'
  )
  select r."draftId", a.id as "invoiceId", coalesce(a.invnumber, '') as "invoiceNumber",
         r.ticket_number as "ticketNumber", nullif(trim(p.partnumber), '') as "partNumber",
         trim_scale(i.qty::text::numeric)::text as quantity, r.row as "fromRow"
    from reached r
    join public.invoice i on i.id = r.id
    join public.ar a on a.id = i.trans_id
    left join public.parts p on p.id = i.parts_id
   where ${countedInvoices}
   order by r."draftId", a.id, i.id`;

/**
 * Times of invoices have no zone: read in the server's. They are those of the transaction's start, hence not before; an
 * hour of room, because the clock shows one hour twice in autumn.
 */
const tokenQuery = `
  with ${wantedRows},
  token as (
    select distinct w."draftId", line ->> 'ticketNumber' as number,
           w."createdAt"::timestamp - interval '1 hour' as since
      from wanted w
     cross join lateral jsonb_array_elements(w.lines) line
     where line ->> 'ticketNumber' is not null
  ),
  number as (
    select distinct number from token
  ),
  posted as (
    select i.id, a.id as ar_id, a.invnumber, a.itime, i.parts_id, i.qty, i.description, n.number as serial_number
      from public.ar a
      join public.invoice i on i.trans_id = a.id
      left join number n on n.number = trim(i.serialnumber)
     where a.itime >= (select min(since) from token)
       and ${countedInvoices}
       and not coalesce(i.assemblyitem, false)
  ),
  named as (
    select id, serial_number as number
      from posted
     where serial_number is not null
    union
    select p.id, n.number
      from posted p
     cross join lateral regexp_matches(p.description, '[0-9]+', 'g') word
      join number n on n.number = word[1]
     where p.serial_number is null
  )
  select t."draftId", p.ar_id as "invoiceId", coalesce(p.invnumber, '') as "invoiceNumber", t.number as "ticketNumber",
         nullif(trim(part.partnumber), '') as "partNumber", trim_scale(p.qty::text::numeric)::text as quantity,
         null::integer as "fromRow"
    from token t
    join named using (number)
    join posted p on p.id = named.id and p.itime >= t.since
    left join public.parts part on part.id = p.parts_id
   order by t."draftId", p.ar_id, p.id, t.number`;
