import { z } from "zod";
import type { Pool } from "pg";
import type { BillingCustomer, BillingDefaults, BillingPart, KivitendoBilling } from "../billing/ports.ts";
import {
  ConfigError,
  CustomerId,
  CustomerNumber,
  databaseErrorOf,
  Decimal,
  PartNumber,
  RejectedError,
} from "../model/index.ts";
import { look } from "./look.ts";
import { findTokens } from "./tokens.ts";

const RowId = z.number().int().positive();

const PartRow = z.object({
  partId: RowId,
  partNumber: PartNumber,
  description: z.string(),
  unit: z.string(),
  unitPrice: Decimal,
  obsolete: z.boolean(),
  minutesPerUnit: Decimal.nullable(),
  pricedPer: z.string().nullable(),
});

const CustomerRow = z.object({
  customerId: CustomerId,
  customerNumber: z.string(),
  name: z.string(),
  obsolete: z.boolean(),
  taxZoneId: RowId.nullable(),
  currency: z.string(),
  isDefaultCurrency: z.boolean(),
  paymentId: RowId.nullable(),
  languageId: RowId.nullable(),
  languageCode: z.string().nullable(),
  deliveryTermId: RowId.nullable(),
  salesmanId: RowId.nullable(),
  taxIncluded: z.boolean(),
});

const DefaultsRow = z.object({ arChartId: RowId.nullable(), draftOwnerId: RowId.nullable() });

/** What billing reads from kivitendo's own tables; the same columns exist in 3.5.8 … 4.1.0. */
export function createKivitendoBilling(pool: Pool): KivitendoBilling {
  return {
    readPart: (partNumber) => readPart(pool, partNumber),
    readCustomer: (customerId) => readCustomer(pool, customerId),
    readDefaults: (draftOwnerLogin) => readDefaults(pool, draftOwnerLogin),
    findTokens: (ticketNumbers, since) => findTokens(pool, ticketNumbers, since),
    look: (drafts) => look(pool, drafts),
  };
}

/**
 * The factor of a unit is the product along its chain of base units; a unit without base, with factor 0 or with itself
 * as base is a base (kivitendo `SL/DB/Unit.pm`, base_factor). A unit measures time when it shares its base with the
 * hour, which kivitendo knows by name (`SL/DB/Manager/Unit.pm`, find_h_unit).
 */
const partQuery = `
  with recursive chain(name, at, factor, depth) as (
    select name, name, 1::numeric, 0
      from public.units
    union all
    select c.name, u.base_unit, c.factor * u.factor, c.depth + 1
      from chain c
      join public.units u on u.name = c.at
     where u.base_unit is not null and u.base_unit <> u.name and u.factor <> 0 and c.depth < 20
  ),
  unit_factor as (
    select distinct on (name) name, at as base, factor
      from chain
     order by name, depth desc
  )
  select p.id as "partId",
         p.partnumber as "partNumber",
         coalesce(p.description, '') as description,
         p.unit,
         coalesce(p.sellprice, 0)::text as "unitPrice",
         coalesce(p.obsolete, false) as obsolete,
         trim_scale(60 * mine.factor / hour.factor)::text as "minutesPerUnit",
         p.price_factor_id::text as "pricedPer"
    from public.parts p
    left join unit_factor mine on mine.name = p.unit
    left join lateral (
      select h.factor
        from unit_factor h
       where h.base = mine.base and h.name in ('Std', 'h', 'Stunde')
       order by array_position(array['Std', 'h', 'Stunde'], h.name::text)
       limit 1
    ) hour on true
   where p.partnumber = $1
   order by p.id`;

async function readPart(pool: Pool, partNumber: PartNumber): Promise<BillingPart | null> {
  const row = await readOne(pool, PartRow, partQuery, [partNumber]);
  if (row === null) return null;
  const { pricedPer, ...part } = row;
  if (pricedPer !== null) {
    throw new ConfigError(
      `The price of part ${partNumber} is for a multiple of its unit (price factor), which billing does not support.`,
      "Choose another part, or remove the price factor from it in kivitendo.",
    );
  }
  return part;
}

async function readCustomer(pool: Pool, customerId: CustomerId): Promise<BillingCustomer | null> {
  const row = await readOne(
    pool,
    CustomerRow,
    `select c.id as "customerId",
            coalesce(c.customernumber, '') as "customerNumber",
            c.name,
            coalesce(c.obsolete, false) as obsolete,
            c.taxzone_id as "taxZoneId",
            k.name as currency,
            c.currency_id = d.currency_id as "isDefaultCurrency",
            c.payment_id as "paymentId",
            c.language_id as "languageId",
            l.template_code as "languageCode",
            c.delivery_term_id as "deliveryTermId",
            c.salesman_id as "salesmanId",
            coalesce(c.taxincluded_checked, false) as "taxIncluded"
       from public.customer c
       join public.currencies k on k.id = c.currency_id
      cross join public.defaults d
       left join public.language l on l.id = c.language_id
      where c.id = $1
      order by c.id`,
    [customerId],
  );
  if (row === null) return null;
  const customerNumber = CustomerNumber.safeParse(row.customerNumber);
  if (!customerNumber.success) {
    throw new RejectedError(
      `The customer "${row.name}" (row id ${customerId}) has no customer number.`,
      "Give the customer a number in kivitendo.",
    );
  }
  return { ...row, customerNumber: customerNumber.data };
}

async function readDefaults(pool: Pool, draftOwnerLogin: string): Promise<BillingDefaults> {
  const row = await readOne(
    pool,
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
  if (row !== null) return row;
  throw new ConfigError(
    "kivitendo's table defaults is empty: this database is not a kivitendo client that was set up.",
    "Check the database name in kivitendo.databaseUrl.",
  );
}

async function readOne<T>(pool: Pool, schema: z.ZodType<T>, query: string, values: unknown[]): Promise<T | null> {
  try {
    const { rows } = await pool.query(query, values);
    return rows.length === 0 ? null : schema.parse(rows[0]);
  } catch (error) {
    throw databaseErrorOf(error);
  }
}
