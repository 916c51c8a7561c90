/** The comparison of contacts; the frame is in differences-sql.ts. */
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
 * Contacts. One is filed under one customer: the linked one while the relation exists; else, among its customers that
 * belong into the helpdesk (or all of them when none does), the only one for which it is the main contact, else the lowest
 * row id. Nearly all contacts have one customer, so only the others are grouped, and nothing is sorted. Those that wait for
 * one of the customers in `triedAgain` are listed with it.
 */
export function contactsQuery(comparison: Comparison, triedAgain: readonly number[] = []): DifferencesQuery {
  const { source, catalog, everything } = comparison;
  const parameters = firstParameters(comparison);
  const tried = parameters.add(triedAgain);
  const named = { columns: source.contactColumns, flag: source.scope.contactFlag };
  const extra = extraSql("user", named, catalog, parameters);
  const text = `
  with ${filedContacts(comparison, extra, parameters)},
  judged as (
    select *, ${listedSql("user", everything)} as listed
      from (
        select s.*,
               s.contact_id is null as gone,
               s.active as live,
               coalesce(s.rejection_code = 'waits-for-customer'
                          and (s.company_key is not null or s.customer_id = any (${tried}::integer[])), false) as waits_no_longer,
               case
                 when not s.shared or s.sent_companies is null then false
                 else s.sent_companies < (select count(*)
                                            from otrs_bridge.links c
                                           where c.kind = 'company' and c.row_id = any (s.others)
                                             and (c.confirmed or c.row_id = any (${tried}::integer[])))
               end as more_companies,
               md5(concat_ws(E'\\x1f', $1::text, s.customer_id, s.title, s.givenname, s.name, s.email, s.phone, s.mobile,
                             s.active, case when s.shared then s.others end${extra.values === null ? "" : ", s.extra"})) as hash,
               ($3::text[] = '{}' and $4::text[] = '{}')
               or s.customernumber = any ($3::text[])
               or s.contact_id::text = any ($4::text[])
               or lower(btrim(s.email)) = any ($4::text[]) as selected
          from (
            select f.*,
                   f.customers_live and f.flag as active,
                   case when f.shared then array_remove(f.live_customers, f.customer_id) else '{}' end as others
              from filed f
            ${evaluatedOnce}
          ) s
        ${evaluatedOnce}
      ) compared
  ),
  ${answerSql(
    `contact_id as "contactId", customer_id as "customerId", customernumber as "customerNumber",
     company_key as "companyKey", title, givenname as "givenName", name, email, phone, mobile, active,
     flag and not active as follows, extra,
     (select coalesce(json_agg(json_build_object('customerId', o, 'key', c.helpdesk_key) order by o), '[]')
        from unnest(others) o
        left join otrs_bridge.links c on c.kind = 'company' and c.row_id = o and c.confirmed) as "otherCustomers"`,
  )}`;
  return { text, values: parameters.values };
}

/** The tables `related`, `shared` and `filed` of the query: a row for each relation, shared contact, and contact or link. */
function filedContacts({ source, catalog }: Comparison, extra: ExtraSql, parameters: Parameters): string {
  const customers = extraSql("company", { columns: [], flag: source.scope.customerFlag }, catalog, parameters);
  const scope = customerScopeSql(source, customers.flag, parameters);
  const scopeJoin =
    scope === null
      ? ""
      : `left join (
            select v.customer_id, ${scope} as in_scope
              from otrs_bridge.companies v
              ${customers.join}
          ) k on k.customer_id = v.customer_id`;
  const live = scope === null ? "v.customer_valid_id = 1" : "v.customer_valid_id = 1 and coalesce(k.in_scope, false)";
  return `
  related as materialized (
    select v.contact_id, v.customer_id, btrim(coalesce(v.customernumber, '')) as customernumber,
           coalesce(v.cp_title, '') as title, coalesce(v.cp_givenname, '') as givenname, coalesce(v.cp_name, '') as name,
           coalesce(v.cp_email, '') as email, coalesce(v.cp_phone1, '') as phone, coalesce(v.cp_mobile1, '') as mobile,
           v.cp_main, ${live} as customer_live, ${extra.flag ?? "true"} as flag, ${extra.values ?? "'{}'::text[]"} as extra,
           c.helpdesk_key as company_key
      from public.otrs_customer_contacts v
      left join otrs_bridge.links c on c.kind = 'company' and c.row_id = v.customer_id and c.confirmed
      ${extra.join}
      ${scopeJoin}
  ),
  shared as materialized (
    select r.contact_id,
           array_agg(r.customer_id) as customers,
           array_agg(r.customer_id order by r.customer_id) filter (where r.customer_live) as live_customers,
           case
             when bool_or(r.customer_live) then
               case when count(*) filter (where r.cp_main and r.customer_live) = 1
                    then min(r.customer_id) filter (where r.cp_main and r.customer_live)
                    else min(r.customer_id) filter (where r.customer_live) end
             when count(*) filter (where r.cp_main) = 1 then min(r.customer_id) filter (where r.cp_main)
             else min(r.customer_id)
           end as first_customer
      from related r
      join (select contact_id from related group by contact_id having count(*) > 1) m on m.contact_id = r.contact_id
     group by r.contact_id
  ),
  filed as (
    select r.contact_id, r.customer_id, r.customernumber, r.title, r.givenname, r.name, r.email, r.phone, r.mobile, r.flag,
           r.extra, r.company_key, ${linkedColumns}, coalesce(r.contact_id, l.row_id) as id,
           h.contact_id is not null as shared,
           case when h.contact_id is null then r.customer_live else h.live_customers is not null end as customers_live,
           coalesce(h.live_customers, '{}') as live_customers
      from related r
      full join (select * from otrs_bridge.links where kind = 'user') l on l.row_id = r.contact_id
      left join shared h on h.contact_id = r.contact_id
     where r.contact_id is null
        or h.contact_id is null
        or r.customer_id = case when l.customer_id = any (h.customers) then l.customer_id else h.first_customer end
  )`;
}
