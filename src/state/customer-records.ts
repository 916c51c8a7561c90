import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type { CustomerChange, CustomerOutcome } from "../customer-sync/ports.ts";
import type { RunId } from "../model/index.ts";
import { storableText } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

/** `valid` in the helpdesk's table of the same name. */
const validId = 1;

/** Commits what is about to be sent. What an earlier success confirmed stays as it is. */
export async function commitIntent(pool: Pool, run: RunId, changes: readonly CustomerChange[]): Promise<void> {
  if (changes.length === 0) return;
  await inTransaction(pool, "write", (client) =>
    client.query(
      `insert into otrs_bridge.links as l (kind, row_id, helpdesk_key, customer_id, status, run_id)
       select kind, row_id, helpdesk_key, customer_id, 'writing', $2
         from jsonb_to_recordset($1) as c (kind text, row_id integer, helpdesk_key text, customer_id integer)
        order by kind, row_id
           on conflict (kind, row_id) do update
          set helpdesk_key = excluded.helpdesk_key,
              customer_id = coalesce(excluded.customer_id, l.customer_id),
              status = 'writing',
              run_id = excluded.run_id`,
      [JSON.stringify(lastOfEach(changes.map(intentOf))), run],
    ),
  );
}

const Recorded = z.object({ newlyRejected: z.number() });

/**
 * Records outcomes, one statement for all. A rejection that was recorded before for the same content of the source row
 * is not a new one. Back-off: 5 minutes, doubled with each try, at most a day.
 */
export async function record(
  pool: Pool,
  run: RunId,
  outcomes: readonly CustomerOutcome[],
  now: Temporal.Instant,
): Promise<{ readonly newlyRejected: number }> {
  if (outcomes.length === 0) return { newlyRejected: 0 };
  return inTransaction(pool, "write", (client) => recordAll(client, run, outcomes, now));
}

async function recordAll(
  client: PoolClient,
  run: RunId,
  outcomes: readonly CustomerOutcome[],
  now: Temporal.Instant,
): Promise<{ readonly newlyRejected: number }> {
  const { rows } = await client.query(
    `with outcome as (
       select *
         from jsonb_to_recordset($1) as o (
           kind text, row_id integer, helpdesk_key text, customer_id integer, valid boolean, source_hash text,
           code text, reason text)
     ),
     before as materialized (
       select o.kind, o.row_id,
              l.rejection_code is not null and l.source_hash is not distinct from o.source_hash as known
         from outcome o
         join otrs_bridge.links l on l.kind = o.kind and l.row_id = o.row_id
     ),
     recorded as (
       insert into otrs_bridge.links as l
         (kind, row_id, helpdesk_key, customer_id, status, confirmed, valid, source_hash,
          rejection_code, rejection_reason, attempts, next_attempt_at, run_id)
       select kind, row_id, helpdesk_key, customer_id, case when code is null then 'linked' else 'rejected' end,
              code is null, coalesce(valid, true), source_hash,
              code, reason, case when code is null then 0 else 1 end,
              case when code is not null then $3::timestamptz + interval '5 minutes' end, $2
         from outcome
        order by kind, row_id
           on conflict (kind, row_id) do update
          set helpdesk_key = excluded.helpdesk_key,
              customer_id = coalesce(excluded.customer_id, l.customer_id),
              status = excluded.status,
              confirmed = l.confirmed or excluded.confirmed,
              valid = case when excluded.confirmed then excluded.valid else l.valid end,
              source_hash = excluded.source_hash,
              rejection_code = excluded.rejection_code,
              rejection_reason = excluded.rejection_reason,
              attempts = case when excluded.confirmed then 0 else l.attempts + 1 end,
              next_attempt_at = case
                when not excluded.confirmed
                then $3::timestamptz + least(interval '5 minutes' * 2 ^ least(l.attempts, 20), interval '1 day')
              end,
              run_id = excluded.run_id
     )
     select (count(*) filter (where o.code is not null and b.known is not true))::integer as "newlyRejected"
       from outcome o
       left join before b on b.kind = o.kind and b.row_id = o.row_id`,
    [JSON.stringify(lastOfEach(outcomes.map(recordOf))), run, now.toString()],
  );
  return Recorded.parse(rows[0]);
}

interface LinkRecord {
  readonly kind: string;
  readonly row_id: number;
}

function intentOf(change: CustomerChange): LinkRecord & Record<string, unknown> {
  return {
    kind: change.record,
    row_id: change.rowId,
    helpdesk_key: storableText(change.key),
    customer_id: change.customerId,
  };
}

function recordOf({ change, result }: CustomerOutcome): LinkRecord & Record<string, unknown> {
  const rejected = result.outcome === "rejected";
  return {
    ...intentOf(change),
    valid: Number(change.fields["ValidID"] ?? validId) === validId,
    source_hash: change.sourceHash,
    code: rejected ? result.code : null,
    reason: rejected ? storableText(result.reason) : null,
  };
}

/** One statement can write a row once only; the last of several counts. */
function lastOfEach<T extends LinkRecord>(records: readonly T[]): readonly T[] {
  return [...new Map(records.map((each) => [`${each.kind} ${each.row_id}`, each])).values()];
}
