-- What the bridge sees of kivitendo's customers and contacts. Runs as the owner of kivitendo's tables.
--
-- The views stand on functions, because a view over the tables would keep kivitendo's upgrade to 4.1.0 from dropping
-- contacts.cp_cv_id, contacts.cp_main and customer.country. The functions look into pg_catalog at every call and put
-- their query together for the columns that are there: 3.5.8 to 4.0.0, 4.1.0, and the moments between.
--
-- Text columns are what the ERP has, NULL included; booleans are never NULL.
-- The row type of a function cannot be replaced: a version with more columns brings a function of another name.

create or replace function otrs_bridge.has_column(table_name text, column_name text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $function$
  select exists (select from pg_attribute
                  where attrelid = to_regclass(table_name) and attname = column_name and not attisdropped)
$function$;

-- How to say a customer's country and its ISO code, and what to join for it; k is the customer.
create or replace function otrs_bridge.country_query(out name text, out code text, out joined text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $function$
begin
  name := 'null::text';
  code := 'null::text';
  joined := '';
  if otrs_bridge.has_column('public.customer', 'country_id') then
    name := 'o.description_de';
    code := 'o.iso2';
    joined := 'left join public.countries o on o.id = k.country_id';
  end if;
  -- While an upgrade is half done, the text that people typed still counts.
  if otrs_bridge.has_column('public.customer', 'country') then
    name := 'k.country';
  end if;
end
$function$;

-- Waiting for one table with another one in hand could end in a deadlock, whose victim might be kivitendo's upgrade: so
-- who cannot have a table at once gives up. Under the locks no column can go between the look and the query.
create or replace function otrs_bridge.lock_for_reading(variadic tables text[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
  wanted text;
begin
  foreach wanted in array tables loop
    if to_regclass(format('public.%I', wanted)) is not null then
      execute format('lock table public.%I in access share mode nowait', wanted);
    end if;
  end loop;
exception
  when lock_not_available then
    raise exception using
      errcode = 'lock_not_available',
      message = 'kivitendo''s table ' || wanted || ' is locked, by an upgrade for instance',
      hint = 'Ask again later.';
end
$function$;

create or replace function otrs_bridge.contact_rows()
returns table (
  contact_id integer, customer_id integer, cp_main boolean,
  cp_title text, cp_givenname text, cp_name text, cp_email text, cp_phone1 text, cp_mobile1 text,
  cp_abteilung text, cp_position text, cp_gender text,
  customernumber text, name text, department_1 text, department_2 text, street text, zipcode text, city text,
  country text, country_code text, phone text, fax text, homepage text, customer_email text, notes text,
  customer_greeting text, gln text, ustid text, language text, obsolete boolean,
  contact_create_time timestamp, contact_change_time timestamp,
  customer_create_time timestamp, customer_change_time timestamp
)
-- volatile, because only then locks are allowed and what follows sees the catalog as it is under the locks
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
cost 100000 rows 10000
as $function$
declare
  relations text;
  country_sql record;
begin
  perform otrs_bridge.lock_for_reading('contacts', 'customer', 'customer_contacts', 'countries', 'language');

  -- From the upgrade step that fills customer_contacts to the one that drops cp_cv_id both are there: the new one wins.
  relations := concat_ws(' union all ',
    case when to_regclass('public.customer_contacts') is not null then
      'select contact_id, customer_id, main from public.customer_contacts'
    end,
    case when otrs_bridge.has_column('public.contacts', 'cp_cv_id') then
      format('select cp_id, cp_cv_id, %s from public.contacts c where cp_cv_id is not null',
             case when otrs_bridge.has_column('public.contacts', 'cp_main') then 'cp_main' else 'null::boolean' end)
      || case when to_regclass('public.customer_contacts') is not null then
           ' and not exists (select from public.customer_contacts r'
           ' where r.contact_id = c.cp_id and r.customer_id = c.cp_cv_id)'
         else '' end
    end);
  country_sql := otrs_bridge.country_query();

  return query execute format($query$
    select c.cp_id, k.id, coalesce(r.main, false),
           c.cp_title, c.cp_givenname, c.cp_name, c.cp_email, c.cp_phone1, c.cp_mobile1,
           c.cp_abteilung, c.cp_position, c.cp_gender::text,
           k.customernumber, k.name, k.department_1, k.department_2, k.street, k.zipcode, k.city,
           %s, %s, k.phone, k.fax, k.homepage, k.email, k.notes,
           k.greeting, k.gln, k.ustid, l.template_code, coalesce(k.obsolete, false),
           c.itime, greatest(c.mtime, c.itime), k.itime, greatest(k.mtime, k.itime)
      from (%s) r (contact_id, customer_id, main)
      join public.contacts c on c.cp_id = r.contact_id
      join public.customer k on k.id = r.customer_id
      left join public.language l on l.id = k.language_id
      %s
     where btrim(c.cp_email, E' \t\r\n') <> ''
    $query$, country_sql.name, country_sql.code, relations, country_sql.joined);
exception
  -- A snapshot from before an upgrade step, asked after it: its catalog and its rows no longer belong together.
  when undefined_column or undefined_table then
    raise exception using
      errcode = 'serialization_failure',
      message = 'kivitendo''s tables changed while they were read: ' || sqlerrm,
      hint = 'Ask again in a new transaction.';
end
$function$;

create or replace function otrs_bridge.customer_rows()
returns table (
  customer_id integer, customernumber text, name text, department_1 text, department_2 text,
  street text, zipcode text, city text, country text, country_code text,
  phone text, fax text, homepage text, email text, notes text, greeting text, gln text, ustid text, language text,
  obsolete boolean, create_time timestamp, change_time timestamp, business_type text
)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
cost 100000 rows 10000
as $function$
declare
  country_sql record;
begin
  perform otrs_bridge.lock_for_reading('customer', 'countries', 'language', 'business');

  country_sql := otrs_bridge.country_query();

  return query execute format($query$
    select k.id, k.customernumber, k.name, k.department_1, k.department_2,
           k.street, k.zipcode, k.city, %s, %s,
           k.phone, k.fax, k.homepage, k.email, k.notes, k.greeting, k.gln, k.ustid, l.template_code,
           coalesce(k.obsolete, false), k.itime, greatest(k.mtime, k.itime), b.description
      from public.customer k
      left join public.language l on l.id = k.language_id
      left join public.business b on b.id = k.business_id
      %s
    $query$, country_sql.name, country_sql.code, country_sql.joined);
exception
  when undefined_column or undefined_table then
    raise exception using
      errcode = 'serialization_failure',
      message = 'kivitendo''s tables changed while they were read: ' || sqlerrm,
      hint = 'Ask again in a new transaction.';
end
$function$;

-- The first 21 columns are those that a helpdesk reading this view directly expects, in that order.
-- cp_password is always NULL: nobody can log in with a password that the ERP does not have.
create or replace view public.otrs_customer_contacts as
  select cp_title, cp_givenname, cp_name, cp_email, cp_phone1, cp_mobile1,
         null::text as cp_password,
         1 as cp_valid_id,
         customernumber, name, street, zipcode, city, country, phone, fax, homepage, notes,
         case when obsolete then 2 else 1 end as customer_valid_id,
         contact_create_time as create_time,
         contact_change_time as change_time,
         contact_id, customer_id, cp_main, cp_abteilung, cp_position, cp_gender, customer_greeting, gln, ustid,
         language, country_code, contact_create_time, contact_change_time, customer_create_time,
         customer_change_time, customer_email, department_1, department_2
    from otrs_bridge.contact_rows();

create or replace view otrs_bridge.companies as
  select customer_id, customernumber, name, department_1, department_2, street, zipcode, city, country, country_code,
         phone, fax, homepage, email, notes, greeting, gln, ustid, language, obsolete, create_time, change_time,
         business_type
    from otrs_bridge.customer_rows();

revoke all on function otrs_bridge.has_column(text, text), otrs_bridge.country_query(),
  otrs_bridge.lock_for_reading(text[]), otrs_bridge.contact_rows(), otrs_bridge.customer_rows() from public;

-- Whoever could read the view that was replaced may read this one (sql/replace-view.sql).
do $readers$
declare
  readers text := current_setting('otrs_bridge.readers', true);
begin
  if coalesce(readers, '') <> '' then
    execute format('grant select on public.otrs_customer_contacts to %s', readers);
    execute format('grant execute on function otrs_bridge.contact_rows() to %s', readers);
  end if;
end
$readers$;

-- The function that the view of companies stood on before it had business types: whoever could call it may call its
-- successor. It stays where somebody's own view stands on it.
do $successor$
declare
  earlier regprocedure := to_regprocedure('otrs_bridge.company_rows()');
  reader text;
begin
  if earlier is null then
    return;
  end if;
  for reader in
    select quote_ident(r.rolname)
      from pg_catalog.pg_proc p
     cross join lateral pg_catalog.aclexplode(p.proacl) x
      join pg_catalog.pg_roles r on r.oid = x.grantee
     where p.oid = earlier and x.grantee <> p.proowner
  loop
    execute format('grant execute on function otrs_bridge.customer_rows() to %s', reader);
  end loop;
  drop function otrs_bridge.company_rows();
exception
  when dependent_objects_still_exist then
    null;
end
$successor$;
