import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { kivitendoReleases } from "../../src/demo/kivitendo/index.ts";
import { createKivitendoDatabase, type TestDatabase, withClient } from "../support/database.ts";

const golden = new URL("../fixtures/kivitendo-golden/", import.meta.url);

const TaxLookup = z.object({
  lookup: z.array(
    z.object({
      booking_group: z.string(),
      taxzone_id: z.string(),
      date: z.string(),
      rate: z.string().nullable(),
      taxkey: z.string().optional(),
      tax_account: z.string().nullish(),
      income_account: z.string(),
    }),
  ),
});
const Units = z.object({
  units: z.array(
    z.object({
      name: z.string(),
      base_unit: z.string().nullable(),
      factor: z.string().nullable(),
      type: z.string(),
    }),
  ),
});

describe.each(kivitendoReleases)("the sample company on kivitendo %s", (release) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createKivitendoDatabase(release);
  });
  afterAll(async () => {
    await database.drop();
  });

  test("finds the same tax as a real SKR03 for every booking group, zone and date", async () => {
    const { lookup } = TaxLookup.parse(JSON.parse(await readFile(new URL("tax-lookup.json", golden), "utf8")));
    expect(lookup.length).toBeGreaterThan(50);
    await withClient(database.ownerUrl, async (owner) => {
      for (const { booking_group: group, taxzone_id: zone, date, rate, ...wanted } of lookup) {
        const { rows } = await owner.query(
          `select i.accno as income_account, t.rate, t.taxkey::text, a.accno as tax_account
             from buchungsgruppen b
             join taxzone_charts z on z.buchungsgruppen_id = b.id
             join chart i on i.id = z.income_accno_id
             left join lateral (
               select * from taxkeys k where k.chart_id = i.id and k.startdate <= $3 order by k.startdate desc limit 1
             ) k on true
             left join tax t on t.id = k.tax_id
             left join chart a on a.id = t.chart_id
            where b.description = $1
              and z.taxzone_id = $2`,
          [group, zone, date],
        );
        const { income_account, taxkey = null, tax_account = null } = wanted;
        expect(rows, `${group}, zone ${zone}, ${date}`).toEqual([{ income_account, rate, taxkey, tax_account }]);
      }
    });
  });

  test("has the units of a real installation", async () => {
    const { units } = Units.parse(JSON.parse(await readFile(new URL("amounts.json", golden), "utf8")));
    const { rows } = await withClient(database.ownerUrl, (owner) =>
      owner.query("select name, base_unit, factor, type from units order by sortkey"),
    );
    expect(rows).toEqual(units);
  });

  test("offers an hourly service, customers with and without contacts, and rows that go on at fixed ids", async () => {
    await withClient(database.ownerUrl, async (owner) => {
      const part = await owner.query("select partnumber, description, unit, sellprice from parts where id = 1140");
      expect(part.rows).toEqual([
        { partnumber: "ST-STD", description: "Systemtechnik Stundensatz", unit: "Std", sellprice: "95.00000" },
      ]);
      const customers = await owner.query("select customernumber, obsolete from customer order by customernumber");
      expect(customers.rows).toHaveLength(8);
      expect(customers.rows.filter(({ obsolete }) => obsolete)).toEqual([{ customernumber: "K10004", obsolete: true }]);
      const emails = await owner.query(
        "select count(cp_email)::int, count(distinct lower(cp_email))::int from contacts",
      );
      expect(emails.rows).toEqual([{ count: 14 }]);
      const next = await owner.query("select nextval('id')");
      expect(next.rows).toEqual([{ nextval: "2000" }]);
    });
  });
});
