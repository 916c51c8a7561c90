-- What public.otrs_customer_contacts is: none, own (over our function), earlier (a plain view over kivitendo's
-- contacts and customers that somebody installed before) or foreign.
with found as (
  select oid, relkind from pg_catalog.pg_class where oid = pg_catalog.to_regclass('public.otrs_customer_contacts')
),
reads as (
  select d.refclassid, d.refobjid
    from found f
    join pg_catalog.pg_rewrite r on r.ev_class = f.oid
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = r.oid
)
select case
         when not exists (select from found) then 'none'
         when (select relkind from found) <> 'v' then 'foreign'
         when exists (select from reads
                        join pg_catalog.pg_proc p on p.oid = refobjid
                       where refclassid = 'pg_catalog.pg_proc'::regclass
                         and p.pronamespace = pg_catalog.to_regnamespace('otrs_bridge')) then 'own'
         when (select count(distinct refobjid) from reads
                where refclassid = 'pg_catalog.pg_class'::regclass
                  and refobjid in (pg_catalog.to_regclass('public.contacts'), pg_catalog.to_regclass('public.customer'))
              ) = 2
          and (select count(*) from pg_catalog.pg_attribute a join found f on f.oid = a.attrelid
                where a.attname in ('cp_email', 'customernumber')) = 2 then 'earlier'
         else 'foreign'
       end as kind
