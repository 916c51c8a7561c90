import type { PoolClient } from "pg";
import { z } from "zod";
import type { SetAsideTicket, TicketSnapshot } from "../billing/ports.ts";
import { RefusedError, TicketId, TicketNumber } from "../model/index.ts";
import { chunksOf, entriesJson, entryColumns } from "./entry-sql.ts";
import { InstantColumn, UnitsColumn } from "./rows.ts";

const OtherRow = z.object({
  ticketId: TicketId,
  ticketNumber: TicketNumber,
  createdAt: InstantColumn.nullable(),
  toldAt: InstantColumn,
  isAnother: z.boolean(),
  isShifted: z.boolean(),
});

/** SQL that is true for two moments that lie as far apart as two time zones can, and do not agree. */
function differByZone(one: string, other: string): string {
  return `(${one} <> ${other}
           and abs(extract(epoch from ${one} - ${other})) <= 26 * 3600
           and mod(extract(epoch from ${one} - ${other})::bigint, 900) = 0)`;
}

/**
 * A ticket is its id, its number and its creation time: when the helpdesk tells another one under a known id, it was
 * restored from a backup and hands out ids again. The one that is known is set aside, so that nothing of the other one is
 * taken for it. Answers how many that were. Throws RefusedError when the times of tickets and their entries moved by the
 * difference of two zones.
 */
export async function setReplacedAside(client: PoolClient, read: readonly TicketSnapshot[]): Promise<number> {
  const replaced: TicketId[] = [];
  for (const some of chunksOf(read)) {
    const others = await readOthers(client, some);
    const shifted = others.find(({ isShifted }) => isShifted);
    if (shifted) throw zoneError(shifted);
    replaced.push(...others.filter(({ isAnother }) => isAnother).map(({ ticketId }) => ticketId));
  }
  await setAside(client, replaced);
  return replaced.length;
}

/** Moves tickets with their time and lines to negative ids; what is open on them is given up. */
async function setAside(client: PoolClient, ticketIds: readonly TicketId[]): Promise<void> {
  if (ticketIds.length === 0) return;
  await client.query(
    `update otrs_bridge.tickets t
        set ticket_id = m.moved_to, former_id = t.ticket_id, set_aside_at = now(), billed_elsewhere = false,
            given_up_units = coalesce(
              (select sum(e.seen_units - e.settled_units)
                 from otrs_bridge.time_entries e
                where e.ticket_id = t.ticket_id and e.open), 0)
       from (select ticket_id, least((select min(ticket_id) from otrs_bridge.tickets), 0)
                               - row_number() over (order by ticket_id) as moved_to
               from unnest($1::bigint[]) as ticket_id) m
      where t.ticket_id = m.ticket_id`,
    [ticketIds],
  );
  await client.query(
    `update otrs_bridge.time_entries e
        set seen_units = e.settled_units
       from otrs_bridge.tickets t
      where t.former_id = any ($1::bigint[]) and t.set_aside_at = now() and e.ticket_id = t.ticket_id and e.open`,
    [ticketIds],
  );
}

/**
 * What taking back or settling lines opened on tickets that were set aside, or that a rebind put away, is given up as the
 * rest was: nobody reads those tickets again, so it could never be due.
 */
export async function giveUpAside(client: PoolClient, lineIds: readonly number[]): Promise<void> {
  await client.query(
    `with opened as (
       select e.kind, e.source_id, e.created_at, e.ticket_id, e.seen_units - e.settled_units as units
         from otrs_bridge.time_entries e
        where e.ticket_id < 0 and e.open
          and (e.kind, e.source_id, e.created_at) in (
                select g.kind, g.source_id, g.created_at
                  from otrs_bridge.ledger g
                 where g.line_id = any ($1::integer[]))
     ),
     entry as (
       update otrs_bridge.time_entries e
          set seen_units = e.settled_units
         from opened o
        where e.kind = o.kind and e.source_id = o.source_id and e.created_at = o.created_at
     )
     update otrs_bridge.tickets t
        set given_up_units = t.given_up_units + o.units
       from (select ticket_id, sum(units) as units from opened group by ticket_id) o
      where t.ticket_id = o.ticket_id`,
    [lineIds],
  );
}

