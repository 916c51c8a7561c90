import type { Pool } from "pg";
import { z } from "zod";
import type { BillingState } from "../billing/ports.ts";
import { MinutesPerUnit } from "../model/index.ts";
import { readCursor, readIncludedUse, readOpenTickets, readSettledEntries } from "./collecting.ts";
import { type InsertTarget, reverseLines, writeDraft, writeSettlement } from "./drafts.ts";
import { readUnanswered, syncInbox } from "./inbox.ts";
import { finishRun, startRun } from "./runs.ts";
import { readBeforeStart, settle } from "./settle.ts";
import { knownPlaces, readDrafts, recordStatus, recordTold } from "./stored-drafts.ts";
import { inTransaction } from "./transaction.ts";

/** Billing's memory: tickets and time as last seen, the ledger, the inbox. */
export function createBillingState(pool: Pool, insertTarget: InsertTarget): BillingState {
  return {
    readCursor: (scope) => readCursor(pool, scope),
    readOpenTickets: (which) => readOpenTickets(pool, which),
    readSettledEntries: (ticketIds) => readSettledEntries(pool, ticketIds),
    settle: (settlement) => settle(pool, settlement),
    readBeforeStart: (settlement) => readBeforeStart(pool, settlement),
    readIncludedUse: (customerIds) => readIncludedUse(pool, customerIds),
    writeDraft: (record, minutesPerUnit) => writeDraft(pool, insertTarget, record, minutesPerUnit),
    writeSettlement: (record, minutesPerUnit) => writeSettlement(pool, record, minutesPerUnit),
    reverseLines: (lineIds, decided) => reverseLines(pool, lineIds, decided),
    readFrozenUnit: () => readFrozenUnit(pool),
    readDrafts: (filter) => readDrafts(pool, filter),
    recordStatus: (draftId, status, invoice) => recordStatus(pool, draftId, status, invoice),
    recordTold: (draftId, at) => recordTold(pool, draftId, at),
    knownPlaces: (places) => knownPlaces(pool, places),
    readUnanswered: (items) => readUnanswered(pool, items),
    syncInbox: (items, options) => syncInbox(pool, items, options),
    startRun: (flow, startedAt) => startRun(pool, flow, startedAt),
    finishRun: (run, end) => finishRun(pool, run, end),
  };
}

const UnitRow = z.object({ minutesPerUnit: MinutesPerUnit });

async function readFrozenUnit(pool: Pool): Promise<MinutesPerUnit | null> {
  return inTransaction(pool, "snapshot", async (client) => {
    const { rows } = await client.query(
      `select trim_scale(minutes_per_unit)::text as "minutesPerUnit"
         from otrs_bridge.billing_unit
        order by only_row`,
    );
    return z.array(UnitRow).parse(rows)[0]?.minutesPerUnit ?? null;
  });
}
