-- What the triggers on kivitendo's tables call: it says that something changed, and nothing else. It runs inside every
-- save, so it reads no table and raises nothing; a trigger's function needs no right of whoever saves.
create or replace function otrs_bridge.tell_change() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
begin
  -- A full queue (8 GB; somebody listens in a transaction without end) would fail kivitendo's commit itself.
  if pg_notification_queue_usage() < 0.5 then
    notify otrs_bridge;
  end if;
  return null;
exception
  when others then
    return null;
end
$function$;

revoke all on function otrs_bridge.tell_change() from public;
