import { Socket } from "node:net";
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
  /** How much longer we wait for an answer than the server may take for it. */
  readonly answerGraceMs?: number;
  /** How long a statement waits for somebody else's lock: kivitendo's users come first. */
  readonly lockTimeoutMs?: number;
  readonly idleInTransactionTimeoutMs?: number;
  /** Told about connections that broke while nobody used them; the pool replaces them by itself. */
  readonly onIdleError?: (error: Error) => void;
}

/** How much longer than the server's own limit an answer may take before the connection counts as dead. */
const answerGraceMs = 15_000;
/** A connection that was said goodbye to and does not close is dropped. */
const farewellMs = 2_000;

/**
 * The server finds out within a minute that this machine is gone, and frees what it held: the runner's lock above all. Its
 * own setting is two hours on most systems.
 */
const serverKeepAlive = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3";

/** Row ids of `pg_type`: date, timestamp, timestamptz. */
const timeTypes = new Set([1082, 1114, 1184]);

/**
 * A pool of connections to the client's database. Numbers of type `numeric` and `int8` and all times arrive as text:
 * JavaScript's own types would lose digits, and the zone of times without one. Nothing is connected yet.
 */
export function openDatabase(options: DatabaseOptions): Pool {
  const statementTimeoutMs = options.statementTimeoutMs ?? 60_000;
  const pool = new Pool({
    ...connectionOf(options),
    application_name: options.applicationName,
    max: options.maxConnections ?? 4,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    statement_timeout: statementTimeoutMs,
    // A network that swallows bytes keeps the server's limit from ever reaching us.
    query_timeout: statementTimeoutMs + (options.answerGraceMs ?? answerGraceMs),
    lock_timeout: options.lockTimeoutMs ?? 5_000,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    stream: () => impatientSocket(),
    options: `-c datestyle=ISO -c client_encoding=UTF8 ${serverKeepAlive}`,
    types: {
      getTypeParser: (oid, format) => (timeTypes.has(oid) ? asText : types.getTypeParser(oid, format)),
    },
  });
  // pg tells of a break by an event as well, which ends the process where nobody listens at that moment.
  pool.on("connect", (client) => client.on("error", () => undefined));
  // The same while it is idle. One that is being closed may break.
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

/** Given to pg because it waits without end for the other side to close. */
function impatientSocket(): Socket {
  const socket = new Socket();
  socket.once("finish", () => {
    const impatient = setTimeout(() => socket.destroy(), farewellMs);
    socket.once("close", () => clearTimeout(impatient));
  });
  return socket;
}

function asText(value: string): string {
  return value;
}
