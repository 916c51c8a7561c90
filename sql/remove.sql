-- Takes away everything that setup made; the ledger goes with it.

do $remove$
declare
  earlier text;
  granted regclass;
  bridge oid := (select oid from pg_catalog.pg_roles where rolname = :'bridge_role');
begin
  perform set_config('role', pg_catalog.pg_get_userbyid(relowner), true)
     from pg_catalog.pg_class
    where oid = 'public.customer'::pg_catalog.regclass;
  if to_regclass('otrs_bridge.installation') is not null then
    select replaced_view into earlier from otrs_bridge.installation;
  end if;
  if (:view_kind) = 'own' then
    drop view public.otrs_customer_contacts;
  end if;
  drop schema if exists otrs_bridge cascade;

  for granted in
    select distinct c.oid::regclass
      from pg_catalog.pg_class c
      left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attacl is not null
     cross join lateral aclexplode(array_cat(c.relacl, a.attacl)) x
     where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
       and x.grantee = bridge
  loop
    execute format('revoke all on table %s from %I', granted, :'bridge_role');
  end loop;
  perform set_config('role', 'none', true);

  if earlier is not null and to_regclass('public.otrs_customer_contacts') is null then
    begin
      execute earlier;
    exception when undefined_column or undefined_table or undefined_object or insufficient_privilege then
      raise notice 'The earlier view could not be made again (%):%', sqlerrm, E'\n' || earlier;
    end;
  end if;
end
$remove$;

do $role$
begin
  if exists (select from pg_catalog.pg_namespace n cross join lateral aclexplode(n.nspacl) x
              where n.nspname = 'public' and pg_catalog.pg_get_userbyid(x.grantee) = :'bridge_role') then
    execute format('revoke usage on schema public from %I', :'bridge_role');
  end if;
  if exists (select from pg_catalog.pg_database d cross join lateral aclexplode(d.datacl) x
              where d.datname = current_database() and pg_catalog.pg_get_userbyid(x.grantee) = :'bridge_role') then
    execute format('revoke connect on database %I from %I', current_database(), :'bridge_role');
  end if;
  if (select pg_catalog.shobj_description(oid, 'pg_authid') = 'created by kivi-otrs setup'
        from pg_catalog.pg_roles where rolname = :'bridge_role') then
    begin
      execute format('drop role %I', :'bridge_role');
    exception when dependent_objects_still_exist or insufficient_privilege then
      raise notice 'The role % stays: %', :'bridge_role', sqlerrm;
    end;
  end if;
end
$role$;
