import type { Pool, PoolClient } from "pg";
import { databaseErrorOf } from "../model/index.ts";

/** `snapshot` reads one moment of the database and cannot write; `trial` does everything and keeps nothing. */
export type TransactionKind = "write" | "snapshot" | "trial";

const beginnings = {
  write: "begin",
  snapshot: "begin isolation level repeatable read read only",
  trial: "begin",
} as const satisfies Record<TransactionKind, string>;

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
    await client.query(beginnings[kind]);
    const result = await work(client);
    await client.query(kind === "trial" ? "rollback" : "commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch((failed: unknown) => {
      broken ??= databaseErrorOf(failed);
    });
    throw error;
  } finally {
    client.off("error", onBreak);
    client.release(broken);
  }
}

function isSerializationFailure(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "40001";
}
