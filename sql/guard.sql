-- Refuses a database that the bridge cannot work with, before anything is changed. Setup fills in the needed columns
-- as table.column, with alternatives separated by |.
do $guard$
declare
  missing text;
  owners text;
begin
  if current_setting('server_version_num')::integer < 130000 then
    raise exception 'PostgreSQL % is too old.', current_setting('server_version')
      using hint = 'The bridge needs PostgreSQL 13 or newer.';
  end if;

  select string_agg(wanted, ', ' order by place)
    into missing
    from unnest(:needed) with ordinality n (wanted, place)
   where not exists (
           select from unnest(string_to_array(n.wanted, '|')) choice
             join pg_catalog.pg_attribute a
               on a.attrelid = to_regclass('public.' || quote_ident(split_part(choice, '.', 1)))
              and a.attname = split_part(choice, '.', 2)
              and not a.attisdropped);
  if missing is not null then
    raise exception 'These columns are missing in this database: %.', missing
      using hint = 'The bridge works with kivitendo 3.5.8 to 4.1.0. Check that this is the database of a kivitendo client.';
  end if;

  select string_agg(distinct pg_catalog.pg_get_userbyid(c.relowner), ', ')
    into owners
    from unnest(:needed) wanted
    join pg_catalog.pg_class c on c.oid = to_regclass('public.' || quote_ident(split_part(wanted, '.', 1)));
  if owners like '%, %' then
    raise exception 'kivitendo''s tables belong to several roles: %.', owners
      using hint = 'Give them to the one that kivitendo connects as: alter table public.… owner to ….';
  end if;
end
$guard$;
