import { recordRun, RefusedError } from "../model/index.ts";
import type { FlowContext, RunRecorder } from "../model/index.ts";
import { planReadOnly } from "./read-only-plan.ts";
import type { ReadOnlyChange, ReadOnlyPlan } from "./read-only-plan.ts";
import type { ReadOnlyDifferences, ReadOnlySource } from "./ports.ts";

export interface ReadOnlyPorts {
  readonly source: ReadOnlySource;
  /** Throws RefusedError when the database is not the one that the state belongs to. */
  readonly checkDatabase: () => Promise<void>;
  readonly recorder: RunRecorder;
}

export interface ReadOnlyRules {
  /** Null when an operator allowed this one run to go over them. */
  readonly limits: {
    readonly maxDeactivations: number;
    /** 0.1 is 10 %. */
    readonly maxDeactivationShare: number;
    /** The limits count only from this many known records up. */
    readonly ignoreBelow: number;
  } | null;
}

/** Figures of one kind of record; those of `--json`. */
export interface ReadOnlyCounts {
  readonly created: number;
  readonly updated: number;
  readonly invalidated: number;
  readonly unchanged: number;
  readonly rejected: number;
}

export interface ReadOnlyReport {
  readonly customers: ReadOnlyCounts;
  readonly contacts: ReadOnlyCounts;
  readonly changes: readonly ReadOnlyChange[];
}

/** Version of the mapping in read-only-plan.ts; part of every recorded hash. */
const mappingVersion = "1";

/**
 * Flow 1 the read-only way: brings the tables that the helpdesk reads up to date, and never calls the helpdesk. `plan`
 * writes nothing. The guard is that of the other way, by number and share.
 */
export async function refreshReadOnlySource(
  ports: ReadOnlyPorts,
  rules: ReadOnlyRules,
  mode: "plan" | "sync",
  context: FlowContext,
): Promise<ReadOnlyReport> {
  await ports.checkDatabase();
  context.report({ flow: "customers", step: "reading kivitendo" });
  const differences = await ports.source.read(mappingVersion);
  const plan = planReadOnly(differences);
  if (rules.limits !== null) assertSafe(plan, differences, rules.limits);
  const report = reportOf(plan, differences);
  // Nothing is recorded when nothing is written.
  if (mode === "plan" || !writesAnything(plan)) return report;
  return recordRun(ports.recorder, context.signal, async () => {
    await ports.source.write(plan.writes);
    return { report, status: "done", summary: { customers: report.customers, contacts: report.contacts } };
  });
}

function writesAnything({ writes }: ReadOnlyPlan): boolean {
  return [writes.companies, writes.users].some(
    (table) => table.removed.length + table.invalidated.length + table.written.length > 0,
  );
}

function reportOf(plan: ReadOnlyPlan, differences: ReadOnlyDifferences): ReadOnlyReport {
  const counts = (record: "company" | "user", unchanged: number): ReadOnlyCounts => {
    const count = (outcome: ReadOnlyChange["outcome"]): number =>
      plan.changes.filter((change) => change.record === record && change.outcome === outcome).length;
    return {
      created: count("created"),
      updated: count("updated"),
      invalidated: count("invalidated"),
      unchanged,
      rejected: count("rejected"),
    };
  };
  return {
    customers: counts("company", differences.companies.counts.unchanged),
    contacts: counts("user", differences.contacts.counts.unchanged),
    changes: plan.changes,
  };
}

type Limits = NonNullable<ReadOnlyRules["limits"]>;

/** Refuses an empty source, and too many that would become invalid; contacts that follow their customer do not count. */
function assertSafe(plan: ReadOnlyPlan, { companies, contacts }: ReadOnlyDifferences, limits: Limits): void {
  const leaving = plan.changes.filter((change) => change.outcome === "invalidated");
  const customers = leaving.filter((change) => change.record === "company");
  const gone = new Set(customers.map((change) => change.rowId));
  const alone = leaving.filter(
    ({ record, customerId }) => record === "user" && (customerId === null || !gone.has(customerId)),
  );
  assertNotEmpty("customers", companies.counts);
  assertNotEmpty("contacts", contacts.counts);
  assertFew("customers", customers, companies.counts.known, limits);
  assertFew("contacts", alone, contacts.counts.known, limits);
}

function assertNotEmpty(what: string, counts: { readonly sourceRows: number; readonly known: number }): void {
  if (counts.sourceRows > 0 || counts.known === 0) return;
  throw new RefusedError(
    `kivitendo shows no ${what} at all, but ${counts.known} are known from earlier runs. Nothing was written.`,
    "Check that kivitendo.databaseUrl names the right database and that the views are in place (`kivi-otrs setup`).",
  );
}

function assertFew(what: string, changes: readonly ReadOnlyChange[], known: number, limits: Limits): void {
  if (changes.length === 0 || known < limits.ignoreBelow) return;
  const share = changes.length / known;
  if (changes.length <= limits.maxDeactivations && share <= limits.maxDeactivationShare) return;
  const first = changes.slice(0, 5).map((change) => change.label);
  throw new RefusedError(
    `This run would make ${changes.length} of ${known} ${what} invalid (${(share * 100).toFixed(1)} %); allowed are ` +
      `${limits.maxDeactivations} and ${(limits.maxDeactivationShare * 100).toFixed(1)} %. Nothing was written. First: ${first.join("; ")}.`,
    "Look at them with `kivi-otrs customers plan --allow-deactivations`; when they are right, run `kivi-otrs customers sync --allow-deactivations`.",
  );
}
