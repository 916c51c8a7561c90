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
import { customerScopeSql, extraSql, type Parameters } from "./source-sql.ts";

/**
 * Contacts. One is filed under one customer: the linked one while the relation exists; else, among its customers that
 * belong into the helpdesk (or all of them when none does), the only one for which it is the main contact, else the lowest
 * row id.
 *
 * Subqueries and one window instead of common table expressions: with 100 000 contacts each of those would be written
 * out and sorted again, because the view's function counts as volatile.
 */
export function contactsQuery(comparison: Comparison): DifferencesQuery {
  const { source, catalog, everything } = comparison;
  const parameters = firstParameters(comparison);
  const extra = extraSql(
    "user",
    { columns: source.contactColumns, flag: source.scope.contactFlag },
    catalog,
    parameters,
  );
  const filed = filedContacts(comparison, extra, parameters);
  const text = `
  with judged as (
    select *, ${listedSql("user", everything)} as listed
      from (
        select s.*,
               s.contact_id is null as gone,
               s.active as live,
               coalesce(s.rejection_code = 'waits-for-customer' and s.company_key is not null, false) as waits_no_longer,
               case
                 when s.others = '{}' or s.sent_companies is null then false
                 else s.sent_companies < (select count(*)
                                            from otrs_bridge.links c
                                           where c.kind = 'company' and c.confirmed and c.row_id = any (s.others))
               end as more_companies,
               md5(row($1::text, s.customer_id, s.title, s.givenname, s.name, s.email, s.phone, s.mobile, s.active,
                       s.others${extra.values === null ? "" : ", s.extra"})::text) as hash,
               ($3::text[] = '{}' and $4::text[] = '{}')
               or s.customernumber = any ($3::text[])
               or s.contact_id::text = any ($4::text[])
               or lower(btrim(s.email)) = any ($4::text[]) as selected
          from (
            select f.contact_id, f.customer_id, btrim(coalesce(f.customernumber, '')) as customernumber,
                   coalesce(f.cp_title, '') as title, coalesce(f.cp_givenname, '') as givenname,
                   coalesce(f.cp_name, '') as name, coalesce(f.cp_email, '') as email, coalesce(f.cp_phone1, '') as phone,
                   coalesce(f.cp_mobile1, '') as mobile, f.customers_live and f.flag as active, f.flag, f.extra,
                   case
                     when f.live_customers is null or f.live_customers = array[f.customer_id] then '{}'
                     else array(select other from unnest(f.live_customers) other where other <> f.customer_id order by other)
                   end as others,
                   f.status, f.helpdesk_key, f.confirmed, f.valid, f.attempts, f.source_hash, f.next_attempt_at,
                   f.rejection_code, f.adopted, f.source_key, f.link_label, f.sent_companies, f.link_customer_id,
                   f.decision, f.decision_value, f.id,
                   c.helpdesk_key as company_key
              from (${filed}) f
              left join otrs_bridge.links c on c.kind = 'company' and c.row_id = f.customer_id and c.confirmed
          ) s
        ${evaluatedOnce}
      ) compared
  ),
  ${answerSql(
    "user",
    `contact_id as "contactId", customer_id as "customerId", customernumber as "customerNumber",
     company_key as "companyKey", title, givenname as "givenName", name, email, phone, mobile, active,
     flag and not active as follows, extra,
     (select coalesce(json_agg(json_build_object('customerId', o, 'key', c.helpdesk_key) order by o), '[]')
        from unnest(others) o
        left join otrs_bridge.links c on c.kind = 'company' and c.row_id = o and c.confirmed) as "otherCustomers"`,
  )}`;
  return { text, values: parameters.values };
}

function filedContacts(
  { source, catalog }: Comparison,
  extra: { readonly join: string; readonly values: string | null; readonly flag: string | null },
  parameters: Parameters,
): string {
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
  select distinct on (r.contact_id, l.row_id)
         r.*, ${linkedColumns}, coalesce(r.contact_id, l.row_id) as id
    from (
      select contact_id, customer_id, customernumber, cp_title, cp_givenname, cp_name, cp_email, cp_phone1, cp_mobile1,
             cp_main, customer_live, flag, extra,
             bool_or(customer_live) over customers as customers_live,
             count(*) filter (where cp_main) over customers as mains,
             count(*) filter (where cp_main and customer_live) over customers as live_mains,
             array_agg(customer_id) filter (where customer_live) over customers as live_customers
        from (
          select v.contact_id, v.customer_id, v.customernumber, v.cp_title, v.cp_givenname, v.cp_name, v.cp_email,
                 v.cp_phone1, v.cp_mobile1, v.cp_main, ${live} as customer_live, ${extra.flag ?? "true"} as flag,
                 ${extra.values ?? "'{}'::text[]"} as extra
            from public.otrs_customer_contacts v
            ${extra.join}
            ${scopeJoin}
        ) related
      window customers as (partition by contact_id)
    ) r
    full join (select * from otrs_bridge.links where kind = 'user') l on l.row_id = r.contact_id
   order by r.contact_id, l.row_id,
            l.customer_id is not null and l.customer_id = r.customer_id desc,
            r.customer_live desc,
            r.cp_main and 1 = case when r.customers_live then r.live_mains else r.mains end desc,
            r.customer_id`;
}
