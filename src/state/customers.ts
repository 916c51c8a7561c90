import type { Pool } from "pg";
import type { CustomerState } from "../customer-sync/ports.ts";
import { commitIntent, record } from "./customer-records.ts";
import { readDifferences } from "./differences.ts";
import { finishRun, startRun } from "./runs.ts";

/** What the bridge remembers of customers and contacts, read beside kivitendo's rows. */
export function createCustomerState(pool: Pool): CustomerState {
  return {
    readDifferences: (options) => readDifferences(pool, options),
    commitIntent: (run, changes) => commitIntent(pool, run, changes),
    record: (run, outcomes, now) => record(pool, run, outcomes, now),
    startRun: (flow, startedAt) => startRun(pool, flow, startedAt),
    finishRun: (run, end) => finishRun(pool, run, end),
  };
}
