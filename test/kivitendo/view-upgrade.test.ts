import { readFile } from "node:fs/promises";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorld, type World } from "../support/bridge.ts";
import { setUpBridge } from "../support/bridge-setup.ts";
import { type Service, startService } from "../support/change-service.ts";
import { createKivitendoDatabase, type TestDatabase, withClient } from "../support/database.ts";
import { kaethe, readRelations, readRow, sampleRows, sharedRow } from "./view-sample.ts";

/** The upgrade's scripts, each with its own transaction. */
async function upgradeScripts(): Promise<string[]> {
  const text = await readFile(new URL("../fixtures/upgrade-4.0-to-4.1.sql", import.meta.url), "utf8");
  const scripts = text.split(/(?<=^commit;\n)/m).filter((script) => /\S/.test(script));
  expect(scripts.length).toBeGreaterThan(4);
  return scripts;
}

describe.each([{ changeTriggers: false }, { changeTriggers: true }])(
  "while kivitendo upgrades from 4.0.0 to 4.1.0, triggers: $changeTriggers",
  ({ changeTriggers }) => {
    let database: TestDatabase;
    let scripts: string[];
    beforeAll(async () => {
      database = await createKivitendoDatabase("4.0.0");
      await setUpBridge(database, { changeTriggers });
      scripts = await upgradeScripts();
    });
    afterAll(() => database.drop());

    test("each script succeeds, and the view gives the right rows after it, in a session that is open all the time", async () => {
      await withClient(database.bridgeUrl, async (bridge) => {
        await bridge.query("prepare companies as select customernumber, country from otrs_bridge.companies order by 1");
        expect(await readRelations(bridge)).toEqual(sampleRows);
        const before = (await bridge.query("execute companies")).rows;
        expect(before).toHaveLength(8);
        await withClient(database.ownerUrl, async (owner) => {
          for (const script of scripts) {
            await owner.query(script);
            expect(await readRelations(bridge)).toEqual(sampleRows);
            expect((await bridge.query("execute companies")).rows).toEqual(before);
          }
          await expect(owner.query("select cp_cv_id from contacts")).rejects.toThrow(/cp_cv_id/);
          await expect(owner.query("select country from customer")).rejects.toThrow(/country/);
          await owner.query("insert into customer_contacts (customer_id, contact_id, main) values (1151, 1213, false)");
        });
        expect(await readRelations(bridge)).toEqual([...sampleRows, sharedRow]);
        expect(await readRow(bridge, "public.otrs_customer_contacts", "contact_id = 1201")).toEqual({
          ...kaethe,
          country_code: "DE",
          // The upgrade's own update of customer.country_id sets mtime: a changed time is no changed customer.
          customer_change_time: expect.not.stringMatching(kaethe.customer_change_time),
        });
      });
    });
  },
);

describe("while the service listens to the triggers and syncs", () => {
  let world: World;
  let service: Service;
  beforeAll(async () => {
    world = await createWorld({ release: "4.0.0", settings: { customers: { changeTriggers: true } } });
    service = await startService(world);
  });
  afterAll(async () => {
    service.kill();
    await world.end();
  });

  test("each script of the upgrade succeeds, the helpdesk stays right, and what is saved after it arrives", async () => {
    const passes = (): number => service.messages().filter((message) => message === "pass done").length;
    const { companies, users } = world.helpdesk.world.snapshot();
    expect(Object.keys(users)).toHaveLength(12);
    await withClient(world.database.bridgeUrl, async (bridge) => {
      for (const script of await upgradeScripts()) {
        const before = passes();
        // So that a pass is under way in each shape that the tables have, and at the next script's beginning.
        await world.erp.query("update contacts set cp_name = cp_name where cp_id = 1201");
        await world.erp.query(script.replace("commit;", ""));
        if (script.includes("drop column cp_cv_id")) {
          await service.until(() => service.messages().some((message) => message.startsWith("out of reach")));
        }
        await world.erp.query("commit");
        expect(await readRelations(bridge)).toEqual(sampleRows);
        // One that met the upgrade's locks is tried again by itself.
        await service.until(() => passes() > before);
      }
    });
    expect(world.helpdesk.world.snapshot()).toMatchObject({ companies, users });
    await service.until(() => service.messages().some((message) => message.includes("are not told")));

    const saved = performance.now();
    const customerId = Number((await world.erp.query("select min(id) as id from customer"))[0]?.["id"]);
    await world.erp.addContact({ customerId, name: "Danach", email: "danach@mueller-test.de" });
    await service.until(() => service.userOf("danach@mueller-test.de") !== undefined);
    expect(performance.now() - saved).toBeLessThan(5_000);
    expect(await service.end()).toBe(0);
    const troubles = service.lines().filter(({ msg }) => /operator is needed|fault in the program/.test(msg));
    expect(troubles).toEqual([]);
  });
});

