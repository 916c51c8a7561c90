-- Written by scripts/dump-schema.ts; do not edit.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE SCHEMA otrs_bridge;

CREATE FUNCTION otrs_bridge.add_settled_units() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  update otrs_bridge.time_entries e
     set settled_units = e.settled_units + s.units
    from (select kind, source_id, created_at, sum(units) as units
            from added
           group by kind, source_id, created_at) s
   where e.kind = s.kind and e.source_id = s.source_id and e.created_at = s.created_at and s.units <> 0;
  return null;
end
$$;

CREATE FUNCTION otrs_bridge.business_types() RETURNS SETOF text
    LANGUAGE plpgsql SECURITY DEFINER COST 1000 ROWS 10
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  perform otrs_bridge.lock_for_reading('business');
  return query execute 'select description from public.business where description is not null';
end
$$;

CREATE FUNCTION otrs_bridge.contact_rows() RETURNS TABLE(contact_id integer, customer_id integer, cp_main boolean, cp_title text, cp_givenname text, cp_name text, cp_email text, cp_phone1 text, cp_mobile1 text, cp_abteilung text, cp_position text, cp_gender text, customernumber text, name text, department_1 text, department_2 text, street text, zipcode text, city text, country text, country_code text, phone text, fax text, homepage text, customer_email text, notes text, customer_greeting text, gln text, ustid text, language text, obsolete boolean, contact_create_time timestamp without time zone, contact_change_time timestamp without time zone, customer_create_time timestamp without time zone, customer_change_time timestamp without time zone)
    LANGUAGE plpgsql SECURITY DEFINER COST 100000 ROWS 10000
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

