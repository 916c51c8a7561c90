/** The daemon's loop on real schedules; node-cron takes a sixth field for seconds, which the configuration does not. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkSchedules, runDaemon } from "../../src/daemon/index.ts";
import type { Job } from "../../src/daemon/index.ts";
import { BugError, ConfigError, UnavailableError } from "../../src/model/index.ts";

const everySecond = "* * * * * *";
const onceAYear = "59 23 31 12 *";

let stop: AbortController;
let lines: { level: string; message: string; job?: string; kind?: string; hint?: string }[];
beforeEach(() => {
  stop = new AbortController();
  lines = [];
});
afterEach(() => stop.abort());

const log = {
  info: (facts: object, message: string) => void lines.push({ level: "info", message, ...facts }),
  warn: (facts: object, message: string) => void lines.push({ level: "warn", message, ...facts }),
  error: (facts: object, message: string) => void lines.push({ level: "error", message, ...facts }),
};

function daemon(...jobs: readonly Job[]): Promise<void> {
  return runDaemon({ jobs, timeZone: "Europe/Berlin", log, signal: stop.signal });
}

function job(name: string, schedule: string, run: Job["run"], atStart = false): Job {
  return { name, schedule, atStart, run };
}

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !condition(); await sleep(20)) {
    if (Date.now() > deadline) throw new Error(`waited too long: ${JSON.stringify(lines)}`);
  }
}

function told(message: string): typeof lines {
  return lines.filter((line) => line.message === message);
}

function fails(): Promise<never> {
  return Promise.reject(new ConfigError("A setting is wrong.", "Correct it."));
}

/** How many passes work at once. */
function counter(): { readonly run: (milliseconds: number) => Promise<object>; passes: number; most: number } {
  let now = 0;
  const count = {
    passes: 0,
    most: 0,
    run: async (milliseconds: number): Promise<object> => {
      count.passes += 1;
      count.most = Math.max(count.most, ++now);
      await sleep(milliseconds);
      now -= 1;
      return {};
    },
  };
  return count;
}

describe("schedules", () => {
  test("passes come by the schedule, and the next moment is told", async () => {
    const passes: number[] = [];
    const ended = daemon(job("a", everySecond, () => Promise.resolve({ pass: passes.push(Date.now()) })));
    await until(() => passes.length >= 2);
    stop.abort();
    await ended;
    expect(lines[0]).toEqual({
      level: "info",
      message: "scheduled",
      job: "a",
      next: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/),
    });
    expect(told("pass done")[0]).toMatchObject({ job: "a", pass: 1, durationMs: expect.any(Number) });
    expect(lines.slice(-2).map(({ message }) => message)).toEqual([
      "stopping: the pass under way finishes the record in hand",
      "stopped",
    ]);
  });

  test("a job that is off never runs; with nothing else the daemon waits to be stopped", async () => {
    let passes = 0;
    const ended = daemon(job("a", "off", () => Promise.resolve({ pass: (passes += 1) }), true));
    expect(await Promise.race([ended.then(() => "ended"), sleep(1200).then(() => "waiting")])).toBe("waiting");
    stop.abort();
    await ended;
    expect(passes).toBe(0);
  });

  test("a pass that is still under way keeps the next one of its job away", async () => {
    const count = counter();
    const ended = daemon(job("a", everySecond, () => count.run(2500)));
    await until(() => told("pass left out: the one before is still under way").length > 0 && count.passes >= 2);
    stop.abort();
    await ended;
    expect(count.most).toBe(1);
  });

  test("two jobs take turns", async () => {
    const count = counter();
    const names: string[] = [];
    const run = (name: string) => (): Promise<object> => {
      names.push(name);
      return count.run(400);
    };
    const ended = daemon(job("a", everySecond, run("a")), job("b", everySecond, run("b")));
    await until(() => names.length >= 4);
    stop.abort();
    await ended;
    expect(count.most).toBe(1);
    expect(new Set(names)).toEqual(new Set(["a", "b"]));
  });

  test.each([
    { schedules: { "schedule.customers": "*/5 * * * *", "schedule.billing": "off" }, problems: [] },
    { schedules: { "schedule.customers": "61 * * * *", "schedule.billing": "off" }, problems: ["schedule.customers"] },
    { schedules: { "schedule.customers": "off", "schedule.billing": "0 0 31 2 *" }, problems: ["schedule.billing"] },
    {
      schedules: { "schedule.customers": "x * * * *", "schedule.billing": "0 0 * 13 *" },
      problems: ["schedule.customers", "schedule.billing"],
    },
  ])("$schedules", ({ schedules, problems }) => {
    let message = "";
    try {
      checkSchedules(schedules);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      message = error instanceof Error ? error.message : "";
    }
    expect(
      message
        .split("\n")
        .filter(Boolean)
        .map((line) => line.split(":")[0]),
    ).toEqual(problems);
  });
});

