/** What the bridge remembers, read by SQL. */
import { z } from "zod";
import type { World } from "../../support/bridge.ts";
import { ask } from "../../support/evidence.ts";

const LineRow = z.object({
  id: z.number(),
  draft: z.number().nullable(),
  position: z.number().nullable(),
  kind: z.enum(["billed", "goodwill", "included", "excluded", "waived", "opening", "transfer"]),
  customer: z.string().nullable(),
  ticket: z.coerce.number(),
  number: z.string(),
  price: z.coerce.number(),
  quantity: z.coerce.number(),
  isActive: z.boolean(),
  isEdited: z.boolean(),
  parts: z.record(z.string(), z.number()).transform((parts) => new Map(Object.entries(parts))),
});
export type LedgerLine = z.infer<typeof LineRow>;

const entryName = (e: string): string =>
  `concat_ws(' ', ${e}.kind, ${e}.source_id, to_char(${e}.created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'))`;

/** All lines but those that take others back, oldest first; prices in cents, quantities in hundred-thousandths. */
export async function readLines(world: World): Promise<readonly LedgerLine[]> {
  const rows = await ask(
    world,
    `select l.id, l.draft_id as draft, l.position, l.kind, c.customernumber as customer, l.ticket_id as ticket,
            l.ticket_number as number, l.unit_price * 100 as price, l.quantity * 100000 as quantity,
            not exists (select from otrs_bridge.lines r where r.reverses = l.id) as "isActive",
            exists (select from otrs_bridge.line_edits x where x.line_id = l.id) as "isEdited",
            (select jsonb_object_agg(p.entry, p.units)
               from (select ${entryName("g")} as entry, sum(g.units) as units
                       from otrs_bridge.ledger g
                      where g.line_id = l.id
                      group by 1) p) as parts
       from otrs_bridge.lines l
       left join public.customer c on c.id = l.customer_id
      where l.reverses is null
      order by l.id`,
  );
  return rows.map((row) => LineRow.parse(row));
}

const DraftRow = z.object({
  id: z.number(),
  kivitendoId: z.string().nullable(),
  customer: z.string(),
  status: z.string(),
});
export type LedgerDraft = z.infer<typeof DraftRow>;

export async function readDraftRows(world: World): Promise<readonly LedgerDraft[]> {
  const rows = await ask(
    world,
    `select id, kivitendo_id as "kivitendoId", customer_number as customer, status
       from otrs_bridge.drafts
      order by id`,
  );
  return rows.map((row) => DraftRow.parse(row));
}

const EntryRow = z.object({
  entry: z.string(),
  ticket: z.coerce.number(),
  seen: z.coerce.number(),
  settled: z.coerce.number(),
  places: z.record(z.string(), z.number()).nullable(),
});
export type LedgerEntry = z.infer<typeof EntryRow>;

/** Every entry with what was seen, and the sums of the ledger by kind; `proposed` are lines that wait for a release. */
export async function readEntries(world: World): Promise<readonly LedgerEntry[]> {
  const rows = await ask(
    world,
    `select ${entryName("e")} as entry, e.ticket_id as ticket, e.seen_units as seen, e.settled_units as settled,
            (select jsonb_object_agg(k.place, k.units)
               from (select case when d.status = 'proposed' then 'proposed' else l.kind end as place, sum(g.units) as units
                       from otrs_bridge.ledger g
                       join otrs_bridge.lines l on l.id = g.line_id
                       left join otrs_bridge.lines o on o.id = l.reverses
                       left join otrs_bridge.drafts d on d.id = coalesce(l.draft_id, o.draft_id)
                      where g.kind = e.kind and g.source_id = e.source_id and g.created_at = e.created_at
                      group by 1) k) as places
       from otrs_bridge.time_entries e
      order by 1`,
  );
  return rows.map((row) => EntryRow.parse(row));
}

const QuestionRow = z.object({
  id: z.number(),
  reason: z.string(),
  subject: z.string(),
  text: z.string(),
  about: z.object({
    ticketId: z.number().optional(),
    lineIds: z.array(z.number()).optional(),
    units: z.number().optional(),
    openUnits: z.number().optional(),
  }),
  choices: z.array(
    z.object({ choice: z.enum(["waive", "opening", "bill", "due-again", "accept", "keep", "move", "hold"]) }),
  ),
});
export type OpenQuestion = z.infer<typeof QuestionRow>;

export async function readQuestions(world: World): Promise<readonly OpenQuestion[]> {
  const rows = await ask(
    world,
    `select id, reason, subject, text, about, choices
       from otrs_bridge.inbox
      where flow = 'billing' and closed_at is null
      order by id`,
  );
  return rows.map((row) => QuestionRow.parse(row));
}

/** Included hundredths used by month of the work. */
export async function readIncluded(world: World, customer: string): Promise<ReadonlyMap<string, number>> {
  const rows = await ask(
    world,
    `select to_char(g.worked_on, 'YYYY-MM') as month, sum(g.units)::integer as units
       from otrs_bridge.lines l
       join otrs_bridge.ledger g on g.line_id = l.id
       join public.customer c on c.id = l.customer_id
      where l.kind = 'included' and c.customernumber = $1
      group by 1`,
    [customer],
  );
  return new Map(rows.map(({ month, units }) => [String(month), Number(units)]));
}
