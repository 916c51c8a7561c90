-- Billing at full depth: the rows of accounted time, what became of every unit, and what people decided about it.

-- ---- tickets and time ------------------------------------------------------------------------------------------------

-- Every accounted minute belongs to an entry from now on, so a ticket's own sum says nothing more.
alter table otrs_bridge.tickets drop column total_units;
alter table otrs_bridge.tickets
  add column created_at          timestamptz,
  add column first_closed_at     timestamptz,
  add column service             text not null default '',
  add column sla                 text not null default '',
  add column type                text not null default '',
  add column priority            text not null default '',
  add column customer_user       text not null default '',
  add column dynamic_fields      jsonb not null default '{}',
  -- somebody said that it is not to be billed for now
  add column held                boolean not null default false,
  -- what holds for a ticket that was closed before billing began: 'booked' its time then counts as billed, 'bill' bill all
  add column opening             text check (opening in ('booked', 'bill')),
  -- some of its time was billed to another customer than the one it has now; asked about until somebody answers
  add column billed_elsewhere    boolean not null default false,
  -- the customer for which the answer was to leave it so
  add column accepted_customer   integer,
  -- when the helpdesk had handed out its id again: it then goes on under a negative one
  add column set_aside_at        timestamptz,
  add column former_id           bigint,
  add column given_up_units      bigint not null default 0;
create index tickets_billed_elsewhere on otrs_bridge.tickets (ticket_id) where billed_elsewhere;
create index tickets_set_aside on otrs_bridge.tickets (ticket_id) where set_aside_at is not null;

-- Accounted time is kept for an article ('article'), for a row without one ('row', by the row's id), or, where the
-- helpdesk's stock operations cannot tell the rows, for what a ticket has beyond its articles ('rest', by the ticket's id).
alter table otrs_bridge.articles rename to time_entries;
alter table otrs_bridge.ledger drop constraint ledger_article_id_article_created_at_fkey;
alter table otrs_bridge.time_entries drop constraint articles_pkey;
alter table otrs_bridge.time_entries rename column article_id to source_id;
-- what the ledger holds for it: billed, and settled in any other way
alter table otrs_bridge.time_entries rename column billed_units to settled_units;
alter table otrs_bridge.time_entries
  add column kind text not null default 'article' check (kind in ('article', 'row', 'rest')),
  -- the rows of it, as last seen: [{"rowId", "units", "bookedAt", "agentLogin", "agentName", "subject"}]
  add column rows jsonb not null default '[]',
  -- a column of its own, because statistics about it let the planner see that hardly any is open
  add column open boolean not null generated always as (seen_units <> settled_units) stored;
alter table otrs_bridge.time_entries alter column kind drop default;
update otrs_bridge.time_entries
   set rows = jsonb_build_array(jsonb_build_object('rowId', 0, 'units', seen_units, 'bookedAt', created_at,
                                                   'agentLogin', null, 'agentName', null, 'subject', null))
 where seen_units <> 0;
alter table otrs_bridge.time_entries add primary key (kind, source_id, created_at);
alter index otrs_bridge.articles_ticket rename to time_entries_ticket;
drop index otrs_bridge.articles_open;
create index time_entries_open on otrs_bridge.time_entries (ticket_id) where open;
-- A ticket that is set aside takes everything along.
alter table otrs_bridge.time_entries
  drop constraint articles_ticket_id_fkey,
  add foreign key (ticket_id) references otrs_bridge.tickets (ticket_id) on update cascade;

-- ---- drafts and lines ------------------------------------------------------------------------------------------------

alter table otrs_bridge.drafts drop constraint drafts_target_check;
alter table otrs_bridge.drafts
  add constraint drafts_target_check check (target in ('invoice-draft', 'sales-order', 'recurring-order')),
  -- null as long as it is a proposal
  alter column kivitendo_id drop not null,
  -- null for orders, which are compared by their lines
  alter column form_md5 drop not null,
  -- 'proposed' waits for a release; 'waiting' stands in kivitendo; 'posted' is invoiced; 'gone' left kivitendo without a
  -- trace; 'changed' was touched there; 'superseded' was taken back by us; 'dropped' was given up by somebody
  add column status text not null default 'waiting'
    check (status in ('proposed', 'waiting', 'changed', 'posted', 'gone', 'superseded', 'dropped')),
  -- the head, as it is or will be written: {"description", "transactionDescription", "periodStart", "periodEnd", "options"}
  add column head jsonb not null default '{}',
  -- number of the order
  add column kivitendo_number text,
  add column invoice_id integer,
  -- several, joined by ", ", when somebody split it
  add column invoice_number text,
  -- when the helpdesk's tickets were told the invoice number
  add column told_at timestamptz,
  add column released_by text,
  add column released_at timestamptz;
create index drafts_open on otrs_bridge.drafts (id)
  where status in ('proposed', 'waiting', 'changed', 'gone', 'superseded');

