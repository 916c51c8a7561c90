/**
 * The comparison of kivitendo's rows with the tables that the helpdesk reads, one statement a kind. Parameters: $1 version
 * of the mapping, then what the scope needs. Each answer row repeats the counts; without differences there is one row with the counts alone.
 *
 * A key belongs to the row that the table has it for, while kivitendo has that row; else to the lowest row id that wants
 * it; a row that is gone gives it away.
 */

import type { SourceOptions } from "../customer-sync/ports.ts";
import type { DifferencesQuery } from "./differences-sql.ts";
import { customerScopeSql, extraSql, Parameters, type SourceCatalog } from "./source-sql.ts";

/** Counts and listed rows over `compared`: id, gone, active, held, valid, key, hash, source_hash, and `columns`. */
function answer(columns: string): string {
  return `
  judged as (
    select *,
           case when gone then valid or key_owner <> id
                -- Obsolete and never in the table: nothing to make invalid.
                else (held or active) and source_hash is distinct from hash end as listed
      from (
        select *, first_value(id) over (partition by lower(key) collate "C"
                                            order by gone, held desc, active desc, id) as key_owner
          from compared
      ) owned
  ),
  counts as (
    select (count(*) filter (where not gone))::integer as "sourceRows",
           (count(*) filter (where valid))::integer as known,
           (count(*) filter (where not gone and held and not listed))::integer as unchanged
      from judged
  )
  select counts.*, d.*
    from counts
    left join (
      select id as "rowId", key, key_owner as "keyOwner", held, valid, gone, active,
             case when not gone then hash end as "sourceHash", ${columns}
        from judged
       where listed
    ) d on true
   order by d."rowId"`;
}

export interface ReadOnlyComparison {
  readonly mapping: string;
  readonly source: SourceOptions;
  /** Null when the scope names nothing that must be looked up. */
  readonly catalog: SourceCatalog | null;
}

export function readOnlyCompaniesQuery({ mapping, source, catalog }: ReadOnlyComparison): DifferencesQuery {
  const parameters = new Parameters([mapping]);
  const extra = extraSql("company", { columns: [], flag: source.scope.customerFlag }, catalog, parameters);
  const scope = customerScopeSql(source, extra.flag, parameters) ?? "true";
  const text = `
  with compared as (
    select coalesce(s.customer_id, h.row_id) as id,
           s.customer_id is null as gone,
           coalesce(s.active, false) as active,
           h.row_id is not null as held,
           coalesce(h.valid_id = 1, false) as valid,
           coalesce(h.customer_id, l.helpdesk_key, s.number, '') as key,
           h.source_hash,
           md5(row($1::text, s.name, s.street, s.zipcode, s.city, s.country, s.country_code, s.homepage,
                   s.active)::text) as hash,
           s.name, s.street, s.zipcode, s.city, s.country, s.country_code, s.homepage
      from (
        select v.customer_id, not v.obsolete and coalesce(${scope}, false) as active,
               btrim(regexp_replace(v.customernumber, '\\s+', ' ', 'g')) as number,
               v.name, v.street, v.zipcode, v.city, v.country, v.country_code, v.homepage
          from otrs_bridge.companies v
          ${extra.join}
      ) s
      full join otrs_bridge.helpdesk_companies h on h.row_id = s.customer_id
      left join otrs_bridge.links l on l.kind = 'company' and l.row_id = s.customer_id and l.confirmed
  ),
  ${answer(`coalesce(name, '') as name, coalesce(street, '') as street, coalesce(zipcode, '') as "zipCode",
            coalesce(city, '') as city, coalesce(country, '') as country,
            upper(btrim(coalesce(country_code, ''))) as "countryCode", coalesce(homepage, '') as homepage`)}`;
  return { text, values: parameters.values };
}

/**
 * A contact is filed under one customer: the one in the table (or in the link) while the relation exists; else, among its
 * customers that belong into the helpdesk (or all of them when none does), the only one for which it is the main contact,
 * else the lowest row id.
 */
