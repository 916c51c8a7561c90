/** `kivi-otrs setup` in all its forms, on a database that has never seen it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stringify } from "yaml";
import { startSimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import type { SimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import { objectsAndRights } from "../support/catalog.ts";
import { createKivitendoDatabase, type TestDatabase, withClient } from "../support/database.ts";
import { documentOf, failureOf, kiviOtrs, type Said } from "./kivi-otrs.ts";

let database: TestDatabase;
let helpdesk: SimulatedHelpdesk;
let directory: string;
beforeEach(async () => {
  database = await createKivitendoDatabase("4.1.0");
  helpdesk = await startSimulatedHelpdesk();
  directory = mkdtempSync(join(tmpdir(), "kivi-otrs-setup-"));
  configure({});
});
afterEach(async () => {
  await helpdesk.stop();
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

function configure(changes: Readonly<Record<string, string | undefined>>): void {
  const kivitendo = {
    databaseUrl: database.bridgeUrl.replace(/:[^:@/]*@/, "@"),
    password: database.bridgePassword,
    adminUrl: database.url,
    ...changes,
  };
  const settings = { kivitendo, helpdesk: { url: helpdesk.baseUrl, userLogin: "bridge", password: "bridgepw" } };
  writeFileSync(join(directory, "bridge.yaml"), stringify(settings));
}

function run(line: string): Promise<Said> {
  return kiviOtrs([...line.split(" "), "--config", "bridge.yaml"], { directory });
}

function objects(): Promise<string[]> {
  return withClient(database.url, objectsAndRights);
}

test("before setup every command says to run it", async () => {
  const before = await objects();
  const noRole = failureOf(await run("customers sync --json"));
  expect(noRole.code).toBe(2);
  expect(noRole.hint).toContain("kivi-otrs setup");
  await withClient(database.url, (client) =>
    client.query(`create role ${database.bridgeRole} login password '${database.bridgePassword}'`),
  );
  for (const command of ["customers plan", "customers sync", "inbox", "runs"]) {
    const failure = failureOf(await run(`${command} --json`));
    expect(failure.code).toBe(2);
    expect(`${failure.message} ${failure.hint}`).toContain("kivi-otrs setup");
  }
  expect(await objects()).toEqual(before);
});

test("first it says what it did, then that there is nothing to do", async () => {
  const first = await run("setup --json");
  expect(first.code).toBe(0);
  const document = documentOf("setup", first);
  expect(document).toMatchObject({ changed: true });
  expect(first.stderr).toMatch(/^kivitendo 4\.1\.0 on PostgreSQL .*\n.*schema otrs_bridge created\.\n/);
  expect(await run("setup")).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("Nothing to do") });
  expect(await run("setup --quiet")).toMatchObject({ code: 0, stdout: "", stderr: "" });
  expect((await run("customers sync")).code).toBe(0);
});

test("what --print writes does the same in a DBA's hands", async () => {
  const { stdout, code } = await run("setup --print");
  expect(code).toBe(0);
  expect(documentOf("setup", await run("setup --print --json"))).toEqual({ sql: expect.any(String) });
  expect(stdout).not.toContain(`'${database.bridgePassword}'`);
  await withClient(database.url, (client) => client.query(stdout));
  expect((await run("setup")).stderr).toContain("Nothing to do");
  expect((await run("customers sync")).code).toBe(0);
});

test("--remove --yes takes everything away again", async () => {
  const before = await objects();
  await run("setup");
  await run("customers sync");
  expect(failureOf(await run("setup --remove --json")).code).toBe(4);
  const removed = await run("setup --remove --yes --json");
  expect(removed.code).toBe(0);
  expect(documentOf("setup", removed)).toMatchObject({ changed: true });
  expect(await objects()).toEqual(before);
  expect(documentOf("setup", await run("setup --remove --yes --json"))).toMatchObject({ changed: false });
});

test("another helpdesk is refused until --rebind --yes", async () => {
  await run("setup");
  expect((await run("customers sync")).code).toBe(0);
  expect((await run("setup --rebind")).stderr).toMatch(/Nothing to do/);
  await helpdesk.stop();
  helpdesk = await startSimulatedHelpdesk();
  configure({});
  const refused = failureOf(await run("customers sync --json"));
  expect(refused).toMatchObject({ code: 4, hint: expect.stringContaining("kivi-otrs setup --rebind") });
  const unasked = await run("setup --rebind --json");
  expect(failureOf(unasked).code).toBe(4);
  expect((await run("customers sync")).code).toBe(4);
  expect(helpdesk.world.counts()).toMatchObject({ companies: 0, users: 0 });
  const rebound = await run("setup --rebind --yes --json");
  expect(rebound.code).toBe(0);
  expect(documentOf("setup", rebound)).toMatchObject({ changed: true });
  expect((await run("customers sync")).code).toBe(0);
  expect(helpdesk.world.counts()).toMatchObject({ companies: 7, users: 12 });
});

test("without adminUrl it says what a DBA can do", async () => {
  configure({ adminUrl: undefined });
  const failure = failureOf(await run("setup --json"));
  expect(failure.code).toBe(2);
  expect(failure.hint).toContain("kivi-otrs setup --print");
});

test("as a role that owns nothing it is refused before the first change", async () => {
  await withClient(database.url, (client) => client.query(`create role ${database.name}_guest login password 'guest'`));
  const before = await objects();
  const url = new URL(database.url);
  url.username = `${database.name}_guest`;
  url.password = "guest";
  configure({ adminUrl: url.href });
  const failure = failureOf(await run("setup --json"));
  expect(failure.code).toBe(2);
  expect(failure.message).toContain(`kivitendo's tables belong to role "${database.ownerRole}"`);
  expect(failure.hint).toContain("kivitendo.adminUrl");
  expect(await objects()).toEqual(before);
});
