-- Makes room for the view: one of this name that somebody installed before (a plain one over kivitendo's tables) is
-- remembered together with who may read it, and dropped. Anything else of this name is refused.
do $replace$
declare
  kind text := (:view_kind);
  found pg_catalog.pg_class;
  readers text;
begin
  perform set_config('otrs_bridge.readers', '', true);
  if kind = 'foreign' then
    raise exception 'public.otrs_customer_contacts exists and is not a view over kivitendo''s contacts and customers.'
      using hint = 'Rename it, then run this again.';
  end if;
  if kind <> 'earlier' then
    return;
  end if;

  select * into strict found from pg_catalog.pg_class where oid = 'public.otrs_customer_contacts'::regclass;
  select string_agg(distinct quote_ident(r.rolname), ', ')
    into readers
    from pg_catalog.aclexplode(found.relacl) a
    join pg_catalog.pg_roles r on r.oid = a.grantee
   where a.privilege_type = 'SELECT'
     and a.grantee <> found.relowner;
  perform set_config('otrs_bridge.readers', coalesce(readers, ''), true);

  insert into otrs_bridge.installation (bridge_role, replaced_view)
  values (:'bridge_role',
          format(E'create view public.otrs_customer_contacts as\n%s\nalter view public.otrs_customer_contacts owner to %I;\n',
                 pg_catalog.pg_get_viewdef(found.oid), pg_catalog.pg_get_userbyid(found.relowner))
          || coalesce(format(E'grant select on public.otrs_customer_contacts to %s;\n', readers), ''))
  on conflict (only_row) do update set replaced_view = excluded.replaced_view;
  drop view public.otrs_customer_contacts;
end
$replace$;
