import type { Pool, PoolClient } from "pg";
import type { BeforeStart, Settled, Settlement } from "../billing/ports.ts";
import { selectBeforeStart } from "./collecting.ts";
import { readDueTickets } from "./due.ts";
import { markBilledElsewhere } from "./elsewhere.ts";
import { readSetAside, setReplacedAside } from "./set-aside.ts";
import { lastReadings, takeReadings } from "./take.ts";
import { inTransaction } from "./transaction.ts";

/** Takes what was read into the ledger and answers what is due; see the port. A dry run does the same and rolls back. */
export async function settle(pool: Pool, settlement: Settlement): Promise<Settled> {
  return inTransaction(pool, settlement.dryRun ? "trial" : "write", async (client) => {
    const { replaced } = await take(client, settlement);
    if (replaced === 0) await moveCursor(client, settlement);
    else await forgetCursor(client);
    return { due: await readDueTickets(client, settlement), setAside: await readSetAside(client) };
  });
}

/** What a settlement would leave open from before the start; see the port. */
export async function readBeforeStart(pool: Pool, settlement: Settlement): Promise<readonly BeforeStart[]> {
  return inTransaction(pool, "trial", async (client) => {
    await take(client, settlement);
    return selectBeforeStart(client);
  });
}

async function take(client: PoolClient, settlement: Settlement): Promise<{ readonly replaced: number }> {
  const read = lastReadings(settlement);
  const replaced = await setReplacedAside(client, read);
  await takeReadings(client, read, settlement);
  await markBilledElsewhere(client, read);
  return { replaced };
}

/**
 * A restored helpdesk may have tickets that changed before the cursor and were never read. Without a scope the cursor holds
 * for no run, so the next one reads all.
 */
async function forgetCursor(client: PoolClient): Promise<void> {
  await client.query("update otrs_bridge.cursor set scope = ''");
}

async function moveCursor(client: PoolClient, { cursor, scope }: Settlement): Promise<void> {
  if (cursor === null) return;
  await client.query(
    `with now_is as (
       select $1::timestamptz as changed_since, $2 as scope, $3::timestamptz as helpdesk_now,
              $4::timestamptz as reread_at
     )
     insert into otrs_bridge.cursor as c (changed_since, scope, helpdesk_now, reread_at)
     select n.changed_since, n.scope, n.helpdesk_now, n.reread_at
       from now_is n
      where not exists (
              select
                from otrs_bridge.cursor c
               where (c.changed_since, c.scope, c.helpdesk_now, c.reread_at)
                     is not distinct from (n.changed_since, n.scope, n.helpdesk_now, n.reread_at))
         on conflict (only_row) do update
        set changed_since = excluded.changed_since,
            scope = excluded.scope,
            helpdesk_now = excluded.helpdesk_now,
            reread_at = excluded.reread_at`,
    [
      cursor.changedSince.toString(),
      scope,
      cursor.helpdeskNow?.toString() ?? null,
      cursor.rereadAt?.toString() ?? null,
    ],
  );
}
