import { Socket } from "node:net";
import { Client, escapeIdentifier } from "pg";
import { ConfigError, databaseErrorOf } from "../model/index.ts";
import { connectionOf, type DatabaseOptions } from "./database.ts";

export interface ListenerOptions extends Pick<DatabaseOptions, "connectionString" | "password" | "applicationName"> {
  /** Channel of PostgreSQL's NOTIFY. */
  readonly channel: string;
  /** Something changed, or may have changed while nobody listened. */
  readonly onChange: () => void;
  /** A connection could not be made or broke; the next one is tried after the pause. */
  readonly onLost: (error: Error, pauseMs: number) => void;
  /** Listening, `again` after a loss. */
  readonly onListening: (again: boolean) => void;
  readonly firstPauseMs?: number;
  readonly longestPauseMs?: number;
  /** How often the connection is tried out: one that a firewall forgot looks whole from here. */
  readonly checkMs?: number;
  /** Longest wait for an answer of the server. */
  readonly answerMs?: number;
}

export interface ChangeListener {
  close(): Promise<void>;
}

interface Connection {
  /** Settles with why it ended; never rejects. */
  readonly ended: Promise<Error>;
  end(): Promise<void>;
}

/**
 * Listens on a connection of its own until it is closed. Lost, it is made again after growing pauses, and `onChange`
 * stands for all that was missed. Resolves after the first attempt, however that went.
 */
export async function listenForChanges(options: ListenerOptions): Promise<ChangeListener> {
  const { onChange, onLost, onListening, firstPauseMs = 1_000, longestPauseMs = 60_000 } = options;
  let connection: Connection | null = null;
  let timer: NodeJS.Timeout | undefined;
  const closing = new AbortController();
  let attempting: Promise<void> = Promise.resolve();
  let losses = 0;
  let lostBefore = false;

  const lose = (error: unknown): void => {
    connection = null;
    if (closing.signal.aborted) return;
    const pauseMs = Math.min(firstPauseMs * 2 ** losses++, longestPauseMs);
    lostBefore = true;
    timer = setTimeout(() => {
      attempting = attempt();
    }, pauseMs);
    onLost(databaseErrorOf(error), pauseMs);
  };
  const attempt = async (): Promise<void> => {
    try {
      connection = await connect(options, closing.signal);
    } catch (error) {
      lose(error);
      return;
    }
    void connection.ended.then(lose);
    if (closing.signal.aborted) return;
    losses = 0;
    onListening(lostBefore);
    if (lostBefore) onChange();
  };
  await attempt();
  return {
    close: async () => {
      closing.abort();
      clearTimeout(timer);
      await attempting;
      await connection?.end();
    },
  };
}

async function connect(options: ListenerOptions, signal: AbortSignal): Promise<Connection> {
  const { applicationName, channel, onChange, checkMs = 30_000, answerMs = 10_000 } = options;
  // Given to pg, so that it can be closed whatever state it is in.
  const socket = new Socket();
  const client = new Client({
    ...connectionOf(options),
    application_name: applicationName,
    connectionTimeoutMillis: answerMs,
    query_timeout: answerMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    stream: () => socket,
  });
  const ended = new Promise<Error>((resolve) => {
    client.on("error", resolve);
    client.on("end", () => resolve(new Error("Connection terminated")));
  });
  client.on("notification", () => onChange());
  const cut = (): void => void socket.destroy();
  signal.addEventListener("abort", cut);
  try {
    await client.connect();
    await client.query(`listen ${escapeIdentifier(channel)}`);
  } catch (error) {
    cut();
    throw error;
  } finally {
    signal.removeEventListener("abort", cut);
  }
  const check = setInterval(() => {
    assertListening(client).catch((error: unknown) => client.emit("error", error));
  }, checkMs);
  const clear = (): void => {
    clearInterval(check);
    cut();
  };
  void ended.then(clear);
  return {
    ended,
    end: async () => {
      clearInterval(check);
      // A broken connection does not answer the farewell.
      const impatient = setTimeout(cut, 1_000);
      await client.end().catch(() => undefined);
      clearTimeout(impatient);
    },
  };
}

/** Throws when the server, or whatever stands before it, no longer knows that we listen. */
async function assertListening(client: Client): Promise<void> {
  const { rowCount } = await client.query("select from pg_catalog.pg_listening_channels()");
  if (rowCount !== 0) return;
  throw new ConfigError(
    "The connection to kivitendo's database does not keep what it listens to: a pooler hands it from session to session.",
    "Let kivitendo.databaseUrl name PostgreSQL itself, or a pooler in session mode; until then changes wait for the schedule.",
  );
}
