import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigError } from "../../src/model/index.ts";
import { removeBridge, setUpBridge } from "../support/bridge-setup.ts";
import { objectsAndRights } from "../support/catalog.ts";
import { createKivitendoDatabase, type TestDatabase, withClient } from "../support/database.ts";

/** As it was installed by hand before the bridge existed. */
const earlierView = `
  create view public.otrs_customer_contacts as
  select cp_title, cp_givenname, cp_name, cp_email, cp_phone1, cp_mobile1, 'geheim'::text as cp_password,
         1 as cp_valid_id, customernumber, name, street, zipcode, city, country, phone, fax, homepage,
         customer.notes, case when obsolete then 2 else 1 end as customer_valid_id,
         customer.itime as create_time, customer.mtime as change_time
    from contacts
    join customer on customer.id = contacts.cp_cv_id
   where cp_email <> ''`;

let database: TestDatabase;
afterEach(() => database.drop());

async function asSuperuser<T extends object>(query: string): Promise<T[]> {
  return withClient(database.url, async (client) => (await client.query<T>(query)).rows);
}

describe("setup over an earlier view", () => {
  let reader: string;
  beforeEach(async () => {
    database = await createKivitendoDatabase("4.0.0");
    reader = `${database.name}_reader`;
    await asSuperuser(`create role ${reader} login password 'reader'`);
    await withClient(database.ownerUrl, async (owner) => {
      await owner.query(earlierView);
      await owner.query(`grant select on public.otrs_customer_contacts to ${reader}`);
    });
  });

  test("binds the state as well", async () => {
    expect((await setUpBridge(database)).at(-1)).toBe("state bound to this database.");
    expect(await asSuperuser("select instance, helpdesk_id from otrs_bridge.identity")).toEqual([
      { instance: "main", helpdesk_id: null },
    ]);
  });

  test("replaces it after saying what it was, and its readers go on reading", async () => {
    const said = await setUpBridge(database);
    expect(said[0]).toMatch(/earlier view and is replaced.*'geheim'::text AS cp_password/s);
    const url = database.bridgeUrl.replace(`${database.bridgeRole}:bridge@`, `${reader}:reader@`);
    const rows = await withClient(url, async (client) => {
      const { rows: found } = await client.query(
        "select cp_email, cp_password from otrs_customer_contacts where contact_id = 1203",
      );
      await expect(client.query("select * from otrs_bridge.companies")).rejects.toThrow(/permission denied/);
      return found;
    });
    expect(rows).toEqual([{ cp_email: "aenne@groesse-test.de", cp_password: null }]);
    expect(await setUpBridge(database)).toEqual(["Nothing to do: the database is set up."]);
  });

  test("setup --remove puts it back, and the catalog equals the one before", async () => {
    const before = await withClient(database.url, objectsAndRights);
    await setUpBridge(database);
    await removeBridge(database);
    expect(await withClient(database.url, objectsAndRights)).toEqual(before);
  });

  test("replaces and puts back one that belongs to a superuser", async () => {
    await asSuperuser("alter view public.otrs_customer_contacts owner to current_user");
    const before = await withClient(database.url, objectsAndRights);
    await setUpBridge(database);
    await removeBridge(database);
    expect(await withClient(database.url, objectsAndRights)).toEqual(before);
  });

  test("setup --remove says its SQL when kivitendo's tables no longer allow it", async () => {
    await setUpBridge(database);
    const upgrade = await readFile(new URL("../fixtures/upgrade-4.0-to-4.1.sql", import.meta.url), "utf8");
    await withClient(database.ownerUrl, (owner) => owner.query(upgrade));
    const said = await removeBridge(database);
    expect(said[0]).toMatch(/could not be made again.*create view public\.otrs_customer_contacts/s);
    expect(await asSuperuser("select from pg_class where relname = 'otrs_customer_contacts'")).toEqual([]);
  });

  test("refuses to drop it under a view that stands on it", async () => {
    await asSuperuser("create view public.on_top as select cp_email from public.otrs_customer_contacts");
    const error: unknown = await setUpBridge(database).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).message).toContain("on_top");
  });
});

describe("setup --remove", () => {
  beforeEach(async () => {
    database = await createKivitendoDatabase("4.1.0");
  });

  test("leaves the catalog as it was, role included", async () => {
    const before = await withClient(database.url, objectsAndRights);
    await setUpBridge(database);
    expect(await withClient(database.url, objectsAndRights)).not.toEqual(before);
    expect(await removeBridge(database)).toEqual(["views, schema otrs_bridge and rights removed."]);
    expect(await withClient(database.url, objectsAndRights)).toEqual(before);
    expect(await asSuperuser(`select from pg_roles where rolname = '${database.bridgeRole}'`)).toEqual([]);
    expect(await removeBridge(database)).toEqual(["Nothing to do: the bridge is not set up in this database."]);
  });

  test("keeps a role that setup did not create", async () => {
    await asSuperuser(`create role ${database.bridgeRole} login`);
    const before = await withClient(database.url, objectsAndRights);
    await setUpBridge(database);
    await removeBridge(database, database.ownerUrl);
    expect(await withClient(database.url, objectsAndRights)).toEqual(before);
    expect(await asSuperuser(`select from pg_roles where rolname = '${database.bridgeRole}'`)).toHaveLength(1);
  });

  test("keeps a role that owns something, and says so", async () => {
    await setUpBridge(database);
    await asSuperuser(`create schema theirs authorization ${database.bridgeRole}`);
    const said = await removeBridge(database);
    expect(said[0]).toMatch(new RegExp(`role ${database.bridgeRole} stays`));
    expect(said).toContain("views, schema otrs_bridge and rights removed.");
  });

  test("refuses while somebody's view stands on the bridge's", async () => {
    await setUpBridge(database);
    await asSuperuser("create view public.on_top as select name from otrs_bridge.companies");
    await expect(removeBridge(database)).rejects.toThrow(/on_top/);
    expect(await asSuperuser("select from pg_namespace where nspname = 'otrs_bridge'")).toHaveLength(1);
  });
});
