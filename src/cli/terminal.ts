import { createInterface } from "node:readline";
import type { FlowContext, ProgressEvent } from "../model/index.ts";

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Where a command speaks: its answer on standard output, everything else on standard error. */
export interface Terminal {
  /** The answer: text for people, or one JSON document. */
  answer(text: () => string, json: unknown): void;
  /** A remark beside the answer; silent with --quiet. */
  remark(text: string): void;
  readonly context: FlowContext;
  /** Stops listening for signals and removes the progress line. */
  close(): void;
}

/** Aborts on SIGINT and SIGTERM; a second signal ends the process at once. */
export function openTerminal(options: OutputOptions): Terminal {
  const controller = new AbortController();
  const progress = progressLine(!options.quiet && process.stderr.isTTY);
  const remark = (text: string): void => {
    progress.clear();
    if (!options.quiet) process.stderr.write(`${text}\n`);
  };
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    // For who pressed a key; the service's log says it in its own way.
    if (process.stderr.isTTY) remark("Finishing what is in hand ... (once more ends at once)");
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return {
    answer: (text, json) => {
      progress.clear();
      process.stdout.write(options.json ? `${JSON.stringify(json)}\n` : text());
    },
    remark,
    context: { report: progress.show, signal: controller.signal },
    close: () => {
      progress.clear();
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    },
  };
}

/** One line that is written over; only on a terminal. */
function progressLine(visible: boolean): { show: (event: ProgressEvent) => void; clear: () => void } {
  let shown = false;
  return {
    show: (event) => {
      if (!visible) return;
      const count =
        event.done === undefined ? "" : ` ${event.done}${event.total === undefined ? "" : ` of ${event.total}`}`;
      process.stderr.write(`\r\u001B[K${event.flow}: ${event.step}${count}`);
      shown = true;
    },
    clear: () => {
      if (shown) process.stderr.write("\r\u001B[K");
      shown = false;
    },
  };
}

/** Asks on the terminal; without one the answer is no. */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await new Promise<string>((resolve) => lines.question(`${question} [y/N] `, resolve));
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}
