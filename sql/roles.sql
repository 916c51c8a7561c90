-- The bridge's role and its rights: exactly what follows, nothing else. Setup fills in its name.

do $role$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = :'bridge_role') then
    create role :"bridge_role" login :bridge_password;
    -- tells `setup --remove` whose role this is
    comment on role :"bridge_role" is 'created by kivi-otrs setup';
  end if;
  -- Both are PostgreSQL's defaults and need no grant, unless somebody closed them.
  if not has_database_privilege(:'bridge_role', current_database(), 'connect') then
    execute format('grant connect on database %I to %I', current_database(), :'bridge_role');
  end if;
  if not has_schema_privilege(:'bridge_role', 'public', 'usage') then
    grant usage on schema public to :"bridge_role";
  end if;

  -- From here on as the owner of kivitendo's tables.
  perform set_config('role', pg_catalog.pg_get_userbyid(relowner), true)
     from pg_catalog.pg_class
    where oid = 'public.customer'::pg_catalog.regclass;
end
$role$;

-- From the role that was the bridge's before, too.
do $revoke$
declare
  role_name text;
  granted regclass;
begin
  for role_name in
    select rolname
      from pg_catalog.pg_roles
     where rolname = :'bridge_role'
        or rolname in (select bridge_role from otrs_bridge.installation)
  loop
    for granted in
      select distinct c.oid::regclass
        from pg_catalog.pg_class c
        left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attacl is not null
       cross join lateral aclexplode(array_cat(c.relacl, a.attacl)) x
       where c.relkind in ('r', 'p', 'v', 'm', 'f')
         and pg_catalog.pg_get_userbyid(x.grantee) = role_name
    loop
      execute format('revoke all on table %s from %I', granted, role_name);
    end loop;
    execute format('revoke all on schema otrs_bridge from %I', role_name);
    execute format('revoke all on all functions in schema otrs_bridge from %I', role_name);
  end loop;
  update otrs_bridge.installation set bridge_role = :'bridge_role' where bridge_role <> :'bridge_role';
end
$revoke$;

-- What it reads of kivitendo, besides the views: billing's master data, without purchase prices or people's data.
grant select on public.otrs_customer_contacts to :"bridge_role";
grant select (id, customernumber, name, obsolete, taxzone_id, currency_id, payment_id, language_id, delivery_term_id,
              salesman_id, taxincluded_checked) on public.customer to :"bridge_role";
grant select (id, partnumber, description, unit, sellprice, price_factor_id, part_type, obsolete)
  on public.parts to :"bridge_role";
grant select (name, base_unit, factor, type) on public.units to :"bridge_role";
grant select (id, currency_id, language_id, ar_chart_id, precision) on public.defaults to :"bridge_role";
grant select (id, login, deleted) on public.employee to :"bridge_role";
grant select (id, name) on public.currencies to :"bridge_role";
grant select (id, description, template_code) on public.language to :"bridge_role";
grant select (id, description) on public.tax_zones to :"bridge_role";

-- What became of drafts and orders, and where ticket numbers stand.
grant select (id, invnumber, customer_id, type, storno, itime) on public.ar to :"bridge_role";
grant select (id, trans_id, parts_id, description, longdescription, serialnumber, qty, assemblyitem, itime, mtime)
  on public.invoice to :"bridge_role";
grant select (id, ordnumber, customer_id, closed) on public.oe to :"bridge_role";
grant select (id, trans_id, description, longdescription, serialnumber, qty, itime, mtime)
  on public.orderitems to :"bridge_role";
grant select (from_table, from_id, to_table, to_id) on public.record_links to :"bridge_role";

-- The only thing that it writes there. No update, no delete: a draft is write-once.
grant select, insert on public.drafts to :"bridge_role";

-- Its own memory. The ledger, what was written and what people decided is only ever added to. Lines can be edited while
-- they are a proposal, and drafts change their state: triggers say which.
grant usage on schema otrs_bridge to :"bridge_role";
grant execute on function otrs_bridge.contact_rows(), otrs_bridge.customer_rows(), otrs_bridge.variable_rows(text, text[]),
  otrs_bridge.variable_defaults(), otrs_bridge.business_types(), otrs_bridge.fold(text),
  otrs_bridge.discard_draft(text, text) to :"bridge_role";
grant select on otrs_bridge.companies, otrs_bridge.variables, otrs_bridge.schema_migrations to :"bridge_role";
grant select, update (helpdesk_id) on otrs_bridge.identity to :"bridge_role";
grant select, insert, update on otrs_bridge.runs, otrs_bridge.links, otrs_bridge.cursor, otrs_bridge.tickets,
  otrs_bridge.time_entries, otrs_bridge.inbox, otrs_bridge.source_rows, otrs_bridge.exported_records to :"bridge_role";
grant select, insert on otrs_bridge.guarded_changes, otrs_bridge.decisions, otrs_bridge.drafts, otrs_bridge.lines,
  otrs_bridge.ledger, otrs_bridge.line_edits, otrs_bridge.billing_unit, otrs_bridge.acknowledged,
  otrs_bridge.billing_decisions, otrs_bridge.exports to :"bridge_role";
grant update (status, kivitendo_id, kivitendo_number, form_md5, net_amount, invoice_id, invoice_number, told_at,
              released_by, released_at) on otrs_bridge.drafts to :"bridge_role";
grant update (kind, part_id, part_number, unit, unit_price, discount, quantity, net_amount, price_source, description,
              long_description, kivitendo_row) on otrs_bridge.lines to :"bridge_role";

-- What the helpdesk reads by itself when customers.way is read-only.
grant select, insert, update, delete on otrs_bridge.helpdesk_users, otrs_bridge.helpdesk_companies to :"bridge_role";
