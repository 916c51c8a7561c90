import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import { databaseErrorOf, UnavailableError } from "../model/index.ts";
import { promptly } from "./transaction.ts";

export interface RunnerLock {
  /** Aborted when the connection that holds the lock broke: from then on another run may begin. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

const Tried = z.object({ locked: z.boolean() });
const Holder = z.object({
  pid: z.number(),
  application: z.string().nullable(),
  address: z.string().nullable(),
  since: z.string().nullable(),
});

/** Both halves of the advisory lock's key; it holds within this database only. */
const lockKey = "hashtext('otrs_bridge runner'), hashtext($1)";

/**
 * Takes the lock that lets one run of an instance at a time work on this database; null when another run holds it. The
 * lock belongs to a connection of its own, so it ends with the process, however that ends.
 */
export async function acquireRunnerLock(pool: Pool, instance: string): Promise<RunnerLock | null> {
  let client: PoolClient | undefined;
  try {
    client = await pool.connect();
    const lock = holdLock(client, instance);
    const { rows } = await client.query(promptly(`select pg_try_advisory_lock(${lockKey}) as locked`, [instance]));
    if (Tried.parse(rows[0]).locked) return lock;
    lock.giveBack(false);
    return null;
  } catch (error) {
    client?.release(true);
    throw databaseErrorOf(error);
  }
}

/** Who holds the runner lock, for people: `kivi-otrs run (process 4711 of the database, since …)`; null when nobody. */
export async function readLockHolder(pool: Pool, instance: string): Promise<string | null> {
  try {
    const { rows } = await pool.query(
      `select a.pid, a.application_name as application, host(a.client_addr) as address,
              to_char(a.backend_start, 'YYYY-MM-DD HH24:MI TZ') as since
         from pg_catalog.pg_locks l
         join pg_catalog.pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'advisory' and l.granted and l.objsubid = 2
          and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
          and l.classid::bigint = (hashtext('otrs_bridge runner')::bigint & 4294967295)
          and l.objid::bigint = (hashtext($1)::bigint & 4294967295)
        order by a.pid`,
      [instance],
    );
    if (rows.length === 0) return null;
    const holder = Holder.parse(rows[0]);
    const facts = [
      `process ${holder.pid} of the database`,
      ...(holder.address === null ? [] : [`from ${holder.address}`]),
      ...(holder.since === null ? [] : [`since ${holder.since}`]),
    ];
    return `${holder.application ?? "unknown program"} (${facts.join(", ")})`;
  } catch (error) {
    throw databaseErrorOf(error);
  }
}

/** The lock of a connection that has just been taken; `giveBack` returns the connection without unlocking. */
function holdLock(client: PoolClient, instance: string): RunnerLock & { readonly giveBack: (broken: boolean) => void } {
  const lost = new AbortController();
  const onBreak = (error: Error): void => {
    lost.abort(
      new UnavailableError(
        `The connection that holds the runner lock broke: ${error.message}`,
        "Nothing to do: the next run tries again.",
        { cause: error },
      ),
    );
  };
  // From the first to the last statement: a break that nobody listens to would end the process.
  client.on("error", onBreak);
  const giveBack = (broken: boolean): void => {
    client.off("error", onBreak);
    client.release(broken);
  };
  let released = false;
  return {
    lost: lost.signal,
    giveBack,
    release: async () => {
      if (released) return;
      released = true;
      // Closing the connection frees the lock as well, so a failure here needs no more than that.
      const unlocked = await client.query(promptly(`select pg_advisory_unlock(${lockKey})`, [instance])).then(
        () => true,
        () => false,
      );
      giveBack(!unlocked);
    },
  };
}
