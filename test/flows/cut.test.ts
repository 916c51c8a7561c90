/**
 * Crash points one by one: what a run gets done last is once everything that can be there for good, the answer lost and
 * every connection with it. After one more run all is as if nothing had happened. In between nothing need be cut: an open
 * transaction leaves nothing behind when its connection ends, a read-only one nothing at all, and a request that only
 * reads leaves the helpdesk as it was (which is checked), so that the next run would find the same.
 */
import { afterEach, describe, expect, test } from "vitest";
import { allCustomers, createLogger, everythingDue, openBridge } from "../../src/bridge/index.ts";
import { quietContext, type World } from "../support/bridge.ts";
import { bridgeIsGone } from "../support/child-run.ts";
import { helpdeskRecords } from "../support/evidence.ts";
import {
  addCustomers,
  addTickets,
  changeCustomers,
  createTwoWorlds,
  endState,
  type TwoWorlds,
} from "../support/two-worlds.ts";
import { type DatabaseWire, openWire } from "../support/wire.ts";

let worlds: TwoWorlds;
let wire: DatabaseWire;
afterEach(async () => {
  await wire.stop();
  await worlds.end();
});

const settings = {
  helpdesk: { batchSize: 3, concurrency: 2, ticketsPerRequest: 3 },
  billing: { period: "2027-12" },
  customers: { ignoreBelow: 100_000 },
};

async function begin(): Promise<void> {
  worlds = await createTwoWorlds({ settings });
  wire = await openWire(worlds.disturbed.database.url);
  await worlds.both((world) => world.sync());
}

/** What changes records in the helpdesk. */
const writing = "/KivitendoBridge/Upsert";
/** What only reads is cut once, for the sake of the answer that gets lost. */
const cutRoutes = new Set<string>();

/** Runs a flow in the disturbed world up to a crash point, counted from 1; answers false when it ended before that. */
async function runUntilCut(flow: "customers" | "billing", point: number): Promise<boolean> {
  const { disturbed } = worlds;
  const { config } = disturbed.loaded;
  const url = new URL(config.kivitendo.databaseUrl);
  url.port = String(wire.port);
  const kivitendo = { ...config.kivitendo, databaseUrl: url.href };
  const bridge = openBridge({ ...config, kivitendo }, "cut", createLogger("silent"));
  const interrupt = new AbortController();
  const before = JSON.stringify(helpdeskRecords(disturbed));
  disturbed.requests.length = 0;
  let done = 0;
  let isCut = false;
  wire.mend();
  wire.onAnswer = (kept) => {
    if (kept) isCut ||= ++done >= point;
    return isCut ? "cut" : "pass";
  };
  disturbed.onRequest = (route) => {
    if (isCut) return disturbed.helpdesk.faults.next({ kind: "reset" });
    if (route !== writing && cutRoutes.has(route)) return;
    if (++done < point) return;
    isCut = true;
    cutRoutes.add(route);
    disturbed.helpdesk.faults.next({ kind: "lost-answer" });
    wire.cut();
    // Only to end the waiting for another try, which cannot succeed.
    setTimeout(() => interrupt.abort(), 20);
  };
  const context = quietContext(interrupt.signal);
  const run =
    flow === "customers"
      ? bridge.customers("sync", allCustomers, context)
      : bridge.billing("draft", everythingDue, context);
  const failed = await run.then(
    () => false,
    () => true,
  );
  await bridge.close();
  disturbed.onRequest = null;
  disturbed.helpdesk.faults.clear();
  await bridgeIsGone(disturbed);
  const wrote = JSON.stringify(helpdeskRecords(disturbed)) !== before;
  expect(wrote && !disturbed.requests.includes(writing), `wrote by ${disturbed.requests.join(", ")}`).toBe(false);
  return failed || isCut;
}

/** One crash point after the other until a run gets to its end; answers how many there were. */
async function allCrashPoints(
  flow: "customers" | "billing",
  addWork: (world: World, round: number) => Promise<void>,
): Promise<number> {
  cutRoutes.clear();
  let point = 1;
  for (let round = 1; ; round++) {
    await worlds.both((world) => addWork(world, round));
    const known = cutRoutes.size;
    const wasCut = await runUntilCut(flow, point);
    await worlds.both<unknown>((world) => (flow === "customers" ? world.sync() : world.draft()));
    expect(await endState(worlds.disturbed), `after ${point} steps`).toEqual(await endState(worlds.calm));
    if (!wasCut) return round - 1;
    // A route that was cut does not count any more.
    if (cutRoutes.size === known) point++;
  }
}

describe("cut off after every step that is kept", () => {
  test("customers and contacts", { timeout: 300_000 }, async () => {
    await begin();
    const points = await allCrashPoints("customers", async (world, round) => {
      await addCustomers(world, round, 3, 2);
      if (round > 1) await changeCustomers(world, round - 1);
    });
    console.log(`customers: cut off at ${points} points`);
    expect(points).toBeGreaterThan(20);
  });

  test("billing", { timeout: 300_000 }, async () => {
    await begin();
    const first = Temporal.Instant.from("2026-10-05T08:00:00Z");
    const known = new Map<World, ReturnType<typeof addTickets>>();
    const points = await allCrashPoints("billing", async (world, round) => {
      const start = first.add({ hours: 4 * round });
      const customers = round === 1 ? ["K10001", "FREMD"] : ["K10001", "K10002"];
      known.set(world, addTickets(world, 4, start, known.get(world) ?? [], customers));
    });
    console.log(`billing: cut off at ${points} points`);
    expect(points).toBeGreaterThan(20);
  });
});
