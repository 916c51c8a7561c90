import { pino } from "pino";

/** Constant message, facts as fields; the part of pino that we use. */
export type Logger = Pick<pino.Logger, "debug" | "info" | "warn" | "error">;

/** JSON lines on standard error; standard output belongs to the command's answer. */
export function createLogger(level: "debug" | "info" | "warn" | "error" | "silent"): Logger {
  return pino(
    { level, base: null, redact: ["password", "*.password", "SessionID", "*.SessionID"] },
    pino.destination(2),
  );
}
