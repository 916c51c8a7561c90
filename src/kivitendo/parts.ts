import { z } from "zod";
import type { BillingPart } from "../billing/ports.ts";
import { Decimal, PartNumber } from "../model/index.ts";
import { type Queryable, readRows, RowId } from "./rows.ts";
import { hourOf, unitFactors } from "./units.ts";

const PartRow = z.object({
  partId: RowId,
  partNumber: PartNumber,
  description: z.string(),
  unit: z.string(),
  unitPrice: Decimal,
  obsolete: z.boolean(),
  minutesPerUnit: Decimal.nullable(),
  hasPriceFactor: z.boolean(),
});

const partQuery = `
  with recursive ${unitFactors}
  select p.id as "partId",
         p.partnumber as "partNumber",
         coalesce(p.description, '') as description,
         p.unit,
         coalesce(p.sellprice, 0)::text as "unitPrice",
         coalesce(p.obsolete, false) as obsolete,
         trim_scale(60 * mine.factor / hour.factor)::text as "minutesPerUnit",
         p.price_factor_id is not null as "hasPriceFactor"
    from public.parts p
    left join unit_factor mine on mine.name = p.unit
    left join ${hourOf("mine")} on true
   where p.partnumber = any ($1)
   order by p.id`;

/** Parts by their numbers; those that do not exist are missing. */
export async function readParts(
  database: Queryable,
  partNumbers: readonly PartNumber[],
): Promise<ReadonlyMap<string, BillingPart>> {
  const rows = await readRows(database, PartRow, partQuery, [partNumbers]);
  return new Map(rows.map((part) => [part.partNumber, part]));
}
