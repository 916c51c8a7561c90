import { createTask, schedule, validateDetailed } from "node-cron";
import type { ScheduledTask } from "node-cron";
import { ConfigError } from "../model/index.ts";
import type { DaemonLog, Job, Watch } from "./job.ts";
import { createPasses, type Passes } from "./passes.ts";

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
 * Runs the jobs by their schedules and watches until the signal, one pass at a time: a pass that is due while another
 * job works waits, one that is due by schedule while the same job works or waits is left out. Resolves when everything
 * has ended.
 */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { log, signal } = options;
  const active = options.jobs.filter((job) => job.schedule !== "off");
  const passes = createPasses(log, signal);
  const watches: Watch[] = [];
  const tasks: ScheduledTask[] = [];
  try {
    // Before the first passes, so that nothing changes unseen between a pass and the watch.
    for (const job of active) {
      if (job.watch !== undefined && !signal.aborted) watches.push(await job.watch(() => passes.changed(job)));
    }
    for (const job of active.filter((candidate) => candidate.atStart)) await passes.first(job);
    for (const job of active) if (job.look !== undefined) await passes.look({ ...job, run: job.look });
    if (!signal.aborted) tasks.push(...active.map((job) => scheduled(job, passes, options)));
    for (const task of tasks) log.info({ job: task.name, next: task.getNextRun()?.toISOString() }, "scheduled");
    await untilAborted(signal);
    log.info({}, "stopping: the pass under way finishes the record in hand");
  } finally {
    for (const watch of watches) await watch.close();
    for (const task of tasks) await task.destroy();
    await passes.end();
  }
  log.info({}, "stopped");
}

function scheduled(job: Job, passes: Passes, { timeZone }: DaemonOptions): ScheduledTask {
  return schedule(job.schedule, () => passes.due(job), { timezone: timeZone, name: job.name });
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
