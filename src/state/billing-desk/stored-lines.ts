import type { PoolClient } from "pg";
import { z } from "zod";
import type { PlannedLine } from "../../billing/ports.ts";
import { EntryKindColumn } from "../billing-columns.ts";
import { isActive } from "../entry-sql.ts";
import { Decimal, PartNumber, type TicketId, TicketNumber } from "../../model/index.ts";
import { DayColumn, InstantColumn, UnitsColumn } from "../rows.ts";

const LineRow = z.object({
  lineId: z.number(),
  kind: z.enum(["billed", "goodwill", "rounding"]),
  // A ticket that was set aside has a negative id; what stands in kivitendo is its number.
  ticket: z.object({ ticketId: z.number().transform((id) => id as TicketId), ticketNumber: TicketNumber }).nullable(),
  part: z.object({ partId: z.number(), partNumber: PartNumber, unit: z.string() }).nullable(),
  unitPrice: Decimal,
  discount: Decimal,
  quantity: Decimal,
  netAmount: Decimal,
  projectId: z.number().nullable(),
  description: z.string(),
  longDescription: z.string(),
  workedUnits: UnitsColumn,
  late: z.boolean(),
  service: z.object({ start: DayColumn, end: DayColumn }).nullable(),
  rule: z.string().nullable(),
  priceSource: z.string().nullable(),
  entries: z.array(
    z.object({
      key: z.object({ kind: EntryKindColumn, sourceId: z.number(), createdAt: InstantColumn }),
      units: UnitsColumn,
      settledBefore: UnitsColumn,
      workedOn: DayColumn,
      agent: z.string().nullable(),
    }),
  ),
});

/** The lines that a draft holds now, as they go into kivitendo, in their order. */
export async function readPlannedLines(
  client: PoolClient,
  draftId: number,
): Promise<readonly { readonly lineId: number; readonly line: PlannedLine }[]> {
  const { rows } = await client.query(
    `select l.id as "lineId", l.kind,
            case when l.ticket_id is not null then
              jsonb_build_object('ticketId', l.ticket_id, 'ticketNumber', l.ticket_number) end as ticket,
            case when l.part_id is not null then
              jsonb_build_object('partId', l.part_id, 'partNumber', l.part_number, 'unit', l.unit) end as part,
            l.unit_price::text as "unitPrice", l.discount::text as discount, l.quantity::text as quantity,
            l.net_amount::text as "netAmount", l.project_id as "projectId", l.description,
            l.long_description as "longDescription", l.worked_units as "workedUnits", l.late,
            case when l.service_start is not null then
              jsonb_build_object('start', l.service_start, 'end', l.service_end) end as service,
            l.rule, l.price_source as "priceSource",
            coalesce(
              (select jsonb_agg(
                        jsonb_build_object(
                          'key', jsonb_build_object('kind', e.kind, 'sourceId', e.source_id, 'createdAt', e.created_at),
                          'units', e.units, 'settledBefore', t.settled_units - e.units,
                          'workedOn', coalesce(e.worked_on, l.service_start), 'agent', e.agent)
                        order by e.id)
                 from otrs_bridge.ledger e
                 join otrs_bridge.time_entries t
                   on t.kind = e.kind and t.source_id = e.source_id and t.created_at = e.created_at
                where e.line_id = l.id), '[]') as entries
       from otrs_bridge.lines l
      where l.draft_id = $1 and ${isActive("l")}
      order by l.position`,
    [draftId],
  );
  return rows.map((row) => {
    const { lineId, ...line } = LineRow.parse(row);
    return { lineId, line };
  });
}
