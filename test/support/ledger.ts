/** A ledger on a database of its own: the state of billing, its desk, and a look at what is written. */
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import type { BillingDesk, BillingState, DraftContent, Target, WrittenTarget } from "../../src/billing/ports.ts";
import { insertTarget } from "../../src/kivitendo/index.ts";
import type { MinutesPerUnit, RunId } from "../../src/model/index.ts";
import { createBillingDesk, createState, type InsertTarget } from "../../src/state/index.ts";
import { type BridgeDatabase, createBridgeDatabase } from "./bridge-database.ts";
import { mueller, muellerId } from "./lines.ts";

export const minutes = "1" as MinutesPerUnit;
export const ledgerNow = Temporal.Instant.from("2026-11-22T08:00:00Z");
export const decided = { by: "anna", why: "Kulanz", at: ledgerNow };

export interface LedgerWorld {
  readonly bridge: BridgeDatabase;
  readonly state: BillingState;
  readonly desk: BillingDesk;
  readonly run: RunId;
  /** What the last draft or order was made of. */
  lastContent(): DraftContent;
}

/** Registers the hooks of vitest: each test starts with an empty ledger and the sample company linked. */
export function useLedger(options: { readonly targets?: readonly Target[] } = {}): LedgerWorld {
  let bridge: BridgeDatabase;
  let state: BillingState;
  let desk: BillingDesk;
  let run: RunId;
  let content: DraftContent | undefined;
  const insert: InsertTarget = async (client, given): Promise<WrittenTarget> => {
    content = given;
    return insertTarget(client, given);
  };
  beforeAll(async () => {
    bridge = await createBridgeDatabase("4.1.0", options);
    state = createState(bridge.pool, { instance: "main", insertTarget: insert }).billing;
    desk = createBillingDesk(bridge.pool, {
      insertTarget: insert,
      readCustomer: (id) => Promise.resolve(id === muellerId ? mueller : null),
      timeZone: "Europe/Berlin",
      minutesPerUnit: minutes,
    });
  });
  afterAll(() => bridge.drop());
  beforeEach(async () => {
    content = undefined;
    await bridge.admin(`
      delete from otrs_bridge.ledger;
      delete from otrs_bridge.line_edits;
      delete from otrs_bridge.lines;
      delete from otrs_bridge.billing_decisions;
      delete from otrs_bridge.drafts;
      delete from otrs_bridge.time_entries;
      delete from otrs_bridge.tickets;
      delete from otrs_bridge.cursor;
      delete from otrs_bridge.links;
      delete from otrs_bridge.inbox;
      delete from otrs_bridge.acknowledged;
      delete from otrs_bridge.billing_unit;
      delete from public.drafts;
      insert into otrs_bridge.links (kind, row_id, helpdesk_key, status, confirmed)
      values ('company', 1150, 'K10001', 'linked', true), ('company', 1156, 'K10002', 'linked', true)`);
    run = await state.startRun("billing", ledgerNow);
  });
  return {
    get bridge() {
      return bridge;
    },
    get state() {
      return state;
    },
    get desk() {
      return desk;
    },
    get run() {
      return run;
    },
    lastContent: () => {
      if (content === undefined) throw new Error("nothing was written into kivitendo");
      return content;
    },
  };
}

/** How many rows stand where; all zero means that nothing was written. */
export async function written({ bridge }: LedgerWorld): Promise<Record<string, unknown> | undefined> {
  const [row] = await bridge.admin(`
    select (select count(*)::integer from public.drafts) as kivitendo,
           (select count(*)::integer from otrs_bridge.drafts) as drafts,
           (select count(*)::integer from otrs_bridge.lines) as lines,
           (select count(*)::integer from otrs_bridge.ledger) as entries,
           (select coalesce(sum(settled_units), 0)::integer from otrs_bridge.time_entries) as settled`);
  return row;
}

export const nothing = { kivitendo: 0, drafts: 0, lines: 0, entries: 0, settled: 0 };

/** Settled units by kind of line; what cancels out is left out. */
export async function byKind({ bridge }: LedgerWorld): Promise<Record<string, number>> {
  const rows = await bridge.admin(`
    select l.kind, sum(e.units)::integer as units
      from otrs_bridge.ledger e
      join otrs_bridge.lines l on l.id = e.line_id
     group by l.kind
    having sum(e.units) <> 0
     order by l.kind`);
  return Object.fromEntries(rows.map((row) => [String(row["kind"]), Number(row["units"])]));
}

/** Whatever happened: the columns that are kept for speed say what the ledger says. */
export async function expectLedgerAdds({ bridge }: LedgerWorld): Promise<void> {
  expect(
    await bridge.admin(`
      select e.kind, e.source_id
        from otrs_bridge.time_entries e
        left join otrs_bridge.ledger l using (kind, source_id, created_at)
       group by e.kind, e.source_id, e.created_at
      having e.settled_units <> coalesce(sum(l.units), 0)`),
  ).toEqual([]);
}
