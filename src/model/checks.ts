import { ConfigError, RefusedError, RejectedError, UnavailableError } from "./errors.ts";

/** Looks at one thing; throws the error that says what is wrong with it. */
export type Check = () => unknown;

/** What is wrong, and what to do about it. */
export type Finding = ConfigError | RefusedError | RejectedError | UnavailableError;

/**
 * Carries them out one after the other and collects what they find; faults of the program are thrown. For checks of one
 * side: when it is out of reach the rest are left out, because each would wait as long.
 */
export async function findingsOf(checks: readonly Check[]): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const check of checks) {
    try {
      await check();
    } catch (error) {
      if (!isFinding(error)) throw error;
      found.push(error);
      if (error instanceof UnavailableError) break;
    }
  }
  return found;
}

function isFinding(error: unknown): error is Finding {
  return [ConfigError, RefusedError, RejectedError, UnavailableError].some((kind) => error instanceof kind);
}
