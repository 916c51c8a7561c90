import type { PoolClient } from "pg";
import type { Settlement, TicketSnapshot } from "../billing/ports.ts";
import type { TicketId } from "../model/index.ts";
import { chunksOf, entriesJson, entryColumns, entryName } from "./entry-sql.ts";
import { storableText } from "./rows.ts";

/** Each ticket once, by id, and each entry at the ticket that was read last: a merge between two readings moves it. */
export function lastReadings({ batches }: Settlement): readonly TicketSnapshot[] {
  const tickets = new Map<TicketId, TicketSnapshot>();
  for (const ticket of batches.flatMap((batch) => batch.tickets)) {
    // Setting alone would leave it at the place of its first reading.
    tickets.delete(ticket.ticketId);
    tickets.set(ticket.ticketId, ticket);
  }
  const places = new Map<string, TicketId>();
  for (const ticket of tickets.values())
    for (const { key } of ticket.entries) places.set(entryName(key), ticket.ticketId);
  const inOrder = [...tickets.values()].toSorted((a, b) => a.ticketId - b.ticketId);
  return inOrder.map((ticket) => ({
    ...ticket,
    entries: ticket.entries.filter(({ key }) => places.get(entryName(key)) === ticket.ticketId),
  }));
}

/** The entries of all tickets by their keys, each as if it were its ticket's only one. */
export function entriesInOrder(
  read: readonly TicketSnapshot[],
): readonly Pick<TicketSnapshot, "ticketId" | "entries">[] {
  return read
    .flatMap(({ ticketId, entries }) => entries.map((entry) => ({ ticketId, entry })))
    .toSorted(
      ({ entry: { key: a } }, { entry: { key: b } }) =>
        a.kind.localeCompare(b.kind, "en") ||
        a.sourceId - b.sourceId ||
        Temporal.Instant.compare(a.createdAt, b.createdAt),
    )
    .map(({ ticketId, entry }) => ({ ticketId, entries: [entry] }));
}

/**
 * Brings tickets and their entries up to date with what was read: tickets by id, entries by key over all statements, as
 * everybody locks them (ledger-locks.ts), so that a plan beside a run never waits for it while it waits for the plan.
 */
export async function takeReadings(
  client: PoolClient,
  read: readonly TicketSnapshot[],
  settlement: Settlement,
): Promise<void> {
  for (const some of chunksOf(read)) await takeTickets(client, some, settlement);
  for (const some of chunksOf(entriesInOrder(read))) await takeEntries(client, some);
  // Only now does every entry stand at the ticket that has it.
  for (const some of chunksOf(read)) await forgetMissingEntries(client, some);
}

/**
 * "Closed before the start" stays while the cursor's scope is the same: where the stock operations are asked, a ticket
 * that is read again for its open difference has not changed since the cursor, so the search for early closes does not
 * name it another time.
 */
