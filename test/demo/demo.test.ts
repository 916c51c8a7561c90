/** `npm run demo` as a newcomer types it. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig } from "../../src/config/index.ts";
import { removePostgres } from "../../src/demo/postgres.ts";
import { documentOf, kiviOtrs, repository, type Running, type Said, start, startKiviOtrs } from "../cli/kivi-otrs.ts";

let directory: string;
let running: Running | undefined;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "kivi-otrs-demo-"))));
afterEach(async () => {
  running?.child.kill("SIGKILL");
  await running?.said;
  running = undefined;
  await untilClosed();
  await removePostgres(join(directory, "postgres"));
  rmSync(directory, { recursive: true, force: true });
});

function npmRunDemo(...words: readonly string[]): Promise<Said> {
  return start("npm", ["run", "demo", "--", ...words, "--directory", directory], { directory: repository }).said;
}

/** Resolves when nothing listens any more at the database's address, which the demo wrote down. */
async function untilClosed(): Promise<void> {
  const file = join(directory, "bridge.yaml");
  if (!existsSync(file)) return;
  const { port } = new URL(loadConfig({ file, environment: {}, directory }).config.kivitendo.databaseUrl);
  const isOpen = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(Number(port), "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
  for (const deadline = Date.now() + 20_000; await isOpen(); await sleep(50)) {
    if (Date.now() > deadline) throw new Error(`PostgreSQL still listens on port ${port}`);
  }
}

const lastMonth = Temporal.Now.plainDateISO("Europe/Berlin").toPlainYearMonth().subtract({ months: 1 }).toString();
const untouched = { created: 0, adopted: 0, updated: 0, invalidated: 0, rejected: 0 };

test("--once --json prints one document; the second run has nothing to do; --fresh starts over", async () => {
  const first = await npmRunDemo("--once", "--json");
  expect(first.code, first.stderr).toBe(0);
  const world = documentOf("demo", first);
  expect(world).toMatchObject({
    customers: { created: 7, rejected: 0 },
    contacts: { created: 12, rejected: 0 },
    billing: { ticketsBilled: 7, linesWritten: 7, minutesBilled: "475.00" },
    inbox: 0,
  });
  expect(
    world.billing.drafts.map(({ customerNumber, period, lines, minutes, netAmount }) =>
      [customerNumber, period, lines, minutes, netAmount].join(" "),
    ),
  ).toEqual([
    `K10001 ${lastMonth} 3 170.00 269.17`,
    `K10002 ${lastMonth} 2 185.00 292.92`,
    `K10003 ${lastMonth} 1 40.00 63.33`,
    `K10006 ${lastMonth} 1 80.00 126.67`,
  ]);
  await untilClosed();

  expect(documentOf("demo", await npmRunDemo("--once", "--json"))).toEqual({
    customers: { ...untouched, unchanged: 7 },
    contacts: { ...untouched, unchanged: 12 },
    billing: { ticketsBilled: 0, linesWritten: 0, minutesBilled: "0.00", minutesSettled: "0.00", drafts: [] },
    inbox: 0,
  });
  const fresh = documentOf("demo", await npmRunDemo("--once", "--json", "--fresh"));
  expect(fresh).toMatchObject({ customers: { created: 7 }, billing: { ticketsBilled: 7 } });
});

test("goes on as a service with which other commands work, and Ctrl-C leaves nothing running", async () => {
  running = startKiviOtrs(["demo", "--directory", directory], { directory });
  await running.shows(/The service goes on/);
  const config = join(directory, "bridge.yaml");
  const told = kiviOtrs(["customers", "plan", "--json", "--config", config], { directory });
  expect(documentOf("customers", await told)).toMatchObject({ customers: { ...untouched, unchanged: 7 } });
  running.child.kill("SIGINT");
  const said = await running.said;
  expect(said).toMatchObject({ code: 0, stdout: "" });
  expect(said.stderr).toContain(`Configuration for other commands while the demo runs: ${config}\n`);
  expect(said.stderr).toMatch(/draft is-invoice-otrs-1150-[0-9a-f]{20} waits in kivitendo/);
  expect(said.stderr).toMatch(/Stopped\.\n$/);
  await untilClosed();
});

test.each([/Starting PostgreSQL/, /Starting a simulated helpdesk/, /1\. Customers/])(
  "killed at %s, it starts again and ends where an undisturbed one does",
  async (moment) => {
    running = startKiviOtrs(["demo", "--once", "--directory", directory], { directory });
    await running.shows(moment);
    running.child.kill("SIGKILL");
    expect((await running.said).signal).toBe("SIGKILL");
    const again = await kiviOtrs(["demo", "--once", "--json", "--directory", directory], { directory });
    expect(again.code, again.stderr).toBe(0);
    const { customers, contacts, billing } = documentOf("demo", again);
    expect([customers.created + customers.unchanged, contacts.created + contacts.unchanged]).toEqual([7, 12]);
    expect(billing.minutesBilled).toBe("475.00");
  },
);
