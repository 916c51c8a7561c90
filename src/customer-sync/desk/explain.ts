import type { FlowContext } from "../../model/index.ts";
import { planCustomers } from "../plan.ts";
import type {
  CompanyDifference,
  ContactDifference,
  CustomerChange,
  CustomerOutcome,
  Differences,
  HelpdeskRecord,
  Link,
  RecordKind,
} from "../ports.ts";
import { mappingOf } from "../rules.ts";
import type { CustomerRules } from "../rules.ts";
import type { CustomerPorts } from "../run.ts";
import { syncCustomers } from "../run.ts";
import { compareWithHelpdesk } from "./verify.ts";
import type { Drift } from "./verify.ts";

/** One record from all sides. */
export interface ExplainedRecord {
  readonly record: RecordKind;
  readonly rowId: number;
  readonly label: string;
  /** kivitendo's row as the bridge reads it. */
  readonly source: Readonly<Record<string, unknown>>;
  /** What the bridge remembers; null when it never dealt with the row. */
  readonly link: Link<string> | null;
  /** What stands in the helpdesk under its key. */
  readonly helpdesk: HelpdeskRecord | null;
  /** The wanted values and their ownership, as the configuration maps them; null where nothing may be sent. */
  readonly wanted: Pick<
    CustomerChange,
    "key" | "newKey" | "fields" | "dynamicFields" | "companies" | "modes" | "notices"
  > | null;
  /** What the next run does with it and what comes of it; null when it leaves the record alone. */
  readonly next: CustomerOutcome | null;
  /** Where the helpdesk differs from what is wanted although nothing is due: changed there by hand. */
  readonly drifts: readonly Drift[];
}

/** Explains the rows that the selection names; writes nothing. A guard does not keep it from explaining. */
export async function explainCustomers(
  ports: CustomerPorts,
  rules: CustomerRules,
  context: FlowContext,
): Promise<readonly ExplainedRecord[]> {
  const report = await syncCustomers(ports, withoutLimits(rules), "plan", context);
  const next = new Map(report.outcomes.map((outcome) => [idOf(outcome.change), outcome]));
  const helpdesk = await ports.helpdesk.describe();
  const differences = await ports.state.readDifferences({
    mapping: await mappingOf(rules),
    selection: rules.selection,
    source: rules.source,
    everything: true,
    now: ports.now(),
  });
  const plan = planCustomers(differences, rules, helpdesk);
  const changes = [...plan.companies, ...plan.users, ...plan.held.map(({ change }) => change)];
  const wanted = new Map(changes.map((change) => [idOf(change), change]));
  const rows = rowsOf(differences);
  const found = {
    company: await lookUp(ports, "company", rows, wanted, context.signal),
    user: await lookUp(ports, "user", rows, wanted, context.signal),
  };
  return rows.map(({ record, rowId, label, row }): ExplainedRecord => {
    const id = idOf({ record, rowId });
    const change = wanted.get(id) ?? null;
    const outcome = next.get(id) ?? null;
    const { link, sourceHash: _hash, ...source } = row;
    const there = found[record].get(change?.key ?? link?.key ?? "") ?? null;
    const compared =
      change === null || there === null || outcome !== null
        ? []
        : compareWithHelpdesk([change], [there], { record, instance: rules.instance, marks: helpdesk.marks }).drifts;
    return { record, rowId, label, source, link, helpdesk: there, wanted: change, next: outcome, drifts: compared };
  });
}

interface Row {
  readonly record: RecordKind;
  readonly rowId: number;
  readonly label: string;
  readonly row: CompanyDifference | ContactDifference;
}

function rowsOf({ companies, contacts }: Differences): readonly Row[] {
  return [
    ...companies.map((row): Row => ({
      record: "company",
      rowId: row.customerId,
      label: `${row.customerNumber ?? `row id ${row.customerId}`} ${row.name}`.trim(),
      row,
    })),
    ...contacts.map((row): Row => ({
      record: "user",
      rowId: row.contactId,
      label: `${row.givenName} ${row.name} <${row.email.trim()}>`.trim(),
      row,
    })),
  ];
}

async function lookUp(
  ports: CustomerPorts,
  record: RecordKind,
  rows: readonly Row[],
  wanted: ReadonlyMap<string, CustomerChange>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, HelpdeskRecord>> {
  const keys = rows
    .filter((each) => each.record === record)
    .map((each) => wanted.get(idOf(each))?.key ?? each.row.link?.key ?? "")
    .filter((key) => key !== "");
  if (keys.length === 0) return new Map();
  const records = await ports.helpdesk.lookUp(record, { keys }, { tickets: true, signal });
  return new Map(records.map((each) => [each.key, each]));
}

/** The guard judges runs; here one record is looked at. */
function withoutLimits(rules: CustomerRules): CustomerRules {
  const count = Number.MAX_SAFE_INTEGER;
  return {
    ...rules,
    source: { ...rules.source, sentinel: null },
    limits: {
      ...rules.limits,
      maxDeactivations: count,
      maxDeactivationShare: 1,
      maxKeyChanges: count,
      maxKeyChangeShare: 1,
      maxAdoptions: count,
      maxAdoptionShare: 1,
      maxSourceShrink: 1,
    },
  };
}

function idOf({ record, rowId }: { readonly record: RecordKind; readonly rowId: number }): string {
  return `${record} ${rowId}`;
}
