import { recordRefusal, recordRun, RefusedError } from "../../model/index.ts";
import type { FlowContext, RunRecorder } from "../../model/index.ts";
import { digestOf } from "../digest.ts";
import { planReadOnly } from "./plan.ts";
import type { Countries, ReadOnlyChange, ReadOnlyPlan } from "./plan.ts";
import type { ReadOnlyDifferences, ReadOnlySource, SourceOptions } from "../ports.ts";

export interface ReadOnlyPorts {
  readonly source: ReadOnlySource;
  /** Throws RefusedError when the database is not the one that the state belongs to. */
  readonly checkDatabase: () => Promise<void>;
  readonly recorder: RunRecorder;
  /** Records a run that the guard refused. */
  readonly refuse: Parameters<typeof recordRefusal>[1];
}

export interface ReadOnlyRules {
  /** Scope and sentinel; the tables have no extra columns. */
  readonly source: SourceOptions;
  readonly countries: Countries;
  readonly limits: {
    readonly maxDeactivations: number;
    /** 0.1 is 10 %. */
    readonly maxDeactivationShare: number;
    /** The limits count only from this many known records up. */
    readonly ignoreBelow: number;
  };
  /** The token of a refused plan that an operator allows; null allows none. */
  readonly allow: string | null;
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

/** Version of the mapping in plan.ts; part of every recorded hash. */
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
  const differences = await ports.source.read(`${mappingVersion} ${rules.countries}`, rules.source);
  const plan = planReadOnly(differences, rules.countries);
  const guard = (): Promise<void> => assertSafe(plan, differences, rules);
  await (mode === "plan" ? guard() : recordRefusal(guard, ports.refuse, ports.recorder.now));
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

/**
 * Refuses an empty source, and too many that would become invalid; contacts that follow their customer do not count. The
 * refusal names a token that allows this one plan.
 */
async function assertSafe(plan: ReadOnlyPlan, differences: ReadOnlyDifferences, rules: ReadOnlyRules): Promise<void> {
  const { companies, contacts } = differences;
  const leaving = plan.changes.filter((change) => change.outcome === "invalidated");
  const customers = leaving.filter((change) => change.record === "company");
  const gone = new Set(customers.map((change) => change.rowId));
  const alone = leaving.filter(
    ({ record, customerId }) => record === "user" && (customerId === null || !gone.has(customerId)),
  );
  const { sentinel } = rules.source;
  const objections = [
    ...(differences.sentinelFound
      ? []
      : [`kivitendo has no customer ${sentinel}, without which its data are not believed (customers.sentinel).`]),
    ...emptySource("customers", companies.counts),
    ...emptySource("contacts", contacts.counts),
    ...tooMany("customers", customers, companies.counts.known, rules.limits),
    ...tooMany("contacts", alone, contacts.counts.known, rules.limits),
  ];
  if (objections.length === 0) return;
  const rows = leaving.map(({ record, rowId }) => `${record} ${rowId}`).sort();
  const token = await digestOf({ rows, companies: companies.counts.sourceRows, contacts: contacts.counts.sourceRows });
  if (rules.allow === token) return;
  throw new RefusedError(
    `${objections.join("\n")}\nNothing was written.`,
    `Look for the cause in kivitendo first. \`kivi-otrs customers plan --allow ${token}\` shows the whole plan; when it is ` +
      `right, \`kivi-otrs customers sync --allow ${token}\` carries out this one plan.`,
  );
}

function emptySource(what: string, counts: { readonly sourceRows: number; readonly known: number }): readonly string[] {
  if (counts.sourceRows > 0 || counts.known === 0) return [];
  return [`kivitendo shows no ${what} at all, but ${counts.known} are known from earlier runs.`];
}

function tooMany(
  what: string,
  changes: readonly ReadOnlyChange[],
  known: number,
  limits: ReadOnlyRules["limits"],
): readonly string[] {
  if (changes.length === 0 || known < limits.ignoreBelow) return [];
  const share = changes.length / known;
  if (changes.length <= limits.maxDeactivations && share <= limits.maxDeactivationShare) return [];
  const first = changes.slice(0, 5).map((change) => change.label);
  return [
    `This run would make ${changes.length} of ${known} ${what} invalid (${(share * 100).toFixed(1)} %); allowed are ` +
      `${limits.maxDeactivations} and ${(limits.maxDeactivationShare * 100).toFixed(1)} %. First: ${first.join("; ")}.`,
  ];
}
