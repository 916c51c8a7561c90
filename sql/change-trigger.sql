-- The trigger of one of kivitendo's tables, installed or taken away; setup fills in the table and which of both. A
-- transaction for each table: with two locks in hand, a save that goes the other way round would be a deadlock's victim.
do $trigger$
declare
  changing regclass := to_regclass(:'table');
  teller regprocedure := to_regprocedure('otrs_bridge.tell_change()');
  -- for each statement, after insert, delete, update, truncate (catalog/pg_trigger.h)
  every_statement constant integer := 4 + 8 + 16 + 32;
  present pg_catalog.pg_trigger;
begin
  if changing is null then
    return;
  end if;
  perform set_config('role', pg_catalog.pg_get_userbyid(relowner), true)
     from pg_catalog.pg_class
    where oid = changing;
  select * into present
    from pg_catalog.pg_trigger
   where tgrelid = changing and tgname = 'otrs_bridge_change';
  if :wanted and present.tgfoid = teller and present.tgtype = every_statement and present.tgenabled = 'O' then
    return;
  end if;

  -- Who waits for the table makes everybody after him wait as well.
  perform set_config('lock_timeout', '2s', true);
  if present.oid is not null then
    execute format('drop trigger otrs_bridge_change on %s', changing);
  end if;
  if :wanted then
    -- No columns, no condition: kivitendo's upgrade could not drop what they name.
    execute format('create trigger otrs_bridge_change after insert or update or delete or truncate on %s'
                   ' for each statement execute function otrs_bridge.tell_change()', changing);
  end if;
exception
  when lock_not_available then
    raise exception using
      errcode = 'lock_not_available',
      message = format('somebody has been working on %s for more than two seconds, and its trigger needs a quiet moment:'
                       ' run `kivi-otrs setup` again', changing);
end
$trigger$;
