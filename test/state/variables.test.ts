import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fold } from "../../src/customer-sync/fold.ts";
import { setUpBridge } from "../support/bridge-setup.ts";
import { createKivitendoDatabase, type TestDatabase, withClient } from "../support/database.ts";

const releases = ["3.5.8", "3.9.2", "4.0.0", "4.1.0"] as const;

/** A variable of each type that kivitendo has, with a default; customer 1150 has a value of its own for each. */
const variables = `
  insert into custom_variable_configs
    (id, name, description, type, module, default_value, options, searchable, includeable, included_by_default, sortkey)
  values (1, 'yes', 'd', 'bool', 'CT', '1', null, false, false, false, 1),
         (2, 'no', 'd', 'bool', 'CT', '', null, false, false, false, 2),
         (3, 'text', 'd', 'text', 'CT', 'leer', null, false, false, false, 3),
         (4, 'number', 'd', 'number', 'CT', '1.50', 'precision=2', false, false, false, 4),
         (5, 'day', 'd', 'date', 'CT', 'NOW', null, false, false, false, 5),
         (6, 'moment', 'd', 'timestamp', 'CT', null, null, false, false, false, 6),
         (7, 'choice', 'd', 'select', 'CT', 'weg', 'eins##zwei', false, false, false, 7),
         (8, 'choices', 'd', 'multiselect', 'CT', '##eins##zwei##', 'eins##zwei##drei', false, false, false, 8),
         (9, 'customer', 'd', 'customer', 'CT', null, null, false, false, false, 9),
         (10, 'room', 'd', 'textfield', 'Contacts', null, null, false, false, false, 10),
         (11, 'part', 'd', 'text', 'IC', null, null, false, false, false, 11);
  insert into custom_variables
    (config_id, trans_id, bool_value, text_value, number_value, timestamp_value, sub_module)
  values (1, 1150, false, null, null, null, ''),
         (2, 1150, true, null, null, null, ''),
         (3, 1150, null, 'Größe', null, null, ''),
         (3, 1150, null, 'a copy of an order', null, null, 'orderitems'),
         (4, 1150, null, null, 12.50000, null, ''),
         (5, 1150, null, null, null, '2026-11-22', ''),
         (6, 1150, null, null, null, '2026-11-22 08:15:00', ''),
         (7, 1150, null, 'zwei', null, null, ''),
         (8, 1150, null, '##eins##drei##', null, null, ''),
         (9, 1150, null, null, 1151, null, ''),
         (3, 1151, null, null, null, null, ''),
         (10, 1200, null, 'Raum 7', null, null, ''),
         (11, 1150, null, 'of a part', null, null, '')`;

describe.each(releases)("custom variables of kivitendo %s", (release) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createKivitendoDatabase(release);
    await withClient(database.ownerUrl, (owner) => owner.query(variables));
    await setUpBridge(database);
  });
  afterAll(() => database.drop());

  test("values that rows have, in a text each", async () => {
    const rows = await asBridge(database, "select * from otrs_bridge.variables order by row_id, module, name");
    expect(rows).toEqual([
      ...[
        ["choice", "zwei"],
        ["choices", "eins, drei"],
        ["customer", "1151"],
        ["day", "2026-11-22"],
        ["moment", "2026-11-22 08:15:00"],
        ["no", "1"],
        ["number", "12.5"],
        ["text", "Größe"],
        ["yes", "0"],
      ].map(([name, value]) => ({ module: "CT", row_id: 1150, name, value })),
      { module: "CT", row_id: 1151, name: "text", value: "" },
      { module: "Contacts", row_id: 1200, name: "room", value: "Raum 7" },
    ]);
  });

  test("of some names only", async () => {
    const rows = await asBridge(
      database,
      "select name from otrs_bridge.variable_rows('CT', array['text', 'room']) order by row_id",
    );
    expect(rows).toEqual([{ name: "text" }, { name: "text" }]);
  });

  test("what rows without a value of their own have", async () => {
    const rows = await asBridge(database, "select name, type, value from otrs_bridge.variable_defaults() order by 1");
    expect(rows).toEqual(
      [
        ["choice", "select", "eins"],
        ["choices", "multiselect", "eins, zwei"],
        ["customer", "customer", ""],
        ["day", "date", ""],
        ["moment", "timestamp", ""],
        ["no", "bool", "0"],
        ["number", "number", "1.50"],
        ["room", "textfield", ""],
        ["text", "text", "leer"],
        ["yes", "bool", "1"],
      ].map(([name, type, value]) => ({ name, type, value })),
    );
  });

  test("companies name their type of business", async () => {
    const rows = await asBridge(
      database,
      "select distinct business_type from otrs_bridge.companies where business_type is not null order by 1",
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(["Endkunde", "Wiederverkäufer"]).toContain(row["business_type"]);
  });
});

describe("in kivitendo's way", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createKivitendoDatabase("4.1.0");
    await withClient(database.ownerUrl, (owner) => owner.query(variables));
    await setUpBridge(database);
  });
  afterAll(() => database.drop());

  test("no upgrade is kept from changing the tables, and who reads meanwhile gives way at once", async () => {
    await withClient(database.ownerUrl, async (owner) => {
      await owner.query("begin");
      await owner.query("alter table custom_variables add column later text");
      await expect(asBridge(database, "select * from otrs_bridge.variables")).rejects.toMatchObject({
        code: "55P03",
        message: "kivitendo's table custom_variables is locked, by an upgrade for instance",
      });
      await owner.query("alter table custom_variables drop column text_value");
      await owner.query("alter table custom_variable_configs drop column options");
      await owner.query("rollback");
      await owner.query("alter table custom_variables drop column bool_value");
      // Told to ask again; the next setup says which column is missing.
      await expect(asBridge(database, "select * from otrs_bridge.variables")).rejects.toMatchObject({ code: "40001" });
      await owner.query("drop table custom_variables cascade");
      expect(await asBridge(database, "select * from otrs_bridge.variables")).toEqual([]);
    });
  });
});

describe("texts as the helpdesk's database compares them", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createKivitendoDatabase("4.1.0", { sample: false });
    await setUpBridge(database);
  });
  afterAll(() => database.drop());

  test.each([
    "Müller & Söhne GmbH",
    "GROSSE STRASSE große Straße ẞ",
    "Łódź Ĉapo Ångström Čapek São Façade Œuvre",
    "ﬁne ½ ① Ｆｕｌｌ",
    "Mu\u0308ller\u0323",
    "Αθήνα Ωμέγα Москва Йод",
    "blanks at the end   ",
    "  in front",
    "emoji 😀 and 𝒳",
    "שָׁלוֹם مُحَمَّد",
    "",
  ])("%s", async (text) => {
    const [row] = await asBridge(database, "select otrs_bridge.fold($1) as folded", [text]);
    expect(row).toEqual({ folded: fold(text) });
  });
});

function asBridge(database: TestDatabase, sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return withClient(database.bridgeUrl, async (client: Client) => (await client.query(sql, values)).rows);
}
