import { z } from "zod";
import type { BillingCustomer, BillingDefaults } from "../billing/ports.ts";
import { ConfigError, CustomerId, CustomerNumber, Decimal } from "../model/index.ts";
import { type Queryable, readRows, RowId } from "./rows.ts";

const CustomerRow = z.object({
  customerId: CustomerId,
  customerNumber: z.string(),
  name: z.string(),
  obsolete: z.boolean(),
  orderLock: z.boolean(),
  taxZoneId: RowId.nullable(),
  currency: z.string(),
  currencyId: RowId,
  isDefaultCurrency: z.boolean(),
  paymentId: RowId.nullable(),
  languageId: RowId.nullable(),
  languageCode: z.string().nullable(),
  deliveryTermId: RowId.nullable(),
  salesmanId: RowId.nullable(),
  taxIncluded: z.boolean(),
  hourlyRate: Decimal.nullable(),
});

const customerQuery = `
  select c.id as "customerId",
         coalesce(c.customernumber, '') as "customerNumber",
         c.name,
         coalesce(c.obsolete, false) as obsolete,
         coalesce(c.order_lock, false) as "orderLock",
         c.taxzone_id as "taxZoneId",
         k.name as currency,
         c.currency_id as "currencyId",
         c.currency_id = d.currency_id as "isDefaultCurrency",
         c.payment_id as "paymentId",
         c.language_id as "languageId",
         l.template_code as "languageCode",
         c.delivery_term_id as "deliveryTermId",
         c.salesman_id as "salesmanId",
         coalesce(c.taxincluded_checked, false) as "taxIncluded",
         nullif(c.hourly_rate, 0)::text as "hourlyRate"
    from public.customer c
    join public.currencies k on k.id = c.currency_id
   cross join public.defaults d
    left join public.language l on l.id = c.language_id
   where c.id = any ($1)
   order by c.id`;

/** Customers by row id; those that are gone, or have no customer number, are missing. */
export async function readCustomers(
  database: Queryable,
  customerIds: readonly CustomerId[],
): Promise<ReadonlyMap<CustomerId, BillingCustomer>> {
  const rows = await readRows(database, CustomerRow, customerQuery, [customerIds]);
  return new Map(
    rows.flatMap((row) => {
      const number = CustomerNumber.safeParse(row.customerNumber);
      return number.success ? [[row.customerId, { ...row, customerNumber: number.data }]] : [];
    }),
  );
}

const DefaultsRow = z.object({ arChartId: RowId.nullable(), draftOwnerId: RowId.nullable() });

export async function readDefaults(database: Queryable, draftOwnerLogin: string): Promise<BillingDefaults> {
  const [row] = await readRows(
    database,
    DefaultsRow,
    `select d.ar_chart_id as "arChartId",
            (select min(e.id)
               from public.employee e
              where e.login = $1 and not coalesce(e.deleted, false)) as "draftOwnerId"
       from public.defaults d
      order by d.id
      limit 1`,
    [draftOwnerLogin],
  );
  if (row !== undefined) return row;
  throw new ConfigError(
    "kivitendo's table defaults is empty: this database is not a kivitendo client that was set up.",
    "Check the database name in kivitendo.databaseUrl.",
  );
}

const IdRow = z.object({ customerId: CustomerId });

/** The row of a customer number; of several (kivitendo does not forbid it) a valid one, then the oldest; null without any. */
export async function findCustomer(database: Queryable, customerNumber: string): Promise<CustomerId | null> {
  const rows = await readRows(
    database,
    IdRow,
    `select c.id as "customerId"
       from public.customer c
      where c.customernumber = $1
      order by coalesce(c.obsolete, false), c.id
      limit 1`,
    [customerNumber],
  );
  return rows[0]?.customerId ?? null;
}
