import { Big } from "big.js";
import type { ClientBase } from "pg";
import { z } from "zod";
import type { PlannedLine } from "../billing/ports.ts";
import { type AmountLine, type Decimal, Decimal as DecimalText, RejectedError, round } from "../model/index.ts";
import { storableNumber } from "./numbers.ts";
import { readRows, RowId } from "./rows.ts";
import { lineTax, TaxColumns, taxColumns, taxOf } from "./taxes.ts";
import { nameOf, oneLine, printable, serialNumberOf } from "./text.ts";

/** A line with what an order needs besides. */
export interface OrderLine {
  readonly line: PlannedLine;
  readonly partId: number;
  readonly unit: string;
  readonly amount: AmountLine;
  /** Purchase price of one unit of the part. */
  readonly lastCost: Decimal;
}

const PartRow = TaxColumns.extend({
  partId: RowId,
  partNumber: z.string(),
  unit: z.string(),
  obsolete: z.boolean(),
  lastCost: DecimalText,
});

const partQuery = `
  select p.id as "partId",
         p.partnumber as "partNumber",
         p.unit,
         coalesce(p.obsolete, false) as obsolete,
         coalesce(p.lastcost, 0)::text as "lastCost",
         ${taxColumns}
    from public.parts p
    left join ${taxOf("p.buchungsgruppen_id", "$2", "$3::date")} on true
   where p.id = any ($1)
   order by p.id`;

/** Checks the lines against the parts as they are now and finds their taxes. Throws RejectedError. */
export async function orderLines(
  client: ClientBase,
  lines: readonly PlannedLine[],
  taxZoneId: number,
  taxPoint: Temporal.PlainDate,
): Promise<readonly OrderLine[]> {
  const partIds = [...new Set(lines.flatMap(({ part }) => (part === null ? [] : [part.partId])))];
  const rows = await readRows(client, PartRow, partQuery, [partIds, taxZoneId, taxPoint.toString()]);
  const parts = new Map(rows.map((row) => [row.partId, row]));
  return lines.map((line) => {
    const part = line.part === null ? undefined : parts.get(line.part.partId);
    if (part === undefined || part.obsolete || part.unit !== line.part?.unit) {
      throw new RejectedError(
        `The part of ${nameOf(line)} is no longer in kivitendo as it was when the line was planned.`,
        "Run billing again, or choose another part for the line.",
      );
    }
    const quantity = storableNumber(line.quantity, `The quantity of ${nameOf(line)}`);
    if (quantity.eq(0)) {
      throw new RejectedError(
        `The quantity of ${nameOf(line)} is 0 ${part.unit} after rounding.`,
        "Bill a part whose unit is shorter, such as minutes.",
      );
    }
    storableNumber(line.unitPrice, `The price of ${nameOf(line)}`);
    return {
      line,
      partId: part.partId,
      unit: part.unit,
      amount: { ...withPositiveQuantity(line), discount: line.discount, tax: lineTax(part, part.partNumber) },
      lastCost: part.lastCost,
    };
  });
}

/**
 * A line that takes something off has its price below 0: kivitendo's workflow from an order to an invoice silently leaves
 * out lines whose quantity is below 0 (measured on 4.1.0; `_remove_billed_or_delivered_rows` in `bin/mozilla/io.pl`).
 */
function withPositiveQuantity({ quantity, unitPrice }: PlannedLine): Pick<AmountLine, "quantity" | "unitPrice"> {
  if (new Big(quantity).gt(0)) return { quantity, unitPrice };
  return { quantity: negated(quantity), unitPrice: negated(unitPrice) };
}

function negated(value: Decimal): Decimal {
  return new Big(value).times(-1).toFixed() as Decimal;
}

/** What remains after the purchase price, as kivitendo keeps it with each line and record. */
export interface Margin {
  readonly total: Decimal;
  readonly percent: Decimal;
}

