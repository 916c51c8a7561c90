/** `kivi-otrs run` as the service that an init system starts and stops. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { changedConfig, type Running, type Said, startKiviOtrs } from "../cli/kivi-otrs.ts";
import { createWorld, type Settings, type World } from "../support/bridge.ts";
import { ask, links } from "../support/evidence.ts";

let world: World;
let service: Running | undefined;
beforeEach(async () => {
  world = await createWorld({ helpdesk: { passwordMaxLoginFailed: 3 } });
});
afterEach(async () => {
  service?.child.kill("SIGKILL");
  service = undefined;
  await world.end();
});

function startService(settings: Settings = {}): Running {
  const config = changedConfig(world, settings);
  service = startKiviOtrs(["run", "--config", config], { directory: world.directory });
  return service;
}

/** Starts the service and resolves when its first pass waits for the helpdesk's answer. */
async function caughtInFirstPass(milliseconds: number, settings: Settings = {}): Promise<Running> {
  world.helpdesk.faults.next({ kind: "delay", milliseconds }, 1, "/KivitendoBridge/Upsert");
  const reached = new Promise<void>((resolve) => {
    world.onRequest = (route) => (route === "/KivitendoBridge/Upsert" ? resolve() : undefined);
  });
  const running = startService(settings);
  await Promise.race([reached, running.said]);
  world.onRequest = null;
  return running;
}

/** The messages of the log; fails when a line is none. */
function messages({ stderr }: Said): readonly string[] {
  return stderr
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { msg: string }).msg);
}

test("syncs at the start, waits for its schedule, and ends with 0 on SIGTERM", async () => {
  const running = startService();
  await running.shows(/"job":"billing".*"msg":"scheduled"/);
  expect(world.helpdesk.world.counts()).toMatchObject({ companies: 7, users: 12 });
  running.child.kill("SIGTERM");
  const said = await running.said;
  expect(said).toMatchObject({ code: 0, stdout: "" });
  expect(messages(said)).toEqual([
    "starting",
    "helpdesk session made",
    "first pass done",
    "settings looked at",
    "scheduled",
    "scheduled",
    "scheduled",
    "stopping: the pass under way finishes the record in hand",
    "stopped",
  ]);
  expect(said.stderr).not.toMatch(/bridgepw|"password":"bridge"/);
});

test("SIGTERM during a pass: the record in hand is finished and recorded, then 0", async () => {
  const running = await caughtInFirstPass(2000);
  running.child.kill("SIGTERM");
  const stopped = performance.now();
  const said = await running.said;
  expect(said.code).toBe(0);
  expect(performance.now() - stopped).toBeLessThan(10_000);
  expect(messages(said)).toContain("pass interrupted");
  expect(world.helpdesk.world.counts()).toMatchObject({ companies: 7, users: 0 });
  expect(new Set((await links(world)).map(({ status }) => status))).toEqual(new Set(["linked"]));
  expect(await ask(world, "select status from otrs_bridge.runs")).toEqual([{ status: "interrupted" }]);
  expect(await world.sync()).toMatchObject({ customers: { unchanged: 7 }, contacts: { created: 12 } });
});

test("a second SIGTERM ends at once; the next run finds what was in hand", async () => {
  const running = await caughtInFirstPass(20_000);
  running.child.kill("SIGTERM");
  await sleep(300);
  running.child.kill("SIGTERM");
  expect((await running.said).code).toBe(130);
  const report = await world.sync();
  expect([report.customers.rejected, report.contacts]).toMatchObject([0, { created: 12, rejected: 0 }]);
  expect(world.helpdesk.world.counts()).toMatchObject({ companies: 7, users: 12 });
});

test("a pass that does not end within schedule.stopSeconds is cut off", async () => {
  const running = await caughtInFirstPass(20_000, { schedule: { stopSeconds: 1 } });
  running.child.kill("SIGTERM");
  const stopped = performance.now();
  const said = await running.said;
  expect(said.code).toBe(1);
  expect(performance.now() - stopped).toBeGreaterThan(900);
  expect(performance.now() - stopped).toBeLessThan(10_000);
  expect((await world.sync()).contacts.created).toBe(12);
});

test("a wrong password ends the start with 2 and one failed login", async () => {
  const said = await startService({ helpdesk: { password: "wrong" } }).said;
  expect(said.code).toBe(2);
  expect(said.stderr).toMatch(/The helpdesk does not accept the agent bridge .*\n→ Check helpdesk\.userLogin/);
  expect(world.helpdesk.world.agentGet({ UserLogin: "bridge" })).toMatchObject({ failedLogins: 1, validId: 1 });
});

test("a schedule that is none ends the start before anything is asked", async () => {
  const said = await startService({ schedule: { billing: "30 4 32 * *" } }).said;
  expect(said.code).toBe(2);
  expect(said.stderr).toMatch(/schedule\.billing: "30 4 32 \* \*" is not a schedule/);
  expect(world.requests).toEqual([]);
});

test.each([
  { name: "the helpdesk", settings: { helpdesk: { url: "http://127.0.0.1:9/otrs" } }, reason: /Nothing listens at/ },
  {
    name: "kivitendo's database",
    settings: { kivitendo: { databaseUrl: "postgresql://otrs_bridge@127.0.0.1:9/kivitendo" } },
    reason: /kivitendo's database cannot be reached/,
  },
])("$name being down at the start keeps the service waiting for its next pass", async ({ settings, reason }) => {
  const running = startService(settings);
  await running.shows(/"job":"customers".*"msg":"scheduled"/);
  running.child.kill("SIGTERM");
  const said = await running.said;
  expect(said.code).toBe(0);
  expect(messages(said)).toContain("out of reach: the next pass tries again");
  expect(said.stderr).toMatch(reason);
});

test("wrong settings of billing do not end a service that syncs customers", async () => {
  const running = startService({ billing: { partNumber: "NOPE" }, schedule: { billing: "* * * * *" } });
  await running.shows(/"msg":"scheduled"/);
  expect(running.child.exitCode).toBeNull();
  expect(world.helpdesk.world.counts()).toMatchObject({ users: 12 });
});
