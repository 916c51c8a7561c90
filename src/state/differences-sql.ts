/**
 * The comparison of kivitendo's rows with the links, one statement a kind, so that its view is evaluated once.
 * Parameters: $1 mapping version, $2 now, $3 customer numbers, $4 contacts (row ids or lower-case e-mails; both lists
 * empty: everything), then what the configuration names. Each answer row repeats the counts; without differences there is
 * one row with the counts alone.
 */
import type { SourceOptions } from "../customer-sync/ports.ts";
import { customerScopeSql, extraSql, Parameters, type SourceCatalog } from "./source-sql.ts";

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
  const present = "valid and (confirmed or status = 'writing')";
  const asked = `helpdesk_key = any ($3::text[] || $4::text[])${kind === "user" ? " or id::text = any ($4::text[])" : ""}`;
  if (everything) {
    return `
  case
    when gone then ${present} and ($3::text[] = '{}' and $4::text[] = '{}' or ${asked})
    else selected and $2::timestamptz is not null
  end`;
  }
  return `
  case
    when gone then
      $3::text[] = '{}' and $4::text[] = '{}' and ${present}
      and (status <> 'rejected' or next_attempt_at <= $2::timestamptz)
    when not selected then false
    -- Obsolete and never in the helpdesk: nothing to make invalid.
    when status is null or status = 'matched' or (status = 'rejected' and not confirmed and not live) then
      coalesce(status is distinct from 'rejected' and live, false)
    when status = 'writing' then true
    when source_hash is distinct from hash then true
    when status = 'rejected' then
      coalesce(next_attempt_at <= $2::timestamptz, false) or waits_no_longer or $3::text[] <> '{}' or $4::text[] <> '{}'
    -- The others are for good (decisions-sql.ts).
    else coalesce(decision in ('adopt', 'move', 'recreate', 'rename'), false) or more_companies
  end`;
}

/** Counts over `judged`, and the listed rows beside them. `counted` adds counts; `columns` may look up what is listed. */
export function answerSql(kind: "company" | "user", columns: string, counted = ""): string {
  return `
  counts as (
    select (count(*) filter (where not gone))::integer as "sourceRows",
           (count(*) filter (where not gone and selected and not listed and status is not null
                               and (confirmed or live)))::integer as unchanged,
           (select count(*)::integer
              from otrs_bridge.links
             where kind = '${kind}' and confirmed and valid) as known
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

/**
 * Companies. Of those that have the same name or number in the eyes of the helpdesk's database, the lowest row id is first
 * (for numbers: the one that is there already). Obsolete customers that never were in the helpdesk are in nobody's way.
 */
export function companiesQuery(comparison: Comparison): DifferencesQuery {
  const { source, catalog, everything } = comparison;
  const parameters = firstParameters(comparison);
  const extra = extraSql(
    "company",
    { columns: source.companyColumns, flag: source.scope.customerFlag },
    catalog,
    parameters,
  );
  const scope = customerScopeSql(source, extra.flag, parameters);
  const sentinel =
    source.sentinel === null
      ? ""
      : `, coalesce(bool_or(not gone and customernumber = ${parameters.add(source.sentinel.trim())}), false) as "sentinelFound"`;
  const text = `
  with base as materialized (
    select s.customer_id, s.customernumber, s.name, s.street, s.zipcode, s.city, s.country, s.country_code, s.homepage,
           s.obsolete, s.in_scope, s.extra,
           ${restFolded("s.name", "s.name_fold")} as name_fold,
           ${restFolded("s.customernumber", "s.number_fold")} as number_fold,
           ${linkedColumns},
           coalesce(s.customer_id, l.row_id) as id,
           s.customer_id is null as gone,
           not s.obsolete and s.in_scope as live,
           coalesce(l.confirmed, false) as there
      from (
        select v.customer_id, btrim(coalesce(v.customernumber, '')) as customernumber, coalesce(v.name, '') as name,
               coalesce(v.street, '') as street, coalesce(v.zipcode, '') as zipcode, coalesce(v.city, '') as city,
               coalesce(v.country, '') as country, upper(btrim(coalesce(v.country_code, ''))) as country_code,
               coalesce(v.homepage, '') as homepage, v.obsolete,
               ${scope ?? "true"} as in_scope,
               ${extra.values ?? "'{}'::text[]"} as extra,
               ${foldSql("v.name")} as name_fold, ${foldSql("v.customernumber")} as number_fold
          from otrs_bridge.companies v
          ${extra.join}
        ${evaluatedOnce}
      ) s
      full join (select * from otrs_bridge.links where kind = 'company') l on l.row_id = s.customer_id
  ),
  same_name as (
    select name_fold, min(customer_id) as first
      from base
     where (live or there) and name_fold <> ''
     group by name_fold
    having count(*) > 1
  ),
  same_number as (
    select number_fold, coalesce(min(customer_id) filter (where there), min(customer_id)) as first
      from base
     where (live or there) and number_fold <> ''
     group by number_fold
    having count(*) > 1
  ),
  judged as (
    select *, ${listedSql("company", everything)} as listed
      from (
        select *,
               md5(concat_ws(E'\\x1f', $1::text, customernumber, name, street, zipcode, city, country, country_code,
                             homepage, live, name_shared,
                             coalesce(key_rival, '')${extra.values === null ? "" : ", extra"})) as hash,
               ($3::text[] = '{}' and $4::text[] = '{}')
               or customernumber = any ($3::text[])
               or customer_id in (
                    select c.customer_id
                      from public.otrs_customer_contacts c
                     where $4::text[] <> '{}'
                       and (c.contact_id::text = any ($4::text[]) or lower(btrim(c.cp_email)) = any ($4::text[]))
                  ) as selected
          from (
            select b.*, coalesce(n.first < b.customer_id, false) as name_shared, r.customernumber as key_rival,
                   false as waits_no_longer, false as more_companies
              from base b
              left join same_name n on n.name_fold = b.name_fold
              left join same_number u on u.number_fold = b.number_fold and u.first <> b.customer_id
              left join base r on r.customer_id = u.first
          ) beside
        ${evaluatedOnce}
      ) compared
  ),
  ${answerSql(
    "company",
    `customer_id as "customerId", customernumber as "customerNumber", name, street, zipcode as "zipCode", city, country,
     country_code as "countryCode", homepage, obsolete, in_scope as "inScope", name_shared as "nameShared",
     key_rival as "keyRival", extra`,
    sentinel,
  )}`;
  return { text, values: parameters.values };
}

/** As `otrs_bridge.fold`, whose call costs much more than the letters of German names replaced by hand. */
function foldSql(column: string): string {
  const german = [
    ["ä", "a"],
    ["ö", "o"],
    ["ü", "u"],
    ["ß", "ss"],
  ] as const;
  return german.reduce(
    (folded, [letter, plain]) => `replace(${folded}, '${letter}', '${plain}')`,
    `lower(btrim(coalesce(${column}, '')))`,
  );
}

/** What is left of other letters is for the function. */
function restFolded(column: string, folded: string): string {
  return `case when octet_length(${folded}) = length(${folded}) then ${folded} else otrs_bridge.fold(btrim(${column})) end`;
}
