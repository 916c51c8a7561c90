/** The comparison of companies; the frame is in differences-sql.ts. */
import {
  answerSql,
  type Comparison,
  type DifferencesQuery,
  evaluatedOnce,
  firstParameters,
  linkedColumns,
  listedSql,
} from "./differences-sql.ts";
import { customerScopeSql, type ExtraSql, extraSql, type Parameters } from "./source-sql.ts";

/**
 * Companies. Of those that have the same name or number in the eyes of the helpdesk's database, the lowest row id is first
 * (for numbers: the one that has it in the helpdesk already). Obsolete customers that never were in the helpdesk are in nobody's way.
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
  const tables = companyTables(comparison, extra, parameters);
  const sentinel =
    source.sentinel === null
      ? ""
      : `, coalesce(bool_or(not gone and customernumber = ${parameters.add(source.sentinel.trim())}), false) as "sentinelFound"`;
  const text = `
  with ${tables},
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
    `customer_id as "customerId", customernumber as "customerNumber", name, street, zipcode as "zipCode", city, country,
     country_code as "countryCode", homepage, obsolete, in_scope as "inScope", name_shared as "nameShared",
     key_rival as "keyRival", extra`,
    sentinel,
  )}`;
  return { text, values: parameters.values };
}

/** The tables `base`, `same_name` and `same_number` of the query: a row for each customer or link, and who comes first. */
function companyTables({ source }: Comparison, extra: ExtraSql, parameters: Parameters): string {
  const scope = customerScopeSql(source, extra.flag, parameters);
  return `
  base as materialized (
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
    select number_fold, coalesce(min(customer_id) filter (where there and source_key = customernumber), min(customer_id)) as first
      from base
     where (live or there) and number_fold <> ''
     group by number_fold
    having count(*) > 1
  )`;
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
