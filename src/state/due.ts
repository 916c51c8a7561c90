import type { PoolClient } from "pg";
import { z } from "zod";
import type { DueEntry, DueTicket, SettledLine, Settlement } from "../billing/ports.ts";
import { CompanyKey, CustomerId, Decimal, PartNumber, TicketId, TicketNumber } from "../model/index.ts";
import { EntryKindColumn, LineKindColumn, OpeningColumn, TimeRowsColumn } from "./billing-columns.ts";
import { chunksOf, customerOf, isActive } from "./entry-sql.ts";
import { DayColumn, InstantColumn, UnitsColumn } from "./rows.ts";

const TicketRow = z.object({
  ticketId: TicketId,
  ticketNumber: TicketNumber,
  title: z.string(),
  queue: z.string(),
  service: z.string(),
  sla: z.string(),
  type: z.string(),
  priority: z.string(),
  state: z.string(),
  stateType: z.string(),
  companyKey: CompanyKey.nullable(),
  customerUser: z.string(),
  dynamicFields: z.record(z.string(), z.string()),
  customerId: CustomerId.nullable(),
  createdAt: InstantColumn.nullable(),
  closedAt: InstantColumn,
  closedBeforeStart: z.boolean(),
  opening: OpeningColumn,
  held: z.boolean(),
  billedElsewhere: z.boolean(),
});

/**
 * SQL for the tickets that something is to be done about. Each part of it is found through an index that holds nothing
 * else, so that it costs the same however many tickets were billed.
 */
const candidates = `
  select e.ticket_id
    from otrs_bridge.time_entries e
   where e.open
  union
  select t.ticket_id
    from otrs_bridge.tickets t
   where t.billed_elsewhere and ${customerOf("t")} is not null
  union
  select l.ticket_id
    from otrs_bridge.drafts d
    join otrs_bridge.lines l on l.draft_id = d.id
   where d.status = 'proposed' and ${isActive("l")}
  union
  select e.ticket_id
    from otrs_bridge.drafts d
    join otrs_bridge.lines l on l.draft_id = d.id
    join otrs_bridge.ledger g on g.line_id = l.id
    join otrs_bridge.time_entries e on e.kind = g.kind and e.source_id = g.source_id and e.created_at = g.created_at
   where d.status = 'proposed' and ${isActive("l")}`;

/** Tickets in a billable state with something to settle or to ask, by customer and ticket number; see the port. */
export async function readDueTickets(client: PoolClient, settlement: Settlement): Promise<readonly DueTicket[]> {
  const { rows } = await client.query(
    `with candidates as (${candidates})
     select t.ticket_id as "ticketId", t.ticket_number as "ticketNumber", t.title, t.queue, t.service, t.sla, t.type,
            t.priority, t.state, t.state_type as "stateType", t.company_key as "companyKey",
            t.customer_user as "customerUser", t.dynamic_fields as "dynamicFields", c.customer_id as "customerId",
            t.created_at as "createdAt", t.closed_at as "closedAt", t.closed_before_start as "closedBeforeStart",
            t.opening, t.held, t.billed_elsewhere and c.customer_id is not null as "billedElsewhere"
       from candidates
       join otrs_bridge.tickets t using (ticket_id)
      cross join lateral (select ${customerOf("t")} as customer_id) c
      where t.closed_at is not null
        -- those that were set aside have negative ids
        and t.ticket_id > 0
        and (t.state = any ($1::text[]) or lower(t.state_type) = any ($2::text[])
             -- nobody closes these any more, so what they lack would never be asked about
             or lower(t.state_type) in ('merged', 'removed')
                and exists (
                      select
                        from otrs_bridge.time_entries e
                       where e.ticket_id = t.ticket_id and e.open and e.seen_units < e.settled_units))
        and ($3::text[] = '{}' or t.ticket_number = any ($3::text[]))
      order by c.customer_id nulls last, t.ticket_number, t.ticket_id`,
    [settlement.stateNames, settlement.stateTypes.map((type) => type.toLowerCase()), settlement.ticketNumbers],
  );
  const due: DueTicket[] = [];
  for (const some of chunksOf(rows.map((row) => TicketRow.parse(row)))) {
    const ticketIds = some.map((ticket) => ticket.ticketId);
    const entries = await readEntries(client, ticketIds);
    const lines = await readLines(client, ticketIds);
    for (const ticket of some) {
      const { ticketId } = ticket;
      due.push({ ...ticket, entries: entries.get(ticketId) ?? [], lines: lines.get(ticketId) ?? [] });
    }
  }
  return due;
}

const EntryRow = z.object({
  ticketId: TicketId,
  kind: EntryKindColumn,
  sourceId: z.coerce.number(),
  createdAt: InstantColumn,
  units: UnitsColumn,
  settledUnits: UnitsColumn,
  rows: TimeRowsColumn,
});

