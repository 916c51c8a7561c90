import type { PoolClient } from "pg";
import type { TicketSnapshot } from "../billing/ports.ts";
import { chunksOf, customerOf, isActive } from "./entry-sql.ts";

/**
 * Marks the tickets that have time which was billed to another customer than the one they have now, unless somebody said
 * that it may stay so. Looks at those that were read and at those that are marked: their links may have changed. Without a
 * known customer a ticket is marked as well, because nobody reads it again when its company gets linked.
 */
export async function markBilledElsewhere(client: PoolClient, read: readonly TicketSnapshot[]): Promise<void> {
  await remark(client, "t.billed_elsewhere and t.ticket_id > 0", []);
  for (const some of chunksOf(read))
    await remark(client, "t.ticket_id = any ($1::bigint[])", [some.map((ticket) => ticket.ticketId)]);
}

async function remark(client: PoolClient, which: string, values: readonly unknown[]): Promise<void> {
  await client.query(
    `with looked as (
       select t.ticket_id, t.billed_elsewhere as marked, t.accepted_customer, ${customerOf("t")} as customer_id
         from otrs_bridge.tickets t
        where ${which}
     ),
     judged as (
       select k.ticket_id, k.marked,
              (k.customer_id is null or k.accepted_customer is distinct from k.customer_id)
              and exists (
                    select
                      from otrs_bridge.time_entries e
                      join otrs_bridge.ledger g
                        on g.kind = e.kind and g.source_id = e.source_id and g.created_at = e.created_at
                      join otrs_bridge.lines l on l.id = g.line_id
                      join otrs_bridge.drafts d on d.id = l.draft_id
                     where e.ticket_id = k.ticket_id and e.seen_units <> 0
                       and l.kind in ('billed', 'goodwill') and ${isActive("l")}
                       and d.status <> 'proposed'
                       and l.customer_id is distinct from k.customer_id
                     group by e.kind, e.source_id, e.created_at, l.customer_id
                    having sum(g.units) <> 0) as elsewhere
         from looked k
     )
     update otrs_bridge.tickets t
        set billed_elsewhere = j.elsewhere
       from judged j
      where t.ticket_id = j.ticket_id and j.elsewhere <> j.marked`,
    [...values],
  );
}