CREATE FUNCTION otrs_bridge.country_query(OUT name text, OUT code text, OUT joined text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;

CREATE FUNCTION otrs_bridge.customer_rows() RETURNS TABLE(customer_id integer, customernumber text, name text, department_1 text, department_2 text, street text, zipcode text, city text, country text, country_code text, phone text, fax text, homepage text, email text, notes text, greeting text, gln text, ustid text, language text, obsolete boolean, create_time timestamp without time zone, change_time timestamp without time zone, business_type text)
    LANGUAGE plpgsql SECURITY DEFINER COST 100000 ROWS 10000
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

CREATE FUNCTION otrs_bridge.discard_draft(draft_id text, written_md5 text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  delete from public.drafts k
   where k.id = draft_id and k.id like 'is-invoice-otrs-%' and md5(k.form) = written_md5
     and exists (
           select
             from otrs_bridge.drafts d
            where d.kivitendo_id = draft_id and d.form_md5 = written_md5
              and d.target = 'invoice-draft' and d.status = 'waiting');
  return found;
end
$$;

CREATE FUNCTION otrs_bridge.fold(given text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select rtrim(replace(replace(lower(
           regexp_replace(
             regexp_replace(normalize(given, nfkd),
               '[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]',
               '', 'g'),
             '[\U00010000-\U0010ffff]', U&'\FFFD', 'g')
         ), 'ß', 'ss'), 'ẞ', 'ss'), ' ')
$$;

CREATE FUNCTION otrs_bridge.has_column(table_name text, column_name text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select exists (select from pg_attribute
                  where attrelid = to_regclass(table_name) and attname = column_name and not attisdropped)
$$;

CREATE FUNCTION otrs_bridge.keep_exported_key() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  raise exception 'the id that was exported for % % stays for ever', old.kind, old.row_id;
end
$$;

CREATE FUNCTION otrs_bridge.keep_written_draft() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if old.status <> 'proposed'
     and (new.status = 'proposed'
          or (new.target, new.kivitendo_id, new.kivitendo_number, new.form_md5, new.net_amount, new.head,
              new.released_by, new.released_at)
             is distinct from
             (old.target, old.kivitendo_id, old.kivitendo_number, old.form_md5, old.net_amount, old.head,
              old.released_by, old.released_at)) then
    raise exception 'draft % is written: its state can change, not what was written', old.id;
  end if;
  return new;
end
$$;

CREATE FUNCTION otrs_bridge.keep_written_line() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if new.ticket_id < 0 and to_jsonb(new) - 'ticket_id' = to_jsonb(old) - 'ticket_id' then
    return new;
  end if;
  if old.draft_id is null
     or (select status from otrs_bridge.drafts where id = old.draft_id) <> 'proposed'
     or (new.id, new.draft_id, new.ticket_id, new.worked_units, new.reverses)
        is distinct from (old.id, old.draft_id, old.ticket_id, old.worked_units, old.reverses) then
    raise exception 'line % is written: it can be reversed, not changed', old.id;
  end if;
  return new;
end
$$;

CREATE FUNCTION otrs_bridge.lock_for_reading(VARIADIC tables text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;

CREATE FUNCTION otrs_bridge.variable_defaults() RETURNS TABLE(module text, name text, type text, value text)
    LANGUAGE plpgsql SECURITY DEFINER COST 1000 ROWS 20
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

CREATE FUNCTION otrs_bridge.variable_rows(of_module text DEFAULT NULL::text, named text[] DEFAULT NULL::text[]) RETURNS TABLE(module text, row_id integer, name text, value text)
    LANGUAGE plpgsql SECURITY DEFINER COST 100000 ROWS 10000
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE otrs_bridge.acknowledged (
    reason text NOT NULL,
    subject text NOT NULL,
    fingerprint text NOT NULL,
    decided_by text NOT NULL,
    decided_why text NOT NULL,
    decided_at timestamp with time zone NOT NULL
);

CREATE TABLE otrs_bridge.billing_decisions (
    id integer NOT NULL,
    ticket_id bigint,
    draft_id integer,
    reason text,
    choice text NOT NULL,
    decided_by text NOT NULL,
    decided_why text NOT NULL,
    decided_at timestamp with time zone NOT NULL
);

ALTER TABLE otrs_bridge.billing_decisions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME otrs_bridge.billing_decisions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE otrs_bridge.billing_unit (
    only_row boolean DEFAULT true NOT NULL,
    minutes_per_unit numeric NOT NULL,
    frozen_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT billing_unit_minutes_per_unit_check CHECK ((minutes_per_unit > (0)::numeric)),
    CONSTRAINT billing_unit_only_row_check CHECK (only_row)
);

CREATE VIEW otrs_bridge.companies AS
 SELECT customer_rows.customer_id,
    customer_rows.customernumber,
    customer_rows.name,
    customer_rows.department_1,
    customer_rows.department_2,
    customer_rows.street,
    customer_rows.zipcode,
    customer_rows.city,
    customer_rows.country,
    customer_rows.country_code,
    customer_rows.phone,
    customer_rows.fax,
    customer_rows.homepage,
    customer_rows.email,
    customer_rows.notes,
    customer_rows.greeting,
    customer_rows.gln,
    customer_rows.ustid,
    customer_rows.language,
    customer_rows.obsolete,
    customer_rows.create_time,
    customer_rows.change_time,
    customer_rows.business_type
   FROM otrs_bridge.customer_rows() customer_rows(customer_id, customernumber, name, department_1, department_2, street, zipcode, city, country, country_code, phone, fax, homepage, email, notes, greeting, gln, ustid, language, obsolete, create_time, change_time, business_type);

CREATE TABLE otrs_bridge.cursor (
    only_row boolean DEFAULT true NOT NULL,
    changed_since timestamp with time zone NOT NULL,
    scope text NOT NULL,
    helpdesk_now timestamp with time zone,
    reread_at timestamp with time zone,
    CONSTRAINT cursor_only_row_check CHECK (only_row)
);

CREATE TABLE otrs_bridge.decisions (
    id integer NOT NULL,
    kind text NOT NULL,
    row_id integer NOT NULL,
    code text,
    choice text NOT NULL,
    value text,
    decided_by text NOT NULL,
    decided_why text NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    CONSTRAINT decisions_kind_check CHECK ((kind = ANY (ARRAY['company'::text, 'user'::text])))
);

ALTER TABLE otrs_bridge.decisions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME otrs_bridge.decisions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE otrs_bridge.lines (
    id integer NOT NULL,
    draft_id integer,
    "position" integer,
    ticket_id bigint,
    ticket_number text,
    part_number text,
    unit_price numeric(15,5) NOT NULL,
    quantity numeric(25,5) NOT NULL,
    worked_units bigint NOT NULL,
    net_amount numeric(15,2) NOT NULL,
    late boolean NOT NULL,
    kind text NOT NULL,
    customer_id integer,
    part_id integer,
    unit text,
    discount numeric(15,5) DEFAULT 0 NOT NULL,
    project_id integer,
    description text DEFAULT ''::text NOT NULL,
    long_description text DEFAULT ''::text NOT NULL,
    rule text,
    price_source text,
    service_start date,
    service_end date,
    kivitendo_row integer,
    reverses integer,
    decided_by text,
    decided_why text,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT lines_draft CHECK (
CASE
    WHEN (reverses IS NULL) THEN ((kind = ANY (ARRAY['billed'::text, 'goodwill'::text, 'rounding'::text])) = (draft_id IS NOT NULL))
    ELSE (draft_id IS NULL)
END),
    CONSTRAINT lines_kind_check CHECK ((kind = ANY (ARRAY['billed'::text, 'goodwill'::text, 'rounding'::text, 'included'::text, 'excluded'::text, 'waived'::text, 'opening'::text, 'transfer'::text]))),
    CONSTRAINT lines_place CHECK (((draft_id IS NULL) = ("position" IS NULL)))
);

ALTER TABLE otrs_bridge.lines ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME otrs_bridge.draft_lines_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE otrs_bridge.drafts (
    id integer NOT NULL,
    target text NOT NULL,
    kivitendo_id text,
    customer_id integer NOT NULL,
    customer_number text NOT NULL,
    period text NOT NULL,
    net_amount numeric(15,2) NOT NULL,
    form_md5 text,
    run_id integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    status text DEFAULT 'waiting'::text NOT NULL,
    head jsonb DEFAULT '{}'::jsonb NOT NULL,
    kivitendo_number text,
    invoice_id integer,
    invoice_number text,
    told_at timestamp with time zone,
    released_by text,
    released_at timestamp with time zone,
    CONSTRAINT drafts_status_check CHECK ((status = ANY (ARRAY['proposed'::text, 'waiting'::text, 'changed'::text, 'posted'::text, 'gone'::text, 'superseded'::text, 'dropped'::text]))),
    CONSTRAINT drafts_target_check CHECK ((target = ANY (ARRAY['invoice-draft'::text, 'sales-order'::text, 'recurring-order'::text])))
);

ALTER TABLE otrs_bridge.drafts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME otrs_bridge.drafts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE otrs_bridge.exported_records (
    format text NOT NULL,
    kind text NOT NULL,
    row_id integer NOT NULL,
    key text NOT NULL,
    fields jsonb NOT NULL,
    valid boolean NOT NULL,
    CONSTRAINT exported_records_format_check CHECK ((format = ANY (ARRAY['otobo'::text, 'opsi'::text, 'plain'::text]))),
    CONSTRAINT exported_records_kind_check CHECK ((kind = ANY (ARRAY['company'::text, 'user'::text])))
);

CREATE TABLE otrs_bridge.exports (
    id integer NOT NULL,
    format text NOT NULL,
    number integer NOT NULL,
    made_at timestamp with time zone NOT NULL,
    changed integer NOT NULL,
    refused jsonb NOT NULL,
    CONSTRAINT exports_format_check CHECK ((format = ANY (ARRAY['otobo'::text, 'opsi'::text, 'plain'::text]))),
    CONSTRAINT exports_number_check CHECK ((number > 0))
);

ALTER TABLE otrs_bridge.exports ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME otrs_bridge.exports_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE otrs_bridge.guarded_changes (
    id integer NOT NULL,
    kind text NOT NULL,
    row_id integer NOT NULL,
    change text NOT NULL,
    allowed boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    run_id integer,
    CONSTRAINT guarded_changes_change_check CHECK ((change = ANY (ARRAY['deactivation'::text, 'key-change'::text, 'adoption'::text]))),
    CONSTRAINT guarded_changes_kind_check CHECK ((kind = ANY (ARRAY['company'::text, 'user'::text])))
);

ALTER TABLE otrs_bridge.guarded_changes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME otrs_bridge.guarded_changes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE otrs_bridge.helpdesk_companies (
    row_id integer NOT NULL,
    customer_id text NOT NULL,
    name text NOT NULL,
    street text NOT NULL,
    zip text NOT NULL,
    city text NOT NULL,
    country text NOT NULL,
    url text NOT NULL,
    valid_id smallint NOT NULL,
    source_hash text,
    CONSTRAINT helpdesk_companies_customer_id_check CHECK ((customer_id <> ''::text)),
    CONSTRAINT helpdesk_companies_valid_id_check CHECK ((valid_id = ANY (ARRAY[1, 2])))
);

CREATE TABLE otrs_bridge.helpdesk_users (
    row_id integer NOT NULL,
    filed_under integer NOT NULL,
    login text NOT NULL,
    customer_id text NOT NULL,
    title text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    email text NOT NULL,
    phone text NOT NULL,
    mobile text NOT NULL,
    valid_id smallint NOT NULL,
    source_hash text,
    CONSTRAINT helpdesk_users_customer_id_check CHECK ((customer_id <> ''::text)),
    CONSTRAINT helpdesk_users_login_check CHECK ((login <> ''::text)),
    CONSTRAINT helpdesk_users_valid_id_check CHECK ((valid_id = ANY (ARRAY[1, 2])))
);

CREATE TABLE otrs_bridge.identity (
    only_row boolean DEFAULT true NOT NULL,
    instance text NOT NULL,
    database_system_id text NOT NULL,
    database_oid oid NOT NULL,
    database_name text NOT NULL,
    helpdesk_id text,
    sequence_floor integer DEFAULT 0 NOT NULL,
    bound_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT identity_only_row_check CHECK (only_row)
);

CREATE TABLE otrs_bridge.inbox (
    id integer NOT NULL,
    flow text NOT NULL,
    reason text NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    hint text NOT NULL,
    run_id integer,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    decision text,
    decided_by text,
    decided_why text,
    about jsonb DEFAULT '{}'::jsonb NOT NULL,
    choices jsonb DEFAULT '[]'::jsonb NOT NULL,
    decided_at timestamp with time zone,
    CONSTRAINT inbox_flow_check CHECK ((flow = ANY (ARRAY['customers'::text, 'billing'::text])))
);

ALTER TABLE otrs_bridge.inbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME otrs_bridge.inbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE otrs_bridge.installation (
    only_row boolean DEFAULT true NOT NULL,
    bridge_role text NOT NULL,
    replaced_view text,
    reader_role text,
    CONSTRAINT installation_only_row_check CHECK (only_row)
);

CREATE TABLE otrs_bridge.ledger (
    id integer NOT NULL,
    line_id integer NOT NULL,
    source_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    units bigint NOT NULL,
    kind text NOT NULL,
    worked_on date,
    agent text,
    CONSTRAINT ledger_units_check CHECK ((units <> 0))
);

ALTER TABLE otrs_bridge.ledger ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME otrs_bridge.ledger_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE otrs_bridge.line_edits (
    id integer NOT NULL,
    line_id integer NOT NULL,
    change jsonb NOT NULL,
    edited_by text NOT NULL,
    edited_why text NOT NULL,
    edited_at timestamp with time zone NOT NULL
);

ALTER TABLE otrs_bridge.line_edits ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME otrs_bridge.line_edits_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE otrs_bridge.links (
    kind text NOT NULL,
    row_id integer NOT NULL,
    helpdesk_key text NOT NULL,
    customer_id integer,
    status text NOT NULL,
    confirmed boolean DEFAULT false NOT NULL,
    valid boolean DEFAULT true NOT NULL,
    source_hash text,
    rejection_code text,
    rejection_reason text,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone,
    run_id integer,
    label text,
    adopted boolean DEFAULT false NOT NULL,
    adopting boolean DEFAULT false NOT NULL,
    new_key text,
    source_key text,
    companies integer,
    asked_customer_id integer,
    rejected_at timestamp with time zone,
    decision text,
    decision_value text,
    CONSTRAINT links_decision_check CHECK ((decision = ANY (ARRAY['adopt'::text, 'move'::text, 'stay'::text, 'append-number'::text, 'recreate'::text, 'rename'::text, 'ignore'::text]))),
    CONSTRAINT links_kind_check CHECK ((kind = ANY (ARRAY['company'::text, 'user'::text]))),
    CONSTRAINT links_status_check CHECK ((status = ANY (ARRAY['writing'::text, 'linked'::text, 'rejected'::text, 'matched'::text])))
);

CREATE TABLE otrs_bridge.runs (
    id integer NOT NULL,
    flow text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    status text,
    summary jsonb,
    error text,
    CONSTRAINT runs_flow_check CHECK ((flow = ANY (ARRAY['customers'::text, 'billing'::text]))),
    CONSTRAINT runs_status_check CHECK ((status = ANY (ARRAY['done'::text, 'partial'::text, 'refused'::text, 'failed'::text, 'interrupted'::text])))
);

ALTER TABLE otrs_bridge.runs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME otrs_bridge.runs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE otrs_bridge.schema_migrations (
    number integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE otrs_bridge.source_rows (
    kind text NOT NULL,
    rows integer NOT NULL,
    CONSTRAINT source_rows_kind_check CHECK ((kind = ANY (ARRAY['company'::text, 'user'::text])))
);

CREATE TABLE otrs_bridge.tickets (
    ticket_id bigint NOT NULL,
    ticket_number text NOT NULL,
    title text NOT NULL,
    queue text NOT NULL,
    state text NOT NULL,
    state_type text NOT NULL,
    company_key text,
    closed_at timestamp with time zone,
    closed_before_start boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone,
    first_closed_at timestamp with time zone,
    service text DEFAULT ''::text NOT NULL,
    sla text DEFAULT ''::text NOT NULL,
    type text DEFAULT ''::text NOT NULL,
    priority text DEFAULT ''::text NOT NULL,
    customer_user text DEFAULT ''::text NOT NULL,
    dynamic_fields jsonb DEFAULT '{}'::jsonb NOT NULL,
    held boolean DEFAULT false NOT NULL,
    opening text,
    billed_elsewhere boolean DEFAULT false NOT NULL,
    accepted_customer integer,
    set_aside_at timestamp with time zone,
    former_id bigint,
    given_up_units bigint DEFAULT 0 NOT NULL,
    CONSTRAINT tickets_opening_check CHECK ((opening = ANY (ARRAY['booked'::text, 'bill'::text])))
);

CREATE TABLE otrs_bridge.time_entries (
    source_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ticket_id bigint NOT NULL,
    seen_units bigint NOT NULL,
    settled_units bigint DEFAULT 0 NOT NULL,
    kind text NOT NULL,
    rows jsonb DEFAULT '[]'::jsonb NOT NULL,
    open boolean GENERATED ALWAYS AS ((seen_units <> settled_units)) STORED NOT NULL,
    CONSTRAINT time_entries_kind_check CHECK ((kind = ANY (ARRAY['article'::text, 'row'::text, 'rest'::text])))
);

CREATE VIEW otrs_bridge.variables AS
 SELECT variable_rows.module,
    variable_rows.row_id,
    variable_rows.name,
    variable_rows.value
   FROM otrs_bridge.variable_rows() variable_rows(module, row_id, name, value);

ALTER TABLE ONLY otrs_bridge.acknowledged
    ADD CONSTRAINT acknowledged_pkey PRIMARY KEY (reason, subject, fingerprint);

ALTER TABLE ONLY otrs_bridge.billing_decisions
    ADD CONSTRAINT billing_decisions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY otrs_bridge.billing_unit
    ADD CONSTRAINT billing_unit_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY otrs_bridge.cursor
    ADD CONSTRAINT cursor_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY otrs_bridge.decisions
    ADD CONSTRAINT decisions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY otrs_bridge.lines
    ADD CONSTRAINT draft_lines_draft_id_position_key UNIQUE (draft_id, "position");

ALTER TABLE ONLY otrs_bridge.lines
    ADD CONSTRAINT draft_lines_pkey PRIMARY KEY (id);

ALTER TABLE ONLY otrs_bridge.drafts
    ADD CONSTRAINT drafts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY otrs_bridge.exported_records
    ADD CONSTRAINT exported_records_format_kind_key_key UNIQUE (format, kind, key);

ALTER TABLE ONLY otrs_bridge.exported_records
    ADD CONSTRAINT exported_records_pkey PRIMARY KEY (format, kind, row_id);

ALTER TABLE ONLY otrs_bridge.exports
    ADD CONSTRAINT exports_format_number_key UNIQUE (format, number);

ALTER TABLE ONLY otrs_bridge.exports
    ADD CONSTRAINT exports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY otrs_bridge.guarded_changes
    ADD CONSTRAINT guarded_changes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY otrs_bridge.helpdesk_companies
    ADD CONSTRAINT helpdesk_companies_pkey PRIMARY KEY (row_id);

ALTER TABLE ONLY otrs_bridge.helpdesk_users
    ADD CONSTRAINT helpdesk_users_pkey PRIMARY KEY (row_id);

ALTER TABLE ONLY otrs_bridge.identity
    ADD CONSTRAINT identity_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY otrs_bridge.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY otrs_bridge.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY otrs_bridge.ledger
    ADD CONSTRAINT ledger_pkey PRIMARY KEY (id);

ALTER TABLE ONLY otrs_bridge.line_edits
    ADD CONSTRAINT line_edits_pkey PRIMARY KEY (id);

ALTER TABLE ONLY otrs_bridge.links
    ADD CONSTRAINT links_pkey PRIMARY KEY (kind, row_id);

ALTER TABLE ONLY otrs_bridge.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY otrs_bridge.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (number);

ALTER TABLE ONLY otrs_bridge.source_rows
    ADD CONSTRAINT source_rows_pkey PRIMARY KEY (kind);

ALTER TABLE ONLY otrs_bridge.tickets
    ADD CONSTRAINT tickets_pkey PRIMARY KEY (ticket_id);

ALTER TABLE ONLY otrs_bridge.time_entries
    ADD CONSTRAINT time_entries_pkey PRIMARY KEY (kind, source_id, created_at);

CREATE INDEX billing_decisions_ticket ON otrs_bridge.billing_decisions USING btree (ticket_id);

CREATE INDEX decisions_row ON otrs_bridge.decisions USING btree (kind, row_id);

CREATE UNIQUE INDEX drafts_kivitendo_id ON otrs_bridge.drafts USING btree (kivitendo_id) WHERE (target <> 'recurring-order'::text);

CREATE INDEX drafts_open ON otrs_bridge.drafts USING btree (id) WHERE (status = ANY (ARRAY['proposed'::text, 'waiting'::text, 'changed'::text, 'gone'::text, 'superseded'::text]));

CREATE INDEX guarded_changes_at ON otrs_bridge.guarded_changes USING btree (at);

CREATE UNIQUE INDEX helpdesk_companies_key ON otrs_bridge.helpdesk_companies USING btree (lower(customer_id) text_pattern_ops);

CREATE INDEX helpdesk_companies_name ON otrs_bridge.helpdesk_companies USING btree (lower(name) text_pattern_ops);

CREATE INDEX helpdesk_users_customer ON otrs_bridge.helpdesk_users USING btree (lower(customer_id) text_pattern_ops);

CREATE INDEX helpdesk_users_email ON otrs_bridge.helpdesk_users USING btree (lower(email) text_pattern_ops);

CREATE INDEX helpdesk_users_first_name ON otrs_bridge.helpdesk_users USING btree (lower(first_name) text_pattern_ops);

CREATE UNIQUE INDEX helpdesk_users_key ON otrs_bridge.helpdesk_users USING btree (lower(login) text_pattern_ops);

CREATE INDEX helpdesk_users_last_name ON otrs_bridge.helpdesk_users USING btree (lower(last_name) text_pattern_ops);

CREATE UNIQUE INDEX inbox_open ON otrs_bridge.inbox USING btree (flow, reason, subject) WHERE (closed_at IS NULL);

CREATE INDEX ledger_entry ON otrs_bridge.ledger USING btree (kind, source_id, created_at);

CREATE INDEX ledger_line ON otrs_bridge.ledger USING btree (line_id);

CREATE INDEX line_edits_line ON otrs_bridge.line_edits USING btree (line_id);

CREATE INDEX lines_customer ON otrs_bridge.lines USING btree (customer_id, kind);

CREATE INDEX lines_made ON otrs_bridge.lines USING btree (made_at);

CREATE UNIQUE INDEX lines_reverses ON otrs_bridge.lines USING btree (reverses) WHERE (reverses IS NOT NULL);

CREATE INDEX lines_ticket ON otrs_bridge.lines USING btree (ticket_id);

CREATE INDEX lines_ticket_number ON otrs_bridge.lines USING btree (ticket_number);

CREATE INDEX links_helpdesk_key ON otrs_bridge.links USING btree (kind, helpdesk_key) WHERE confirmed;

CREATE INDEX tickets_billed_elsewhere ON otrs_bridge.tickets USING btree (ticket_id) WHERE billed_elsewhere;

CREATE INDEX tickets_set_aside ON otrs_bridge.tickets USING btree (ticket_id) WHERE (set_aside_at IS NOT NULL);

CREATE INDEX time_entries_open ON otrs_bridge.time_entries USING btree (ticket_id) WHERE open;

CREATE INDEX time_entries_ticket ON otrs_bridge.time_entries USING btree (ticket_id);

CREATE TRIGGER add_settled_units AFTER INSERT ON otrs_bridge.ledger REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION otrs_bridge.add_settled_units();

CREATE TRIGGER keep_exported_key BEFORE UPDATE ON otrs_bridge.exported_records FOR EACH ROW WHEN ((old.key <> new.key)) EXECUTE FUNCTION otrs_bridge.keep_exported_key();

CREATE TRIGGER keep_written_draft BEFORE UPDATE ON otrs_bridge.drafts FOR EACH ROW EXECUTE FUNCTION otrs_bridge.keep_written_draft();

CREATE TRIGGER keep_written_line BEFORE UPDATE ON otrs_bridge.lines FOR EACH ROW EXECUTE FUNCTION otrs_bridge.keep_written_line();

ALTER TABLE ONLY otrs_bridge.billing_decisions
    ADD CONSTRAINT billing_decisions_draft_id_fkey FOREIGN KEY (draft_id) REFERENCES otrs_bridge.drafts(id);

ALTER TABLE ONLY otrs_bridge.billing_decisions
    ADD CONSTRAINT billing_decisions_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES otrs_bridge.tickets(ticket_id) ON UPDATE CASCADE;

ALTER TABLE ONLY otrs_bridge.lines
    ADD CONSTRAINT draft_lines_draft_id_fkey FOREIGN KEY (draft_id) REFERENCES otrs_bridge.drafts(id);

ALTER TABLE ONLY otrs_bridge.drafts
    ADD CONSTRAINT drafts_run_id_fkey FOREIGN KEY (run_id) REFERENCES otrs_bridge.runs(id);

ALTER TABLE ONLY otrs_bridge.guarded_changes
    ADD CONSTRAINT guarded_changes_run_id_fkey FOREIGN KEY (run_id) REFERENCES otrs_bridge.runs(id);

ALTER TABLE ONLY otrs_bridge.inbox
    ADD CONSTRAINT inbox_run_id_fkey FOREIGN KEY (run_id) REFERENCES otrs_bridge.runs(id);

ALTER TABLE ONLY otrs_bridge.ledger
    ADD CONSTRAINT ledger_kind_source_id_created_at_fkey FOREIGN KEY (kind, source_id, created_at) REFERENCES otrs_bridge.time_entries(kind, source_id, created_at);

ALTER TABLE ONLY otrs_bridge.ledger
    ADD CONSTRAINT ledger_line_id_fkey FOREIGN KEY (line_id) REFERENCES otrs_bridge.lines(id);

ALTER TABLE ONLY otrs_bridge.line_edits
    ADD CONSTRAINT line_edits_line_id_fkey FOREIGN KEY (line_id) REFERENCES otrs_bridge.lines(id);

ALTER TABLE ONLY otrs_bridge.lines
    ADD CONSTRAINT lines_reverses_fkey FOREIGN KEY (reverses) REFERENCES otrs_bridge.lines(id);

ALTER TABLE ONLY otrs_bridge.lines
    ADD CONSTRAINT lines_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES otrs_bridge.tickets(ticket_id) ON UPDATE CASCADE;

ALTER TABLE ONLY otrs_bridge.links
    ADD CONSTRAINT links_run_id_fkey FOREIGN KEY (run_id) REFERENCES otrs_bridge.runs(id);

ALTER TABLE ONLY otrs_bridge.time_entries
    ADD CONSTRAINT time_entries_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES otrs_bridge.tickets(ticket_id) ON UPDATE CASCADE;
