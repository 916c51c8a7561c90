-- Binds the state to this database, once; another one is bound by `kivi-otrs setup --rebind` only.
do $bind$
declare
  system_id text := 'unknown';
begin
  if has_function_privilege('pg_catalog.pg_control_system()', 'execute') then
    select s.system_identifier::text into system_id from pg_catalog.pg_control_system() s;
  end if;
  perform set_config('role', pg_catalog.pg_get_userbyid(relowner), true)
     from pg_catalog.pg_class
    where oid = 'public.customer'::pg_catalog.regclass;
  insert into otrs_bridge.identity (instance, database_system_id, database_oid, database_name)
  select :'instance', system_id, d.oid, d.datname
    from pg_catalog.pg_database d
   where d.datname = current_database()
     and not exists (select from otrs_bridge.identity);
  insert into otrs_bridge.installation (bridge_role) values (:'bridge_role') on conflict (only_row) do nothing;
end
$bind$;
