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
       where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
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
              salesman_id, taxincluded_checked, order_lock, hourly_rate) on public.customer to :"bridge_role";
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

-- What prices were agreed, and which orders carry recurring invoices.
grant select (transdate, currency_id, taxincluded, globalproject_id) on public.oe to :"bridge_role";
grant select (parts_id, position, sellprice, discount, price_factor, unit, project_id, optional)
  on public.orderitems to :"bridge_role";
grant select (parts_id, customer_id, price) on public.part_customer_prices to :"bridge_role";
grant select (id, oe_id, periodicity, order_value_periodicity, start_date, first_billing_date, end_date,
              extend_automatically_by, terminated, active) on public.periodic_invoices_configs to :"bridge_role";
grant select (config_id, period_start_date) on public.periodic_invoices to :"bridge_role";

-- The same, as far as the release has it.
do $releases$
declare
  found record;
begin
  for found in
    select a.attrelid::regclass as relation, string_agg(quote_ident(a.attname), ', ' order by a.attname) as columns
      from pg_catalog.pg_attribute a
     where not a.attisdropped
       and (a.attrelid = 'public.oe'::regclass and a.attname in ('record_type', 'quotation')
            or a.attrelid = 'public.orderitems'::regclass
               and a.attname in ('recurring_billing_mode', 'recurring_billing_invoice_id'))
     group by a.attrelid
  loop
    execute format('grant select (%s) on %s to %I', found.columns, found.relation, :'bridge_role');
  end loop;
end
$releases$;

-- The only thing that it always writes there. No update, no delete: a draft is write-once.
grant select, insert on public.drafts to :"bridge_role";

-- Orders, when billing.target or a customer's own target asks for them. The part's purchase price stands with each line,
-- and the margin that it leaves. No delete.
do $orders$
declare
  found text;
begin
  if not (:writes_orders or :writes_recurring) then
    return;
  end if;
  grant select (buchungsgruppen_id, lastcost) on public.parts to :"bridge_role";
  grant select (taxzone_id, buchungsgruppen_id, income_accno_id) on public.taxzone_charts to :"bridge_role";
  grant select (chart_id, tax_id, startdate) on public.taxkeys to :"bridge_role";
  grant select (id, rate, chart_id) on public.tax to :"bridge_role";
  grant insert (trans_id, parts_id, description, longdescription, qty, base_qty, unit, sellprice, discount, project_id,
                serialnumber, marge_total, marge_percent, lastcost, position, subtotal, optional, active_price_source,
                active_discount_source) on public.orderitems to :"bridge_role";
  grant insert (trans_id, employee_id, addition, what_done, snumbers) on public.history_erp to :"bridge_role";
  grant usage on sequence public.id, public.orderitemsid to :"bridge_role";
  if :writes_orders then
    grant select (sonumber), update (sonumber) on public.defaults to :"bridge_role";
    grant insert (ordnumber, transdate, customer_id, amount, netamount, taxincluded, shippingpoint, notes, employee_id,
                  quonumber, cusordnumber, intnotes, shipvia, language_id, payment_id, taxzone_id, salesman_id,
                  marge_total, marge_percent, transaction_description, delivery_term_id, currency_id, tax_point)
      on public.oe to :"bridge_role";
    if to_regclass('public.oe_version') is not null then
      grant insert (oe_id, version) on public.oe_version to :"bridge_role";
    end if;
  end if;
  if :writes_recurring then
    grant select (taxzone_id, tax_point, reqdate, marge_total, marge_percent),
          update (amount, netamount, marge_total, marge_percent) on public.oe to :"bridge_role";
  end if;
  -- As far as the release has them.
  for found in
    select format('grant insert (%I) on %s to %I', a.attname, a.attrelid::regclass, :'bridge_role')
      from pg_catalog.pg_attribute a
     where not a.attisdropped
       and (:writes_orders and a.attrelid = 'public.oe'::regclass
              and a.attname in ('record_type', 'quotation', 'tax_point_start')
            or a.attrelid = 'public.orderitems'::regclass
              and a.attname in ('recurring_billing_mode', 'invoicing_period_start', 'invoicing_period_end'))
     order by 1
  loop
    execute found;
  end loop;
end
$orders$;

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
