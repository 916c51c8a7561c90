import { z } from "zod";
import { type Queryable, readRows } from "./rows.ts";

/** What the releases from 3.5.8 to 4.1.0 have different in orders. */
export interface OrderShape {
  /** `oe.record_type`, since 3.9.0; before, `oe.quotation` tells offers from orders. */
  readonly recordTypes: boolean;
  /** `oe_version`, since 3.7.0. */
  readonly versions: boolean;
  /** `orderitems.recurring_billing_mode`, since 3.8.0. */
  readonly billingModes: boolean;
  /** `oe.tax_point_start` and `orderitems.invoicing_period_start` and `_end`, since 4.1.0. */
  readonly periods: boolean;
}

const Shape = z.object({
  recordTypes: z.boolean(),
  versions: z.boolean(),
  billingModes: z.boolean(),
  periods: z.boolean(),
});

/** Asked each time: kivitendo may be upgraded while the bridge runs. */
export async function readOrderShape(database: Queryable): Promise<OrderShape> {
  const [shape] = await readRows(
    database,
    Shape,
    `select bool_or(table_name = 'oe' and name = 'record_type') as "recordTypes",
            to_regclass('public.oe_version') is not null as versions,
            bool_or(table_name = 'orderitems' and name = 'recurring_billing_mode') as "billingModes",
            bool_or(table_name = 'oe' and name = 'tax_point_start')
              and bool_or(table_name = 'orderitems' and name = 'invoicing_period_start') as periods
       from (select c.relname as table_name, a.attname as name
               from pg_catalog.pg_class c
               join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
              where c.oid in (to_regclass('public.oe'), to_regclass('public.orderitems'))) columns`,
    [],
  );
  return shape ?? { recordTypes: false, versions: false, billingModes: false, periods: false };
}

/** The condition on `oe` (under the given name) for sales orders. */
export function isSalesOrder(table: string, { recordTypes }: OrderShape): string {
  return recordTypes
    ? `${table}.record_type = 'sales_order'`
    : `(${table}.customer_id is not null and not coalesce(${table}.quotation, false))`;
}
