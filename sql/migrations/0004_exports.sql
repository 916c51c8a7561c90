-- What was given to helpdesks that take files: the ids that were handed out, and what the files said last.

create table otrs_bridge.exports (
  id       integer generated always as identity primary key,
  format   text not null check (format in ('otobo', 'opsi', 'plain')),
  -- 1, 2, 3 … within the format
  number   integer not null check (number > 0),
  made_at  timestamptz not null,
  -- records that were new or different
  changed  integer not null,
  -- refusals that were told, to tell a new one from one that waits already
  refused  jsonb not null,
  unique (format, number)
);

create table otrs_bridge.exported_records (
  format  text not null check (format in ('otobo', 'opsi', 'plain')),
  kind    text not null check (kind in ('company', 'user')),
  row_id  integer not null,
  -- CustomerID or login; never changes (below)
  key     text not null,
  fields  jsonb not null,
  valid   boolean not null,
  primary key (format, kind, row_id),
  unique (format, kind, key)
);

create function otrs_bridge.keep_exported_key() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'the id that was exported for % % stays for ever', old.kind, old.row_id;
end
$$;
create trigger keep_exported_key before update on otrs_bridge.exported_records
  for each row when (old.key <> new.key) execute function otrs_bridge.keep_exported_key();
