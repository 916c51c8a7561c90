/**
 * The shared classes of error. Each names who must act; `src/cli/explain.ts` turns them into sentences and exit codes.
 *
 * | class              | who acts                        | exit |
 * |--------------------|---------------------------------|------|
 * | `ConfigError`      | the operator, before the start  | 2    |
 * | `RefusedError`     | the operator: a guard said no   | 4    |
 * | `MovedError`       | nobody: a run makes it anew     | 3, 4 |
 * | `UnavailableError` | nobody yet: tried again later   | 5    |
 * | `RejectedError`    | the operator, for one record    | 3    |
 * | `BugError`         | the developers                  | 1    |
 */
abstract class BridgeError extends Error {
  /** What to do or type next, as a full sentence. */
  readonly hint: string;
  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** Wrong use, configuration or set-up; nothing was written. */
export class ConfigError extends BridgeError {
  override readonly name = "ConfigError";
}

/** A guard refused the run before anything was written. */
export class RefusedError extends BridgeError {
  override readonly name = "RefusedError";
}

/** What one record was made from changed meanwhile: that one was not written, and the next run makes it anew. */
export class MovedError extends RefusedError {}

/** kivitendo or the helpdesk is out of reach; the next run tries again. */
export class UnavailableError extends BridgeError {
  override readonly name = "UnavailableError";
}

/** One record was refused; the others go on. */
export class RejectedError extends BridgeError {
  override readonly name = "RejectedError";
}

/** The other side answered against its contract, or we broke a rule of our own. */
export class BugError extends BridgeError {
  override readonly name = "BugError";
  constructor(message: string, options?: ErrorOptions) {
    super(message, "This is a fault in the program: please report it with the log of this run.", options);
  }
}
