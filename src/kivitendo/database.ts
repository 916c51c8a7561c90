import { Pool, types } from "pg";

export interface DatabaseOptions {
  /** `postgresql://role@host:port/database`. */
  readonly connectionString: string;
  /** Password of the role, when the address holds none. */
  readonly password?: string;
  /** Shown in `pg_stat_activity`; names the command, so that a DBA sees who is connected. */
  readonly applicationName: string;
  readonly maxConnections?: number;
  readonly connectTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
  /** How long a statement waits for somebody else's lock: kivitendo's users come first. */
  readonly lockTimeoutMs?: number;
  readonly idleInTransactionTimeoutMs?: number;
  /** Told about connections that broke while nobody used them; the pool replaces them by itself. */
  readonly onIdleError?: (error: Error) => void;
}

/** Row ids of `pg_type`: date, timestamp, timestamptz. */
const timeTypes = new Set([1082, 1114, 1184]);

/**
 * A pool of connections to the client's database. Numbers of type `numeric` and `int8` and all times arrive as text:
 * JavaScript's own types would lose digits, and the zone of times without one. Nothing is connected yet.
 */
export function openDatabase(options: DatabaseOptions): Pool {
  const pool = new Pool({
    ...connectionOf(options),
    application_name: options.applicationName,
    max: options.maxConnections ?? 4,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    statement_timeout: options.statementTimeoutMs ?? 60_000,
    lock_timeout: options.lockTimeoutMs ?? 5_000,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 30_000,
    keepAlive: true,
    options: "-c datestyle=ISO -c client_encoding=UTF8",
    types: {
      getTypeParser: (oid, format) => (timeTypes.has(oid) ? asText : types.getTypeParser(oid, format)),
    },
  });
  // Without a listener a connection that breaks while idle would end the process. One that is being closed may break.
  pool.on("error", (error) => {
    if (!pool.ending) options.onIdleError?.(error);
  });
  return pool;
}

/**
 * pg lets the address win over single options, so a password given beside it goes into it: as a parameter, because an
 * address without a host (a socket) cannot carry a user and password.
 */
export function connectionOf({ connectionString, password }: Pick<DatabaseOptions, "connectionString" | "password">): {
  connectionString: string;
} {
  const url = new URL(connectionString);
  if (password !== undefined && url.password === "") url.searchParams.set("password", password);
  return { connectionString: url.href };
}

function asText(value: string): string {
  return value;
}
