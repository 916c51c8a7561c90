import type { PoolClient } from "pg";
import { z } from "zod";
import type { Decided } from "../billing/ports.ts";
import { isActive } from "./entry-sql.ts";
import { BugError, RefusedError } from "../model/index.ts";
import { lockEntriesOfLines } from "./ledger-locks.ts";
import { insertLines } from "./lines.ts";
import { readStaleRoundings } from "./proposal-rounding.ts";
import { storableText } from "./rows.ts";
import { giveUpAside } from "./set-aside.ts";

const LineRow = z.object({
  lineId: z.number(),
  label: z.string(),
  draftId: z.number().nullable(),
  isReversal: z.boolean(),
  reversed: z.boolean(),
});

/**
 * Takes lines back: each gets a line of the same kind with everything negated, and its time is due again, or given up on
 * a ticket that was set aside. Time that cost nothing because these lines had charged for it goes along. A proposal is
 * rounded anew; one without lines is dropped, a written draft without lines superseded. Answers all lines that were taken
 * back. Throws RefusedError for a line that was taken back already.
 */
export async function takeBack(
  client: PoolClient,
  lineIds: readonly number[],
  decided: Decided,
): Promise<readonly number[]> {
  if (lineIds.length === 0) return [];
  const covered = await readCovered(client, lineIds);
  const draftIds = await lockLines(client, [...lineIds, ...covered]);
  await assertActive(client, lineIds);
  // Before they were locked somebody may have taken them back along with another line.
  const still = await readCovered(client, lineIds);
  const all = [...lineIds, ...covered.filter((lineId) => still.includes(lineId))];
  await lockEntriesOfLines(client, all);
  await insertReversals(client, all, decided);
  await giveUpAside(client, all);
  await roundProposals(client, draftIds, decided);
  await settleDrafts(client, draftIds);
  return all;
}

/** Locks the drafts of lines, then the lines; answers the drafts. */
export async function lockLines(client: PoolClient, lineIds: readonly number[]): Promise<readonly number[]> {
  const { rows } = await client.query(
    `select d.id
       from otrs_bridge.drafts d
      where d.id in (select l.draft_id from otrs_bridge.lines l where l.id = any ($1::integer[]))
      order by d.id
        for update`,
    [lineIds],
  );
  await client.query(
    `select
       from otrs_bridge.lines
      where id = any ($1::integer[])
      order by id
        for update`,
    [lineIds],
  );
  return z
    .array(z.object({ id: z.number() }))
    .parse(rows)
    .map(({ id }) => id);
}

async function assertActive(client: PoolClient, lineIds: readonly number[]): Promise<void> {
  const { rows } = await client.query(
    `select l.id as "lineId", l.draft_id as "draftId", l.reverses is not null as "isReversal",
            coalesce('ticket ' || l.ticket_number, l.kind) as label,
            exists (select from otrs_bridge.lines r where r.reverses = l.id) as reversed
       from otrs_bridge.lines l
      where l.id = any ($1::integer[])
      order by l.id`,
    [lineIds],
  );
  const found = new Map(rows.map((row) => LineRow.parse(row)).map((line) => [line.lineId, line]));
  for (const lineId of lineIds) {
    const line = found.get(lineId);
    if (line === undefined || line.isReversal) throw new BugError(`there is no line ${lineId} that can be taken back`);
    if (line.reversed) {
      throw new RefusedError(
        `Line ${lineId} (${line.label}) was taken back already. Nothing was written.`,
        "`kivi-otrs explain ticket` tells what became of its time.",
      );
    }
  }
}

/** Time of the same tickets, part and price that was within what the lines charge. */
async function readCovered(client: PoolClient, lineIds: readonly number[]): Promise<readonly number[]> {
  const { rows } = await client.query(
    `select distinct c.id
       from otrs_bridge.lines l
       join otrs_bridge.ledger g on g.line_id = l.id
       join otrs_bridge.time_entries e
         on e.kind = g.kind and e.source_id = g.source_id and e.created_at = g.created_at
       join otrs_bridge.time_entries o on o.ticket_id = e.ticket_id
       join otrs_bridge.ledger h on h.kind = o.kind and h.source_id = o.source_id and h.created_at = o.created_at
       join otrs_bridge.lines c on c.id = h.line_id
      where l.id = any ($1::integer[]) and l.kind in ('billed', 'goodwill')
        and c.kind = 'transfer' and c.worked_units > 0 and c.id <> all ($1::integer[])
        and (c.customer_id, c.part_id, c.unit_price, c.discount)
            is not distinct from (l.customer_id, l.part_id, l.unit_price, l.discount)
        and ${isActive("c")}
      order by c.id`,
    [lineIds],
  );
  return z
    .array(z.object({ id: z.number() }))
    .parse(rows)
    .map(({ id }) => id);
}

/** Rounds proposals anew after their lines have changed; see {@link readStaleRoundings}. */
export async function roundProposals(client: PoolClient, draftIds: readonly number[], decided: Decided): Promise<void> {
  for (const { draftId, customerId, takeBack: stale, add } of await readStaleRoundings(client, draftIds)) {
    if (stale.length > 0) await insertReversals(client, stale, decided);
    await insertLines(client, draftId, customerId, add);
  }
}

async function insertReversals(client: PoolClient, lineIds: readonly number[], decided: Decided): Promise<void> {
  await client.query(
    `with line as (
       insert into otrs_bridge.lines
         (reverses, kind, customer_id, ticket_id, ticket_number, part_id, part_number, unit, unit_price, discount,
          quantity, net_amount, project_id, description, worked_units, late, service_start, service_end, rule,
          price_source, decided_by, decided_why, made_at)
       select id, kind, customer_id, ticket_id, ticket_number, part_id, part_number, unit, unit_price, discount,
              -quantity, -net_amount, project_id, description, -worked_units, late, service_start, service_end, rule,
              price_source, $2, $3, $4
         from otrs_bridge.lines
        where id = any ($1::integer[])
        order by id
       returning id, reverses
     )
     insert into otrs_bridge.ledger (line_id, kind, source_id, created_at, units, worked_on, agent)
     select line.id, e.kind, e.source_id, e.created_at, -e.units, e.worked_on, e.agent
       from otrs_bridge.ledger e
       join line on line.reverses = e.line_id
      order by e.kind, e.source_id, e.created_at, line.id`,
    [lineIds, storableText(decided.by), storableText(decided.why), decided.at.toString()],
  );
}

/** What taking lines back, or editing them, means for their drafts; posted ones stay posted. */
export async function settleDrafts(client: PoolClient, draftIds: readonly number[]): Promise<void> {
  await client.query(
    `update otrs_bridge.drafts d
        set net_amount = case when d.status = 'proposed' then s.net_amount else d.net_amount end,
            status = case when s.lines > 0 or d.status = 'posted' then d.status
                          when d.status = 'proposed' then 'dropped'
                          else 'superseded' end
       from (select o.id, coalesce(sum(l.net_amount), 0) as net_amount,
                    count(l.id) filter (where l.kind <> 'rounding') as lines
               from otrs_bridge.drafts o
               left join otrs_bridge.lines l
                 on l.draft_id = o.id and ${isActive("l")}
              where o.id = any ($1::integer[])
              group by o.id) s
      where d.id = s.id and d.status in ('proposed', 'waiting', 'changed', 'gone')
        and (s.lines = 0 or d.status = 'proposed')`,
    [draftIds],
  );
}
