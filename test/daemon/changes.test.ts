/** A job that watches for changes, in the daemon's loop; its limits in seconds are the real ones. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runDaemon } from "../../src/daemon/index.ts";
import type { Job } from "../../src/daemon/index.ts";
import { ConfigError, UnavailableError } from "../../src/model/index.ts";

const onceAYear = "59 23 31 12 *";

let stop: AbortController;
let messages: string[];
let changed: () => void;
let closed: number;
/** Moments at which passes began, in milliseconds since the start. */
let begun: { job: string; at: number }[];
let atOnce: number;
let mostAtOnce: number;
let start: number;
beforeEach(() => {
  stop = new AbortController();
  messages = [];
  closed = 0;
  begun = [];
  atOnce = 0;
  mostAtOnce = 0;
  start = performance.now();
  changed = () => {
    throw new Error("nobody watches");
  };
});
afterEach(() => stop.abort());

const say = (_facts: object, message: string): void => void messages.push(message);

function daemon(...jobs: readonly Job[]): Promise<void> {
  return runDaemon({ jobs, timeZone: "Europe/Berlin", log: { info: say, warn: say, error: say }, signal: stop.signal });
}

/** A job whose passes take some time, or fail. */
function job(name: string, changes: Partial<Job> = {}, work: () => Promise<unknown> = () => sleep(10)): Job {
  return {
    name,
    schedule: onceAYear,
    atStart: true,
    ...changes,
    run: async () => {
      begun.push({ job: name, at: performance.now() - start });
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      try {
        await work();
      } finally {
        atOnce--;
      }
      return {};
    },
  };
}

const watch: Job["watch"] = (told) => {
  changed = told;
  return Promise.resolve({
    close: () => {
      closed++;
      return Promise.resolve();
    },
  });
};

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !condition(); await sleep(5)) {
    if (Date.now() > deadline) throw new Error(`waited too long: ${JSON.stringify([messages, begun])}`);
  }
}

async function started(...jobs: readonly Job[]): Promise<Promise<void>[]> {
  const running = daemon(...jobs);
  await until(() => messages.includes("scheduled"));
  return [running];
}

describe("a change", () => {
  test("leads to one pass, however many come in a burst", async () => {
    const [ended] = await started(job("a", { watch }));
    for (let times = 0; times < 50; times++) changed();
    await until(() => begun.length === 2);
    await sleep(1500);
    expect(begun).toHaveLength(2);
    stop.abort();
    await ended;
    expect(closed).toBe(1);
  });

  test("during a pass leads to one more pass after it, never beside it", async () => {
    const [ended] = await started(job("a", { watch, atStart: false }, () => sleep(3_000)));
    changed();
    await until(() => begun.length === 1);
    changed();
    await sleep(100);
    changed();
    await until(() => begun.length === 2);
    await sleep(4_500);
    expect([begun.length, mostAtOnce]).toEqual([2, 1]);
    expect(messages).not.toContain("pass left out: the one before is still under way");
    stop.abort();
    await ended;
  });

  test("during another job's pass waits for its turn, once", async () => {
    const slow = job("slow", { schedule: "* * * * * *", atStart: false }, () => sleep(2_500));
    const [ended] = await started(job("a", { watch, atStart: false }), slow);
    await until(() => begun.length === 1);
    changed();
    await sleep(1_200);
    changed();
    await until(() => begun.some(({ job: name }) => name === "a"));
    await sleep(1_500);
    expect(begun.filter(({ job: name }) => name === "a")).toHaveLength(1);
    expect(mostAtOnce).toBe(1);
    stop.abort();
    await ended;
  });

  test("during the first passes waits for them", async () => {
    const ended = daemon(
      job("a", { watch }),
      job("b", {}, () => sleep(2_000)),
    );
    await until(() => begun.length === 2);
    changed();
    await until(() => begun.length === 3);
    expect([begun.map(({ job: name }) => name), mostAtOnce]).toEqual([["a", "b", "a"], 1]);
    stop.abort();
    await ended;
  });

  test("seen by a pass that begins for another reason leads to no pass of its own", async () => {
    const [ended] = await started(job("a", { watch, schedule: "* * * * * *", atStart: false }));
    const stream = setInterval(() => changed(), 50);
    await sleep(4_000);
    clearInterval(stream);
    // One a second by the schedule; the changes would add more.
    expect(begun.length).toBeLessThanOrEqual(5);
    stop.abort();
    await ended;
  });
});

describe("a pass over changes that found something out of reach", () => {
  test("is tried again after seconds; a job without a watch waits for its schedule", async () => {
    let passes = 0;
    const [ended] = await started(
      job("b", {}, () => Promise.reject(new UnavailableError("down", "wait"))),
      job("a", { watch, atStart: false }, () =>
        ++passes === 1 ? Promise.reject(new UnavailableError("locked", "wait")) : Promise.resolve(),
      ),
    );
    changed();
    await until(() => passes === 2);
    const [first, second] = begun.filter(({ job: name }) => name === "a");
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(4_500);
    stop.abort();
    await ended;
    expect(begun.filter(({ job: name }) => name === "b")).toHaveLength(1);
    expect(messages.filter((message) => /pass/.test(message)).slice(0, 3)).toEqual([
      "out of reach: the next pass tries again",
      "out of reach: the next pass tries again",
      "pass done",
    ]);
  });

  test("does not keep the daemon from stopping", async () => {
    const [ended] = await started(job("a", { watch }, () => Promise.reject(new UnavailableError("down", "wait"))));
    stop.abort();
    await ended;
    await sleep(5_500);
    expect(begun).toHaveLength(1);
  });
});

describe("the watch", () => {
  test("of a job that is off does not begin", async () => {
    const ended = daemon(job("a", { watch, schedule: "off" }), job("b"));
    await until(() => messages.includes("scheduled"));
    expect(() => changed()).toThrow("nobody watches");
    stop.abort();
    await ended;
  });

  test("is closed when the first pass ends the daemon, and no other pass begins", async () => {
    const wrong = new ConfigError("wrong", "mend");
    const failing = job("a", { watch }, async () => {
      changed();
      await sleep(1_500);
      throw wrong;
    });
    await expect(daemon(failing)).rejects.toBe(wrong);
    expect(closed).toBe(1);
    await sleep(1_500);
    expect(begun).toHaveLength(1);
  });

  test("is closed before the pass under way has ended, and tells nothing after the stop", async () => {
    const [ended] = await started(job("a", { watch, atStart: false }, () => sleep(2_000)));
    changed();
    await until(() => begun.length === 1);
    changed();
    stop.abort();
    await until(() => closed === 1);
    expect(atOnce).toBe(1);
    await ended;
    changed();
    await sleep(1_500);
    expect([begun.length, atOnce]).toEqual([1, 0]);
  });
});
