/** The triggers on kivitendo's tables: what they tell, and that no save can fail or wait because of them. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { UnavailableError } from "../../src/model/index.ts";
import { readSilentTables } from "../../src/state/change-triggers.ts";
import { printSetup } from "../../src/state/index.ts";
import { removeBridge, setUpBridge, setupTarget, withPool } from "../support/bridge-setup.ts";
import { objectsAndRights, setupCatalog } from "../support/catalog.ts";
import { createKivitendoDatabase, type TestDatabase, withClient } from "../support/database.ts";

const tables = ["customer", "contacts", "customer_contacts", "custom_variables"];

let database: TestDatabase;

async function create(): Promise<void> {
  database = await createKivitendoDatabase("4.1.0");
}

function install(target = database): Promise<string[]> {
  return setUpBridge(target, { changeTriggers: true });
}

/** Triggers of kivitendo's tables that call the bridge. */
function triggers(): Promise<string[]> {
  return withClient(database.url, async (client) => {
    const { rows } = await client.query<{ line: string }>(`
      select concat_ws(' ', t.tgrelid::regclass, t.tgname, t.tgtype, t.tgenabled) as line
        from pg_catalog.pg_trigger t
        join pg_catalog.pg_class c on c.oid = t.tgrelid and c.relnamespace = 'public'::regnamespace
       where not t.tgisinternal and t.tgfoid::regproc::text like 'otrs_bridge.%'
       order by line`);
    return rows.map(({ line }) => line);
  });
}

/** Runs something as kivitendo's user while the bridge's role listens; answers how often it was told. */
async function told(work: (owner: Client) => Promise<unknown>, url = database.bridgeUrl): Promise<number> {
  let count = 0;
  await withClient(url, async (bridge) => {
    bridge.on("notification", ({ channel, payload }) => {
      expect([channel, payload]).toEqual(["otrs_bridge", ""]);
      count++;
    });
    await bridge.query("listen otrs_bridge");
    await withClient(database.ownerUrl, work);
    // What was told before this statement began comes with its answer.
    await bridge.query("select 1");
  });
  return count;
}

const rename = "update contacts set cp_name = 'Neu' where cp_id = 1201";