async function readEntries(
  client: PoolClient,
  ticketIds: readonly TicketId[],
): Promise<ReadonlyMap<TicketId, readonly DueEntry[]>> {
  const { rows } = await client.query(
    `select e.ticket_id as "ticketId", e.kind, e.source_id as "sourceId", e.created_at as "createdAt",
            e.seen_units as units, e.settled_units as "settledUnits", e.rows
       from otrs_bridge.time_entries e
      where e.ticket_id = any ($1::bigint[])
        and (e.seen_units <> 0 or e.settled_units <> 0
             or exists (
                  select
                    from otrs_bridge.ledger g
                   where g.kind = e.kind and g.source_id = e.source_id and g.created_at = e.created_at))
      order by e.ticket_id, e.created_at, e.kind, e.source_id`,
    [ticketIds],
  );
  const entries = new Map<TicketId, DueEntry[]>();
  for (const row of rows) {
    const { ticketId, kind, sourceId, createdAt, ...entry } = EntryRow.parse(row);
    append(entries, ticketId, { key: { kind, sourceId, createdAt }, ...entry });
  }
  return entries;
}

const LineRow = z.object({
  dueTicketId: TicketId,
  lineId: z.number(),
  // negative once that ticket was set aside
  ticketId: z.coerce.number().nullable(),
  kind: LineKindColumn,
  draftId: z.number().nullable(),
  proposed: z.boolean(),
  edited: z.boolean(),
  customerId: CustomerId.nullable(),
  partNumber: PartNumber.nullable(),
  unit: z.string().nullable(),
  unitPrice: Decimal,
  discount: Decimal,
  quantity: Decimal,
  workedUnits: UnitsColumn,
  rule: z.string().nullable(),
  priceSource: z.string().nullable(),
  projectId: z.number().nullable(),
  entries: z.array(
    z.object({
      kind: EntryKindColumn,
      sourceId: z.number(),
      createdAt: InstantColumn,
      units: UnitsColumn,
      workedOn: DayColumn.nullable(),
      agent: z.string().nullable(),
    }),
  ),
});

/** Lines that were made for the tickets, and lines with time that a merge has brought to them. */
async function readLines(
  client: PoolClient,
  ticketIds: readonly TicketId[],
): Promise<ReadonlyMap<TicketId, readonly SettledLine[]>> {
  const { rows } = await client.query(
    `with wanted as (
       select l.ticket_id as due_ticket_id, l.id
         from otrs_bridge.lines l
        where l.ticket_id = any ($1::bigint[])
       union
       select e.ticket_id, g.line_id
         from otrs_bridge.time_entries e
         join otrs_bridge.ledger g on g.kind = e.kind and g.source_id = e.source_id and g.created_at = e.created_at
        where e.ticket_id = any ($1::bigint[])
     )
     select w.due_ticket_id as "dueTicketId", l.id as "lineId", l.ticket_id as "ticketId", l.kind,
            l.draft_id as "draftId", coalesce(d.status = 'proposed', false) as proposed,
            exists (select from otrs_bridge.line_edits x where x.line_id = l.id) as edited,
            l.customer_id as "customerId", l.part_number as "partNumber", l.unit, l.unit_price::text as "unitPrice",
            l.discount::text as discount, l.quantity::text as quantity, l.worked_units as "workedUnits", l.rule,
            l.price_source as "priceSource", l.project_id as "projectId",
            coalesce(
              (select jsonb_agg(
                        jsonb_build_object('kind', g.kind, 'sourceId', g.source_id, 'createdAt', g.created_at,
                                           'units', g.units, 'workedOn', g.worked_on, 'agent', g.agent)
                        order by g.id)
                 from otrs_bridge.ledger g
                where g.line_id = l.id), '[]') as entries
       from wanted w
       join otrs_bridge.lines l on l.id = w.id
       left join otrs_bridge.drafts d on d.id = l.draft_id
      where ${isActive("l")}
      order by w.due_ticket_id, l.id`,
    [ticketIds],
  );
  const lines = new Map<TicketId, SettledLine[]>();
  for (const row of rows) {
    const { dueTicketId, ticketId, entries, ...line } = LineRow.parse(row);
    append(lines, dueTicketId, {
      ...line,
      ticketId: TicketId.safeParse(ticketId).data ?? null,
      entries: entries.map(({ kind, sourceId, createdAt, ...entry }) => ({
        key: { kind, sourceId, createdAt },
        ...entry,
      })),
    });
  }
  return lines;
}

function append<T>(lists: Map<TicketId, T[]>, ticketId: TicketId, item: T): void {
  const list = lists.get(ticketId);
  if (list) list.push(item);
  else lists.set(ticketId, [item]);
}
