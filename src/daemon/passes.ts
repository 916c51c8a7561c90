import type { DaemonLog, Job } from "./job.ts";
import { type Ending, look, pass, passAtStart } from "./pass.ts";
import { type Soon, soon } from "./soon.ts";

/** A save in kivitendo is several statements, and people save in bursts. */
const changeLimits = { quietMs: 1_000, longestMs: 3_000 };

/** Before a pass that found database or helpdesk out of reach is tried again; after them the schedule has to do. */
const retryPausesMs = [5_000, 10_000, 20_000, 40_000, 80_000];

export interface Passes {
  /** A first pass; rejects with its ConfigError. */
  first(job: Job): Promise<void>;
  /** A look at the start, which is no pass. */
  look(job: Job): Promise<void>;
  /** A pass because the schedule says so; left out while one of the same job works or waits. */
  due(job: Job): void;
  /** A pass within seconds because something changed; after the one under way, which may not have seen it. */
  changed(job: Job): void;
  /** Begins no other pass; resolves when the one under way has ended. */
  end(): Promise<void>;
}

/** What is known of a job that watches for changes. */
interface Watching {
  readonly soon: Soon;
  /** Something changed while a pass was under way. */
  again: boolean;
  /** Passes tried again since one found everything within reach. */
  retries: number;
  retry: NodeJS.Timeout | undefined;
}

/** Runs one pass at a time, of whichever job and for whatever reason, in the order in which they became due. */
export function createPasses(log: DaemonLog, signal: AbortSignal): Passes {
  const waiting = new Set<string>();
  const watching = new Map<string, Watching>();
  let atWork: string | null = null;
  let queue: Promise<unknown> = Promise.resolve();
  let ended = false;

  const takeTurn = async (job: Job, run: typeof pass): Promise<void> => {
    try {
      if (ended || signal.aborted) return;
      atWork = job.name;
      forget(watching.get(job.name));
      const ending = await run(job, log, signal);
      if (job.watch !== undefined) tryAgain(ending, watchingOf(job), () => soonOrAgain(job));
    } finally {
      atWork = null;
      waiting.delete(job.name);
    }
    if (watching.get(job.name)?.again === true) soonOrAgain(job);
  };
  const enqueue = (job: Job, run: typeof pass): Promise<void> => {
    waiting.add(job.name);
    const turn = queue.then(() => takeTurn(job, run));
    queue = turn.catch(() => undefined);
    return turn;
  };
  const soonOrAgain = (job: Job): void => {
    if (ended || signal.aborted) return;
    if (atWork === job.name) watchingOf(job).again = true;
    // One that waits sees everything that has changed until it begins.
    else if (!waiting.has(job.name)) void enqueue(job, pass);
  };
  const watchingOf = (job: Job): Watching => {
    const known = watching.get(job.name);
    if (known !== undefined) return known;
    const made = { soon: soon(() => soonOrAgain(job), changeLimits), again: false, retries: 0, retry: undefined };
    watching.set(job.name, made);
    return made;
  };
  return {
    first: (job) => enqueue(job, passAtStart),
    look: (job) => enqueue(job, look),
    due: (job) => {
      if (signal.aborted) return;
      if (waiting.has(job.name)) log.warn({ job: job.name }, "pass left out: the one before is still under way");
      else void enqueue(job, pass);
    },
    changed: (job) => watchingOf(job).soon.because(),
    end: async () => {
      ended = true;
      for (const each of watching.values()) forget(each);
      await queue;
    },
  };
}

/** A pass that begins sees all that has changed before. */
function forget(watching: Watching | undefined): void {
  if (watching === undefined) return;
  watching.soon.forget();
  watching.again = false;
  clearTimeout(watching.retry);
}

/** What changed is still to be done, and the cause often passes in seconds: an upgrade's lock, a run typed by hand. */
function tryAgain(ending: Ending, watching: Watching, again: () => void): void {
  if (ending !== "out of reach") {
    watching.retries = 0;
    return;
  }
  const pause = retryPausesMs[watching.retries++];
  if (pause !== undefined) watching.retry = setTimeout(again, pause);
}