describe("setup", () => {
  beforeEach(create);
  afterEach(() => database.drop());

  test("installs them when wanted, says so, and takes them away when not", async () => {
    expect((await setUpBridge(database)).join()).not.toContain("trigger");
    const before = await withClient(database.url, (client) => setupCatalog(client, database));
    expect(await install()).toEqual([
      "function otrs_bridge.tell_change installed.",
      ...tables.map((table) => `trigger on public.${table} installed.`),
    ]);
    // after insert, delete, update, truncate for each statement
    expect(await triggers()).toEqual(tables.toSorted().map((table) => `${table} otrs_bridge_change 60 O`));
    expect(await install()).toEqual(["Nothing to do: the database is set up."]);
    expect(await setUpBridge(database, { changeTriggers: true, url: database.ownerUrl })).toEqual([
      "Nothing to do: the database is set up.",
    ]);
    expect(await setUpBridge(database)).toEqual([
      ...tables.map((table) => `trigger on public.${table} removed.`),
      "function otrs_bridge.tell_change removed.",
    ]);
    expect(await triggers()).toEqual([]);
    expect(await withClient(database.url, (client) => setupCatalog(client, database))).toEqual(before);
  });

  test("gives them no columns, condition, argument or row, which would stand in the way of kivitendo's upgrade", async () => {
    await install();
    await withClient(database.url, async (client) => {
      const { rows } = await client.query(`
        select tgattr::text as columns, tgqual as condition, tgnargs as arguments, tgtype & 1 as row
          from pg_catalog.pg_trigger
         where tgname = 'otrs_bridge_change'`);
      expect(rows).toEqual(tables.map(() => ({ columns: "", condition: null, arguments: 0, row: 0 })));
    });
  });

  test("--print writes the same, quietly", async () => {
    const sql = printSetup(setupTarget(database, { changeTriggers: true }));
    await withClient(database.url, (client) => client.query(sql));
    expect(await triggers()).toHaveLength(4);
    expect(await install()).toEqual(["Nothing to do: the database is set up."]);
    await withClient(database.url, (client) => client.query(printSetup(setupTarget(database))));
    expect(await triggers()).toEqual([]);
  });

  test("--print's text is what psql takes", async () => {
    const sql = printSetup(setupTarget(database, { changeTriggers: true }));
    const running = promisify(execFile)("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database.url, "-f", "-"]);
    running.child.stdin?.end(sql);
    const said = await running.catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== "ENOENT") throw error;
      return null;
    });
    if (said === null) return console.log("does not apply: psql is not on this machine");
    expect(said).toEqual({ stdout: "", stderr: "" });
    expect(await triggers()).toHaveLength(4);
  });

  test("--remove takes them away too, and leaves the catalog as it was", async () => {
    const before = await withClient(database.url, objectsAndRights);
    await install();
    expect(await removeBridge(database)).toEqual([
      ...tables.map((table) => `trigger on public.${table} removed.`),
      "function otrs_bridge.tell_change removed.",
      "views, schema otrs_bridge and rights removed.",
    ]);
    expect(await triggers()).toEqual([]);
    expect(await withClient(database.url, objectsAndRights)).toEqual(before);
  });

  test("--remove that is refused leaves them, too", async () => {
    await install();
    await withClient(database.url, (client) =>
      client.query("create view public.on_top as select name from otrs_bridge.companies"),
    );
    await expect(removeBridge(database)).rejects.toThrow(/on_top/);
    expect(await triggers()).toHaveLength(4);
  });

  test("gives up soon on a table that somebody holds, says what to do, and goes on the next time", async () => {
    await withClient(database.ownerUrl, async (owner) => {
      await owner.query("begin");
      await owner.query(rename);
      const error: unknown = await install().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(UnavailableError);
      expect((error as Error).message).toMatch(/working on .*contacts.*run `kivi-otrs setup` again/);
      await owner.query("commit");
    });
    expect(await triggers()).toEqual(["customer otrs_bridge_change 60 O"]);
    expect(await install()).toContain("trigger on public.contacts installed.");
    expect(await triggers()).toHaveLength(4);
  });

  test("puts right what somebody disabled or made otherwise", async () => {
    await install();
    await withClient(database.ownerUrl, async (owner) => {
      await owner.query("alter table customer disable trigger otrs_bridge_change");
      await owner.query("drop trigger otrs_bridge_change on contacts");
      await owner.query(`create trigger otrs_bridge_change after update of cp_name on contacts
                         for each statement execute function otrs_bridge.tell_change()`);
      await owner.query("drop trigger otrs_bridge_change on custom_variables");
    });
    await withPool(database.bridgeUrl, async (pool) => {
      expect(await readSilentTables(pool)).toEqual(["customer", "custom_variables"]);
    });
    expect(await install()).toEqual(
      ["customer", "contacts", "custom_variables"].map((table) => `trigger on public.${table} installed.`),
    );
    expect(await triggers()).toEqual(tables.toSorted().map((table) => `${table} otrs_bridge_change 60 O`));
  });
});