-- A line says what became of some time: on a draft ('billed', 'goodwill', 'rounding'), or settled without one.
alter table otrs_bridge.draft_lines rename to lines;
alter index otrs_bridge.draft_lines_ticket rename to lines_ticket;
alter table otrs_bridge.lines
  alter column draft_id drop not null,
  alter column position drop not null,
  alter column ticket_id drop not null,
  alter column ticket_number drop not null,
  alter column part_number drop not null,
  add column kind text not null default 'billed'
    check (kind in ('billed', 'goodwill', 'rounding', 'included', 'excluded', 'waived', 'opening', 'transfer')),
  add column customer_id integer,
  add column part_id integer,
  add column unit text,
  add column discount numeric(15, 5) not null default 0,
  add column project_id integer,
  add column description text not null default '',
  add column long_description text not null default '',
  -- name of the rule in the configuration, and where the price is from
  add column rule text,
  add column price_source text,
  add column service_start date,
  add column service_end date,
  -- kivitendo's orderitems.id
  add column kivitendo_row integer,
  -- this line takes another one back: same kind, everything negated, on no draft
  add column reverses integer unique references otrs_bridge.lines (id),
  add column decided_by text,
  add column decided_why text,
  add column made_at timestamptz not null default now(),
  add constraint lines_place check ((draft_id is null) = (position is null)),
  add constraint lines_draft
    check (case when reverses is null then (kind in ('billed', 'goodwill', 'rounding')) = (draft_id is not null)
                else draft_id is null end);
alter table otrs_bridge.lines alter column kind drop default;
update otrs_bridge.lines l set customer_id = d.customer_id from otrs_bridge.drafts d where d.id = l.draft_id;
alter table otrs_bridge.lines
  drop constraint draft_lines_ticket_id_fkey,
  add foreign key (ticket_id) references otrs_bridge.tickets (ticket_id) on update cascade;
create index lines_customer on otrs_bridge.lines (customer_id, kind);
create index lines_made on otrs_bridge.lines (made_at);

alter table otrs_bridge.ledger rename column article_id to source_id;
alter table otrs_bridge.ledger rename column article_created_at to created_at;
alter table otrs_bridge.ledger
  add column kind text not null default 'article',
  -- day of the work in the business zone, and who did it, as far as the helpdesk told
  add column worked_on date,
  add column agent text;
alter table otrs_bridge.ledger alter column kind drop default;
alter table otrs_bridge.ledger
  add foreign key (kind, source_id, created_at) references otrs_bridge.time_entries (kind, source_id, created_at);
drop index otrs_bridge.ledger_article;
create index ledger_entry on otrs_bridge.ledger (kind, source_id, created_at);

drop trigger add_billed_units on otrs_bridge.ledger;
drop function otrs_bridge.add_billed_units();
create function otrs_bridge.add_settled_units() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  update otrs_bridge.time_entries
     set settled_units = settled_units + new.units
   where kind = new.kind and source_id = new.source_id and created_at = new.created_at;
  return null;
end
$$;
create trigger add_settled_units after insert on otrs_bridge.ledger
  for each row execute function otrs_bridge.add_settled_units();

-- What was changed in a proposal, with the original; only ever added to.
create table otrs_bridge.line_edits (
  id         integer generated always as identity primary key,
  line_id    integer not null references otrs_bridge.lines (id),
  -- {"quantity": {"from": "1.5", "to": "1"}}
  change     jsonb not null,
  edited_by  text not null,
  edited_why text not null,
  edited_at  timestamptz not null
);
create index line_edits_line on otrs_bridge.line_edits (line_id);

-- A line can be edited while its draft is a proposal, never afterwards. It follows a ticket that is set aside.
create function otrs_bridge.keep_written_line() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
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
create trigger keep_written_line before update on otrs_bridge.lines
  for each row execute function otrs_bridge.keep_written_line();

-- ---- people ----------------------------------------------------------------------------------------------------------

alter table otrs_bridge.inbox
  -- what it is about: {"ticketId", "lineIds", "draftId", "customerId", "units"}
  add column about jsonb not null default '{}',
  -- what may be decided, with the effect: [{"choice", "effect"}]
  add column choices jsonb not null default '[]',
  add column decided_at timestamptz;

-- Answers that hold as long as the circumstances (fingerprint) are the same: the question is not asked again.
create table otrs_bridge.acknowledged (
  reason       text not null,
  subject      text not null,
  fingerprint  text not null,
  decided_by   text not null,
  decided_why  text not null,
  decided_at   timestamptz not null,
  primary key (reason, subject, fingerprint)
);

-- What people did about tickets and drafts; only ever added to.
create table otrs_bridge.billing_decisions (
  id           integer generated always as identity primary key,
  ticket_id    bigint references otrs_bridge.tickets (ticket_id) on update cascade,
  draft_id     integer references otrs_bridge.drafts (id),
  -- of the question that was answered; null when there was none
  reason       text,
  choice       text not null,
  decided_by   text not null,
  decided_why  text not null,
  decided_at   timestamptz not null
);
create index billing_decisions_ticket on otrs_bridge.billing_decisions (ticket_id);

-- ---- reading ---------------------------------------------------------------------------------------------------------

alter table otrs_bridge.cursor
  -- the helpdesk's clock when that was read; a clock that went back makes the cursor start over
  add column helpdesk_now timestamptz,
  -- when the tickets that were billed lately were read again
  add column reread_at timestamptz;
-- All tickets are read again, with what was not read before.
delete from otrs_bridge.cursor;
