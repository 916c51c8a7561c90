import { escapeLiteral, type Pool, type PoolClient, type QueryConfig } from "pg";
import { databaseErrorOf } from "../model/index.ts";

/** `snapshot` reads one moment of the database and cannot write; `trial` does everything and keeps nothing. */
export type TransactionKind = "write" | "snapshot" | "trial";

const beginnings = {
  write: "begin",
  snapshot: "begin isolation level repeatable read read only",
  trial: "begin",
} as const satisfies Record<TransactionKind, string>;

/** These need no time of the server: no answer means that the connection is dead. */
const promptMs = 10_000;

/**
 * Runs `work` in one transaction on one connection: all of it is kept, or nothing. Errors are one of the shared classes.
 * A snapshot that kivitendo's upgrade made useless is taken once more.
 */
export async function inTransaction<T>(
  pool: Pool,
  kind: TransactionKind,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  try {
    return await runTransaction(pool, kind, work);
  } catch (error) {
    if (kind !== "snapshot" || !isSerializationFailure(error)) throw databaseErrorOf(error);
  }
  try {
    return await runTransaction(pool, kind, work);
  } catch (error) {
    throw databaseErrorOf(error);
  }
}

/**
 * Runs both at the same time, each on a connection of its own, and both see what the snapshot of `client` sees. For work
 * inside inTransaction: errors come as the driver throws them, when both have ended.
 */
export async function inSameSnapshot<A, B>(
  pool: Pool,
  client: PoolClient,
  here: (client: PoolClient) => Promise<A>,
  beside: (client: PoolClient) => Promise<B>,
): Promise<[A, B]> {
  const { rows } = await client.query<{ id: string }>("select pg_export_snapshot() as id");
  // It may wait for the other one as long as a statement may take.
  await client.query(
    "select set_config('idle_in_transaction_session_timeout', current_setting('statement_timeout'), true)",
  );
  const [first, second] = await Promise.allSettled([
    here(client),
    runTransaction(pool, "snapshot", async (other) => {
      await other.query(promptly(`set transaction snapshot ${escapeLiteral(rows[0]?.id ?? "")}`));
      return beside(other);
    }),
  ]);
  if (first.status === "rejected") throw first.reason;
  if (second.status === "rejected") throw second.reason;
  return [first.value, second.value];
}

async function runTransaction<T>(
  pool: Pool,
  kind: TransactionKind,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onBreak = (error: Error): void => {
    broken = error;
  };
  // A connection that breaks between two statements reports it as an event, which without a listener ends the process.
  client.on("error", onBreak);
  try {
    await client.query(promptly(beginnings[kind]));
    const result = await work(client);
    await client.query(kind === "trial" ? "rollback" : "commit");
    return result;
  } catch (error) {
    if (isWithoutAnswer(error)) broken = error;
    // The end of its connection ends a transaction as well.
    if (broken === undefined) {
      await client.query(promptly("rollback")).catch((failed: unknown) => {
        broken = databaseErrorOf(failed);
      });
    }
    throw error;
  } finally {
    client.off("error", onBreak);
    client.release(broken);
  }
}

/** A statement whose answer is waited for but shortly. */
export function promptly(text: string, values: readonly unknown[] = []): QueryConfig {
  const statement = { text, values: [...values], query_timeout: promptMs };
  return statement;
}

/** What pg throws when an answer did not come in time; the connection still waits for it. */
function isWithoutAnswer(error: unknown): error is Error {
  return error instanceof Error && error.message === "Query read timeout";
}

function isSerializationFailure(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "40001";
}
