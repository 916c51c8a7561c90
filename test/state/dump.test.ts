import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dumpSchema, dumpVersion, findProgram, schemaFile } from "../../scripts/dump-schema.ts";
import { urlOf } from "../../src/demo/kivitendo/index.ts";
import { checkIdentity, rebind } from "../../src/state/index.ts";
import { setUpBridge, withPool } from "../support/bridge-setup.ts";
import { setupCatalog } from "../support/catalog.ts";
import {
  createEmptyDatabase,
  createKivitendoDatabase,
  serverVersion,
  type TestDatabase,
  withClient,
} from "../support/database.ts";

const run = promisify(execFile);
const helpdesk = { helpdeskId: "5f0c11112222333344445555aaaabbbb", sequence: 0 };

let database: TestDatabase;
let restored: TestDatabase;
beforeAll(async () => {
  database = await createKivitendoDatabase("4.1.0");
  await setUpBridge(database);
  restored = await createEmptyDatabase();
});
afterAll(async () => {
  await restored.drop();
  await database.drop();
});

/** What sql/schema.sql is about: objects of the schema, without owners, rights and rows. */
function objectsOnly(lines: string[]): string[] {
  return lines
    .filter((line) => /^(relation|column|constraint|trigger|function)/.test(line))
    .filter((line) => !line.includes("otrs_customer_contacts"));
}

test("sql/schema.sql is what the migrations and views make, by the catalog", async () => {
  const committed = await createEmptyDatabase();
  try {
    await withClient(committed.ownerUrl, async (client) => {
      await client.query(await readFile(schemaFile, "utf8"));
    });
    const found = await withClient(committed.url, (client) => setupCatalog(client, committed));
    const wanted = await withClient(database.url, (client) => setupCatalog(client, database));
    expect(objectsOnly(wanted).length).toBeGreaterThan(80);
    expect(objectsOnly(found)).toEqual(objectsOnly(wanted));
  } finally {
    await committed.drop();
  }
});

test("sql/schema.sql is what pg_dump writes", async () => {
  const pgDump = await findProgram("pg_dump", dumpVersion);
  const version = await serverVersion();
  if (pgDump === null || version !== dumpVersion) {
    console.log(
      `does not apply: pg_dump ${dumpVersion} and a server ${dumpVersion} are needed, the server is ${version}`,
    );
    return;
  }
  expect(await readFile(schemaFile, "utf8")).toBe(await dumpSchema(pgDump, database.url));
});

test("kivitendo's own user dumps and restores everything; the restored state is refused until rebind", async () => {
  const version = await serverVersion();
  const [pgDump, psql] = [await findProgram("pg_dump", version), await findProgram("psql", 1)];
  if (pgDump === null || psql === null) {
    console.log(`does not apply: pg_dump ${version} and psql are needed for a server ${version}`);
    return;
  }
  await setUpBridge(database, { changeTriggers: true });
  await withPool(database.bridgeUrl, (pool) => checkIdentity(pool, { instance: "main", helpdesk }));
  await withClient(database.bridgeUrl, async (client) => {
    await client.query("insert into otrs_bridge.runs (flow, started_at) values ('customers', now())");
    await client.query(
      "insert into otrs_bridge.links (kind, row_id, helpdesk_key, status) values ('user', 1200, 'x', 'writing')",
    );
  });

  const folder = await mkdtemp(join(tmpdir(), "kivi-dump-"));
  try {
    const file = join(folder, "backup.sql");
    await run(pgDump, [`--dbname=${database.ownerUrl}`, `--file=${file}`]);
    // The new database belongs to the same owner, as when a client is restored beside or in place of the old one.
    const target = urlOf(restored.url, {});
    await withClient(restored.url, (client) =>
      client.query(`alter database ${restored.name} owner to ${database.ownerRole}`),
    );
    const asOwner = urlOf(target, { user: database.ownerRole, password: database.ownerPassword });
    await run(psql, ["-X", "-q", "-v", "ON_ERROR_STOP=1", `--dbname=${asOwner}`, `--file=${file}`]);
  } finally {
    await rm(folder, { recursive: true });
  }

  const bridgeUrl = urlOf(database.bridgeUrl, { database: restored.name });
  const ownerUrl = urlOf(database.ownerUrl, { database: restored.name });
  const check = (): Promise<void> => withPool(bridgeUrl, (pool) => checkIdentity(pool, { instance: "main", helpdesk }));
  await expect(check()).rejects.toMatchObject({
    name: "RefusedError",
    message: expect.stringContaining(`found in "${restored.name}"`) as unknown,
    hint: expect.stringContaining("setup --rebind") as unknown,
  });

  await withPool(ownerUrl, (pool) =>
    rebind(pool, { instance: "main", helpdesk, tickets: "new", dryRun: false, say: () => {} }),
  );
  await check();
  expect(await setUpBridge({ ...database, url: ownerUrl }, { changeTriggers: true })).toEqual([
    "Nothing to do: the database is set up.",
  ]);
  await withClient(bridgeUrl, async (client) => {
    const told = new Promise((resolve) => client.once("notification", resolve));
    await client.query("listen otrs_bridge");
    await withClient(ownerUrl, (owner) => owner.query("update contacts set cp_fax = '1' where cp_id = 1201"));
    expect(await told).toMatchObject({ channel: "otrs_bridge" });
    expect((await client.query("select from public.otrs_customer_contacts")).rowCount).toBe(14);
    const { rows } = await client.query(`
      insert into otrs_bridge.runs (flow, started_at) values ('customers', now())
      returning id, (select count(*)::integer from otrs_bridge.links) as links`);
    expect(rows).toEqual([{ id: 2, links: 1 }]);
    await expect(client.query("delete from otrs_bridge.links")).rejects.toThrow(/permission denied/);
  });
});
