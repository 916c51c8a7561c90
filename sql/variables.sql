-- kivitendo's custom variables of customers (module CT) and contacts (module Contacts), its business types, and how a
-- helpdesk's database compares texts. Runs as the owner of kivitendo's tables.

-- Text as the most tolerant database of a helpdesk compares it: case, accents, ß and trailing blanks do not count, nor
-- which of the characters beyond the first plane it is. The marks are those of Latin, Greek, Cyrillic, Hebrew and Arabic.
create or replace function otrs_bridge.fold(given text) returns text
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $function$
  select rtrim(replace(replace(lower(
           regexp_replace(
             regexp_replace(normalize(given, nfkd),
               '[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]',
               '', 'g'),
             '[\U00010000-\U0010ffff]', U&'\FFFD', 'g')
         ), 'ß', 'ss'), 'ẞ', 'ss'), ' ')
$function$;

-- What a variable is for a row that has no value of its own, as SL/CVar.pm and SL/DB/CustomVariableConfig.pm have it. A
-- date that starts as "now" is empty: it would be another one every day.
create or replace function otrs_bridge.variable_defaults()
returns table (module text, name text, type text, value text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
cost 1000 rows 20
as $function$
begin
  if to_regclass('public.custom_variable_configs') is null then
    return;
  end if;
  perform otrs_bridge.lock_for_reading('custom_variable_configs');
  return query execute $query$
    select d.module, d.name, d.type,
           case
             when d.type = 'bool' then case when d.default_value ~ '^\s*[+-]?[0.]*[1-9]' then '1' else '0' end
             when d.type = 'select' and not coalesce(d.default_value = any (string_to_array(d.options, '##')), false)
               then coalesce(split_part(d.options, '##', 1), '')
             when d.type = 'multiselect'
               then replace(regexp_replace(coalesce(d.default_value, ''), '^##|##$', '', 'g'), '##', ', ')
             when d.type in ('date', 'timestamp') and d.default_value = 'NOW' then ''
             else coalesce(d.default_value, '')
           end
      from public.custom_variable_configs d
     where d.module in ('CT', 'Contacts')
    $query$;
exception
  when undefined_column or undefined_table then
    raise exception using
      errcode = 'serialization_failure',
      message = 'kivitendo''s tables changed while they were read: ' || sqlerrm,
      hint = 'Ask again in a new transaction.';
end
$function$;

-- The values that rows have of their own, never NULL: yes and no as 1 and 0, dates as 2026-11-22, several choices with
-- commas between, customers, vendors and parts by their row id. Both arguments may be left out.
create or replace function otrs_bridge.variable_rows(of_module text default null, named text[] default null)
returns table (module text, row_id integer, name text, value text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
cost 100000 rows 10000
as $function$
begin
  if to_regclass('public.custom_variables') is null then
    return;
  end if;
  perform otrs_bridge.lock_for_reading('custom_variable_configs', 'custom_variables');
  return query execute $query$
    select d.module, v.trans_id, d.name,
           coalesce(case
             when d.type = 'bool' then case when v.bool_value then '1' else '0' end
             when d.type = 'date' then to_char(v.timestamp_value, 'YYYY-MM-DD')
             when d.type = 'timestamp' then to_char(v.timestamp_value, 'YYYY-MM-DD HH24:MI:SS')
             when d.type in ('number', 'customer', 'vendor', 'part') then trim_scale(v.number_value)::text
             when d.type = 'multiselect' then replace(regexp_replace(v.text_value, '^##|##$', '', 'g'), '##', ', ')
             else v.text_value
           end, '')
      from public.custom_variable_configs d
      join public.custom_variables v on v.config_id = d.id and v.sub_module = ''
     where d.module in ('CT', 'Contacts')
       and ($1 is null or d.module = $1)
       and ($2 is null or d.name = any ($2))
    $query$ using of_module, named;
exception
  when undefined_column or undefined_table then
    raise exception using
      errcode = 'serialization_failure',
      message = 'kivitendo''s tables changed while they were read: ' || sqlerrm,
      hint = 'Ask again in a new transaction.';
end
$function$;

create or replace view otrs_bridge.variables as
  select module, row_id, name, value from otrs_bridge.variable_rows();

-- All of them, also those that no customer has.
create or replace function otrs_bridge.business_types()
returns setof text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
cost 1000 rows 10
as $function$
begin
  perform otrs_bridge.lock_for_reading('business');
  return query execute 'select description from public.business where description is not null';
end
$function$;

revoke all on function otrs_bridge.fold(text), otrs_bridge.business_types(), otrs_bridge.variable_defaults(),
  otrs_bridge.variable_rows(text, text[]) from public;
