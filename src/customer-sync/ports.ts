/** What flow 1 sees of the outside. Adapters in src/state and src/helpdesk implement these types. */
import type { HelpdeskIdentity, RunEnd, RunId } from "../model/index.ts";
import type { ConfirmedMatch, Differences, RecordKind, RecordedDecision, Selection, SourceOptions } from "./records.ts";
import type { CustomerChange, CustomerOutcome, HelpdeskFields, HelpdeskRecord, UpsertOutcome } from "./writes.ts";

export type * from "./export/records.ts";
export type * from "./read-only/ports.ts";
export type * from "./records.ts";
export type * from "./writes.ts";

/** The bulk operation of the add-on. */
export interface HelpdeskCustomers {
  /** Who the helpdesk is; asked once at the start of each run. */
  identify(): Promise<HelpdeskIdentity>;
  /**
   * Writes the changes in their order (or answers what writing would give, with `dryRun`); one outcome a change, in
   * the same order. Throws UnavailableError when the helpdesk cannot be reached: then none, some or all are written.
   */
  upsert(
    changes: readonly CustomerChange[],
    options: { readonly dryRun: boolean; readonly sequence: number; readonly signal: AbortSignal },
  ): Promise<readonly UpsertOutcome[]>;
  /** What can be stored; asked with `identify`. */
  describe(): Promise<HelpdeskFields>;
  /** The records under these keys, or with our marks of these rows; those that are not there are left out. */
  lookUp(
    record: RecordKind,
    by: { readonly keys: readonly string[] } | { readonly rowIds: readonly number[] },
    options: { readonly tickets: boolean; readonly signal: AbortSignal },
  ): Promise<readonly HelpdeskRecord[]>;
  /** All records, page by page, in a stable order. */
  list(
    record: RecordKind,
    owner: "ours" | "unowned" | "any",
    signal: AbortSignal,
  ): AsyncIterable<readonly HelpdeskRecord[]>;
}

/** The bridge's own memory of customers and contacts, in schema `otrs_bridge`. */
export interface CustomerState {
  /** Reads the source beside the links in one short snapshot. `mapping` names the version of the field mapping. */
  readDifferences(options: {
    readonly mapping: string;
    readonly selection: Selection;
    readonly source: SourceOptions;
    /** Lists every row, also those that are as they were recorded: for match, verify and explain. */
    readonly everything: boolean;
    readonly now: Temporal.Instant;
  }): Promise<Differences>;
  /** Commits what is about to be sent, before it is sent. */
  commitIntent(run: RunId, changes: readonly CustomerChange[]): Promise<void>;
  /**
   * Records what came of it, in one transaction; what the guard counts is kept for 24 hours, unless it was `allowed`.
   * Returns how many of the rejections were not known before.
   */
  record(
    run: RunId,
    outcomes: readonly CustomerOutcome[],
    options: { readonly now: Temporal.Instant; readonly allowed: boolean },
  ): Promise<{ readonly newlyRejected: number }>;
  /** Records how many rows the source had, when that differs from what is recorded. */
  recordSourceRows(rows: Differences["sourceRows"]): Promise<void>;
  /** Forgets refusals that are nobody's business any more; a refused pair is one that waits again. */
  withdraw(rows: Differences["withdrawn"]): Promise<void>;
  /** Links rows to records that stand in the helpdesk already; the next run adopts them. Refuses linked rows and used keys. */
  confirmMatches(matches: readonly ConfirmedMatch[]): Promise<void>;
  /** Stores a decision with who and why, while no run writes. The next run uses it. Throws ConfigError when nothing waits there. */
  decide(record: RecordKind, rowId: number, decision: RecordedDecision): Promise<void>;
  /** Opens a run; its id is the sequence that the helpdesk is told. */
  startRun(flow: "customers", startedAt: Temporal.Instant): Promise<RunId>;
  /** Records a run that was refused before it wrote anything; the same again is the same. */
  readonly refuseRun: (
    flow: "customers",
    refusal: { readonly at: Temporal.Instant; readonly reason: string },
  ) => Promise<void>;
  readonly finishRun: (run: RunId, end: RunEnd) => Promise<void>;
}