function filedContacts({ source, catalog }: ReadOnlyComparison, parameters: Parameters): string {
  const contact = extraSql("user", { columns: [], flag: source.scope.contactFlag }, catalog, parameters);
  const customer = extraSql("company", { columns: [], flag: source.scope.customerFlag }, catalog, parameters);
  const scope = customerScopeSql(source, customer.flag, parameters);
  const scopeJoin =
    scope === null
      ? ""
      : `left join (
            select v.customer_id, ${scope} as in_scope
              from otrs_bridge.companies v
              ${customer.join}
          ) k on k.customer_id = v.customer_id`;
  return `
  select distinct on (r.contact_id, h.row_id)
         r.*, r.customers_live and r.flag as active, h.row_id, h.login, h.valid_id, h.source_hash, l.helpdesk_key
    from (
      select *,
             bool_or(customer_live) over customers as customers_live,
             count(*) filter (where cp_main) over customers as mains,
             count(*) filter (where cp_main and customer_live) over customers as live_mains
        from (
          select v.contact_id, v.customer_id, v.cp_title, v.cp_givenname, v.cp_name, v.cp_email, v.cp_phone1,
                 v.cp_mobile1, v.cp_main,
                 v.customer_valid_id = 1${scope === null ? "" : " and coalesce(k.in_scope, false)"} as customer_live,
                 ${contact.flag ?? "true"} as flag
            from public.otrs_customer_contacts v
            ${contact.join}
            ${scopeJoin}
        ) related
      window customers as (partition by contact_id)
    ) r
    full join otrs_bridge.helpdesk_users h on h.row_id = r.contact_id
    left join otrs_bridge.links l on l.kind = 'user' and l.row_id = r.contact_id and l.confirmed
   order by r.contact_id, h.row_id,
            coalesce(coalesce(h.filed_under, l.customer_id) = r.customer_id, false) desc,
            r.customer_live desc,
            r.cp_main and 1 = case when r.customers_live then r.live_mains else r.mains end desc,
            r.customer_id`;
}

export function readOnlyContactsQuery(comparison: ReadOnlyComparison): DifferencesQuery {
  const parameters = new Parameters([comparison.mapping]);
  const text = `
  with compared as (
    select coalesce(s.contact_id, s.row_id) as id,
           s.contact_id is null as gone,
           coalesce(s.active, false) as active,
           s.row_id is not null as held,
           coalesce(s.valid_id = 1, false) as valid,
           coalesce(s.login, s.helpdesk_key, lower(btrim(regexp_replace(s.cp_email, '\\s+', ' ', 'g'))), '') as key,
           s.source_hash,
           md5(row($1::text, s.customer_id, s.cp_title, s.cp_givenname, s.cp_name, s.cp_email, s.cp_phone1,
                   s.cp_mobile1, s.active)::text) as hash,
           s.customer_id, c.customer_id as company_key,
           s.cp_title, s.cp_givenname, s.cp_name, s.cp_email, s.cp_phone1, s.cp_mobile1
      from (${filedContacts(comparison, parameters)}) s
      left join otrs_bridge.helpdesk_companies c on c.row_id = s.customer_id
  ),
  ${answer(`customer_id as "customerId", company_key as "companyKey", coalesce(cp_title, '') as title,
            coalesce(cp_givenname, '') as "givenName", coalesce(cp_name, '') as name, coalesce(cp_email, '') as email,
            coalesce(cp_phone1, '') as phone, coalesce(cp_mobile1, '') as mobile`)}`;
  return { text, values: parameters.values };
}

/** Whether kivitendo has the customer with number $1. */
export const sentinelQuery = `
  select exists (select from otrs_bridge.companies where btrim(customernumber) = btrim($1::text)) as found`;

/** $1 row ids. Keys of rows that are gone become free for others. */
export const removal = (table: string): string => `delete from ${table} where row_id = any ($1::integer[])`;

/** $1 row ids of rows that are gone from kivitendo. */
export const invalidation = (table: string): string =>
  `update ${table} set valid_id = 2, source_hash = null where row_id = any ($1::integer[])`;

/** $1 rows as JSON. The key (first of `fixed`) stays as it was written first. */
export function upsert(table: string, fixed: readonly string[], changing: readonly string[]): string {
  const columns = [...fixed, ...changing].join(", ");
  return `
    insert into ${table} (${columns})
    select ${columns}
      from jsonb_populate_recordset(null::${table}, $1::jsonb)
        on conflict (row_id) do update
       set ${changing.map((column) => `${column} = excluded.${column}`).join(", ")}`;
}