describe("errors of a pass", () => {
  test.each([
    { error: new UnavailableError("down", "wait"), level: "warn", message: "out of reach: the next pass tries again" },
    {
      error: new ConfigError("wrong", "mend"),
      level: "warn",
      message: "pass ended without success: an operator is needed",
    },
    { error: new BugError("odd"), level: "error", message: "pass failed: fault in the program" },
    { error: new TypeError("odd"), level: "error", message: "pass failed: fault in the program" },
  ])("$error.name is told and the next pass comes", async ({ error, level, message }) => {
    let passes = 0;
    const ended = daemon(
      job("a", everySecond, () => {
        passes += 1;
        return passes === 1 ? Promise.reject(error) : Promise.resolve({});
      }),
    );
    await until(() => told("pass done").length > 0);
    stop.abort();
    await ended;
    expect(told(message)[0]).toMatchObject({ level, job: "a", kind: error.name, reason: error.message });
  });

  test("a ConfigError of the first pass ends the daemon before anything is scheduled", async () => {
    const wrong = new ConfigError("wrong", "mend");
    await expect(daemon(job("a", everySecond, () => Promise.reject(wrong), true))).rejects.toBe(wrong);
    expect(told("scheduled")).toEqual([]);
  });

  test("any other error of the first pass does not", async () => {
    const ended = daemon(job("a", onceAYear, () => Promise.reject(new UnavailableError("down", "wait")), true));
    await until(() => told("scheduled").length === 1);
    stop.abort();
    await ended;
    expect(told("out of reach: the next pass tries again")).toMatchObject([{ hint: "wait" }]);
  });
});

describe("stopping", () => {
  test("waits for the pass under way, and begins no other one", async () => {
    let done = 0;
    let begun = 0;
    const slow = async (): Promise<object> => {
      begun += 1;
      await sleep(1500);
      done += 1;
      return {};
    };
    const ended = daemon(job("a", everySecond, slow), job("b", everySecond, slow));
    await until(() => begun === 1);
    await sleep(200);
    stop.abort();
    expect(done).toBe(0);
    await ended;
    await sleep(1500);
    expect([begun, done]).toEqual([1, 1]);
  });

  test("what a job looks at when the daemon starts is no pass, and what is wrong ends nothing", async () => {
    const looked = { ...job("a", onceAYear, () => Promise.reject(new Error("must not run"))), look: fails };
    const ended = daemon(
      job("b", onceAYear, () => Promise.resolve({}), true),
      looked,
      { ...looked, name: "off", schedule: "off" },
    );
    await until(() => told("scheduled").length === 2);
    stop.abort();
    await ended;
    expect(lines.slice(0, 2)).toMatchObject([
      { message: "first pass done", job: "b" },
      { level: "warn", job: "a", kind: "ConfigError", hint: "Correct it." },
    ]);
    expect(lines.filter((line) => line.job === "off")).toEqual([]);
  });

  test("during the first pass: it is told as interrupted, and nothing is scheduled", async () => {
    const first = job(
      "a",
      everySecond,
      async (signal) => {
        setTimeout(() => stop.abort(), 50);
        await sleep(60_000, undefined, { signal });
        return {};
      },
      true,
    );
    await daemon(
      first,
      job("b", everySecond, () => Promise.reject(new Error("must not run")), true),
    );
    expect(lines.map(({ message }) => message)).toEqual([
      "pass interrupted",
      "stopping: the pass under way finishes the record in hand",
      "stopped",
    ]);
  });
});
