import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import { CustomerId, Decimal, PartNumber, TicketNumber } from "../model/index.ts";
import {
  DraftStatusColumn,
  EntryKindColumn,
  LineKindColumn,
  OpeningColumn,
  TargetColumn,
  TimeRowsColumn,
} from "./billing-columns.ts";
import { customerOf } from "./entry-sql.ts";
import { DayColumn, InstantColumn, UnitsColumn } from "./rows.ts";
import { inTransaction } from "./transaction.ts";

const TicketRow = z.object({
  ticketId: z.number(),
  ticketNumber: TicketNumber,
  title: z.string(),
  queue: z.string(),
  service: z.string(),
  state: z.string(),
  companyKey: z.string().nullable(),
  customerId: CustomerId.nullable(),
  closedAt: InstantColumn.nullable(),
  firstClosedAt: InstantColumn.nullable(),
  closedBeforeStart: z.boolean(),
  held: z.boolean(),
  opening: OpeningColumn,
  billedElsewhere: z.boolean(),
});

const EntryRow = z.object({
  kind: EntryKindColumn,
  sourceId: z.number(),
  createdAt: InstantColumn,
  seenUnits: UnitsColumn,
  settledUnits: UnitsColumn,
  rows: TimeRowsColumn,
  /** What became of it, oldest first. */
  ledger: z.array(
    z.object({
      lineId: z.number(),
      units: UnitsColumn,
      workedOn: DayColumn.nullable(),
      agent: z.string().nullable(),
    }),
  ),
});

const LineRow = z.object({
  lineId: z.number(),
  kind: LineKindColumn,
  madeAt: InstantColumn,
  customerId: CustomerId.nullable(),
  partNumber: PartNumber.nullable(),
  unit: z.string().nullable(),
  description: z.string(),
  unitPrice: Decimal,
  discount: Decimal,
  quantity: Decimal,
  netAmount: Decimal,
  workedUnits: UnitsColumn,
  rule: z.string().nullable(),
  priceSource: z.string().nullable(),
  late: z.boolean(),
  /** The line that this one takes back, and the one that takes this back. */
  reverses: z.number().nullable(),
  reversedBy: z.number().nullable(),
  decidedBy: z.string().nullable(),
  decidedWhy: z.string().nullable(),
  draft: z
    .object({
      draftId: z.number(),
      target: TargetColumn,
      status: DraftStatusColumn,
      period: z.string(),
      customerNumber: z.string(),
      kivitendoId: z.string().nullable(),
      kivitendoNumber: z.string().nullable(),
      invoiceNumber: z.string().nullable(),
    })
    .nullable(),
});

const DecisionRow = z.object({
  reason: z.string().nullable(),
  choice: z.string(),
  by: z.string(),
  why: z.string(),
  at: InstantColumn,
});

const QuestionRow = z.object({ id: z.string(), reason: z.string(), text: z.string(), hint: z.string() });

/** Everything that the bridge keeps about one ticket. */
export interface TicketStory {
  readonly ticket: z.infer<typeof TicketRow>;
  readonly entries: readonly z.infer<typeof EntryRow>[];
  readonly lines: readonly z.infer<typeof LineRow>[];
  readonly decisions: readonly z.infer<typeof DecisionRow>[];
  /** Open questions about it. */
  readonly questions: readonly z.infer<typeof QuestionRow>[];
}

/** All tickets that have had this number; several when a restored helpdesk handed it out again. Newest first. */
export async function readTicketStories(pool: Pool, ticketNumber: string): Promise<readonly TicketStory[]> {
  return inTransaction(pool, "snapshot", async (client) =>
    readStories(client, await readAll(client, TicketRow, `${ticketQuery} where t.ticket_number = $1`, [ticketNumber])),
  );
}

/**
 * Tickets that are this customer's now, and those that have lines of this customer; closed from `from` (inclusive) to
 * `to` (exclusive), or, with null, whenever.
 */
export async function readCustomerStories(
  pool: Pool,
  customerId: CustomerId,
  closed: { readonly from: Temporal.Instant; readonly to: Temporal.Instant } | null,
): Promise<readonly TicketStory[]> {
  return inTransaction(pool, "snapshot", async (client) =>
    readStories(
      client,
      await readAll(
        client,
        TicketRow,
        `${ticketQuery}
          where (l.customer_id = $1 or t.ticket_id in (select ticket_id from otrs_bridge.lines where customer_id = $1))
            and ($2::timestamptz is null or t.closed_at >= $2 and t.closed_at < $3)`,
        [customerId, closed?.from.toString() ?? null, closed?.to.toString() ?? null],
      ),
    ),
  );
}

async function readStories(
  client: PoolClient,
  tickets: readonly z.infer<typeof TicketRow>[],
): Promise<readonly TicketStory[]> {
  const ids = tickets.map(({ ticketId }) => ticketId);
  const entries = await readByTicket(client, EntryRow, entryQuery, ids);
  const lines = await readByTicket(client, LineRow, lineQuery, ids);
  const decisions = await readByTicket(client, DecisionRow, decisionQuery, ids);
  const questions = await readByTicket(client, QuestionRow, questionQuery, ids);
  return tickets
    .map((ticket) => ({
      ticket,
      entries: entries.get(ticket.ticketId) ?? [],
      lines: lines.get(ticket.ticketId) ?? [],
      decisions: decisions.get(ticket.ticketId) ?? [],
      questions: questions.get(ticket.ticketId) ?? [],
    }))
    .sort((a, b) => b.ticket.ticketId - a.ticket.ticketId);
}

