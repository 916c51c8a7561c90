-- Schema otrs_bridge and what setup itself remembers. Everything is owned by the owner of kivitendo's tables, so that
-- kivitendo's own backup (pg_dump as that role) goes on working.

do $prepare$
declare
  owner_role text := (select pg_catalog.pg_get_userbyid(relowner) from pg_catalog.pg_class
                       where oid = 'public.customer'::pg_catalog.regclass);
begin
  -- Before the change of role: the owner of the tables need not own the database.
  if pg_catalog.to_regnamespace('otrs_bridge') is null then
    execute format('create schema otrs_bridge authorization %I', owner_role);
  end if;
  perform set_config('role', owner_role, true);
end
$prepare$;

create table if not exists otrs_bridge.schema_migrations (
  number      integer primary key,
  name        text not null,
  -- sha256 of the file; a released migration never changes
  checksum    text not null,
  applied_at  timestamptz not null default now()
);

-- One row: what setup found, so that `setup --remove` can put it back.
create table if not exists otrs_bridge.installation (
  only_row       boolean primary key default true check (only_row),
  bridge_role    text not null,
  -- SQL that makes the otrs_customer_contacts that stood there before
  replaced_view  text
);
