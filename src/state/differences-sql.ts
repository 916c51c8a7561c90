/**
 * The comparison of kivitendo's rows with the links, one statement a kind, so that its view is evaluated once.
 * Parameters: $1 mapping version, $2 now, $3 customer numbers, $4 contacts (row ids or lower-case e-mails; both lists
 * empty: everything). Each answer row repeats the counts; without differences there is one row with the counts alone.
 */

/** Whether a row is given to the flow. Expects columns `gone`, `live`, `hash`, `waits_no_longer` and those of the link. */
const listed = `
  case
    when gone then
      $3::text[] = '{}' and $4::text[] = '{}' and valid and (confirmed or status = 'writing')
      and (status <> 'rejected' or next_attempt_at <= $2::timestamptz)
    when not selected then false
    -- Obsolete and never in the helpdesk: nothing to make invalid.
    when status is null or (status = 'rejected' and not confirmed and not live) then coalesce(status is null and live, false)
    when status = 'writing' then true
    when source_hash is distinct from hash then true
    when status = 'rejected' then
      next_attempt_at <= $2::timestamptz or waits_no_longer or $3::text[] <> '{}' or $4::text[] <> '{}'
    else false
  end`;

const linkColumns = `
  status, helpdesk_key as key, confirmed, valid, attempts`;

/** Keeps a subquery apart, so that the hash in it is not computed for each place where it is used. */
const evaluatedOnce = "offset 0";

/** Counts over `judged`, and the listed rows beside them. */
function answer(kind: "company" | "user", columns: string): string {
  return `
  counts as (
    select (count(*) filter (where not gone))::integer as "sourceRows",
           (count(*) filter (where not gone and selected and not listed and status is not null
                               and (confirmed or live)))::integer as unchanged,
           (select count(*)::integer
              from otrs_bridge.links
             where kind = '${kind}' and confirmed and valid) as known
      from judged
  )
  select counts.*, d.*
    from counts
    left join (
      select id as "row", gone, ${columns}, hash as "sourceHash", ${linkColumns}
        from judged
       where listed
    ) d on true
   order by d."row"`;
}

export const companiesQuery = `
  with judged as (
    select *, ${listed} as listed
      from (
        select s.*, l.status, l.helpdesk_key, l.confirmed, l.valid, l.attempts, l.source_hash, l.next_attempt_at,
               coalesce(s.customer_id, l.row_id) as id,
               s.customer_id is null as gone,
               not s.obsolete as live,
               false as waits_no_longer,
               md5(row($1::text, s.customernumber, s.name, s.street, s.zipcode, s.city, s.country, s.homepage,
                       s.obsolete)::text) as hash,
               ($3::text[] = '{}' and $4::text[] = '{}')
               or s.customernumber = any ($3::text[])
               or s.customer_id in (
                    select c.customer_id
                      from public.otrs_customer_contacts c
                     where $4::text[] <> '{}'
                       and (c.contact_id::text = any ($4::text[]) or lower(btrim(c.cp_email)) = any ($4::text[]))
                  ) as selected
          from (
            select customer_id, btrim(coalesce(customernumber, '')) as customernumber, coalesce(name, '') as name,
                   coalesce(street, '') as street, coalesce(zipcode, '') as zipcode, coalesce(city, '') as city,
                   coalesce(country, '') as country, coalesce(homepage, '') as homepage, obsolete
              from otrs_bridge.companies
          ) s
          full join (select * from otrs_bridge.links where kind = 'company') l on l.row_id = s.customer_id
        ${evaluatedOnce}
      ) compared
  ),
  ${answer(
    "company",
    `customer_id as "customerId", customernumber as "customerNumber", name, street, zipcode as "zipCode", city, country,
     homepage, obsolete`,
  )}`;

/**
 * A contact is filed under one customer: the linked one while the relation exists; else, among its customers that are
 * not obsolete (or all of them when all are), the only one for which it is the main contact, else the lowest row id.
 *
 * Subqueries and one window instead of common table expressions: with 100 000 contacts each of those would be written
 * out and sorted again, because the view's function counts as volatile.
 */
const filedContacts = `
  select distinct on (r.contact_id, l.row_id)
         r.*, l.status, l.helpdesk_key, l.confirmed, l.valid, l.attempts, l.source_hash, l.next_attempt_at,
         l.rejection_code, coalesce(r.contact_id, l.row_id) as id
    from (
      select contact_id, customer_id, customernumber, cp_title, cp_givenname, cp_name, cp_email, cp_phone1, cp_mobile1,
             cp_main, customer_valid_id = 1 as customer_live,
             bool_or(customer_valid_id = 1) over customers as active,
             count(*) filter (where cp_main) over customers as mains,
             count(*) filter (where cp_main and customer_valid_id = 1) over customers as live_mains
        from public.otrs_customer_contacts
      window customers as (partition by contact_id)
    ) r
    full join (select * from otrs_bridge.links where kind = 'user') l on l.row_id = r.contact_id
   order by r.contact_id, l.row_id,
            l.customer_id is not null and l.customer_id = r.customer_id desc,
            r.customer_live desc,
            r.cp_main and 1 = case when r.active then r.live_mains else r.mains end desc,
            r.customer_id`;

export const contactsQuery = `
  with judged as (
    select *, ${listed} as listed
      from (
        select s.contact_id, s.customer_id, btrim(coalesce(s.customernumber, '')) as customernumber,
               coalesce(s.cp_title, '') as title, coalesce(s.cp_givenname, '') as givenname,
               coalesce(s.cp_name, '') as name, coalesce(s.cp_email, '') as email, coalesce(s.cp_phone1, '') as phone,
               coalesce(s.cp_mobile1, '') as mobile, s.active,
               c.helpdesk_key as company_key,
               s.status, s.helpdesk_key, s.confirmed, s.valid, s.attempts, s.source_hash, s.next_attempt_at, s.id,
               s.contact_id is null as gone,
               s.active as live,
               coalesce(s.rejection_code = 'waits-for-customer' and c.helpdesk_key is not null, false) as waits_no_longer,
               md5(row($1::text, s.customer_id, coalesce(s.cp_title, ''), coalesce(s.cp_givenname, ''),
                       coalesce(s.cp_name, ''), coalesce(s.cp_email, ''), coalesce(s.cp_phone1, ''),
                       coalesce(s.cp_mobile1, ''), s.active)::text) as hash,
               ($3::text[] = '{}' and $4::text[] = '{}')
               or btrim(s.customernumber) = any ($3::text[])
               or s.contact_id::text = any ($4::text[])
               or lower(btrim(s.cp_email)) = any ($4::text[]) as selected
          from (${filedContacts}) s
          left join otrs_bridge.links c on c.kind = 'company' and c.row_id = s.customer_id and c.confirmed
        ${evaluatedOnce}
      ) compared
  ),
  ${answer(
    "user",
    `contact_id as "contactId", customer_id as "customerId", customernumber as "customerNumber",
     company_key as "companyKey", title, givenname as "givenName", name, email, phone, mobile, active`,
  )}`;
