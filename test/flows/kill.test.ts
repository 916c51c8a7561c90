/**
 * A process may end at any moment. Whatever it was doing: after one more run everything is as if nothing had happened,
 * no line twice and none missing, no record twice in the helpdesk.
 */
import { afterEach, describe, expect, test } from "vitest";
import {
  addCustomers,
  addTickets,
  changeCustomers,
  createTwoWorlds,
  endState,
  type TwoWorlds,
} from "../support/two-worlds.ts";
import { bridgeIsGone, startChild } from "../support/child-run.ts";
import type { TestTicket } from "../support/bridge.ts";

let worlds: TwoWorlds;
afterEach(() => worlds.end());

const kills = Number(process.env["KILLS"] ?? 50);
const seed = Number(process.env["KILL_SEED"] ?? Date.now() % 1_000_000);

/** A small generator (mulberry32), so that a seed gives the same delays again. */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const settings = {
  helpdesk: { batchSize: 4, concurrency: 2, ticketsPerRequest: 3 },
  billing: { period: "2026-12" },
  customers: { ignoreBelow: 100_000 },
};
const flows = { customers: ["customers", "sync"], billing: ["billing", "draft"] } as const;

/** Adds work for both flows. Each round's work lies a day after that of the round before. */
async function addWork(round: number, tickets: readonly TestTicket[]): Promise<readonly TestTicket[]> {
  const start = Temporal.Instant.from("2026-10-05T08:00:00Z").add({ hours: 24 * round });
  return worlds.both(async (world) => {
    await addCustomers(world, round, 4, 3);
    if (round > 0) await changeCustomers(world, round - 1);
    return addTickets(world, 14, start, tickets);
  });
}

/** A moment of a run: so many requests of it have reached the helpdesk, and then so many milliseconds have passed. */
interface Moment {
  readonly request: number;
  readonly milliseconds: number;
}

interface Ended {
  readonly killed: boolean;
  readonly requests: number;
  /** From the last request to the end. */
  readonly tailMs: number;
}

/** Runs a command in a child and kills it at a moment; null lets it end. */
async function runChild(words: readonly string[], moment: Moment | null): Promise<Ended> {
  const { disturbed } = worlds;
  const child = startChild(disturbed, words);
  let requests = 0;
  let last = performance.now();
  let timer: NodeJS.Timeout | undefined;
  disturbed.onRequest = () => {
    requests++;
    last = performance.now();
    if (requests === moment?.request) timer = setTimeout(child.kill, moment.milliseconds);
  };
  const end = await child.ended;
  const tailMs = performance.now() - last;
  clearTimeout(timer);
  disturbed.onRequest = null;
  await bridgeIsGone(disturbed);
  if (!end.killed && end.code !== 0 && end.code !== 3) throw new Error(`the run failed: ${end.output}`);
  return { killed: end.killed, requests, tailMs };
}

describe("kill -9", () => {
  test(`at ${kills} random moments of both flows (KILL_SEED=${seed})`, { timeout: 900_000 }, async () => {
    console.log(`random kills: KILL_SEED=${seed}, KILLS=${kills}`);
    const random = randomFrom(seed);
    worlds = await createTwoWorlds({ settings });
    await worlds.both((world) => world.sync());
    let tickets = await addWork(0, []);
    const whole = {
      customers: await runChild(flows.customers, null),
      billing: await runChild(flows.billing, null),
    };
    await worlds.calm.sync();
    await worlds.calm.draft();
    // Billing writes after its last request, customers between all of theirs.
    const momentOf = (flow: keyof typeof flows): Moment => {
      const { requests, tailMs } = whole[flow];
      const inTail = random() < (flow === "billing" ? 0.7 : 0.2);
      if (inTail) return { request: requests, milliseconds: random() * tailMs * 0.7 };
      return { request: 1 + Math.floor(random() * (requests - 1)), milliseconds: random() * 8 };
    };

    let hit = 0;
    let made = 0;
    for (let round = 1; made < kills; round++) {
      tickets = await addWork(round, tickets);
      for (const flow of ["customers", "billing"] as const) {
        // Now and then a run is killed that was to mend what another kill had left.
        const times = Math.min(random() < 0.3 ? 2 : 1, kills - made);
        for (let time = 0; time < times; time++) {
          const ended = await runChild(flows[flow], momentOf(flow));
          made++;
          if (ended.killed) hit++;
          else whole[flow] = { ...whole[flow], tailMs: Math.min(whole[flow].tailMs, ended.tailMs) };
        }
      }
      await worlds.both((world) => world.sync());
      await worlds.both((world) => world.draft());
      expect(await endState(worlds.disturbed), `round ${round}`).toEqual(await endState(worlds.calm));
    }
    console.log(`random kills: ${hit} of ${made} runs were killed at work`);
    expect(made).toBe(kills);
    expect(hit).toBeGreaterThanOrEqual(Math.ceil(kills * 0.6));
  });
});
