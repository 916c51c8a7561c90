import { Big } from "big.js";
import { z } from "zod";
import type { CustomerPrices, OpenOrderLine, UnusableOrderLine } from "../billing/ports.ts";
import { CustomerId, Decimal, PartNumber } from "../model/index.ts";
import { type Queryable, readRows, RowId } from "./rows.ts";
import { isSalesOrder, type OrderShape, readOrderShape } from "./shape.ts";
import { hourOf, unitFactors } from "./units.ts";

const OrderLineRow = z.object({
  customerId: CustomerId,
  orderNumber: z.string(),
  partNumber: PartNumber,
  unitPrice: Decimal,
  discount: Decimal,
  priceFactor: Decimal,
  unit: z.string(),
  partUnit: z.string(),
  /** How many base units the two units hold; null when the line's cannot be converted. */
  unitFactor: Decimal.nullable(),
  partFactor: Decimal,
  projectId: RowId.nullable(),
  isDefaultCurrency: z.boolean(),
  hasPricedPart: z.boolean(),
  sameTaxKind: z.boolean(),
});
type OrderLineRow = z.infer<typeof OrderLineRow>;

/**
 * Lines of open sales orders that sell time. Not those that the bridge wrote itself: they say what was billed, not what
 * was agreed. Nor lines that are billed once by the job for recurring invoices.
 */
function orderLineQuery(shape: OrderShape): string {
  return `
    with recursive ${unitFactors}
    select o.customer_id as "customerId",
           o.ordnumber as "orderNumber",
           p.partnumber as "partNumber",
           coalesce(i.sellprice, 0)::text as "unitPrice",
           -- through text, as kivitendo reads it: 0.1 and not 0.10000000149
           coalesce(i.discount, 0)::text::numeric::text as discount,
           coalesce(nullif(i.price_factor, 0), 1)::text as "priceFactor",
           coalesce(i.unit, p.unit) as unit,
           p.unit as "partUnit",
           of_line.factor::text as "unitFactor",
           of_part.factor::text as "partFactor",
           coalesce(i.project_id, o.globalproject_id) as "projectId",
           o.currency_id = d.currency_id as "isDefaultCurrency",
           p.price_factor_id is not null as "hasPricedPart",
           coalesce(o.taxincluded, false) = coalesce(c.taxincluded_checked, false) as "sameTaxKind"
      from public.oe o
      join public.customer c on c.id = o.customer_id
      join public.orderitems i on i.trans_id = o.id
      join public.parts p on p.id = i.parts_id
      join unit_factor of_part on of_part.name = p.unit
      join ${hourOf("of_part")} on true
      left join unit_factor of_line on of_line.name = coalesce(i.unit, p.unit) and of_line.base = of_part.base
     cross join public.defaults d
     where o.customer_id = any ($1)
       and ${isSalesOrder("o", shape)}
       and not coalesce(o.closed, false)
       and not coalesce(i.optional, false)
       and not coalesce(p.obsolete, false)
       ${shape.billingModes ? "and i.recurring_billing_mode <> 'once'" : ""}
       and o.id::text not in (
             select w.kivitendo_id
               from otrs_bridge.drafts w
              where w.target = 'sales-order' and w.kivitendo_id is not null)
       and i.id not in (select l.kivitendo_row from otrs_bridge.lines l where l.kivitendo_row is not null)
     order by o.customer_id, o.transdate desc nulls last, o.id desc, i.position, i.id`;
}

const CustomerPriceRow = z.object({ customerId: CustomerId, partNumber: PartNumber, price: Decimal });

/** kivitendo takes the cheapest of several and none that is 0 (`SL/PriceSource/CustomerPrice.pm`). */
const customerPriceQuery = `
  select c.customer_id as "customerId", p.partnumber as "partNumber", min(c.price)::text as price
    from public.part_customer_prices c
    join public.parts p on p.id = c.parts_id
   where c.customer_id = any ($1)
     and c.price > 0
   group by c.customer_id, p.partnumber
   order by c.customer_id, p.partnumber`;

/** What was agreed with customers; each asked customer has an answer, maybe an empty one. */
export async function readPrices(
  database: Queryable,
  customerIds: readonly CustomerId[],
): Promise<ReadonlyMap<CustomerId, CustomerPrices>> {
  const shape = await readOrderShape(database);
  const rows = await readRows(database, OrderLineRow, orderLineQuery(shape), [customerIds]);
  const own = await readRows(database, CustomerPriceRow, customerPriceQuery, [customerIds]);
  const prices = new Map(customerIds.map((id) => [id, emptyPrices()]));
  for (const row of rows) {
    const found = prices.get(row.customerId);
    const line = openOrderLine(row);
    if ("reason" in line) found?.unusableOrders.push(line);
    else found?.openOrders.push(line);
  }
  for (const { customerId, partNumber, price } of own) prices.get(customerId)?.customerPrices.set(partNumber, price);
  return prices;
}

function emptyPrices(): {
  openOrders: OpenOrderLine[];
  unusableOrders: UnusableOrderLine[];
  customerPrices: Map<string, Decimal>;
} {
  return { openOrders: [], unusableOrders: [], customerPrices: new Map() };
}

function openOrderLine(row: OrderLineRow): OpenOrderLine | UnusableOrderLine {
  const { orderNumber, partNumber } = row;
  const unusable = (reason: string): UnusableOrderLine => ({ orderNumber, partNumber, reason });
  if (!row.isDefaultCurrency) return unusable("is in a foreign currency");
  if (!row.sameTaxKind) return unusable("contains the tax where the customer's records do not, or the other way round");
  if (row.hasPricedPart) return unusable("has a part whose price is for a multiple of its unit (price factor)");
  if (row.unitFactor === null) {
    return unusable(`is in "${row.unit}", which cannot be converted into the part's unit "${row.partUnit}"`);
  }
  const unitPrice = pricePerPartUnit(row, row.unitFactor);
  if (unitPrice === null) {
    return unusable(`has the price ${row.unitPrice} per ${row.unit}, which is no exact price per ${row.partUnit}`);
  }
  return {
    orderNumber,
    partNumber,
    offer: {
      source: "open-order",
      detail: orderNumber,
      unitPrice,
      discount: row.discount,
      projectId: row.projectId,
    },
  };
}

/** Null when it has more than the five decimals that kivitendo keeps. */
function pricePerPartUnit({ unitPrice, priceFactor, partFactor }: OrderLineRow, unitFactor: Decimal): Decimal | null {
  const numerator = new Big(unitPrice).times(partFactor);
  const denominator = new Big(priceFactor).times(unitFactor);
  const price = numerator.div(denominator).round(5);
  return price.times(denominator).eq(numerator) ? (price.toFixed(5) as Decimal) : null;
}
