import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type { CustomerOutcome, Differences, GuardedCounts } from "../customer-sync/ports.ts";
import type { RunId } from "../model/index.ts";
import { inTransaction } from "./transaction.ts";

/** What the guard limits, as `otrs_bridge.guarded_changes` names it. */
type GuardedChange = "deactivation" | "key-change" | "adoption";

const Kind = z.enum(["company", "user"]);
const CountRow = z.object({ kind: Kind, deactivations: z.number(), keyChanges: z.number(), adoptions: z.number() });
const SourceRow = z.object({ kind: Kind, rows: z.number() });

const none: GuardedCounts = { deactivations: 0, keyChanges: 0, adoptions: 0 };

/** What the last 24 hours did that nobody allowed (a record counts once), and how many rows the source had last. */
export async function readGuardFigures(
  client: PoolClient,
  now: Temporal.Instant,
): Promise<Pick<Differences, "recent" | "lastSourceRows">> {
  const { rows: counted } = await client.query(
    `select kind,
            (count(distinct row_id) filter (where change = 'deactivation'))::integer as deactivations,
            (count(distinct row_id) filter (where change = 'key-change'))::integer as "keyChanges",
            (count(distinct row_id) filter (where change = 'adoption'))::integer as adoptions
       from otrs_bridge.guarded_changes
      where at > $1::timestamptz - interval '24 hours'
        and not allowed
      group by kind
      order by kind`,
    [now.toString()],
  );
  const { rows: remembered } = await client.query("select kind, rows from otrs_bridge.source_rows order by kind");
  const recent = new Map(
    z
      .array(CountRow)
      .parse(counted)
      .map(({ kind, ...counts }) => [kind, counts]),
  );
  const last = new Map(
    z
      .array(SourceRow)
      .parse(remembered)
      .map(({ kind, rows }) => [kind, rows]),
  );
  const [companies, contacts] = [last.get("company"), last.get("user")];
  return {
    recent: { company: recent.get("company") ?? none, user: recent.get("user") ?? none },
    lastSourceRows: companies === undefined || contacts === undefined ? null : { companies, contacts },
  };
}

/** Keeps what the guard counts, in the transaction that records the outcomes. */
export async function recordGuarded(
  client: PoolClient,
  run: RunId,
  outcomes: readonly CustomerOutcome[],
  { now, allowed }: { readonly now: Temporal.Instant; readonly allowed: boolean },
): Promise<void> {
  const guarded = outcomes.flatMap(({ change, result }) =>
    guardedChanges({ change, result }).map((what) => ({ kind: change.record, row_id: change.rowId, change: what })),
  );
  if (guarded.length === 0) return;
  await client.query(
    `insert into otrs_bridge.guarded_changes (kind, row_id, change, allowed, at, run_id)
     select kind, row_id, change, $2, $3, $4
       from jsonb_to_recordset($1) as g (kind text, row_id integer, change text)
      order by kind, row_id, change`,
    [JSON.stringify(guarded), allowed, now.toString(), run],
  );
}

/**
 * As the guard counts a plan: what was wanted and is so now, also where the helpdesk found nothing to do. It may have been
 * done by a run whose crash lost the outcome.
 */
function guardedChanges({ change, result }: CustomerOutcome): readonly GuardedChange[] {
  if (result.outcome === "rejected" || change.situation === "missing") return [];
  return [
    ...(change.kind === "adopt" ? (["adoption"] as const) : []),
    ...(change.kind === "invalidate" && !change.follows ? (["deactivation"] as const) : []),
    ...(result.changed.includes("Key") ? (["key-change"] as const) : []),
  ];
}

/** Records how many rows the source had; writes only what differs. */
export async function recordSourceRows(pool: Pool, rows: Differences["sourceRows"]): Promise<void> {
  await inTransaction(pool, "write", (client) =>
    client.query(
      `insert into otrs_bridge.source_rows as s (kind, rows)
       select kind, rows
         from (values ('company', $1::integer), ('user', $2::integer)) given (kind, rows)
        where not exists (select from otrs_bridge.source_rows o where o.kind = given.kind and o.rows = given.rows)
        order by kind
           on conflict (kind) do update
          set rows = excluded.rows`,
      [rows.companies, rows.contacts],
    ),
  );
}
