/** Lines in the ledger without a plan, for tests of what is read from it. */
import type { EntryKey, LineKind } from "../../src/billing/ports.ts";
import type { BridgeDatabase } from "./bridge-database.ts";
import { articleTime } from "./tickets.ts";

export const articleKey = (id: number): EntryKey => ({
  kind: "article",
  sourceId: id,
  createdAt: articleTime(id),
});

export interface LineInTest {
  readonly ticketId: number;
  readonly entries: readonly { readonly key: EntryKey; readonly units: number; readonly workedOn?: string }[];
  readonly kind?: LineKind;
  readonly customerId?: number;
  /** Of its draft. */
  readonly status?: "proposed" | "waiting" | "posted";
  readonly madeAt?: string;
  /** The line that this one takes back. */
  readonly reverses?: number;
}

/** Adds a line, on a draft of its own where its kind needs one; answers its id. */
export async function addLine(bridge: BridgeDatabase, line: LineInTest): Promise<number> {
  const kind = line.kind ?? "billed";
  const onDraft = line.reverses === undefined && ["billed", "goodwill"].includes(kind);
  const entries = line.entries.map(({ key, units, workedOn = "2026-10-05" }) => ({
    kind: key.kind,
    source_id: key.sourceId,
    created_at: key.createdAt.toString(),
    units,
    worked_on: workedOn,
  }));
  const rows = await bridge.admin(
    `with run as (
       insert into otrs_bridge.runs (flow, started_at) values ('billing', now()) returning id
     ),
     draft as (
       insert into otrs_bridge.drafts (target, kivitendo_id, customer_id, customer_number, period, net_amount, form_md5,
                                       run_id, status)
       select 'invoice-draft', gen_random_uuid(), $2::integer, 'K' || $2::integer, '2026-10', 0, '', run.id, $3
         from run
        where $4
       returning id
     ),
     entry as (
       select *
         from jsonb_to_recordset($5) as e (kind text, source_id bigint, created_at timestamptz, units bigint,
                                           worked_on date)
     ),
     line as (
       insert into otrs_bridge.lines (kind, draft_id, position, ticket_id, ticket_number, customer_id, part_number, unit,
                                      unit_price, quantity, worked_units, net_amount, late, reverses, made_at)
       select $1, d.id, case when $4 then 1 end, t.ticket_id, t.ticket_number, $2::integer, 'ST-STD', 'Std', 95,
              s.units / 100.0, s.units, s.units * 0.95, false, $6, coalesce($7::timestamptz, now())
         from otrs_bridge.tickets t
        cross join (select sum(units) as units from entry) s
         left join draft d on true
        where t.ticket_id = $8
       returning id
     )
     insert into otrs_bridge.ledger (line_id, kind, source_id, created_at, units, worked_on, agent)
     select line.id, e.kind, e.source_id, e.created_at, e.units, e.worked_on, 'Eva Müller'
       from line, entry e
     returning line_id`,
    [
      kind,
      line.customerId ?? 1150,
      line.status ?? "waiting",
      onDraft,
      JSON.stringify(entries),
      line.reverses ?? null,
      line.madeAt ?? null,
      line.ticketId,
    ],
  );
  return Number(rows[0]?.["line_id"]);
}

/** Empties billing's memory; two customers are linked, one rejected later on, and one not yet confirmed. */
export async function emptyLedger(bridge: BridgeDatabase): Promise<void> {
  await bridge.admin(`
    delete from otrs_bridge.ledger;
    delete from otrs_bridge.line_edits;
    delete from otrs_bridge.lines where reverses is not null;
    delete from otrs_bridge.lines;
    delete from otrs_bridge.billing_decisions;
    delete from otrs_bridge.drafts;
    delete from otrs_bridge.time_entries;
    delete from otrs_bridge.tickets;
    delete from otrs_bridge.cursor;
    delete from otrs_bridge.links;
    insert into otrs_bridge.links (kind, row_id, helpdesk_key, status, confirmed)
    values ('company', 1150, 'K10001', 'linked', true), ('company', 1151, 'K10002', 'rejected', true),
           ('company', 1152, 'K10003', 'writing', false)`);
}
