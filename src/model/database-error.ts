import { ZodError } from "zod";
import { BugError, ConfigError, RefusedError, RejectedError, UnavailableError } from "./errors.ts";

/** Socket and name-service errors of Node: kivitendo's database is out of reach for now. */
const networkCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
]);

/** pg throws these without a code when the connection breaks or is not made in time (pg `client.js`, pg-pool). */
const brokenConnection =
  /connection terminated|timeout exceeded when trying to connect|^timeout expired$|^query read timeout$|client has encountered a connection error|client was closed|client has already been connected/i;
/** SQLSTATE classes: connection, resources, operator intervention, rollback, the system underneath, PostgreSQL itself. */
const passingState = /^(08|53|57|40|58|XX)/;
/** lock_not_available, idle_in_transaction_session_timeout. */
const passingStates = new Set(["55P03", "25P03", "25P04"]);
const setupHint = "Run `kivi-otrs setup` with an account that owns kivitendo's tables; it installs views and rights.";

/**
 * Turns whatever a database call threw into one of the shared error classes; ours pass through as they are.
 * Error codes: PostgreSQL, Appendix A.
 */
export function databaseErrorOf(error: unknown): Error {
  if (isOurs(error)) return error;
  if (error instanceof ZodError) {
    return new BugError(`The database answered with a row of another shape: ${error.message}`, { cause: error });
  }
  const code = codeOf(error);
  const message = error instanceof AggregateError ? firstMessageOf(error) : messageOf(error);
  return byNetwork(code, message, error) ?? byState(code, message, error) ?? new BugError(message, { cause: error });
}

function byNetwork(code: string, message: string, cause: unknown): Error | undefined {
  if (networkCodes.has(code) || brokenConnection.test(message)) {
    return new UnavailableError(
      `kivitendo's database cannot be reached: ${message}`,
      "Check that PostgreSQL runs and that kivitendo.databaseUrl names its host and port. The next run tries again.",
      { cause },
    );
  }
  // Also what pg says when the server wants a password and none is configured.
  if (/^SASL: |password must be a string/i.test(message)) {
    return new ConfigError(
      `kivitendo's database asks for a password and none (or an empty one) is configured: ${message}`,
      "Set kivitendo.password or kivitendo.passwordFile.",
      { cause },
    );
  }
  if (/does not support SSL|self[- ]signed certificate|unable to (get|verify)/i.test(message)) {
    return new ConfigError(
      `The encrypted connection to kivitendo's database was refused: ${message}`,
      "Check sslmode and sslrootcert in kivitendo.databaseUrl against the server's settings.",
      { cause },
    );
  }
  return undefined;
}

function byState(code: string, message: string, cause: unknown): Error | undefined {
  if (passingState.test(code) || passingStates.has(code)) {
    return new UnavailableError(
      `kivitendo's database could not answer now: ${message}`,
      "Nothing to do: the next run tries again. When it stays, look into PostgreSQL's log.",
      { cause },
    );
  }
  switch (code) {
    case "25006":
      return new UnavailableError(
        `kivitendo's database takes no changes: ${message}`,
        "Is another server the primary now? Then let kivitendo.databaseUrl name that one. Otherwise end what made it read-only; the next run tries again.",
        { cause },
      );
    case "28P01":
    case "28000":
      return new ConfigError(
        `kivitendo's database refused the login: ${message}`,
        "Check role and password (kivitendo.databaseUrl and kivitendo.password; for setup kivitendo.adminUrl and kivitendo.adminPassword), and pg_hba.conf on the database server. The bridge's own role is made by `kivi-otrs setup`.",
        { cause },
      );
    case "3D000":
      return new ConfigError(
        `kivitendo's database does not exist: ${message}`,
        "Check the database name in kivitendo.databaseUrl (kivitendo's administration lists it for each client).",
        { cause },
      );
    case "42501":
      return new ConfigError(`The bridge's database role lacks a right: ${message}`, setupHint, { cause });
    case "3F000":
    case "42P01":
    case "42703":
    case "42883":
      return new ConfigError(`kivitendo's database is not set up for the bridge: ${message}`, setupHint, { cause });
    default:
      return undefined;
  }
}

function isOurs(error: unknown): error is Error {
  return [ConfigError, RefusedError, UnavailableError, RejectedError, BugError].some((kind) => error instanceof kind);
}

function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A host with several addresses fails with one error an address and an empty message of its own. */
function firstMessageOf(error: AggregateError): string {
  return error.message === "" ? messageOf(error.errors[0]) : error.message;
}
