-- What people do about drafts and proposals: what was written stays as it was written, and a draft that nobody touched can
-- be taken out of kivitendo again.

-- Several drafts of ours may add to the same standing order.
alter table otrs_bridge.drafts drop constraint drafts_kivitendo_id_key;
create unique index drafts_kivitendo_id on otrs_bridge.drafts (kivitendo_id) where target <> 'recurring-order';

-- Hardly any line takes another one back.
alter table otrs_bridge.lines drop constraint lines_reverses_key;
create unique index lines_reverses on otrs_bridge.lines (reverses) where reverses is not null;
create index lines_ticket_number on otrs_bridge.lines (ticket_number);

-- A proposal gets kivitendo's ids and its final amount when it is released; from then on they stay.
create function otrs_bridge.keep_written_draft() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
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
create trigger keep_written_draft before update on otrs_bridge.drafts
  for each row execute function otrs_bridge.keep_written_draft();

-- Deletes a draft in kivitendo, provided that we wrote it and that it is, to the letter, what we wrote; answers whether it
-- did. The bridge's role has no right to delete drafts otherwise; it may write the table that says what we wrote, so the
-- id has to look like ours as well.
create function otrs_bridge.discard_draft(draft_id text, written_md5 text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
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
revoke all on function otrs_bridge.discard_draft(text, text) from public;

-- Once a statement instead of once a row: a draft of hundreds of lines updates each entry once.
drop trigger add_settled_units on otrs_bridge.ledger;
create or replace function otrs_bridge.add_settled_units() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
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
create trigger add_settled_units after insert on otrs_bridge.ledger
  referencing new table as added
  for each statement execute function otrs_bridge.add_settled_units();