async function readByTicket<Shape extends z.ZodRawShape>(
  client: PoolClient,
  schema: z.ZodObject<Shape>,
  query: string,
  ticketIds: readonly number[],
): Promise<ReadonlyMap<number, readonly z.infer<z.ZodObject<Shape>>[]>> {
  const { rows } = await client.query(query, [ticketIds]);
  const byTicket = new Map<number, z.infer<z.ZodObject<Shape>>[]>();
  for (const row of rows) {
    const { ofTicket } = OfTicket.parse(row);
    byTicket.set(ofTicket, [...(byTicket.get(ofTicket) ?? []), schema.parse(row)]);
  }
  return byTicket;
}

const OfTicket = z.object({ ofTicket: z.number() });

const ticketQuery = `
  select t.ticket_id::float8 as "ticketId", t.ticket_number as "ticketNumber", t.title, t.queue, t.service, t.state,
         t.company_key as "companyKey", l.customer_id as "customerId", t.closed_at as "closedAt",
         t.first_closed_at as "firstClosedAt", t.closed_before_start as "closedBeforeStart", t.held, t.opening,
         t.billed_elsewhere as "billedElsewhere"
    from otrs_bridge.tickets t
   cross join lateral (select ${customerOf("t")} as customer_id) l`;

const entryQuery = `
  select e.ticket_id::float8 as "ofTicket", e.kind, e.source_id::float8 as "sourceId", e.created_at as "createdAt", e.seen_units as "seenUnits",
         e.settled_units as "settledUnits", e.rows,
         coalesce(
           (select jsonb_agg(
                     jsonb_build_object('lineId', g.line_id, 'units', g.units, 'workedOn', g.worked_on,
                                        'agent', g.agent)
                     order by g.id)
              from otrs_bridge.ledger g
             where (g.kind, g.source_id, g.created_at) = (e.kind, e.source_id, e.created_at)), '[]') as ledger
    from otrs_bridge.time_entries e
   where e.ticket_id = any ($1::bigint[])
   order by e.created_at, e.kind, e.source_id`;

const lineQuery = `
  with place as (
    select ticket_id, id as line_id
      from otrs_bridge.lines
     where ticket_id = any ($1::bigint[])
    -- time that a merge has brought here was settled under its old ticket
     union
    select e.ticket_id, g.line_id
      from otrs_bridge.time_entries e
      join otrs_bridge.ledger g on (g.kind, g.source_id, g.created_at) = (e.kind, e.source_id, e.created_at)
     where e.ticket_id = any ($1::bigint[])
  )
  select p.ticket_id::float8 as "ofTicket", l.id as "lineId", l.kind, l.made_at as "madeAt", l.customer_id as "customerId",
         l.part_number as "partNumber", l.unit, l.description, trim_scale(l.unit_price)::text as "unitPrice",
         trim_scale(l.discount)::text as discount, trim_scale(l.quantity)::text as quantity,
         l.net_amount::text as "netAmount", l.worked_units as "workedUnits", l.rule,
         l.price_source as "priceSource", l.late, l.reverses, r.id as "reversedBy",
         l.decided_by as "decidedBy", l.decided_why as "decidedWhy",
         case when d.id is not null then
           jsonb_build_object('draftId', d.id, 'target', d.target, 'status', d.status, 'period', d.period,
                              'customerNumber', d.customer_number, 'kivitendoId', d.kivitendo_id,
                              'kivitendoNumber', d.kivitendo_number, 'invoiceNumber', d.invoice_number)
         end as draft
    from place p
    join otrs_bridge.lines l on l.id = p.line_id
    left join otrs_bridge.drafts d on d.id = l.draft_id
    left join otrs_bridge.lines r on r.reverses = l.id
   order by l.id`;

const decisionQuery = `
  select ticket_id::float8 as "ofTicket", reason, choice, decided_by as by, decided_why as why, decided_at as at
    from otrs_bridge.billing_decisions
   where ticket_id = any ($1::bigint[])
   order by id`;

const questionQuery = `
  select t.ticket_id::float8 as "ofTicket", 'billing-' || i.id as id, i.reason, i.text, i.hint
    from otrs_bridge.inbox i
    join otrs_bridge.tickets t
      on t.ticket_id = (i.about->>'ticketId')::bigint or i.subject = 'ticket ' || t.ticket_number
   where i.flow = 'billing' and i.closed_at is null and t.ticket_id = any ($1::bigint[])
   order by i.opened_at, i.id`;

async function readAll<T>(
  client: PoolClient,
  schema: z.ZodType<T>,
  query: string,
  values: unknown[],
): Promise<readonly T[]> {
  const { rows } = await client.query(query, values);
  return z.array(schema).parse(rows);
}