async function readOthers(
  client: PoolClient,
  tickets: readonly TicketSnapshot[],
): Promise<readonly z.infer<typeof OtherRow>[]> {
  const { rows } = await client.query(
    `select t.ticket_id as "ticketId", t.ticket_number as "ticketNumber", t.created_at as "createdAt",
            i.created_at as "toldAt",
            t.ticket_number <> i.ticket_number or coalesce(t.created_at <> i.created_at, false) as "isAnother",
            t.ticket_number = i.ticket_number
              and coalesce(${differByZone("t.created_at", "i.created_at")}, true)
              and exists (
                    select
                      from jsonb_to_recordset($2) as n ${entryColumns}
                      join otrs_bridge.time_entries e on e.kind = n.kind and e.source_id = n.source_id
                     where n.ticket_id = t.ticket_id and e.ticket_id = t.ticket_id
                       and ${differByZone("e.created_at", "n.created_at")}) as "isShifted"
       from jsonb_to_recordset($1) as i (ticket_id bigint, ticket_number text, created_at timestamptz)
       join otrs_bridge.tickets t on t.ticket_id = i.ticket_id
      where t.ticket_number <> i.ticket_number or t.created_at is distinct from i.created_at
      order by t.ticket_id`,
    [
      JSON.stringify(
        tickets.map(({ ticketId, ticketNumber, createdAt }) => ({
          ticket_id: ticketId,
          ticket_number: ticketNumber,
          created_at: createdAt.toString(),
        })),
      ),
      entriesJson(tickets),
    ],
  );
  return rows.map((row) => OtherRow.parse(row));
}

function zoneError({ ticketNumber, createdAt, toldAt }: z.infer<typeof OtherRow>): RefusedError {
  const times = createdAt === null ? "" : ` (${createdAt.toString()} before, ${toldAt.toString()} now)`;
  return new RefusedError(
    `The helpdesk tells other times than before: ticket ${ticketNumber} and its articles were created at another hour${times}. Nothing was billed.`,
    "Set the time zone of the helpdesk (OTRSTimeZone, OTOBOTimeZone), or helpdesk.timeZone of the bridge, back to what it was: an article is known by its id and creation time, and would be billed a second time. If the change is meant, run `kivi-otrs setup --rebind --zone-before <the zone it had>`.",
  );
}

const SetAsideRow = z.object({
  ticketId: TicketId,
  ticketNumber: TicketNumber,
  title: z.string(),
  setAsideAt: InstantColumn,
  billedUnits: UnitsColumn,
  givenUpUnits: UnitsColumn,
});

/** Those with time, the oldest first; not those that a rebind has set aside. */
export async function readSetAside(client: PoolClient): Promise<readonly SetAsideTicket[]> {
  const { rows } = await client.query(
    `select t.former_id as "ticketId", t.ticket_number as "ticketNumber", t.title, t.set_aside_at as "setAsideAt",
            coalesce(b.units, 0) as "billedUnits", t.given_up_units as "givenUpUnits"
       from otrs_bridge.tickets t
      cross join lateral (
        select sum(g.units) as units, count(*) as entries
          from otrs_bridge.time_entries e
          join otrs_bridge.ledger g on g.kind = e.kind and g.source_id = e.source_id and g.created_at = e.created_at
          join otrs_bridge.lines l on l.id = g.line_id and l.kind in ('billed', 'goodwill')
         where e.ticket_id = t.ticket_id
      ) b
      where t.set_aside_at is not null and (b.entries > 0 or t.given_up_units <> 0)
      order by t.set_aside_at, t.former_id`,
  );
  return rows.map((row) => SetAsideRow.parse(row));
}
