import { Big } from "big.js";
import type { ClientBase } from "pg";
import { z } from "zod";
import type { DraftContent, PlannedLine, WrittenTarget } from "../billing/ports.ts";
import { type AmountLine, BugError, CustomerId, Decimal, recordAmounts, RejectedError } from "../model/index.ts";
import { itemColumns, itemInsert, itemRows, lineMargin, orderLines, StoredItem } from "./order-lines.ts";
import { billedOnceNotKnown, type Months, periodMonths, preScaled } from "./recurring.ts";
import { DayColumn, readRows, RowId } from "./rows.ts";
import { assertFits, readPrecision, writtenOrder } from "./sales-order.ts";
import { isSalesOrder, type OrderShape, readOrderShape } from "./shape.ts";
import { lineTax, TaxColumns, taxColumns, taxOf } from "./taxes.ts";
import { nameOf } from "./text.ts";

const OrderRow = z.object({
  orderId: RowId,
  number: z.string(),
  customerId: CustomerId,
  taxZoneId: RowId,
  taxPoint: DayColumn,
  taxIncluded: z.boolean(),
  isDefaultCurrency: z.boolean(),
  margeTotal: Decimal.nullable(),
  periodicity: z.string(),
  valuePeriodicity: z.string(),
  lastPosition: z.number().int(),
});
type OrderRow = z.infer<typeof OrderRow>;

function orderQuery(shape: OrderShape): string {
  return `
    select o.id as "orderId",
           o.ordnumber as number,
           o.customer_id as "customerId",
           o.taxzone_id as "taxZoneId",
           coalesce(o.tax_point, o.reqdate, o.transdate, current_date) as "taxPoint",
           coalesce(o.taxincluded, false) as "taxIncluded",
           o.currency_id = d.currency_id as "isDefaultCurrency",
           o.marge_total::text as "margeTotal",
           c.periodicity,
           c.order_value_periodicity as "valuePeriodicity",
           (select coalesce(max(i.position), 0) from public.orderitems i where i.trans_id = o.id) as "lastPosition"
      from public.oe o
      join public.periodic_invoices_configs c on c.oe_id = o.id
     cross join public.defaults d
     where o.id = $1
       and ${isSalesOrder("o", shape)}
       and not coalesce(c.terminated, false)
     order by c.id
     limit 1
       for update of o`;
}

/**
 * Adds the lines to the order that carries the customer's recurring invoice, to be billed once with the next one, and
 * computes the order's sums anew, as its form does. On the caller's connection, inside the caller's transaction.
 */
export async function insertRecurringLines(client: ClientBase, content: DraftContent): Promise<WrittenTarget> {
  const { recurring } = content;
  if (recurring === null) throw new BugError("a recurring order without an order");
  const shape = await readOrderShape(client);
  if (!shape.billingModes) throw billedOnceNotKnown();
  const [order] = await readRows(client, OrderRow, orderQuery(shape), [recurring.orderId]);
  if (order?.customerId !== content.customer.customerId || order.taxIncluded !== content.customer.taxIncluded) {
    throw changedOrder(recurring.orderNumber);
  }
  if (!order.isDefaultCurrency) {
    throw new RejectedError(
      `The order ${order.number} is in a foreign currency.`,
      "Bill this customer as invoice-draft, or by hand.",
    );
  }
  const planned = scaledLines(content.lines, order, recurring.priceFactor);
  const lines = await orderLines(client, planned, order.taxZoneId, order.taxPoint);
  const { lineNets } = recordAmounts(
    lines.map(({ amount }) => amount),
    { taxIncluded: order.taxIncluded, precision: "0.01" as Decimal },
  );
  const items = await readRows(
    client,
    StoredItem,
    `with item as (${itemInsert("$2", `jsonb_to_recordset($1) as i (${itemColumns})`, { once: true, periods: shape.periods })}
     )
     select id, qty, discount
       from item
      order by position`,
    [JSON.stringify(itemRows(lines, lineNets, order.lastPosition)), order.orderId],
  );
  const added = lines.reduce(
    (sum, line, index) => sum.plus(lineMargin(line, lineNets[index] ?? ("0" as Decimal)).total),
    new Big(0),
  );
  await updateSums(client, order, added);
  await client.query(
    `insert into public.history_erp (trans_id, employee_id, addition, what_done, snumbers)
     values ($1, $2, 'SAVED', 'sales_order', $3)`,
    [order.orderId, content.ownerId, `ordnumber_${order.number}`],
  );
  return writtenOrder(order.orderId, order.number, lines, items);
}

