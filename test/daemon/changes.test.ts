/**
 * A job that watches for changes, in the daemon's loop; its limits in seconds are the real ones. The tests wait most of the
 * time, so they do it side by side, each on a stage of its own.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test as base } from "vitest";
import { runDaemon } from "../../src/daemon/index.ts";
import type { Job } from "../../src/daemon/index.ts";
import { ConfigError, UnavailableError } from "../../src/model/index.ts";

const onceAYear = "59 23 31 12 *";

/** A daemon that a test runs, and what became of it. */
class Stage {
  readonly stop = new AbortController();
  readonly messages: string[] = [];
  /** Moments at which passes began, in milliseconds since the start. */
  readonly begun: { job: string; at: number }[] = [];
  readonly #start = performance.now();
  closed = 0;
  atOnce = 0;
  mostAtOnce = 0;
  changed = (): void => {
    throw new Error("nobody watches");
  };

  readonly watch: NonNullable<Job["watch"]> = (told) => {
    this.changed = told;
    return Promise.resolve({
      close: () => {
        this.closed++;
        return Promise.resolve();
      },
    });
  };

  daemon(...jobs: readonly Job[]): Promise<void> {
    const say = (_facts: object, message: string): void => void this.messages.push(message);
    const log = { info: say, warn: say, error: say };
    return runDaemon({ jobs, timeZone: "Europe/Berlin", log, signal: this.stop.signal });
  }

  /** A job whose passes take some time, or fail. */
  job(name: string, changes: Partial<Job> = {}, work: () => Promise<unknown> = () => sleep(10)): Job {
    return {
      name,
      schedule: onceAYear,
      atStart: true,
      ...changes,
      run: async () => {
        this.begun.push({ job: name, at: performance.now() - this.#start });
        this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
        try {
          await work();
        } finally {
          this.atOnce--;
        }
        return {};
      },
    };
  }

  async until(condition: () => boolean): Promise<void> {
    for (const deadline = Date.now() + 20_000; !condition(); await sleep(5)) {
      if (Date.now() > deadline) throw new Error(`waited too long: ${JSON.stringify([this.messages, this.begun])}`);
    }
  }

  async started(...jobs: readonly Job[]): Promise<Promise<void>[]> {
    const running = this.daemon(...jobs);
    await this.until(() => this.messages.includes("scheduled"));
    return [running];
  }
}

const test = base.extend<{ on: Stage }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest asks for a pattern
  on: async ({}, use) => {
    const stage = new Stage();
    await use(stage);
    stage.stop.abort();
  },
});

describe.concurrent("a change", () => {
  test("leads to one pass, however many come in a burst", async ({ on }) => {
    const [ended] = await on.started(on.job("a", { watch: on.watch }));
    for (let times = 0; times < 50; times++) on.changed();
    await on.until(() => on.begun.length === 2);
    await sleep(1500);
    expect(on.begun).toHaveLength(2);
    on.stop.abort();
    await ended;
    expect(on.closed).toBe(1);
  });

  test("during a pass leads to one more pass after it, never beside it", async ({ on }) => {
    const [ended] = await on.started(on.job("a", { watch: on.watch, atStart: false }, () => sleep(3_000)));
    on.changed();
    await on.until(() => on.begun.length === 1);
    on.changed();
    await sleep(100);
    on.changed();
    await on.until(() => on.begun.length === 2);
    await sleep(4_500);
    expect([on.begun.length, on.mostAtOnce]).toEqual([2, 1]);
    expect(on.messages).not.toContain("pass left out: the one before is still under way");
    on.stop.abort();
    await ended;
  });

  test("during another job's pass waits for its turn, once", async ({ on }) => {
    const slow = on.job("slow", { schedule: "* * * * * *", atStart: false }, () => sleep(2_500));
    const [ended] = await on.started(on.job("a", { watch: on.watch, atStart: false }), slow);
    await on.until(() => on.begun.length === 1);
    on.changed();
    await sleep(1_200);
    on.changed();
    await on.until(() => on.begun.some(({ job: name }) => name === "a"));
    await sleep(1_500);
    expect(on.begun.filter(({ job: name }) => name === "a")).toHaveLength(1);
    expect(on.mostAtOnce).toBe(1);
    on.stop.abort();
    await ended;
  });

  test("during the first passes waits for them", async ({ on }) => {
    const ended = on.daemon(
      on.job("a", { watch: on.watch }),
      on.job("b", {}, () => sleep(2_000)),
    );
    await on.until(() => on.begun.length === 2);
    on.changed();
    await on.until(() => on.begun.length === 3);
    expect([on.begun.map(({ job: name }) => name), on.mostAtOnce]).toEqual([["a", "b", "a"], 1]);
    on.stop.abort();
    await ended;
  });

  test("seen by a pass that begins for another reason leads to no pass of its own", async ({ on }) => {
    const [ended] = await on.started(on.job("a", { watch: on.watch, schedule: "* * * * * *", atStart: false }));
    const stream = setInterval(() => on.changed(), 50);
    await sleep(4_000);
    clearInterval(stream);
    // One a second by the schedule; the changes would add more.
    expect(on.begun.length).toBeLessThanOrEqual(5);
    on.stop.abort();
    await ended;
  });
});