async function takeTickets(
  client: PoolClient,
  tickets: readonly TicketSnapshot[],
  { closedBeforeStart, scope }: Settlement,
): Promise<void> {
  await client.query(
    `with told as (
       select i.ticket_id, i.ticket_number, i.title, i.queue, i.service, i.sla, i.type, i.priority, i.state,
              i.state_type, i.company_key, i.customer_user, i.dynamic_fields, i.created_at, i.closed_at,
              coalesce(i.first_closed_at, t.first_closed_at) as first_closed_at,
              i.closed_before_start
                or coalesce(t.closed_before_start, false)
                   and exists (select from otrs_bridge.cursor c where c.scope = $2) as closed_before_start
         from jsonb_to_recordset($1) as i (
           ticket_id bigint, ticket_number text, title text, queue text, service text, sla text, type text,
           priority text, state text, state_type text, company_key text, customer_user text, dynamic_fields jsonb,
           created_at timestamptz, closed_at timestamptz, first_closed_at timestamptz, closed_before_start boolean)
         left join otrs_bridge.tickets t on t.ticket_id = i.ticket_id
     )
     insert into otrs_bridge.tickets
       (ticket_id, ticket_number, title, queue, service, sla, type, priority, state, state_type, company_key,
        customer_user, dynamic_fields, created_at, closed_at, first_closed_at, closed_before_start)
     select i.ticket_id, i.ticket_number, i.title, i.queue, i.service, i.sla, i.type, i.priority, i.state,
            i.state_type, i.company_key, i.customer_user, i.dynamic_fields, i.created_at, i.closed_at,
            i.first_closed_at, i.closed_before_start
       from told i
      where not exists (
              select
                from otrs_bridge.tickets t
               where t.ticket_id = i.ticket_id
                 and (t.ticket_number, t.title, t.queue, t.service, t.sla, t.type, t.priority, t.state, t.state_type,
                      t.company_key, t.customer_user, t.dynamic_fields, t.created_at, t.closed_at, t.first_closed_at,
                      t.closed_before_start)
                     is not distinct from
                     (i.ticket_number, i.title, i.queue, i.service, i.sla, i.type, i.priority, i.state, i.state_type,
                      i.company_key, i.customer_user, i.dynamic_fields, i.created_at, i.closed_at, i.first_closed_at,
                      i.closed_before_start))
      order by i.ticket_id
         on conflict (ticket_id) do update
        set ticket_number = excluded.ticket_number,
            title = excluded.title,
            queue = excluded.queue,
            service = excluded.service,
            sla = excluded.sla,
            type = excluded.type,
            priority = excluded.priority,
            state = excluded.state,
            state_type = excluded.state_type,
            company_key = excluded.company_key,
            customer_user = excluded.customer_user,
            dynamic_fields = excluded.dynamic_fields,
            created_at = excluded.created_at,
            closed_at = excluded.closed_at,
            first_closed_at = excluded.first_closed_at,
            closed_before_start = excluded.closed_before_start`,
    [JSON.stringify(tickets.map((ticket) => ticketRow(ticket, closedBeforeStart.has(ticket.ticketId)))), scope],
  );
}

function ticketRow(ticket: TicketSnapshot, closedBeforeStart: boolean): Record<string, unknown> {
  return {
    ticket_id: ticket.ticketId,
    ticket_number: ticket.ticketNumber,
    title: storableText(ticket.title),
    queue: storableText(ticket.queue),
    service: storableText(ticket.service),
    sla: storableText(ticket.sla),
    type: storableText(ticket.type),
    priority: storableText(ticket.priority),
    state: storableText(ticket.state),
    state_type: storableText(ticket.stateType),
    company_key: ticket.companyKey === null ? null : storableText(ticket.companyKey),
    customer_user: storableText(ticket.customerUser),
    dynamic_fields: Object.fromEntries(
      Object.entries(ticket.dynamicFields).map(([name, value]) => [storableText(name), storableText(value)]),
    ),
    created_at: ticket.createdAt.toString(),
    closed_at: ticket.closedAt?.toString() ?? null,
    first_closed_at: ticket.firstClosedAt?.toString() ?? null,
    closed_before_start: closedBeforeStart,
  };
}

async function takeEntries(
  client: PoolClient,
  tickets: readonly Pick<TicketSnapshot, "ticketId" | "entries">[],
): Promise<void> {
  await client.query(
    `insert into otrs_bridge.time_entries (kind, source_id, created_at, ticket_id, seen_units, rows)
     select i.kind, i.source_id, i.created_at, i.ticket_id, i.units, i.rows
       from jsonb_to_recordset($1) as i ${entryColumns}
       left join otrs_bridge.time_entries e
         on e.kind = i.kind and e.source_id = i.source_id and e.created_at = i.created_at
      where case when e.kind is null then i.units <> 0
                 else (e.ticket_id, e.seen_units, e.rows) is distinct from (i.ticket_id, i.units, i.rows) end
      order by i.kind, i.source_id, i.created_at
         on conflict (kind, source_id, created_at) do update
        set ticket_id = excluded.ticket_id,
            seen_units = excluded.seen_units,
            rows = excluded.rows`,
    [entriesJson(tickets)],
  );
}

/** An entry that stands at a ticket here, and that the ticket no longer has, carries no time any more. */
async function forgetMissingEntries(client: PoolClient, tickets: readonly TicketSnapshot[]): Promise<void> {
  await client.query(
    `update otrs_bridge.time_entries e
        set seen_units = 0, rows = '[]'
      where e.ticket_id = any ($2::bigint[]) and (e.seen_units <> 0 or e.rows <> '[]')
        and not exists (
              select
                from jsonb_to_recordset($1) as i ${entryColumns}
               where i.kind = e.kind and i.source_id = e.source_id and i.created_at = e.created_at)`,
    [entriesJson(tickets), tickets.map((ticket) => ticket.ticketId)],
  );
}
