-- Refuses to take away what something of somebody else's stands on.
do $guard$
declare
  dependents text;
begin
  select string_agg(distinct d.ev_class::regclass::text, ', ')
    into dependents
    from pg_catalog.pg_depend p
    join pg_catalog.pg_rewrite d on p.classid = 'pg_catalog.pg_rewrite'::regclass and p.objid = d.oid
    join pg_catalog.pg_class c on c.oid = d.ev_class
    left join pg_catalog.pg_class used on p.refclassid = 'pg_catalog.pg_class'::regclass and used.oid = p.refobjid
    left join pg_catalog.pg_proc called on p.refclassid = 'pg_catalog.pg_proc'::regclass and called.oid = p.refobjid
   where (coalesce(used.relnamespace, called.pronamespace) = to_regnamespace('otrs_bridge')
          or used.oid = to_regclass('public.otrs_customer_contacts') and (:view_kind) = 'own')
     and c.relnamespace is distinct from to_regnamespace('otrs_bridge')
     and c.oid is distinct from to_regclass('public.otrs_customer_contacts');
  if dependents is not null then
    raise exception 'These use what is to be removed: %.', dependents using hint = 'Drop them first.';
  end if;
end
$guard$;