describe("a save", () => {
  beforeAll(async () => {
    await create();
    await install();
  });
  afterAll(() => database.drop());

  const changes = [
    "insert into contacts (cp_name, cp_email) values ('Neu', 'neu@example.org')",
    rename,
    "delete from contacts where cp_id = 1202",
    "update customer set city = 'Bonn'",
    "insert into customer_contacts (customer_id, contact_id) select id, 1201 from customer on conflict do nothing",
    "delete from customer_contacts where contact_id = 1203",
    "insert into custom_variables (config_id, trans_id, bool_value) select id, 1201, true from custom_variable_configs limit 1",
    "delete from custom_variables",
    "truncate custom_variables",
  ];
  test.each(changes)("is told: %s", async (change) => {
    expect(await told((owner) => owner.query(change))).toBe(1);
  });

  test("is told once a transaction, and not at all when it is undone", async () => {
    const several = `${rename}; update customer set city = 'Bonn'; update customer_contacts set main = main; ${rename}`;
    expect(await told((owner) => owner.query(`begin; ${several}; commit`))).toBe(1);
    expect(await told((owner) => owner.query(`begin; ${several}; rollback`))).toBe(0);
  });

  test("is told after the commit, when another session sees it", async () => {
    const seen = await withClient(database.bridgeUrl, async (bridge) => {
      const read = new Promise<unknown>((resolve) => {
        bridge.once("notification", () => {
          void bridge
            .query("select cp_name from public.otrs_customer_contacts where contact_id = 1201 limit 1")
            .then(({ rows }) => resolve(rows));
        });
      });
      await bridge.query("listen otrs_bridge");
      await withClient(database.ownerUrl, (owner) => owner.query(`begin; ${rename}; commit`));
      return read;
    });
    expect(seen).toEqual([{ cp_name: "Neu" }]);
  });

  test("by a role that may do nothing in schema otrs_bridge is told as well", async () => {
    const clerk = `${database.name}_clerk`;
    await withClient(database.url, async (client) => {
      await client.query(`create role ${clerk} login password 'clerk'`);
      await client.query(`grant select, update on public.contacts to ${clerk}`);
    });
    const url = database.ownerUrl.replace(`${database.ownerRole}:owner@`, `${clerk}:clerk@`);
    expect(await told(() => withClient(url, (client) => client.query(rename)))).toBe(1);
  });

  test("goes on while kivitendo's tables change, and the trigger stays", async () => {
    expect(
      await told((owner) =>
        owner.query(`begin; alter table contacts add column later text; ${rename};
                     alter table contacts drop column later; alter table contacts drop column cp_fax; commit`),
      ),
    ).toBe(1);
    expect(await triggers()).toHaveLength(4);
  });
});

describe("a save in a broken database", () => {
  beforeEach(async () => {
    await create();
    await install();
  });
  afterEach(() => database.drop());

  test("goes on when telling fails", async () => {
    await withClient(database.url, (client) =>
      client.query("revoke execute on function pg_catalog.pg_notification_queue_usage() from public"),
    );
    expect(
      await told(async (owner) => {
        const { rowCount } = await owner.query(rename);
        expect(rowCount).toBe(1);
      }),
    ).toBe(0);
  });

  test.each([
    "drop table otrs_bridge.installation, otrs_bridge.schema_migrations, otrs_bridge.identity cascade",
    "revoke all on schema otrs_bridge from current_user",
    "drop function otrs_bridge.tell_change() cascade",
    "drop schema otrs_bridge cascade",
  ])("goes on after: %s", async (damage) => {
    await withClient(database.ownerUrl, async (owner) => {
      await owner.query(damage);
      expect((await owner.query(rename)).rowCount).toBe(1);
    });
  });
});

test("a table that an upgrade makes is named as one that tells nothing, until the next setup", async () => {
  const older = await createKivitendoDatabase("4.0.0");
  try {
    expect((await install(older)).join()).not.toContain("customer_contacts installed");
    await withPool(older.bridgeUrl, async (pool) => {
      expect(await readSilentTables(pool)).toEqual([]);
      const upgrade = await readFile(new URL("../fixtures/upgrade-4.0-to-4.1.sql", import.meta.url), "utf8");
      await withClient(older.ownerUrl, (owner) => owner.query(upgrade));
      expect(await readSilentTables(pool)).toEqual(["customer_contacts"]);
      expect(await install(older)).toEqual(["trigger on public.customer_contacts installed."]);
      expect(await readSilentTables(pool)).toEqual([]);
    });
  } finally {
    await older.drop();
  }
});
