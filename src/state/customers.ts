import type { Pool } from "pg";
import type { CustomerState } from "../customer-sync/ports.ts";
import { commitIntent, record, withdraw } from "./customer-records.ts";
import { confirmMatches, decide } from "./decisions.ts";
import { readDifferences } from "./differences.ts";
import { recordSourceRows } from "./guard-figures.ts";
import { finishRun, refuseRun, startRun } from "./runs.ts";

/** What the bridge remembers of customers and contacts, read beside kivitendo's rows. */
export function createCustomerState(pool: Pool): CustomerState {
  return {
    readDifferences: (options) => readDifferences(pool, options),
    commitIntent: (run, changes) => commitIntent(pool, run, changes),
    record: (run, outcomes, options) => record(pool, run, outcomes, options),
    recordSourceRows: (rows) => recordSourceRows(pool, rows),
    withdraw: (rows) => withdraw(pool, rows),
    confirmMatches: (matches) => confirmMatches(pool, matches),
    decide: (kind, rowId, decision) => decide(pool, kind, rowId, decision),
    startRun: (flow, startedAt) => startRun(pool, flow, startedAt),
    refuseRun: (flow, refusal) => refuseRun(pool, flow, refusal),
    finishRun: (run, end) => finishRun(pool, run, end),
  };
}
