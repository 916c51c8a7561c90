/**
 * The comparison of kivitendo's rows with the tables that the helpdesk reads, one statement a kind. Parameter: $1 version
 * of the mapping. Each answer row repeats the counts; without differences there is one row with the counts alone.
 *
 * A key belongs to the row that the table has it for, while kivitendo has that row; else to the lowest row id that wants
 * it; a row that is gone gives it away.
 */

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

export const readOnlyCompaniesQuery = `
  with compared as (
    select coalesce(s.customer_id, h.row_id) as id,
           s.customer_id is null as gone,
           coalesce(not s.obsolete, false) as active,
           h.row_id is not null as held,
           coalesce(h.valid_id = 1, false) as valid,
           coalesce(h.customer_id, l.helpdesk_key, s.number, '') as key,
           h.source_hash,
           md5(row($1::text, s.name, s.street, s.zipcode, s.city, s.country, s.homepage, s.obsolete)::text) as hash,
           s.name, s.street, s.zipcode, s.city, s.country, s.homepage
      from (
        select customer_id, obsolete, btrim(regexp_replace(customernumber, '\\s+', ' ', 'g')) as number,
               coalesce(name, '') as name, coalesce(street, '') as street, coalesce(zipcode, '') as zipcode,
               coalesce(city, '') as city, coalesce(country, '') as country, coalesce(homepage, '') as homepage
          from otrs_bridge.companies
      ) s
      full join otrs_bridge.helpdesk_companies h on h.row_id = s.customer_id
      left join otrs_bridge.links l on l.kind = 'company' and l.row_id = s.customer_id and l.confirmed
  ),
  ${answer(`coalesce(name, '') as name, coalesce(street, '') as street, coalesce(zipcode, '') as "zipCode",
            coalesce(city, '') as city, coalesce(country, '') as country, coalesce(homepage, '') as homepage`)}`;

/**
 * A contact is filed under one customer: the one in the table (or in the link) while the relation exists; else, among its
 * customers that are not obsolete (or all of them when all are), the only one for which it is the main contact, else the
 * lowest row id.
 */
const filedContacts = `
  select distinct on (r.contact_id, h.row_id)
         r.*, h.row_id, h.login, h.valid_id, h.source_hash, l.helpdesk_key
    from (
      select contact_id, customer_id, cp_title, cp_givenname, cp_name, cp_email, cp_phone1, cp_mobile1, cp_main,
             customer_valid_id = 1 as customer_live,
             bool_or(customer_valid_id = 1) over customers as active,
             count(*) filter (where cp_main) over customers as mains,
             count(*) filter (where cp_main and customer_valid_id = 1) over customers as live_mains
        from public.otrs_customer_contacts
      window customers as (partition by contact_id)
    ) r
    full join otrs_bridge.helpdesk_users h on h.row_id = r.contact_id
    left join otrs_bridge.links l on l.kind = 'user' and l.row_id = r.contact_id and l.confirmed
   order by r.contact_id, h.row_id,
            coalesce(coalesce(h.filed_under, l.customer_id) = r.customer_id, false) desc,
            r.customer_live desc,
            r.cp_main and 1 = case when r.active then r.live_mains else r.mains end desc,
            r.customer_id`;

export const readOnlyContactsQuery = `
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
      from (${filedContacts}) s
      left join otrs_bridge.helpdesk_companies c on c.row_id = s.customer_id
  ),
  ${answer(`customer_id as "customerId", company_key as "companyKey", coalesce(cp_title, '') as title,
            coalesce(cp_givenname, '') as "givenName", coalesce(cp_name, '') as name, coalesce(cp_email, '') as email,
            coalesce(cp_phone1, '') as phone, coalesce(cp_mobile1, '') as mobile`)}`;

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
