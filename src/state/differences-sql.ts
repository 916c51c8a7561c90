/**
 * The comparison of kivitendo's rows with the links, one statement a kind, so that its view is evaluated once.
 * Parameters: $1 mapping version, $2 now, $3 customer numbers, $4 contacts (row ids or lower-case e-mails; both lists
 * empty: everything), then what the configuration names. Each answer row repeats the counts; without differences there is
 * one row with the counts alone.
 */
import type { SourceOptions } from "../customer-sync/ports.ts";
import { Parameters, type SourceCatalog } from "./source-sql.ts";

export interface DifferencesQuery {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What the queries are built for. */
export interface Comparison {
  readonly mapping: string;
  readonly now: Temporal.Instant;
  readonly customerNumbers: readonly string[];
  /** Row ids or e-mail addresses in lower case. */
  readonly contacts: readonly string[];
  readonly source: SourceOptions;
  readonly everything: boolean;
  /** Null when `source` names nothing that must be looked up. */
  readonly catalog: SourceCatalog | null;
}

export function firstParameters(comparison: Comparison): Parameters {
  const { mapping, now, customerNumbers, contacts } = comparison;
  return new Parameters([mapping, now.toString(), customerNumbers, contacts]);
}

/** Columns of a link beside a row, as `l`. */
export const linkedColumns = `
  l.status, l.helpdesk_key, l.confirmed, l.valid, l.attempts, l.source_hash, l.next_attempt_at, l.rejection_code,
  l.adopted or l.adopting as adopted, l.source_key, l.label as link_label, l.companies as sent_companies, l.customer_id as link_customer_id, l.decision,
  l.decision_value`;

/**
 * Whether a row is given to the flow. Expects columns `id`, `gone`, `live`, `selected`, `hash`, `waits_no_longer`,
 * `more_companies` and those of the link. A run with a selection leaves alone what vanished.
 */
export function listedSql(kind: "company" | "user", everything: boolean): string {
  const there = "(confirmed or status = 'writing')";
  const asked = `helpdesk_key = any ($3::text[] || $4::text[])${kind === "user" ? " or id::text = any ($4::text[])" : ""}`;
  if (everything) {
    return `
  case
    when gone then ${there} and ($3::text[] = '{}' and $4::text[] = '{}' or ${asked})
    else selected and $2::timestamptz is not null
  end`;
  }
  return `
  case
    when gone then
      $3::text[] = '{}' and $4::text[] = '{}' and valid and ${there}
      -- A pause, or a question, from before it vanished holds nothing up.
      and (status <> 'rejected' or source_hash is distinct from 'vanished' or next_attempt_at <= $2::timestamptz)
    when not selected then false
    -- Obsolete and never in the helpdesk: nothing to make invalid.
    when status is null or status = 'matched' or (status <> 'writing' and not confirmed and not live) then
      coalesce(live, false)
    when status = 'writing' then true
    when source_hash is distinct from hash then true
    when status = 'rejected' then
      coalesce(next_attempt_at <= $2::timestamptz, false) or waits_no_longer or $3::text[] <> '{}' or $4::text[] <> '{}'
    -- The others are for good (decisions-sql.ts).
    else coalesce(decision in ('adopt', 'move', 'recreate', 'rename') or next_attempt_at <= $2::timestamptz, false)
      or more_companies
  end`;
}

/** Refused (or only paired), never in the helpdesk, and now out of the way: gone, or no longer wanted there. */
const withdrawnSql =
  "not confirmed and (status = 'rejected' and not coalesce(live, false) or status = 'matched' and gone)";

/** Counts over `judged`, and the listed rows beside them. `counted` adds counts; `columns` may look up what is listed. */
export function answerSql(columns: string, counted = ""): string {
  return `
  counts as (
    select (count(*) filter (where not gone))::integer as "sourceRows",
           (count(*) filter (where not gone and selected and not listed and status is not null
                               and (confirmed or live)))::integer as unchanged,
           (count(*) filter (where confirmed and valid))::integer as known,
           coalesce(array_agg(id order by id) filter (where ${withdrawnSql}), '{}') as withdrawn
           ${counted}
      from judged
  )
  select counts.*, d.*
    from counts
    left join (
      select id as "row", gone, ${columns}, hash as "sourceHash",
             -- A match outlives intents and refusals.
             case when adopted and not confirmed then 'matched' else status end as status, helpdesk_key as key,
             confirmed, valid, attempts, adopted, source_key as "sourceKey", link_customer_id as "linkCustomerId",
             nullif(decision, 'ignore') as decision, decision_value as "decisionValue", link_label as "linkLabel"
        from judged
       where listed
    ) d on true
   order by d."row"`;
}

/** Keeps a subquery apart, so that the hash in it is not computed for each place where it is used. */
export const evaluatedOnce = "offset 0";
