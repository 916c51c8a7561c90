import { ConfigError } from "../model/index.ts";
import type { DaemonLog, Job } from "./job.ts";

/** How a pass ended; what failed has been told. */
export type Ending = "done" | "out of reach" | "failed";

/** One pass; its errors are told. */
export async function pass(job: Job, log: DaemonLog, signal: AbortSignal): Promise<Ending> {
  const started = performance.now();
  try {
    const facts = await job.run(signal);
    log.info({ job: job.name, durationMs: Math.round(performance.now() - started), ...facts }, "pass done");
    return "done";
  } catch (error) {
    return tell(job, error, log);
  }
}

/** Like any pass, but what only an operator can mend before the start ends the daemon. */
export async function passAtStart(job: Job, log: DaemonLog, signal: AbortSignal): Promise<Ending> {
  try {
    const facts = await job.run(signal);
    log.info({ job: job.name, ...facts }, "first pass done");
    return "done";
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    return tell(job, error, log);
  }
}

/** Before the start is over; what is wrong is told and ends nothing. */
export async function look(job: Job, log: DaemonLog, signal: AbortSignal): Promise<Ending> {
  try {
    const facts = await job.run(signal);
    log.info({ job: job.name, ...facts }, "settings looked at");
    return "done";
  } catch (error) {
    return tell(job, error, log);
  }
}

/** An error of one pass is told with what to do; the next pass tries again. */
function tell(job: Job, error: unknown, log: DaemonLog): Ending {
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
  return facts.kind === "UnavailableError" ? "out of reach" : "failed";
}