export function lineMargin({ amount, lastCost }: OrderLine, net: Decimal): Margin {
  const cost = new Big(net).eq(0) ? new Big(0) : new Big(round(new Big(lastCost).times(amount.quantity), 2));
  return margin(new Big(net), cost);
}

export function recordMargin(margins: readonly Margin[], net: Decimal): Margin {
  const total = margins.reduce((sum, each) => sum.plus(each.total), new Big(0));
  return margin(new Big(net), new Big(net).minus(total));
}

function margin(net: Big, cost: Big): Margin {
  const total = net.minus(cost);
  return { total: round(total, 2), percent: net.eq(0) ? round(net, 5) : round(total.times(100).div(net), 5) };
}

/** Rows for `insertItems`; `positions` start after `offset`. */
export function itemRows(
  lines: readonly OrderLine[],
  nets: readonly Decimal[],
  offset: number,
): readonly Record<string, unknown>[] {
  return lines.map((each, index) => {
    const { line, amount } = each;
    const { total, percent } = lineMargin(each, nets[index] ?? amount.unitPrice);
    return {
      position: offset + index + 1,
      parts_id: each.partId,
      description: oneLine(line.description),
      longdescription: printable(line.longDescription),
      qty: amount.quantity,
      unit: each.unit,
      sellprice: amount.unitPrice,
      discount: amount.discount,
      project_id: line.projectId,
      serialnumber: serialNumberOf(line),
      marge_total: total,
      marge_percent: percent,
      lastcost: new Big(each.lastCost).eq(0) ? null : each.lastCost,
      invoicing_period_start: line.service?.start.toString() ?? null,
      invoicing_period_end: line.service?.end.toString() ?? null,
    };
  });
}

/**
 * The insert of lines as kivitendo's own form leaves them; `from` names the rows as `i` and `orderId` the order. The unit
 * is the part's own, so the quantity in it is the same.
 */
export function itemInsert(
  orderId: string,
  from: string,
  { once, periods }: { readonly once: boolean; readonly periods: boolean },
): string {
  const columns = [
    "parts_id",
    "description",
    "longdescription",
    "qty",
    "unit",
    "sellprice",
    "discount",
    "project_id",
    "serialnumber",
    "marge_total",
    "marge_percent",
    "lastcost",
    "position",
    ...(periods ? ["invoicing_period_start", "invoicing_period_end"] : []),
  ];
  return `
    insert into public.orderitems (trans_id, ${columns.join(", ")}, base_qty, subtotal, optional, active_price_source,
                                   active_discount_source${once ? ", recurring_billing_mode" : ""})
    select ${orderId}, ${columns.map((column) => `i.${column}`).join(", ")}, i.qty, false, false, '', ''${once ? ", 'once'" : ""}
      from ${from}
     order by i.position
    returning id, position, qty::text as qty, discount::text as discount`;
}

/** Types of the rows that `itemRows` makes. */
export const itemColumns = `
  position integer, parts_id integer, description text, longdescription text, qty numeric, unit text, sellprice numeric,
  discount real, project_id integer, serialnumber text, marge_total numeric, marge_percent numeric,
  lastcost numeric, invoicing_period_start date, invoicing_period_end date`;

export const StoredItem = z.object({ id: RowId, qty: z.string(), discount: z.string() });

/** Up to 3.6.0 a quantity has the digits of a `real`, and a discount has them in every release. Throws RejectedError. */
export function assertStoredExactly(lines: readonly OrderLine[], stored: readonly z.infer<typeof StoredItem>[]): void {
  for (const [index, { line, amount }] of lines.entries()) {
    const item = stored[index];
    if (item !== undefined && new Big(item.qty).eq(amount.quantity) && new Big(item.discount).eq(amount.discount)) {
      continue;
    }
    throw new RejectedError(
      `kivitendo cannot keep the quantity ${amount.quantity} or the discount ${amount.discount} of ${nameOf(line)} exactly.`,
      "Round times to full minutes or hours, or bill as invoice-draft.",
    );
  }
}
