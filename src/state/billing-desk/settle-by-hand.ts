import type { PoolClient } from "pg";
import { z } from "zod";
import type { Decided } from "../../billing/ports.ts";
import type { HundredthUnits } from "../../model/index.ts";
import { customerOf } from "../entry-sql.ts";
import { takeBack } from "../reversals.ts";
import { freezeUnit } from "../ledger-locks.ts";
import { UnitsColumn } from "../rows.ts";
import { giveUpAside } from "../set-aside.ts";
import type { DeskOptions } from "./options.ts";

export async function lockTickets(client: PoolClient, ticketIds: readonly number[]): Promise<void> {
  await client.query(
    `select
       from otrs_bridge.tickets
      where ticket_id = any ($1::bigint[])
      order by ticket_id
        for no key update`,
    [ticketIds],
  );
}

const BookedRow = z.object({ units: UnitsColumn });

/** Time without an article alone, or all that is open. */
export type OpenTime = "without-article" | "all";

/**
 * Settles what is open on tickets without a draft, a line each, dated and signed as its latest row of time. Answers the
 * units: what the caller thought was open may have changed meanwhile. Counts units, so it freezes what one is.
 */
export async function settleOpen(
  client: PoolClient,
  ticketIds: readonly number[],
  kind: "waived" | "opening",
  decided: Decided,
  { timeZone, minutesPerUnit }: Pick<DeskOptions, "timeZone" | "minutesPerUnit">,
  which: OpenTime = "all",
): Promise<{ readonly lines: number; readonly units: HundredthUnits }> {
  await freezeUnit(client, minutesPerUnit);
  await lockTickets(client, ticketIds);
  await client.query(
    `select
       from otrs_bridge.time_entries
      where ticket_id = any ($1::bigint[]) and seen_units <> settled_units
      order by kind, source_id, created_at
        for update`,
    [ticketIds],
  );
  const { rows } = await client.query(
    `with due as (
       select e.kind, e.source_id, e.created_at, e.ticket_id, e.seen_units - e.settled_units as units,
              (coalesce(r.booked_at, e.created_at) at time zone $6)::date as worked_on, r.agent
         from otrs_bridge.time_entries e
         left join lateral (
           select (i.value ->> 'bookedAt')::timestamptz as booked_at, i.value ->> 'agentLogin' as agent
             from jsonb_array_elements(e.rows) i
            order by booked_at desc, (i.value ->> 'rowId')::bigint desc
            limit 1
         ) r on true
        where e.ticket_id = any ($1::bigint[]) and e.seen_units <> e.settled_units
          and ($7 = 'all' or e.kind = 'rest')
     ),
     line as (
       insert into otrs_bridge.lines
         (kind, customer_id, ticket_id, ticket_number, unit_price, quantity, net_amount, worked_units, late,
          service_start, service_end, decided_by, decided_why, made_at)
       select $2, ${customerOf("t")}, t.ticket_id, t.ticket_number, 0, 0, 0, sum(due.units), false,
              min(due.worked_on), max(due.worked_on), $3, $4, $5
         from due
         join otrs_bridge.tickets t on t.ticket_id = due.ticket_id
        group by t.ticket_id
        order by t.ticket_id
       returning id, ticket_id, worked_units
     ),
     entry as (
       insert into otrs_bridge.ledger (line_id, kind, source_id, created_at, units, worked_on, agent)
       select line.id, due.kind, due.source_id, due.created_at, due.units, due.worked_on, due.agent
         from due
         join line on line.ticket_id = due.ticket_id
        order by due.kind, due.source_id, due.created_at
     )
     select worked_units as units
       from line
      order by id`,
    [ticketIds, kind, decided.by, decided.why, decided.at.toString(), timeZone, which],
  );
  const units = z.array(BookedRow).parse(rows);
  return { lines: units.length, units: units.reduce((sum, row) => sum + row.units, 0) as HundredthUnits };
}

/** Takes lines back and settles their time as waived, with the time that cost nothing because they had charged for it. */
export async function waiveLines(client: PoolClient, lineIds: readonly number[], decided: Decided): Promise<void> {
  const takenBack = await takeBack(client, lineIds, decided);
  await client.query(
    `with waived as (
       select l.*, row_number() over (order by l.id) as ordinal
         from otrs_bridge.lines l
        where l.id = any ($1::integer[])
          and exists (select from otrs_bridge.ledger e where e.line_id = l.id)
     ),
     line as (
       insert into otrs_bridge.lines
         (kind, customer_id, ticket_id, ticket_number, unit_price, quantity, net_amount, worked_units, late,
          service_start, service_end, rule, decided_by, decided_why, made_at)
       select 'waived', customer_id, ticket_id, ticket_number, 0, 0, 0, worked_units, late, service_start, service_end,
              rule, $2, $3, $4
         from waived
        order by ordinal
       returning id
     ),
     numbered as (
       select id, row_number() over (order by id) as ordinal
         from line
     )
     insert into otrs_bridge.ledger (line_id, kind, source_id, created_at, units, worked_on, agent)
     select n.id, e.kind, e.source_id, e.created_at, e.units, e.worked_on, e.agent
       from waived w
       join numbered n on n.ordinal = w.ordinal
       join otrs_bridge.ledger e on e.line_id = w.id
      order by e.kind, e.source_id, e.created_at, n.id`,
    [takenBack, decided.by, decided.why, decided.at.toString()],
  );
  // Taking back gave up what is settled after all.
  await giveUpAside(client, takenBack);
}
