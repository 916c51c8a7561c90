/** What of a logger is used here; pino's fits. Messages are constant, facts are fields. */
export interface HelpdeskLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const silentLog: HelpdeskLog = { debug: ignore, info: ignore, warn: ignore };

function ignore(): void {
  // Nobody listens.
}
