import type { Pool, PoolClient } from "pg";
import { databaseErrorOf } from "../model/index.ts";

/** `snapshot` reads one moment of the database and cannot write; `trial` does everything and keeps nothing. */
export type TransactionKind = "write" | "snapshot" | "trial";

const beginnings = {
  write: "begin",
  snapshot: "begin isolation level repeatable read read only",
  trial: "begin",
} as const satisfies Record<TransactionKind, string>;

/** Runs `work` in one transaction on one connection: all of it is kept, or nothing. Errors are one of the shared classes. */
export async function inTransaction<T>(
  pool: Pool,
  kind: TransactionKind,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  let client: PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw databaseErrorOf(error);
  }
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
    throw databaseErrorOf(error);
  } finally {
    client.off("error", onBreak);
    client.release(broken);
  }
}
