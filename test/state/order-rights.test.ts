import { afterAll, beforeAll, expect, test } from "vitest";
import type { Target } from "../../src/billing/ports.ts";
import { removeBridge, setUpBridge } from "../support/bridge-setup.ts";
import { createKivitendoDatabase, type TestDatabase, withClient } from "../support/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createKivitendoDatabase("4.1.0");
});
afterAll(() => database.drop());

/** Tables and sequences of kivitendo that the bridge may change, with what and in which columns. */
async function writable(): Promise<string[]> {
  return withClient(database.url, async (client) => {
    const { rows } = await client.query<{ line: string }>(
      `select c.relname || ' ' || lower(x.privilege_type) || coalesce(' ' || string_agg(a.attname, ' ' order by a.attname)
              filter (where a.attacl is not null and x.privilege_type = 'UPDATE'), '') as line
         from pg_catalog.pg_class c
         left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attacl is not null
        cross join lateral aclexplode(coalesce(a.attacl, c.relacl)) x
        where pg_get_userbyid(x.grantee) = $1
          and c.relnamespace = 'public'::regnamespace
          and x.privilege_type <> 'SELECT'
        group by c.relname, x.privilege_type
        union
       select c.relname || ' ' || lower(x.privilege_type)
         from pg_catalog.pg_class c
        cross join lateral aclexplode(c.relacl) x
        where pg_get_userbyid(x.grantee) = $1
          and c.relnamespace = 'public'::regnamespace
          and x.privilege_type <> 'SELECT'
        order by line`,
      [database.bridgeRole],
    );
    return rows.map(({ line }) => line);
  });
}

const drafts = ["drafts insert"];
const items = ["history_erp insert", "id usage", "orderitems insert", "orderitemsid usage"];
const sums = "oe update amount marge_percent marge_total netamount";

test.each<[readonly Target[], readonly string[]]>([
  [[], drafts],
  [["invoice-draft"], drafts],
  [
    ["invoice-draft", "sales-order"],
    [...drafts, ...items, "defaults update sonumber", "oe insert", "oe_version insert"],
  ],
  [["recurring-order"], [...drafts, ...items, sums]],
  [
    ["sales-order", "recurring-order"],
    [...drafts, ...items, "defaults update sonumber", "oe insert", "oe_version insert", sums],
  ],
  [["invoice-draft"], drafts],
])("%j: kivitendo's tables are written as far as needed", async (targets, expected) => {
  await setUpBridge(database, { targets });
  expect(await writable()).toEqual([...expected].sort());
  // a second time changes nothing
  expect(await setUpBridge(database, { targets })).toEqual(["Nothing to do: the database is set up."]);
});

test.each(["ar", "invoice", "acc_trans", "record_links", "parts", "customer"])(
  "%s is written with no target",
  async (table) => {
    await setUpBridge(database, { targets: ["invoice-draft", "sales-order", "recurring-order"] });
    expect((await writable()).filter((line) => line.startsWith(`${table} `))).toEqual([]);
  },
);

test("nothing stays when the bridge is removed", async () => {
  await setUpBridge(database, { targets: ["sales-order", "recurring-order"] });
  await removeBridge(database);
  await withClient(database.url, async (client) => {
    const { rows } = await client.query("select from pg_catalog.pg_roles where rolname = $1", [database.bridgeRole]);
    expect(rows).toEqual([]);
  });
});
