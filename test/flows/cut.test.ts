/**
 * Crash points one by one: every message to the database and every request to the helpdesk is once the last thing that a
 * run gets done. Its answer is lost, and so is every connection. After one more run all is as if nothing had happened.
 */
import { afterEach, describe, expect, test } from "vitest";
import { allCustomers, createLogger, everythingDue, openBridge } from "../../src/bridge/index.ts";
import { quietContext, type World } from "../support/bridge.ts";
import { bridgeIsGone, type DatabaseWire, openWire } from "../support/child-run.ts";
import {
  addCustomers,
  addTickets,
  changeCustomers,
  createTwoWorlds,
  endState,
  type TwoWorlds,
} from "../support/two-worlds.ts";

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

/** Runs a flow in the disturbed world until it has got `events` things done; answers false when it ended before that. */
async function runUntilCut(flow: "customers" | "billing", events: number): Promise<boolean> {
  const { disturbed } = worlds;
  const { config } = disturbed.loaded;
  const url = new URL(config.kivitendo.databaseUrl);
  url.port = String(wire.port);
  const kivitendo = { ...config.kivitendo, databaseUrl: url.href };
  const bridge = openBridge({ ...config, kivitendo }, "cut", createLogger("silent"));
  const interrupt = new AbortController();
  let done = 0;
  let isCut = false;
  wire.mend();
  wire.onMessage = () => {
    if (isCut) return "cut";
    if (++done < events) return "pass";
    isCut = true;
    return "pass-and-cut";
  };
  disturbed.onRequest = () => {
    if (isCut) return disturbed.helpdesk.faults.next({ kind: "reset" });
    if (++done < events) return;
    isCut = true;
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
  return failed || isCut;
}

/** One crash point after the other until a run gets to its end; answers how many there were. */
async function allCrashPoints(
  flow: "customers" | "billing",
  addWork: (world: World, round: number) => Promise<void>,
): Promise<number> {
  for (let events = 1; ; events++) {
    await worlds.both((world) => addWork(world, events));
    const wasCut = await runUntilCut(flow, events);
    await worlds.both<unknown>((world) => (flow === "customers" ? world.sync() : world.draft()));
    expect(await endState(worlds.disturbed), `after ${events} events`).toEqual(await endState(worlds.calm));
    if (!wasCut) return events - 1;
  }
}

describe("cut off after every single step", () => {
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
