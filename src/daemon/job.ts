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
  /** Looked at when the daemon starts, after the first passes; does nothing that a pass does. */
  readonly look?: () => Promise<object>;
  /** Begins to call `changed` whenever there is something to do before the schedule says so. */
  readonly watch?: (changed: () => void) => Promise<Watch>;
}

export interface Watch {
  close(): Promise<void>;
}
