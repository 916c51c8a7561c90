import { Big } from "big.js";
import { z } from "zod";
import type { RecurringOrder } from "../billing/ports.ts";
import { ConfigError, CustomerId, type Decimal, lineTotal, round } from "../model/index.ts";
import { type Queryable, readRows, RowId } from "./rows.ts";
import { isSalesOrder, type OrderShape, readOrderShape } from "./shape.ts";

const ConfigRow = z.object({
  customerId: CustomerId,
  orderId: RowId,
  orderNumber: z.string(),
  periodicity: z.string(),
  valuePeriodicity: z.string(),
  active: z.boolean(),
  closed: z.boolean(),
});

/** Without configurations whose last period was billed: nothing that is added would ever be billed. */
function configQuery(shape: OrderShape): string {
  return `
    select o.customer_id as "customerId",
           o.id as "orderId",
           o.ordnumber as "orderNumber",
           c.periodicity,
           c.order_value_periodicity as "valuePeriodicity",
           coalesce(c.active, false) as active,
           coalesce(o.closed, false) as closed
      from public.periodic_invoices_configs c
      join public.oe o on o.id = c.oe_id
      left join lateral (
        select max(b.period_start_date) as last
          from public.periodic_invoices b
         where b.config_id = c.id
      ) billed on true
     where o.customer_id = any ($1)
       and ${isSalesOrder("o", shape)}
       and not coalesce(c.terminated, false)
       and case
             when c.periodicity = 'o' then billed.last is null
             when c.end_date is null or coalesce(c.extend_automatically_by, 0) > 0 then true
             else c.end_date >= coalesce(
                    billed.last + make_interval(months =>
                      case c.periodicity when 'm' then 1 when 'q' then 3 when 'b' then 6 else 12 end),
                    c.first_billing_date, c.start_date, c.end_date)
           end
     order by o.customer_id, o.transdate desc nulls last, o.id desc, c.id`;
}

/** Orders that carry recurring invoices, newest first. Throws ConfigError on a kivitendo before 3.8.0. */
export async function readRecurringOrders(
  database: Queryable,
  customerIds: readonly CustomerId[],
): Promise<ReadonlyMap<CustomerId, readonly RecurringOrder[]>> {
  const orders = new Map<CustomerId, RecurringOrder[]>();
  if (customerIds.length === 0) return orders;
  const shape = await readOrderShape(database);
  if (!shape.billingModes) throw billedOnceNotKnown();
  for (const row of await readRows(database, ConfigRow, configQuery(shape), [customerIds])) {
    const { customerId, periodicity, valuePeriodicity, ...order } = row;
    const found = orders.get(customerId) ?? [];
    orders.set(customerId, [...found, { ...order, ...periodMonths(periodicity, valuePeriodicity) }]);
  }
  return orders;
}

export function billedOnceNotKnown(): ConfigError {
  return new ConfigError(
    "This kivitendo cannot bill a line of an order once with the next recurring invoice: it can since release 3.8.0.",
    "Set billing.target to sales-order or invoice-draft, or upgrade kivitendo.",
  );
}

const monthsOf: Readonly<Record<string, number>> = { m: 1, q: 3, b: 6, y: 12, 2: 24, 3: 36, 4: 48, 5: 60 };

/** Months by kivitendo's letters (`SL/DB/PeriodicInvoicesConfig.pm`). An order that is billed once is not scaled. */
export function periodMonths(
  periodicity: string,
  valuePeriodicity: string,
): Pick<RecurringOrder, "billingMonths" | "valueMonths"> {
  if (periodicity === "o") return { billingMonths: 1, valueMonths: 1 };
  const billingMonths = monthsOf[periodicity] ?? null;
  return {
    billingMonths,
    valueMonths: valuePeriodicity === "p" ? billingMonths : (monthsOf[valuePeriodicity] ?? null),
  };
}

export interface Months {
  readonly billing: number;
  readonly value: number;
}

/**
 * The price that the job for recurring invoices bills for a line of an order (as measured): a part of the price is
 * rounded to cents, the last invoice of the time that prices are meant for gets what is left of them, a multiple of the
 * price is not rounded.
 */
export function priceBilledByJob(price: Big, { billing, value }: Months, lastOfCycle: boolean): Big {
  if (billing === value) return price;
  const invoices = value / billing;
  if (invoices < 1) return price.times(billing).div(value);
  const part = new Big(round(price.times(billing).div(value), 2));
  return lastOfCycle ? price.minus(part.times(invoices - 1)) : part;
}

/** The price to write so that the job bills the line's amount; null when no price with five decimals does that. */
export function preScaled(
  line: { readonly unitPrice: Decimal; readonly discount: Decimal; readonly quantity: Decimal },
  months: Months,
): Decimal | null {
  const written = new Big(line.unitPrice).times(months.value).div(months.billing).round(5, Big.roundHalfUp);
  const billsIt = [false, true].every((last) => {
    const billed = priceBilledByJob(written, months, last).toFixed() as Decimal;
    return lineTotal({ ...line, unitPrice: billed }) === lineTotal(line);
  });
  return billsIt ? (written.toFixed(5) as Decimal) : null;
}
