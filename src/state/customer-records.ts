import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type { CustomerChange, CustomerOutcome, Differences } from "../customer-sync/ports.ts";
import type { RunId } from "../model/index.ts";
import { recordGuarded } from "./guard-figures.ts";
import { storableText } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

/** `valid` in the helpdesk's table of the same name. */
const validId = 1;

/**
 * Commits what is about to be sent. What an earlier success confirmed stays as it is: a move to another customer counts
 * only once it was written.
 */
export async function commitIntent(pool: Pool, run: RunId, changes: readonly CustomerChange[]): Promise<void> {
  if (changes.length === 0) return;
  await inTransaction(pool, "write", (client) =>
    client.query(
      `insert into otrs_bridge.links as l (kind, row_id, helpdesk_key, new_key, label, adopting, customer_id, status, run_id)
       select kind, row_id, helpdesk_key, new_key, label, adopts, customer_id, 'writing', $2
         from jsonb_to_recordset($1) as c (
           kind text, row_id integer, helpdesk_key text, new_key text, label text, adopts boolean, customer_id integer)
        order by kind, row_id
           on conflict (kind, row_id) do update
          set helpdesk_key = excluded.helpdesk_key,
              new_key = excluded.new_key,
              label = excluded.label,
              adopting = excluded.adopting and not l.confirmed,
              customer_id = case when l.confirmed then l.customer_id else coalesce(excluded.customer_id, l.customer_id) end,
              status = 'writing',
              run_id = excluded.run_id`,
      [JSON.stringify(lastOfEach(changes.map(intentOf))), run],
    ),
  );
}

const Recorded = z.object({ newlyRejected: z.number() });

export interface RecordOptions {
  readonly now: Temporal.Instant;
  /** An operator let this plan through: the guard of later runs does not count it. */
  readonly allowed: boolean;
}

/**
 * Records outcomes, one statement for all. A rejection that was recorded before for the same content of the source row
 * is not a new one. Back-off: 5 minutes, doubled with each try, at most a day; what waits for a decision waits for that. A
 * stopgap was written, and is tried again like a refusal.
 */
export async function record(
  pool: Pool,
  run: RunId,
  outcomes: readonly CustomerOutcome[],
  options: RecordOptions,
): Promise<{ readonly newlyRejected: number }> {
  if (outcomes.length === 0) return { newlyRejected: 0 };
  return inTransaction(pool, "write", async (client) => {
    const recorded = await recordAll(client, run, outcomes, options.now);
    await forgetFormer(client, outcomes);
    await recordGuarded(client, run, outcomes, options);
    return recorded;
  });
}

async function recordAll(
  client: PoolClient,
  run: RunId,
  outcomes: readonly CustomerOutcome[],
  now: Temporal.Instant,
): Promise<{ readonly newlyRejected: number }> {
  const { rows } = await client.query(recordStatement, [
    JSON.stringify(lastOfEach(outcomes.map(recordOf))),
    run,
    now.toString(),
  ]);
  return Recorded.parse(rows[0]);
}

/**
 * `written` (as column `confirmed`) is what the helpdesk took; a row with a code as well was written and waits. What stands
 * in it for good: where the record is confirmed, its customer, validity and number are those of the last success.
 */
const recordStatement = `
  with outcome as (
    select *
      from jsonb_to_recordset($1) as o (
        kind text, row_id integer, helpdesk_key text, label text, adopts boolean, customer_id integer,
        asked_customer_id integer, source_key text, companies integer, valid boolean, source_hash text, written boolean,
        code text, reason text, stopgap boolean)
  ),
  before as materialized (
    select o.kind, o.row_id,
           l.rejection_code is not null and l.source_hash is not distinct from o.source_hash
           -- The same question again, beside another change of the row.
           or coalesce(o.code = 'move-waits' and l.rejection_code = o.code and l.rejection_reason = o.reason, false) as known
      from outcome o
      join otrs_bridge.links l on l.kind = o.kind and l.row_id = o.row_id
  ),
  recorded as (
    insert into otrs_bridge.links as l
      (kind, row_id, helpdesk_key, label, adopted, customer_id, asked_customer_id, source_key, companies, status, confirmed,
       valid, source_hash, rejection_code, rejection_reason, rejected_at, attempts, next_attempt_at, run_id)
    select kind, row_id, helpdesk_key, label, adopts and written, customer_id, asked_customer_id,
           case when written then source_key end, case when written then companies end,
           case when code is null then 'linked' else 'rejected' end, written, coalesce(valid, true), source_hash,
           code, reason, case when code is not null then $3::timestamptz end,
           case when written and not stopgap then 0 else 1 end,
           case
             when code = 'move-waits' then 'infinity'
             when code is not null or stopgap then $3::timestamptz + interval '5 minutes'
           end, $2
      from outcome
     order by kind, row_id
        on conflict (kind, row_id) do update
       set helpdesk_key = excluded.helpdesk_key,
           new_key = null,
           label = excluded.label,
           -- What was written by the bridge before is not somebody else's record.
           adopted = l.adopted or (excluded.adopted and not l.confirmed),
           adopting = false,
           customer_id = case
             when not l.confirmed then coalesce(excluded.customer_id, l.customer_id)
             when not excluded.confirmed or excluded.rejection_code is not null then l.customer_id
             when l.decision = 'stay' and l.decision_value = excluded.customer_id::text then l.customer_id
             else coalesce(excluded.customer_id, l.customer_id)
           end,
           asked_customer_id = excluded.asked_customer_id,
           source_key = coalesce(excluded.source_key, l.source_key),
           companies = case when excluded.confirmed then excluded.companies else l.companies end,
           status = excluded.status,
           confirmed = l.confirmed or excluded.confirmed,
           valid = case when excluded.confirmed or l.confirmed and excluded.rejection_code is null then excluded.valid else l.valid end,
           source_hash = excluded.source_hash,
           rejection_code = excluded.rejection_code,
           rejection_reason = excluded.rejection_reason,
           rejected_at = case
             when l.rejection_code = excluded.rejection_code then coalesce(l.rejected_at, excluded.rejected_at)
             else excluded.rejected_at
           end,
           attempts = case
             when excluded.confirmed and coalesce(excluded.next_attempt_at, 'infinity') = 'infinity' then 0
             else l.attempts + 1
           end,
           next_attempt_at = case
             when coalesce(excluded.next_attempt_at, 'infinity') = 'infinity' then excluded.next_attempt_at
             when l.decision = 'ignore' and l.source_hash = excluded.source_hash then 'infinity'
             else $3::timestamptz + least(interval '5 minutes' * 2 ^ least(l.attempts, 20), interval '1 day')
           end,
           decision = case
             when (excluded.confirmed or excluded.rejection_code is null) and l.decision not in ('stay', 'append-number')
               then null
             when l.decision = 'ignore' and l.source_hash is distinct from excluded.source_hash then null
             else l.decision
           end,
           decision_value = case
             when (excluded.confirmed or excluded.rejection_code is null) and l.decision not in ('stay', 'append-number')
               then null
             else l.decision_value
           end,
           run_id = excluded.run_id
  )
  select (count(*) filter (where o.code is not null and b.known is not true))::integer as "newlyRejected"
    from outcome o
    left join before b on b.kind = o.kind and b.row_id = o.row_id`;

