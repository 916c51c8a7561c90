-- Schema otrs_bridge: the bridge's own memory, in the ERP's own database, so that a restored backup restores both.
-- Runs as the owner of kivitendo's tables, who owns everything here; grants are in sql/roles.sql.

-- Whose state this is: which database, which helpdesk. One row.
create table otrs_bridge.identity (
  only_row            boolean primary key default true check (only_row),
  instance            text not null,
  database_system_id  text not null,
  database_oid        oid not null,
  database_name       text not null,
  -- null until the first contact with the helpdesk
  helpdesk_id         text,
  -- what the helpdesk knew at the last rebind: sequences up to this one count as ours
  sequence_floor      integer not null default 0,
  bound_at            timestamptz not null default now()
);

create table otrs_bridge.runs (
  id           integer generated always as identity primary key,
  flow         text not null check (flow in ('customers', 'billing')),
  started_at   timestamptz not null,
  finished_at  timestamptz,
  status       text check (status in ('done', 'partial', 'refused', 'failed', 'interrupted')),
  summary      jsonb,
  error        text
);

-- ---- flow 1 --------------------------------------------------------------------------------------------------------

-- This customer *is* that CustomerCompany, this contact *is* that CustomerUser.
-- status 'writing': the intent was committed, the outcome was not recorded (yet).
create table otrs_bridge.links (
  kind             text not null check (kind in ('company', 'user')),
  row_id           integer not null,
  helpdesk_key     text not null,
  -- the customer that a user is filed under
  customer_id      integer,
  status           text not null check (status in ('writing', 'linked', 'rejected')),
  confirmed        boolean not null default false,
  valid            boolean not null default true,
  -- hash of the source row that was last recorded (linked or rejected); null while nothing was
  source_hash      text,
  rejection_code   text,
  rejection_reason text,
  attempts         integer not null default 0,
  next_attempt_at  timestamptz,
  run_id           integer references otrs_bridge.runs (id),
  primary key (kind, row_id)
);
create index links_helpdesk_key on otrs_bridge.links (kind, helpdesk_key) where confirmed;

-- ---- flow 2 --------------------------------------------------------------------------------------------------------

-- How far the tickets were read. A change of the scope (states, start date) makes the cursor start over.
create table otrs_bridge.cursor (
  only_row       boolean primary key default true check (only_row),
  changed_since  timestamptz not null,
  scope          text not null
);

-- Tickets as last seen.
create table otrs_bridge.tickets (
  ticket_id           bigint primary key,
  ticket_number       text not null,
  title               text not null,
  queue               text not null,
  state               text not null,
  state_type          text not null,
  company_key         text,
  closed_at           timestamptz,
  closed_before_start boolean not null default false,
  total_units         bigint not null
);

-- Time as last seen and as billed, in integer hundredths of the helpdesk's unit. An article is its id and its creation
-- time, because a restored helpdesk hands out ids again. billed_units equals the sum of the article's ledger entries
-- (the trigger below keeps it so), and lets the open differences be found without summing the whole ledger.
create table otrs_bridge.articles (
  article_id    bigint not null,
  created_at    timestamptz not null,
  ticket_id     bigint not null references otrs_bridge.tickets (ticket_id),
  seen_units    bigint not null,
  billed_units  bigint not null default 0,
  primary key (article_id, created_at)
);
create index articles_ticket on otrs_bridge.articles (ticket_id);
create index articles_open on otrs_bridge.articles (ticket_id) where seen_units <> billed_units;

create table otrs_bridge.drafts (
  id                  integer generated always as identity primary key,
  target              text not null check (target in ('invoice-draft')),
  -- kivitendo's drafts.id; no foreign key: posting deletes the row over there
  kivitendo_id        text not null unique,
  customer_id         integer not null,
  customer_number     text not null,
  period              text not null,
  net_amount          numeric(15, 2) not null,
  -- md5 of what was written, to tell whether somebody touched the draft
  form_md5            text not null,
  run_id              integer not null references otrs_bridge.runs (id),
  created_at          timestamptz not null default now()
);

create table otrs_bridge.draft_lines (
  id             integer generated always as identity primary key,
  draft_id       integer not null references otrs_bridge.drafts (id),
  position       integer not null,
  ticket_id      bigint not null references otrs_bridge.tickets (ticket_id),
  ticket_number  text not null,
  part_number    text not null,
  unit_price     numeric(15, 5) not null,
  quantity       numeric(25, 5) not null,
  worked_units   bigint not null,
  net_amount     numeric(15, 2) not null,
  late           boolean not null,
  unique (draft_id, position)
);
create index draft_lines_ticket on otrs_bridge.draft_lines (ticket_id);

-- The ledger: signed differences per article. What is due is seen − the sum of these.
create table otrs_bridge.ledger (
  id                  integer generated always as identity primary key,
  line_id             integer not null references otrs_bridge.draft_lines (id),
  article_id          bigint not null,
  article_created_at  timestamptz not null,
  units               bigint not null check (units <> 0),
  foreign key (article_id, article_created_at) references otrs_bridge.articles (article_id, created_at)
);
create index ledger_article on otrs_bridge.ledger (article_id, article_created_at);
create index ledger_line on otrs_bridge.ledger (line_id);

create function otrs_bridge.add_billed_units() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  update otrs_bridge.articles
     set billed_units = billed_units + new.units
   where article_id = new.article_id and created_at = new.article_created_at;
  return null;
end
$$;
create trigger add_billed_units after insert on otrs_bridge.ledger
  for each row execute function otrs_bridge.add_billed_units();

-- What one unit of accounted time means, frozen by the first line.
create table otrs_bridge.billing_unit (
  only_row          boolean primary key default true check (only_row),
  minutes_per_unit  numeric not null check (minutes_per_unit > 0),
  frozen_at         timestamptz not null default now()
);

-- Questions for a human. One open item per flow, reason and subject.
create table otrs_bridge.inbox (
  id          integer generated always as identity primary key,
  flow        text not null check (flow in ('customers', 'billing')),
  reason      text not null,
  subject     text not null,
  text        text not null,
  hint        text not null,
  run_id      integer references otrs_bridge.runs (id),
  opened_at   timestamptz not null,
  closed_at   timestamptz,
  -- what was decided, by whom and why; null when the cause went away by itself
  decision    text,
  decided_by  text,
  decided_why text
);
create unique index inbox_open on otrs_bridge.inbox (flow, reason, subject) where closed_at is null;
