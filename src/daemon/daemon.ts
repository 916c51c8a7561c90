import { createTask, schedule, validateDetailed } from "node-cron";
import type { ScheduledTask } from "node-cron";
import { ConfigError } from "../model/index.ts";

/** The part of a logger that the daemon uses: facts first, then a constant message. */
export interface DaemonLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface Job {
  readonly name: string;
  /** Five cron fields, or `off`. */
  readonly schedule: string;
  /** Whether it also runs when the daemon starts; its ConfigError then ends the daemon. */
  readonly atStart: boolean;
  /** One pass; throws the shared classes of error. */
  readonly run: (signal: AbortSignal) => Promise<object>;
}

export interface DaemonOptions {
  readonly jobs: readonly Job[];
  /** IANA zone of the schedules. */
  readonly timeZone: string;
  readonly log: DaemonLog;
  /** Aborted to stop: the pass under way finishes the record in hand. */
  readonly signal: AbortSignal;
}

/** Throws one ConfigError that names every setting whose schedule is not one. */
export function checkSchedules(schedules: Readonly<Record<string, string>>): void {
  const problems = Object.entries(schedules).flatMap(([setting, expression]) => {
    if (expression === "off") return [];
    const reason = whyNoSchedule(expression);
    return reason === null ? [] : [`${setting}: "${expression}" is not a schedule (${reason}).`];
  });
  if (problems.length === 0) return;
  throw new ConfigError(
    problems.join("\n"),
    'Write five cron fields such as "*/5 * * * *" (minute hour day month weekday), or off.',
  );
}

function whyNoSchedule(expression: string): string | null {
  const result = validateDetailed(expression);
  if (!result.valid) return result.errors.map((error) => error.message).join("; ");
  try {
    // Finds what the validation lets through: a day that no month has, such as 31 February.
    void createTask(expression, () => undefined).destroy();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Runs the jobs by their schedules until the signal, one pass at a time: a pass that is due while another job works
 * waits, one that is due while the same job works or waits is left out. Resolves when everything has ended.
 */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { log, signal } = options;
  const active = options.jobs.filter((job) => job.schedule !== "off");
  const waiting = new Set<string>();
  let queue: Promise<void> = Promise.resolve();

  const enqueue = (job: Job): void => {
    if (signal.aborted) return;
    if (waiting.has(job.name)) {
      log.warn({ job: job.name }, "pass left out: the one before is still under way");
      return;
    }
    waiting.add(job.name);
    queue = queue.then(() => pass(job, options)).finally(() => waiting.delete(job.name));
  };

  for (const job of active.filter((candidate) => candidate.atStart)) await passAtStart(job, options);
  const tasks = signal.aborted
    ? []
    : active.map((job) => schedule(job.schedule, () => enqueue(job), { timezone: options.timeZone, name: job.name }));
  for (const task of tasks) log.info({ job: task.name, next: task.getNextRun()?.toISOString() }, "scheduled");
  await untilAborted(signal);
  log.info({}, "stopping: the pass under way finishes the record in hand");
  await stopAll(tasks);
  await queue;
  log.info({}, "stopped");
}

async function pass(job: Job, { log, signal }: DaemonOptions): Promise<void> {
  if (signal.aborted) return;
  const started = performance.now();
  try {
    const facts = await job.run(signal);
    log.info({ job: job.name, durationMs: Math.round(performance.now() - started), ...facts }, "pass done");
  } catch (error) {
    tell(job, error, log);
  }
}

/** Like any pass, but what only an operator can mend before the start ends the daemon. */
async function passAtStart(job: Job, options: DaemonOptions): Promise<void> {
  if (options.signal.aborted) return;
  try {
    const facts = await job.run(options.signal);
    options.log.info({ job: job.name, ...facts }, "first pass done");
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    tell(job, error, options.log);
  }
}

/** An error of one pass is told with what to do; the next pass tries again. */
function tell(job: Job, error: unknown, log: DaemonLog): void {
  const facts = {
    job: job.name,
    kind: error instanceof Error ? error.name : "unknown",
    reason: error instanceof Error ? error.message : String(error),
    hint: error instanceof Error && "hint" in error ? error.hint : undefined,
  };
  if (facts.kind === "AbortError") log.info({ job: job.name }, "pass interrupted");
  else if (facts.kind === "UnavailableError") log.warn(facts, "out of reach: the next pass tries again");
  else if (facts.kind === "BugError" || facts.hint === undefined)
    log.error(
      { ...facts, stack: error instanceof Error ? error.stack : undefined },
      "pass failed: fault in the program",
    );
  else log.warn(facts, "pass ended without success: an operator is needed");
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  // A pending promise does not keep the process alive, the timer does: with all schedules off there is nothing else.
  const awake = setInterval(() => undefined, 60_000);
  return new Promise((resolve) => {
    signal.addEventListener(
      "abort",
      () => {
        clearInterval(awake);
        resolve();
      },
      { once: true },
    );
  });
}

async function stopAll(tasks: readonly ScheduledTask[]): Promise<void> {
  for (const task of tasks) await task.destroy();
}
