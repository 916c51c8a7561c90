import { afterAll, beforeAll, expect, test } from "vitest";
import { lineTax, taxOf } from "../../src/kivitendo/taxes.ts";
import { type Decimal, recordAmounts, RejectedError } from "../../src/model/index.ts";
import golden from "../fixtures/kivitendo-golden/tax-lookup.json" with { type: "json" };
import { createKivitendoDatabase, type TestDatabase, withClient } from "../support/database.ts";

interface Lookup {
  readonly booking_group: string;
  readonly taxzone_id: string;
  readonly date: string;
  readonly rate: string | null;
  readonly tax_account?: string | null;
  readonly order_of_100?: { readonly net?: string; readonly gross?: string };
}
const lookups: readonly Lookup[] = golden.lookup;

interface Found {
  rate: Decimal | null;
  account: string | null;
}

let database: TestDatabase;
let found: Found[];
beforeAll(async () => {
  database = await createKivitendoDatabase("4.1.0");
  found = await withClient(database.url, async (client) => {
    const { rows } = await client.query<Found>(
      `select found.rate::text as rate, c.accno as account
         from jsonb_to_recordset($1) as l (place integer, booking_group text, taxzone_id integer, date date)
         join buchungsgruppen g on g.description = l.booking_group
         left join ${taxOf("g.id", "l.taxzone_id", "l.date")} on true
         left join chart c on c.id = found.chart_id
        order by l.place`,
      [JSON.stringify(lookups.map((lookup, place) => ({ ...lookup, place })))],
    );
    return rows;
  });
});
afterAll(() => database.drop());

test("each measured lookup finds the same rate and account", () => {
  expect(lookups.length).toBeGreaterThan(90);
  expect(found).toEqual(
    lookups.map(({ rate, tax_account: account }) => ({ rate, account: rate === null ? null : (account ?? null) })),
  );
});

test("an order of 100 comes to the measured sums, or is refused where kivitendo cannot compute it", () => {
  let computed = 0;
  let refused = 0;
  for (const [index, lookup] of lookups.entries()) {
    const { rate = null, account = null } = found[index] ?? {};
    const tax = () => lineTax({ rate, taxAccount: account === null ? null : Number(account) }, "X");
    const { net, gross } = lookup.order_of_100 ?? {};
    if (net === undefined || gross === undefined) {
      refused += 1;
      expect(tax, JSON.stringify(lookup)).toThrow(RejectedError);
      continue;
    }
    computed += 1;
    const amounts = recordAmounts(
      [{ unitPrice: "100" as Decimal, discount: "0" as Decimal, quantity: "1" as Decimal, tax: tax() }],
      { taxIncluded: false, precision: "0.01" as Decimal },
    );
    expect([Number(amounts.net), Number(amounts.gross)]).toEqual([Number(net), Number(gross)]);
  }
  expect(computed).toBeGreaterThan(70);
  expect(refused).toBeGreaterThan(0);
});
