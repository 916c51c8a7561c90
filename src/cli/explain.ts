import { BugError, ConfigError, RefusedError, RejectedError, UnavailableError } from "../model/index.ts";

/** Exit codes of every command; documented in README.md. */
export const exitCodes = {
  done: 0,
  fault: 1,
  usage: 2,
  partial: 3,
  refused: 4,
  unavailable: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface Explanation {
  readonly exitCode: ExitCode;
  /** Name of the class, for `--json`. */
  readonly kind: string;
  /** What happened. */
  readonly message: string;
  /** What to do or type next. */
  readonly hint: string;
}

/** Turns any error into what happened, what to do next, and the exit code. The one place that does so. */
export function explain(error: unknown): Explanation {
  if (isAbort(error)) {
    return {
      exitCode: exitCodes.interrupted,
      kind: "Interrupted",
      message: "Interrupted; what was in hand has been recorded.",
      hint: "Run the same command again to go on.",
    };
  }
  const known = exitCodeOf(error);
  if (known !== null && error instanceof Error && "hint" in error) {
    return { exitCode: known, kind: error.name, message: error.message, hint: String(error.hint) };
  }
  return {
    exitCode: exitCodes.fault,
    kind: "BugError",
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    hint: "This is a fault in the program: please report it with this text.",
  };
}

function exitCodeOf(error: unknown): ExitCode | null {
  if (error instanceof ConfigError) return exitCodes.usage;
  if (error instanceof RejectedError) return exitCodes.partial;
  if (error instanceof RefusedError) return exitCodes.refused;
  if (error instanceof UnavailableError) return exitCodes.unavailable;
  if (error instanceof BugError) return exitCodes.fault;
  return null;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