describe.concurrent("a pass over changes that found something out of reach", () => {
  test("is tried again after seconds; a job without a watch waits for its schedule", async ({ on }) => {
    let passes = 0;
    const [ended] = await on.started(
      on.job("b", {}, () => Promise.reject(new UnavailableError("down", "wait"))),
      on.job("a", { watch: on.watch, atStart: false }, () =>
        ++passes === 1 ? Promise.reject(new UnavailableError("locked", "wait")) : Promise.resolve(),
      ),
    );
    on.changed();
    await on.until(() => passes === 2);
    const [first, second] = on.begun.filter(({ job: name }) => name === "a");
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(4_500);
    on.stop.abort();
    await ended;
    expect(on.begun.filter(({ job: name }) => name === "b")).toHaveLength(1);
    expect(on.messages.filter((message) => /pass/.test(message)).slice(0, 3)).toEqual([
      "out of reach: the next pass tries again",
      "out of reach: the next pass tries again",
      "pass done",
    ]);
  });

  test("does not keep the daemon from stopping", async ({ on }) => {
    const [ended] = await on.started(
      on.job("a", { watch: on.watch }, () => Promise.reject(new UnavailableError("down", "wait"))),
    );
    on.stop.abort();
    await ended;
    await sleep(5_500);
    expect(on.begun).toHaveLength(1);
  });
});

describe.concurrent("the watch", () => {
  test("of a job that is off does not begin", async ({ on }) => {
    const ended = on.daemon(on.job("a", { watch: on.watch, schedule: "off" }), on.job("b"));
    await on.until(() => on.messages.includes("scheduled"));
    expect(() => on.changed()).toThrow("nobody watches");
    on.stop.abort();
    await ended;
  });

  test("is closed when the first pass ends the daemon, and no other pass begins", async ({ on }) => {
    const wrong = new ConfigError("wrong", "mend");
    const failing = on.job("a", { watch: on.watch }, async () => {
      on.changed();
      await sleep(1_500);
      throw wrong;
    });
    await expect(on.daemon(failing)).rejects.toBe(wrong);
    expect(on.closed).toBe(1);
    await sleep(1_500);
    expect(on.begun).toHaveLength(1);
  });

  test("is closed before the pass under way has ended, and tells nothing after the stop", async ({ on }) => {
    const [ended] = await on.started(on.job("a", { watch: on.watch, atStart: false }, () => sleep(2_000)));
    on.changed();
    await on.until(() => on.begun.length === 1);
    on.changed();
    on.stop.abort();
    await on.until(() => on.closed === 1);
    expect(on.atOnce).toBe(1);
    await ended;
    on.changed();
    await sleep(1_500);
    expect([on.begun.length, on.atOnce]).toEqual([1, 0]);
  });
});