describe("in the middle of an upgrade step", () => {
  let database: TestDatabase;
  let dropScript: string;
  beforeAll(async () => {
    database = await createKivitendoDatabase("4.0.0");
    await setUpBridge(database);
    const scripts = await upgradeScripts();
    const drops = scripts.findIndex((script) => script.includes("drop column cp_cv_id"));
    await withClient(database.ownerUrl, (owner) => owner.query(scripts.slice(0, drops).join("\n")));
    dropScript = scripts[drops] ?? "";
  });
  afterAll(() => database.drop());

  test("with both shapes there, relations of either count once and the new one wins", async () => {
    await withClient(database.ownerUrl, async (owner) => {
      await owner.query("begin");
      await owner.query("delete from customer_contacts where contact_id = 1204");
      await owner.query("update customer_contacts set main = false where contact_id = 1203");
      expect(await readRelations(owner)).toEqual(
        sampleRows.map((row) => (row.startsWith("1203 ") ? row.replace("true", "false") : row)),
      );
      await owner.query("rollback");
    });
  });

  test("a reader gives way to the step at once, and a snapshot from before it is told to ask again", async () => {
    await withClient(database.bridgeUrl, async (late) => {
      await late.query("begin isolation level repeatable read read only");
      await late.query("select count(*) from otrs_bridge.runs");
      await withClient(database.ownerUrl, async (owner) => {
        await owner.query(dropScript.replace("commit;", ""));
        await withClient(database.bridgeUrl, async (reader) => {
          // lock_not_available: the next run tries again.
          await expect(readRelations(reader)).rejects.toMatchObject({
            code: "55P03",
            message: "kivitendo's table contacts is locked, by an upgrade for instance",
          });
          await owner.query("commit");
          expect(await readRelations(reader)).toEqual(sampleRows);
        });
      });
      await expect(readRelations(late)).rejects.toMatchObject({ code: "40001" });
      await late.query("rollback");
      await late.query("begin isolation level repeatable read read only");
      expect(await readRelations(late)).toEqual(sampleRows);
      await late.query("rollback");
    });
  });

  test("a reader that holds one table never waits for the other, so the upgrade is no deadlock's victim", async () => {
    await withClient(database.bridgeUrl, async (reader) => {
      await reader.query("begin");
      await reader.query("select count(*) from otrs_bridge.companies");
      await withClient(database.ownerUrl, async (owner) => {
        await owner.query("begin");
        await owner.query("alter table contacts add column later text");
        const altering = owner.query("alter table customer add column later text");
        await waitForLock(reader, "customer");
        await expect(readRelations(reader)).rejects.toMatchObject({ code: "55P03" });
        await reader.query("rollback");
        await altering;
        await owner.query("commit");
      });
      expect(await readRelations(reader)).toEqual(sampleRows);
    });
  });
});

/** Until some other session waits for a lock on the table. */
async function waitForLock(client: Client, table: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { rows } = await client.query(
      "select from pg_catalog.pg_locks where relation = to_regclass($1) and not granted",
      [`public.${table}`],
    );
    if (rows.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`nobody waits for ${table}`);
}
