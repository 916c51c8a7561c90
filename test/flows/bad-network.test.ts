/**
 * Everything that networks, proxies and load do to single requests and messages, met by both flows. A run ends in time,
 * with success or "tried again later"; after one more run all is as in a world where nothing happened.
 */
import { afterEach, expect, test } from "vitest";
import { allCustomers, createLogger, everythingDue, openBridge } from "../../src/bridge/index.ts";
import { UnavailableError } from "../../src/model/index.ts";
import { quietContext, type TestTicket, type World } from "../support/bridge.ts";
import { bridgeIsGone } from "../support/child-run.ts";
import {
  addCustomers,
  addTickets,
  changeCustomers,
  createTwoWorlds,
  endState,
  type TwoWorlds,
} from "../support/two-worlds.ts";
import { type DatabaseWire, type Fate, openDatabaseWire } from "./bad-network/database-wire.ts";
import {
  type HelpdeskFault,
  helpdeskFaults,
  type HelpdeskWire,
  openHelpdeskWire,
} from "./bad-network/helpdesk-wire.ts";

/** Each round meets two of the faults; the seed says with which they begin: a fixed one, so that red stays red. */
const rounds = Number(process.env["BAD_NETWORK_ROUNDS"] ?? 6);
const seed = Number(process.env["BAD_NETWORK_SEED"] ?? 20_261_122);
const answerMs = 400;

const settings = {
  helpdesk: { batchSize: 4, concurrency: 2, ticketsPerRequest: 3 },
  billing: { period: "2026-12" },
  customers: { ignoreBelow: 100_000 },
};

let worlds: TwoWorlds;
let helpdesk: HelpdeskWire;
let database: DatabaseWire;
afterEach(async () => {
  await helpdesk.stop();
  await database.stop();
  await worlds.end();
});

/** A small generator (linear congruential), so that a seed gives the same places again. */
function placesFrom(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The same work in both worlds; later row ids do not depend on what the disturbed one drew in vain. */
async function addWork(world: World, round: number, earlier: readonly TestTicket[]): Promise<readonly TestTicket[]> {
  await world.admin.query("select setval('id', $1)", [100_000 + 1_000 * round]);
  await addCustomers(world, round, 3, 2);
  if (round > 0) await changeCustomers(world, round - 1);
  const start = Temporal.Instant.from("2026-10-05T08:00:00Z").add({ hours: 24 * round });
  return addTickets(world, 6, start, earlier, ["K10001", "K10002", "FREMD"]);
}

interface Trouble {
  readonly helpdesk: HelpdeskFault;
  /** Requests that go well before. */
  readonly requests: number;
  /** How many meet it. */
  readonly times: number;
  readonly database: Fate;
  /** Statements that go well before. */
  readonly statements: number;
}

/** One run of a flow through both wires; answers how it ended: "done" or the error's class. */
async function runThrough(flow: "customers" | "billing", trouble: Trouble): Promise<string> {
  const { config } = worlds.disturbed.loaded;
  if (config.helpdesk === undefined) throw new Error("the world has a helpdesk");
  const databaseUrl = new URL(database.url);
  databaseUrl.searchParams.set("query_timeout", "400");
  const bridge = openBridge(
    {
      ...config,
      kivitendo: { ...config.kivitendo, databaseUrl: databaseUrl.href },
      helpdesk: { ...config.helpdesk, url: helpdesk.url, timeoutSeconds: answerMs / 1000 },
    },
    "storm",
    createLogger("silent"),
  );
  let requests = 0;
  let statements = 0;
  helpdesk.faultOf = () => {
    const met = ++requests - trouble.requests;
    return met > 0 && met <= trouble.times ? trouble.helpdesk : null;
  };
  database.fateOf = (message) => {
    // The bridge waits ten seconds for a transaction to begin, whatever the address says.
    if (/begin|advisory/.test(message)) return "pass";
    return ++statements === trouble.statements ? trouble.database : "pass";
  };
  const run =
    flow === "customers"
      ? bridge.customers("sync", allCustomers, quietContext())
      : bridge.billing("draft", everythingDue, quietContext());
  const end = await run.then(
    () => "done",
    (error: unknown) => (error instanceof UnavailableError ? error.name : String(error)),
  );
  await bridge.close();
  helpdesk.faultOf = null;
  database.fateOf = null;
  return end;
}

test(`both flows on a bad network (BAD_NETWORK_SEED=${seed})`, { timeout: 900_000 }, async () => {
  console.log(`bad network: BAD_NETWORK_SEED=${seed}, BAD_NETWORK_ROUNDS=${rounds}`);
  const placeBelow = placesFrom(seed);
  worlds = await createTwoWorlds({ settings });
  const { disturbed } = worlds;
  helpdesk = await openHelpdeskWire(disturbed.helpdesk.baseUrl, answerMs * 1.25);
  database = await openDatabaseWire(disturbed.loaded.config.kivitendo.databaseUrl);
  await worlds.both((world) => world.sync());

  const tickets = new Map<World, readonly TestTicket[]>();
  const fates: readonly Fate[] = ["pass", "pass", "stuck", "pass", "answer-stuck", "answer-lost"];
  const ends: string[] = [];
  for (let round = 0; round < rounds; round++) {
    await worlds.both(async (world) => {
      tickets.set(world, await addWork(world, round, tickets.get(world) ?? []));
    });
    for (const [place, flow] of (["customers", "billing"] as const).entries()) {
      const fault = helpdeskFaults[(seed + 2 * round + place) % helpdeskFaults.length] ?? "dropped";
      const trouble: Trouble = {
        helpdesk: fault,
        // Login and Info go well: what answers there instead of the helpdesk is a wrong address.
        requests: 2 + placeBelow(flow === "customers" ? 5 : 2),
        times: (round + place) % 3 === 0 ? 99 : 1,
        database: fates[placeBelow(fates.length)] ?? "pass",
        statements: 5 + placeBelow(40),
      };
      const started = performance.now();
      const end = await runThrough(flow, trouble);
      ends.push(end);
      expect(["done", "UnavailableError"], JSON.stringify({ flow, ...trouble })).toContain(end);
      expect(performance.now() - started, JSON.stringify({ flow, ...trouble })).toBeLessThan(30_000);
    }
    await helpdesk.quiet();
    await bridgeIsGone(disturbed);
    await worlds.both((world) => world.sync());
    await worlds.both((world) => world.draft());
    expect(await endState(disturbed), `round ${round}`).toEqual(await endState(worlds.calm));
  }
  console.log(`bad network: ${ends.filter((end) => end === "done").length} of ${ends.length} runs got through`);
});