/** The record of a row that is gone is another's now, and whoever was filed under it is under that one. */
async function forgetFormer(client: PoolClient, outcomes: readonly CustomerOutcome[]): Promise<void> {
  const formers = outcomes.flatMap(({ change, result }) =>
    change.takesOver === undefined || result.outcome === "rejected"
      ? []
      : [{ kind: change.record, row_id: change.takesOver.rowId, successor: change.rowId }],
  );
  if (formers.length === 0) return;
  const given = JSON.stringify(formers);
  await client.query(
    `update otrs_bridge.links l
        set status = 'linked', confirmed = false, adopted = false, source_hash = null, rejection_code = null,
            rejection_reason = null, rejected_at = null, attempts = 0, next_attempt_at = null, decision = null,
            decision_value = null
       from jsonb_to_recordset($1) as f (kind text, row_id integer)
      where l.kind = f.kind and l.row_id = f.row_id`,
    [given],
  );
  await client.query(
    `update otrs_bridge.links l
        set customer_id = f.successor
       from jsonb_to_recordset($1) as f (kind text, row_id integer, successor integer)
      where f.kind = 'company' and l.kind = 'user' and l.customer_id = f.row_id`,
    [given],
  );
}

/** Forgets refusals and pairs of rows that are not to be in the helpdesk, and never were. A refused pair is a pair again. */
export async function withdraw(pool: Pool, rows: Differences["withdrawn"]): Promise<void> {
  if (rows.company.length + rows.user.length === 0) return;
  await inTransaction(pool, "write", (client) =>
    client.query(
      `update otrs_bridge.links
          set status = case when adopted and status = 'rejected' then 'matched' else 'linked' end,
              adopted = adopted and status = 'rejected', source_hash = null, rejection_code = null,
              rejection_reason = null, rejected_at = null, attempts = 0, next_attempt_at = null, decision = null,
              decision_value = null
        where not confirmed
          and status in ('rejected', 'matched')
          and (kind = 'company' and row_id = any ($1::integer[]) or kind = 'user' and row_id = any ($2::integer[]))`,
      [rows.company, rows.user],
    ),
  );
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
    new_key: change.newKey === null ? null : storableText(change.newKey),
    label: storableText(change.label),
    // Our own record from before is nobody's pair.
    adopts: change.kind === "adopt" && change.takesOver === undefined,
    customer_id: change.customerId,
  };
}

function recordOf({ change, result }: CustomerOutcome): LinkRecord & Record<string, unknown> {
  const rejected = result.outcome === "rejected";
  const waits = rejected ? null : change.waitsFor;
  const code = rejected ? result.code : (waits?.code ?? null);
  const reason = rejected ? result.reason : (waits?.reason ?? null);
  return {
    ...intentOf(change),
    helpdesk_key: storableText(rejected ? change.key : (change.newKey ?? change.key)),
    adopts: change.takesOver?.adopted ?? (change.kind === "adopt" || result.outcome === "adopted"),
    asked_customer_id: code === "move-waits" ? change.customerId : null,
    source_key: change.sourceKey,
    companies: change.companies?.length ?? null,
    valid: Number(change.fields["ValidID"] ?? validId) === validId,
    source_hash: change.sourceHash,
    // Where nothing stood to become invalid, nothing was written.
    written: !rejected && !(change.kind === "invalidate" && change.situation === "missing"),
    stopgap: !rejected && change.isStopgap === true,
    code,
    reason: reason === null ? null : storableText(reason),
  };
}

/** One statement can write a row once only; the last of several counts. */
function lastOfEach<T extends LinkRecord>(records: readonly T[]): readonly T[] {
  return [...new Map(records.map((each) => [`${each.kind} ${each.row_id}`, each])).values()];
}
