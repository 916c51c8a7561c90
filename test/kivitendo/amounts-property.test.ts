/** The same amounts, computed by PostgreSQL's `numeric`. */
import * as fc from "fast-check";
import { inject, expect, test } from "vitest";
import { z } from "zod";
import { type AmountLine, type Decimal, recordAmounts } from "../../src/model/index.ts";
import { withClient } from "../support/database.ts";

const fraction = (integer: number, places: number): Decimal => {
  const digits = String(Math.abs(integer)).padStart(places + 1, "0");
  return `${integer < 0 ? "-" : ""}${digits.slice(0, -places)}.${digits.slice(-places)}` as Decimal;
};

const line: fc.Arbitrary<AmountLine> = fc.record({
  unitPrice: fc.oneof(
    fc.integer({ min: 0, max: 30_000 }).map((cents) => fraction(cents, 2)),
    fc.integer({ min: 0, max: 999_999_999 }).map((hundredThousandths) => fraction(hundredThousandths, 5)),
  ),
  discount: fc.oneof(
    fc.constant("0" as Decimal),
    fc.integer({ min: 0, max: 100_000 }).map((hundredThousandths) => fraction(hundredThousandths, 5)),
  ),
  quantity: fc.oneof(
    fc.integer({ min: -40, max: 400 }).map((quarters) => fraction(quarters * 25, 2)),
    fc.integer({ min: -99_999, max: 9_999_999 }).map((hundredThousandths) => fraction(hundredThousandths, 5)),
  ),
  priceFactor: fc.constantFrom("1", "10", "100", "1000") as fc.Arbitrary<Decimal>,
  tax: fc.constantFrom(
    null,
    { account: "1771", rate: "0.07" as Decimal },
    { account: "1776", rate: "0.19" as Decimal },
    // two rates on one account
    { account: "1776", rate: "0.16" as Decimal },
  ),
  optional: fc.boolean(),
});
const record = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 8 }),
  taxIncluded: fc.boolean(),
  precision: fc.constantFrom("0.01", "0.05", "0.1", "1") as fc.Arbitrary<Decimal>,
});

/** Divisions get forty places first: numeric would stop at sixteen or so. */
const computed = `
  with line as (
    select r.number, r."taxIncluded", r.precision, l.place, coalesce(l.optional, false) as optional,
           l.tax ->> 'account' as account, coalesce((l.tax ->> 'rate')::numeric, 0) as rate,
           round(1.0000000000000000000000000000000000000000 * l."unitPrice" * (1 - l.discount) * l.quantity
                   / l."priceFactor", 2)
             as total
      from jsonb_to_recordset($1) r (number integer, lines jsonb, "taxIncluded" boolean, precision numeric)
     cross join lateral jsonb_to_recordset(r.lines) l (
             place integer, "unitPrice" numeric, discount numeric, quantity numeric, "priceFactor" numeric, tax jsonb,
             optional boolean)
  ),
  account as (
    select number, account,
           round(sum(case when "taxIncluded"
                          then total * rate / (1.0000000000000000000000000000000000000000 + rate)
                          else total * rate end) filter (where not optional), 2) as tax
      from line
     where account is not null
     group by number, account
  ),
  sums as (
    select l.number, bool_or(l."taxIncluded") as included, min(l.precision) as precision,
           array_agg(l.total::text order by l.place) as totals,
           coalesce(sum(l.total) filter (where not l.optional), 0) as total,
           coalesce((select sum(a.tax) from account a where a.number = l.number), 0) as tax
      from line l
     group by l.number
  )
  select totals as "lineTotals",
         round(case when included then total - tax else total end, 2)::text as net,
         round(round(round(case when included then total else total + tax end, 2) / precision) * precision, 2)::text as gross,
         coalesce((select jsonb_agg(jsonb_build_object('account', a.account, 'tax', a.tax::text) order by a.account)
                     from account a
                    where a.number = s.number and a.tax <> 0), '[]') as taxes
    from sums s
   order by number`;

const Computed = z.array(
  z.object({
    lineTotals: z.array(z.string()),
    net: z.string(),
    gross: z.string(),
    taxes: z.array(z.object({ account: z.string(), tax: z.string() })),
  }),
);

test("amounts of records are those of PostgreSQL's numeric", async () => {
  const records = fc.sample(record, { numRuns: 2000, seed: 20_261_122 });
  await withClient(inject("postgresUrl"), async (client) => {
    const { rows } = await client.query(computed, [
      JSON.stringify(
        records.map(({ lines, ...rest }, number) => ({
          ...rest,
          number,
          lines: lines.map((each, place) => ({ ...each, place })),
        })),
      ),
    ]);
    const wanted = Computed.parse(rows);
    expect(wanted.length).toBe(records.length);
    const got = records.map(({ lines, ...options }) => {
      const { lineNets: _nets, ...amounts } = recordAmounts(lines, options);
      return amounts;
    });
    for (const [index, each] of got.entries()) expect([records[index], each]).toEqual([records[index], wanted[index]]);
  });
});
