import type { Pool } from "pg";
import type { BillingState } from "../billing/ports.ts";
import type { CustomerState, ExportState } from "../customer-sync/ports.ts";
import { createBillingState } from "./billing.ts";
import { createCustomerState } from "./customers.ts";
import type { InsertTarget } from "./drafts.ts";
import { createExportState } from "./exports.ts";
import { acquireRunnerLock, readLockHolder, type RunnerLock } from "./runner-lock.ts";

export interface State {
  readonly customers: CustomerState;
  readonly billing: BillingState;
  readonly exports: ExportState;
  /** One run of this instance at a time; null when another one holds the lock. */
  lock(): Promise<RunnerLock | null>;
  /** Who holds that lock, for people; null when nobody does. */
  lockHolder(): Promise<string | null>;
}

export interface StateOptions {
  /** Name of this installation of the bridge. */
  readonly instance: string;
  /** Writes a draft or order into kivitendo; handed in, because this folder knows schema otrs_bridge only. */
  readonly insertTarget: InsertTarget;
}

/** The bridge's own memory in schema `otrs_bridge`, over a pool that leaves times and big numbers as text. */
export function createState(pool: Pool, { instance, insertTarget }: StateOptions): State {
  return {
    customers: createCustomerState(pool),
    billing: createBillingState(pool, insertTarget),
    exports: createExportState(pool),
    lock: () => acquireRunnerLock(pool, instance),
    lockHolder: () => readLockHolder(pool, instance),
  };
}