function changedOrder(number: string): RejectedError {
  return new RejectedError(
    `The order ${number} no longer carries a recurring invoice of this customer as it did when the lines were planned.`,
    "Run billing again.",
  );
}

function scaledLines(lines: readonly PlannedLine[], order: OrderRow, priceFactor: Decimal): readonly PlannedLine[] {
  const { billingMonths, valueMonths } = periodMonths(order.periodicity, order.valuePeriodicity);
  if (billingMonths === null || valueMonths === null) throw changedOrder(order.number);
  if (billingMonths === valueMonths && new Big(priceFactor).eq(1)) return lines;
  // Compared crosswise: 1/12 is no decimal number.
  const months: Months = { billing: billingMonths, value: valueMonths };
  const planned = new Big(priceFactor).times(billingMonths).minus(valueMonths).abs();
  if (billingMonths === valueMonths || planned.gt("0.001")) throw changedOrder(order.number);
  return lines.map((line) => {
    const unitPrice = preScaled(line, months);
    if (unitPrice !== null) return { ...line, unitPrice };
    throw new RejectedError(
      `The price ${line.unitPrice} of ${nameOf(line)} cannot be scaled so that the order ${order.number} bills it: its prices are for ${valueMonths} months, and it is billed every ${billingMonths}.`,
      "Set the order's value period to its billing period in kivitendo, or bill this customer with another target.",
    );
  });
}

const ItemRow = TaxColumns.extend({
  partNumber: z.string(),
  unitPrice: Decimal,
  discount: Decimal,
  quantity: Decimal,
  priceFactor: Decimal,
  optional: z.boolean(),
});

const itemQuery = `
  select p.partnumber as "partNumber",
         coalesce(i.sellprice, 0)::text as "unitPrice",
         coalesce(i.discount, 0)::text::numeric::text as discount,
         coalesce(i.qty, 0)::text::numeric::text as quantity,
         coalesce(nullif(i.price_factor, 0), 1)::text as "priceFactor",
         coalesce(i.optional, false) as optional,
         ${taxColumns}
    from public.orderitems i
    join public.parts p on p.id = i.parts_id
    left join ${taxOf("p.buchungsgruppen_id", "$2", "$3::date")} on true
   where i.trans_id = $1
   order by i.position, i.id`;

async function updateSums(client: ClientBase, order: OrderRow, addedMargin: Big): Promise<void> {
  const rows = await readRows(client, ItemRow, itemQuery, [order.orderId, order.taxZoneId, order.taxPoint.toString()]);
  const lines: AmountLine[] = rows.map((row) => ({ ...row, tax: lineTax(row, row.partNumber) }));
  const { net, gross } = recordAmounts(lines, {
    taxIncluded: order.taxIncluded,
    precision: await readPrecision(client),
  });
  assertFits(gross);
  const margin = order.margeTotal === null ? null : new Big(order.margeTotal).plus(addedMargin);
  const percent = margin === null || new Big(net).eq(0) ? null : margin.times(100).div(net).toFixed(5);
  await client.query(
    `update public.oe
        set amount = $2, netamount = $3, marge_total = $4, marge_percent = coalesce($5, marge_percent)
      where id = $1`,
    [order.orderId, gross, net, margin?.toFixed(2) ?? null, percent],
  );
}
