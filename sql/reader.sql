-- The role that the helpdesk reads with (customers.readerRole; null without one): the two tables and nothing else.
do $reader$
declare
  wanted text := :reader_role;
  earlier text;
begin
  perform set_config('role', pg_catalog.pg_get_userbyid(relowner), true)
     from pg_catalog.pg_class
    where oid = 'public.customer'::pg_catalog.regclass;
  select reader_role into strict earlier from otrs_bridge.installation;
  if earlier <> wanted or wanted is null then
    if exists (select from pg_catalog.pg_roles where rolname = earlier) then
      execute format('revoke select on otrs_bridge.helpdesk_users, otrs_bridge.helpdesk_companies from %I', earlier);
      execute format('revoke usage on schema otrs_bridge from %I', earlier);
    end if;
  end if;
  if wanted is not null then
    if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
      raise exception 'The role "%" in customers.readerRole does not exist.', wanted
        using hint = format('Have a DBA run `create role %I login password ''…''`, then run `kivi-otrs setup` again.', wanted);
    end if;
    execute format('grant usage on schema otrs_bridge to %I', wanted);
    execute format('grant select on otrs_bridge.helpdesk_users, otrs_bridge.helpdesk_companies to %I', wanted);
  end if;
  update otrs_bridge.installation set reader_role = wanted where reader_role is distinct from wanted;
end
$reader$;
