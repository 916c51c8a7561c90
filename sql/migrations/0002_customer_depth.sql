-- Whose record it is, what somebody decided about it, and what the guard counts.

alter table otrs_bridge.links drop constraint links_status_check;
alter table otrs_bridge.links
  -- 'matched': somebody paired the row with a record of the helpdesk that is still to be adopted
  add constraint links_status_check check (status in ('writing', 'linked', 'rejected', 'matched')),
  -- for people: customer number and name, or the contact's name
  add column label text,
  -- the helpdesk had the record before: its key is never changed. Set with the match, so that it survives a refusal.
  add column adopted boolean not null default false,
  -- an intent is about to adopt a record, and about to give it this key
  add column adopting boolean not null default false,
  add column new_key text,
  -- customer number when this was last recorded
  add column source_key text,
  -- how many additional CustomerIDs were sent
  add column companies integer,
  -- the customer that a contact would move to, while that waits for a decision
  add column asked_customer_id integer,
  -- since when it is refused, for this reason
  add column rejected_at timestamptz,
  add column decision text
    check (decision in ('adopt', 'move', 'stay', 'append-number', 'recreate', 'rename', 'ignore')),
  add column decision_value text;

update otrs_bridge.links l
   set rejected_at = r.started_at
  from otrs_bridge.runs r
 where r.id = l.run_id and l.status = 'rejected';

-- What the guard limits, only ever added to: the runs of a day count together.
create table otrs_bridge.guarded_changes (
  id       integer generated always as identity primary key,
  kind     text not null check (kind in ('company', 'user')),
  row_id   integer not null,
  change   text not null check (change in ('deactivation', 'key-change', 'adoption')),
  -- an operator let this very plan through
  allowed  boolean not null,
  at       timestamptz not null,
  run_id   integer references otrs_bridge.runs (id)
);
create index guarded_changes_at on otrs_bridge.guarded_changes (at);

-- How many rows kivitendo had when a run last recorded it.
create table otrs_bridge.source_rows (
  kind  text primary key check (kind in ('company', 'user')),
  rows  integer not null
);

-- Who decided what, and why; only ever added to.
create table otrs_bridge.decisions (
  id           integer generated always as identity primary key,
  kind         text not null check (kind in ('company', 'user')),
  row_id       integer not null,
  -- the refusal that it was about; null when there was none
  code         text,
  choice       text not null,
  value        text,
  decided_by   text not null,
  decided_why  text not null,
  decided_at   timestamptz not null
);
create index decisions_row on otrs_bridge.decisions (kind, row_id);
