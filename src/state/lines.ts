import type { PoolClient } from "pg";
import { z } from "zod";
import type { PlannedLine } from "../billing/ports.ts";
import { BugError, type CustomerId } from "../model/index.ts";
import { keyColumns } from "./ledger-locks.ts";
import { storableText } from "./rows.ts";

/** A line, and where it stands. */
export interface PlacedLine {
  readonly line: PlannedLine;
  /** 1, 2, 3 … on a draft; null for a line without one. */
  readonly position: number | null;
  /** kivitendo's `orderitems.id`. */
  readonly kivitendoRow: number | null;
}

/** Adds lines with their entries to the ledger, in one statement; answers their row ids, in order. */
export async function insertLines(
  client: PoolClient,
  draftId: number | null,
  customerId: CustomerId | null,
  placed: readonly PlacedLine[],
): Promise<readonly number[]> {
  if (placed.length === 0) return [];
  const entries = placed.flatMap(({ line }, index) => entryColumns(line, index + 1));
  const { rows } = await client.query(
    `with line as (
       insert into otrs_bridge.lines
         (draft_id, position, kind, customer_id, ticket_id, ticket_number, part_id, part_number, unit, unit_price,
          discount, quantity, net_amount, project_id, description, long_description, worked_units, late, service_start,
          service_end, rule, price_source, kivitendo_row)
       select case when i.position is not null then $1::integer end, i.position, i.kind, $2::integer, i.ticket_id,
              i.ticket_number, i.part_id, i.part_number, i.unit, i.unit_price, i.discount, i.quantity, i.net_amount,
              i.project_id, i.description, i.long_description, i.worked_units, i.late, i.service_start, i.service_end,
              i.rule, i.price_source, i.kivitendo_row
         from jsonb_to_recordset($3) as i (
           ordinal integer, position integer, kind text, ticket_id bigint, ticket_number text, part_id integer,
           part_number text, unit text, unit_price numeric, discount numeric, quantity numeric, net_amount numeric,
           project_id integer, description text, long_description text, worked_units bigint, late boolean,
           service_start date, service_end date, rule text, price_source text, kivitendo_row integer)
        order by i.ordinal
       returning id
     ),
     numbered as (
       select id, row_number() over (order by id) as ordinal
         from line
     ),
     entry as (
       insert into otrs_bridge.ledger (line_id, kind, source_id, created_at, units, worked_on, agent)
       select n.id, e.kind, e.source_id, e.created_at, e.units, e.worked_on, e.agent
         from jsonb_to_recordset($4) as e (
           ordinal integer, kind text, source_id bigint, created_at timestamptz, units bigint, worked_on date, agent text)
         join numbered n on n.ordinal = e.ordinal
        order by e.kind, e.source_id, e.created_at, n.id
     )
     select id
       from numbered
      order by ordinal`,
    [draftId, customerId, JSON.stringify(placed.map(lineColumns)), JSON.stringify(entries)],
  );
  const ids = z.array(z.object({ id: z.number() })).parse(rows);
  if (ids.length !== placed.length) throw new BugError(`${ids.length} of ${placed.length} lines were written`);
  return ids.map(({ id }) => id);
}

function lineColumns({ line, position, kivitendoRow }: PlacedLine, index: number): Record<string, unknown> {
  return {
    ordinal: index + 1,
    position,
    kind: line.kind,
    ticket_id: line.ticket?.ticketId ?? null,
    ticket_number: line.ticket === null ? null : storableText(line.ticket.ticketNumber),
    part_id: line.part?.partId ?? null,
    part_number: line.part?.partNumber ?? null,
    unit: line.part?.unit ?? null,
    unit_price: line.unitPrice,
    discount: line.discount,
    quantity: line.quantity,
    net_amount: line.netAmount,
    project_id: line.projectId,
    description: storableText(line.description),
    long_description: storableText(line.longDescription),
    worked_units: line.workedUnits,
    late: line.late,
    service_start: line.service?.start.toString() ?? null,
    service_end: line.service?.end.toString() ?? null,
    rule: line.rule === null ? null : storableText(line.rule),
    price_source: line.priceSource === null ? null : storableText(line.priceSource),
    kivitendo_row: kivitendoRow,
  };
}

function entryColumns(line: PlannedLine, ordinal: number): Record<string, unknown>[] {
  return line.entries.map((entry) => ({
    ordinal,
    ...keyColumns(entry.key),
    units: entry.units,
    worked_on: entry.workedOn.toString(),
    agent: entry.agent === null ? null : storableText(entry.agent),
  }));
}
