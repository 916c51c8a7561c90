import { Big } from "big.js";
import type { ClientBase } from "pg";
import { z } from "zod";
import type { DraftContent, WrittenTarget } from "../billing/ports.ts";
import { BugError, Decimal, recordAmounts, type RecordAmounts, RejectedError } from "../model/index.ts";
import {
  assertStoredExactly,
  itemColumns,
  itemInsert,
  itemRows,
  lineMargin,
  type Margin,
  type OrderLine,
  orderLines,
  recordMargin,
  StoredItem,
} from "./order-lines.ts";
import { drawOrderNumber } from "./order-number.ts";
import { readRows, RowId } from "./rows.ts";
import { type OrderShape, readOrderShape } from "./shape.ts";
import { servicePeriod, transactionText } from "./text.ts";

const Precision = z.object({ precision: Decimal });
const Written = z.object({ orderId: RowId, items: z.array(StoredItem) });

/**
 * Writes a new open sales order on the caller's connection, inside the caller's transaction, as kivitendo's form leaves
 * one after its first save (`SL/Model/Record.pm`): number, amounts and taxes, lines, version and history.
 */
export async function insertSalesOrder(
  client: ClientBase,
  content: DraftContent,
  taxZoneId: number,
): Promise<WrittenTarget> {
  const shape = await readOrderShape(client);
  const lines = await orderLines(client, content.lines, taxZoneId, content.periodEnd);
  const { taxIncluded } = content.customer;
  const amounts = recordAmounts(
    lines.map(({ amount }) => amount),
    { taxIncluded, precision: await readPrecision(client) },
  );
  assertFits(amounts.gross);
  const margins = lines.map((line, index) => lineMargin(line, amounts.lineNets[index] ?? amounts.net));
  const number = await drawOrderNumber(client, shape);
  const order = orderRow(content, { taxZoneId, number, amounts, margin: recordMargin(margins, amounts.net), shape });
  const [written] = await readRows(client, Written, orderInsert(Object.keys(order), shape), [
    JSON.stringify(itemRows(lines, amounts.lineNets, 0)),
    content.ownerId,
    `ordnumber_${number}`,
    ...Object.values(order),
  ]);
  if (written === undefined) throw new BugError("the insert of a sales order answered no row");
  return writtenOrder(written.orderId, number, lines, written.items);
}

/** The answer, after a look at what the database made of the numbers. */
export function writtenOrder(
  orderId: number,
  number: string,
  lines: readonly OrderLine[],
  items: readonly z.infer<typeof StoredItem>[],
): WrittenTarget {
  assertStoredExactly(lines, items);
  return { kivitendoId: String(orderId), number, formMd5: null, rowIds: items.map(({ id }) => id) };
}

/** The smallest amount that the client charges. */
export async function readPrecision(client: ClientBase): Promise<Decimal> {
  const [row] = await readRows(
    client,
    Precision,
    `select coalesce(nullif(precision, 0), 0.01)::text as precision
       from public.defaults
      order by id
      limit 1`,
    [],
  );
  return row?.precision ?? ("0.01" as Decimal);
}

/** Amounts are numeric(15,5). */
export function assertFits(amount: Decimal): void {
  if (new Big(amount).abs().lt(10_000_000_000)) return;
  throw new RejectedError(`The amount ${amount} is too large for kivitendo.`, "Check the prices and the time.");
}

interface Computed {
  readonly taxZoneId: number;
  readonly number: string;
  readonly amounts: RecordAmounts;
  readonly margin: Margin;
  readonly shape: OrderShape;
}

/** Columns of `oe`; the others keep their defaults. */
function orderRow(content: DraftContent, computed: Computed): Record<string, unknown> {
  const { customer } = content;
  const { taxZoneId, number, amounts, margin, shape } = computed;
  return {
    ordnumber: number,
    ...(shape.recordTypes ? { record_type: "sales_order" } : { quotation: false }),
    transdate: content.today.toString(),
    customer_id: customer.customerId,
    amount: amounts.gross,
    netamount: amounts.net,
    taxincluded: customer.taxIncluded,
    shippingpoint: "",
    notes: "",
    employee_id: content.ownerId,
    quonumber: "",
    cusordnumber: "",
    intnotes: "",
    shipvia: "",
    language_id: customer.languageId,
    payment_id: customer.paymentId,
    taxzone_id: taxZoneId,
    salesman_id: customer.salesmanId ?? content.ownerId,
    marge_total: margin.total,
    marge_percent: margin.percent,
    transaction_description: transactionText(content.transactionDescription, {
      ...servicePeriod(content),
      ...customer,
    }),
    delivery_term_id: customer.deliveryTermId,
    currency_id: customer.currencyId,
    // The day that decides about the tax, here and on the invoice.
    tax_point: content.periodEnd.toString(),
    ...(shape.periods ? { tax_point_start: servicePeriod(content).periodStart.toString() } : {}),
  };
}

/** Parameters: the lines, the owner, the history's text of numbers, then a value for each column. */
function orderInsert(columns: readonly string[], { versions, periods }: OrderShape): string {
  const version = `
    version as (
      insert into public.oe_version (oe_id, version)
      select id, 1 from record
    ),`;
  return `
    with record as (
      insert into public.oe (${columns.join(", ")})
      values (${columns.map((_, index) => `$${index + 4}`).join(", ")})
      returning id
    ),${versions ? version : ""}
    history as (
      insert into public.history_erp (trans_id, employee_id, addition, what_done, snumbers)
      select id, $2, 'SAVED', 'sales_order', $3 from record
    ),
    item as (${itemInsert("record.id", `record cross join jsonb_to_recordset($1) as i (${itemColumns})`, { once: false, periods })}
    )
    select record.id as "orderId",
           jsonb_agg(jsonb_build_object('id', item.id, 'qty', item.qty, 'discount', item.discount) order by item.position)
             as items
      from record
     cross join item
     group by record.id`;
}
