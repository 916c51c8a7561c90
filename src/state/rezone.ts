import type { ClientBase } from "pg";
import { z } from "zod";
import type { TicketSnapshot } from "../billing/ports.ts";
import { ConfigError, RefusedError, TicketId } from "../model/index.ts";
import { entriesJson, entryColumns } from "./entry-sql.ts";

/** A helpdesk whose own time zone was changed: its stamps stayed, and mean other moments now. */
export interface Rezone {
  /** IANA name of the zone that it had when the tickets were read. */
  readonly before: string;
  readonly now: string;
  /** What the helpdesk tells of tickets now; those that cannot be read are missing. */
  readonly readTickets: (ticketIds: readonly TicketId[]) => Promise<readonly TicketSnapshot[]>;
}

/** So many of the oldest and of the newest tickets are compared with the helpdesk. */
const comparedTickets = 25;

/**
 * Gives tickets, their time and what was settled the moments that the helpdesk's stamps mean in its zone of now, and
 * compares some with the helpdesk: what was billed stays billed. Throws RefusedError when it tells yet other moments, and
 * ConfigError for a zone that does not exist or is the same. Answers how many entries moved.
 */
export async function rezone(client: ClientBase, { before, now, readTickets }: Rezone): Promise<number> {
  for (const zone of [before, now]) assertZone(zone);
  if (before === now) {
    throw new ConfigError(
      `The helpdesk's time zone is ${now}, as it is said to have been before.`,
      "Write the zone that it had when its tickets were billed.",
    );
  }
  const known = await readSample(client);
  // The transaction has nothing to do while the helpdesk answers, which has limits and second attempts of its own.
  await client.query("set local idle_in_transaction_session_timeout = '15min'");
  const told = known.length === 0 ? [] : await readTickets(known);
  if (known.length > 0 && told.length === 0) {
    throw new RefusedError(
      "The helpdesk tells none of the tickets that are known, so nothing can be compared. Nothing was changed.",
      "Let the agent read the queues of the tickets that were billed.",
    );
  }
  const moved = await moveEntries(client, before, now);
  await moveTickets(client, before, now);
  await assertSame(client, told);
  return moved;
}

function assertZone(zone: string): void {
  try {
    Temporal.Now.zonedDateTimeISO(zone);
  } catch {
    throw new ConfigError(`"${zone}" is no time zone.`, "Write an IANA name such as Europe/Berlin.");
  }
}

/** SQL for the moment that a stamp of the zone $1 means in the zone $2; in an hour that comes twice the first one. */
function movedTo(moment: string): string {
  const stamp = `(${moment} at time zone $1)`;
  const earlier = `(${stamp} at time zone $2 - interval '1 hour')`;
  return `case when ${earlier} at time zone $2 = ${stamp} then ${earlier} else ${stamp} at time zone $2 end`;
}

async function moveEntries(client: ClientBase, before: string, now: string): Promise<number> {
  const { rows } = await client.query(
    `with moved as materialized (
       select e.*, m.moved_to
         from otrs_bridge.time_entries e
        cross join lateral (select ${movedTo("e.created_at")} as moved_to) m
        -- those that were set aside are of another helpdesk, or of a ticket that is no more
        where e.ticket_id > 0 and m.moved_to <> e.created_at
     ),
     added as (
       insert into otrs_bridge.time_entries (kind, source_id, created_at, ticket_id, seen_units, settled_units, rows)
       select kind, source_id, moved_to, ticket_id, seen_units, settled_units, rows
         from moved
        order by kind, source_id, moved_to
     ),
     booked as (
       update otrs_bridge.ledger g
          set created_at = m.moved_to
         from moved m
        where g.kind = m.kind and g.source_id = m.source_id and g.created_at = m.created_at
     ),
     gone as (
       delete from otrs_bridge.time_entries e
        using moved m
        where e.kind = m.kind and e.source_id = m.source_id and e.created_at = m.created_at
     )
     select count(*)::integer as moved
       from moved`,
    [before, now],
  );
  return z.object({ moved: z.number() }).parse(rows[0]).moved;
}

async function moveTickets(client: ClientBase, before: string, now: string): Promise<void> {
  await client.query(
    `update otrs_bridge.tickets t
        set created_at = ${movedTo("t.created_at")},
            closed_at = ${movedTo("t.closed_at")},
            first_closed_at = ${movedTo("t.first_closed_at")}
      where t.ticket_id > 0`,
    [before, now],
  );
}

async function readSample(client: ClientBase): Promise<readonly TicketId[]> {
  const { rows } = await client.query(
    `with known as (
       select distinct e.ticket_id
         from otrs_bridge.time_entries e
        where e.ticket_id > 0 and e.settled_units <> 0
     )
     (select ticket_id as id from known order by ticket_id limit $1)
     union
     (select ticket_id from known order by ticket_id desc limit $1)
     order by id`,
    [comparedTickets],
  );
  return z
    .array(z.object({ id: TicketId }))
    .parse(rows)
    .map(({ id }) => id);
}

/** Each entry that is told is known at that moment, or not at all: a new one. */
async function assertSame(client: ClientBase, told: readonly TicketSnapshot[]): Promise<void> {
  const { rows } = await client.query(
    `select t.ticket_number as number, i.created_at::text as told, e.created_at::text as expected
       from jsonb_to_recordset($1) as i ${entryColumns}
       join otrs_bridge.tickets t on t.ticket_id = i.ticket_id
       join otrs_bridge.time_entries e
         on e.kind = i.kind and e.source_id = i.source_id and e.ticket_id = i.ticket_id
      where not exists (
              select
                from otrs_bridge.time_entries same
               where same.kind = i.kind and same.source_id = i.source_id and same.created_at = i.created_at)
      order by t.ticket_number, i.created_at
      limit 1`,
    [entriesJson(told)],
  );
  const [first] = z.array(z.object({ number: z.string(), told: z.string(), expected: z.string() })).parse(rows);
  if (first === undefined) return;
  throw new RefusedError(
    `The helpdesk dates time of ticket ${first.number} at ${first.told}, where those zones give ${first.expected}. Nothing was changed.`,
    "Look up which zone the helpdesk had when its tickets were billed, and which it has now.",
  );
}
