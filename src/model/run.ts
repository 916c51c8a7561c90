import { RefusedError } from "./errors.ts";
import type { RunId } from "./ids.ts";

/** How a run ended, as it is recorded in `otrs_bridge.runs`. */
export interface RunEnd {
  readonly finishedAt: Temporal.Instant;
  readonly status: "done" | "partial" | "refused" | "failed" | "interrupted";
  /** The same figures that `--json` prints. */
  readonly summary: unknown;
  readonly error: string | null;
}

/** What a flow needs to record a run. */
export interface RunRecorder {
  readonly start: () => Promise<RunId>;
  readonly finish: (run: RunId, end: RunEnd) => Promise<void>;
  readonly now: () => Temporal.Instant;
}

/** What came of the work of one run. */
export interface RunResult<T> {
  readonly report: T;
  readonly status: "done" | "partial";
  readonly summary: unknown;
}

/** A check before anything is written; when it refuses, the run that did not take place is recorded with the reason. */
export async function recordRefusal<T>(
  check: () => Promise<T>,
  record: (refusal: { readonly at: Temporal.Instant; readonly reason: string }) => Promise<void>,
  now: () => Temporal.Instant,
): Promise<T> {
  try {
    return await check();
  } catch (error) {
    // The refusal says more than an error of recording it.
    if (error instanceof RefusedError) await record({ at: now(), reason: error.message }).catch(() => undefined);
    throw error;
  }
}

/**
 * Opens a run, does its work and records how it ended, whatever happens. After an abort the work returns with what it has
 * done; that is recorded, and the signal's reason is thrown.
 */
export async function recordRun<T>(
  recorder: RunRecorder,
  signal: AbortSignal,
  work: (run: RunId) => Promise<RunResult<T>>,
): Promise<T> {
  const run = await recorder.start();
  const finish = (end: Omit<RunEnd, "finishedAt">): Promise<void> =>
    recorder.finish(run, { finishedAt: recorder.now(), ...end });
  let result: RunResult<T>;
  try {
    result = await work(run);
  } catch (error) {
    const status = signal.aborted ? "interrupted" : "failed";
    // The error of the work says more than one of recording it; a run without an end shows as not finished.
    await finish({ status, summary: null, error: String(error) }).catch(() => undefined);
    throw error;
  }
  const status = signal.aborted ? "interrupted" : result.status;
  await finish({ status, summary: result.summary, error: null });
  signal.throwIfAborted();
  return result.report;
}
