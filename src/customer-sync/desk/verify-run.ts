import { recordRun } from "../../model/index.ts";
import type { FlowContext, RunId } from "../../model/index.ts";
import { readMovedKeys, underMovedKeys } from "../moved-keys.ts";
import { planCustomers } from "../plan.ts";
import type { CustomerPlan } from "../plan.ts";
import type {
  CustomerChange,
  CustomerOutcome,
  Differences,
  HelpdeskFields,
  HelpdeskRecord,
  Link,
  RecordKind,
} from "../ports.ts";
import { mappingOf } from "../rules.ts";
import type { CustomerRules } from "../rules.ts";
import type { CustomerPorts } from "../run.ts";
import { compareWithHelpdesk, renamingOf, repairOf } from "./verify.ts";
import type { Comparison, Drift } from "./verify.ts";

export interface VerifyReport {
  readonly companies: Comparison;
  readonly users: Comparison;
  /** Rows whose last state in kivitendo is not synced yet, or was refused: their difference is none of the agents. */
  readonly pending: { readonly companies: number; readonly users: number };
  /** What a repair did, or would do; owned fields only. */
  readonly repairs: readonly CustomerOutcome[];
}

/**
 * Reads the helpdesk's records in bulk and compares them with what kivitendo wants. `repair` puts owned fields right that
 * were changed by hand, `look` writes nothing. Rows that the next sync sends anyway are left to it.
 */
export async function verifyCustomers(
  ports: CustomerPorts,
  rules: CustomerRules,
  mode: "look" | "repair",
  context: FlowContext,
): Promise<VerifyReport> {
  await ports.checkIdentity(await ports.helpdesk.identify(), mode === "look" ? "look" : "bind");
  const helpdesk = await ports.helpdesk.describe();
  context.report({ flow: "customers", step: "reading kivitendo" });
  const due = (await read(ports, rules, helpdesk, false)).plan;
  const all = await read(ports, rules, helpdesk, true);
  const known = linkedRows(all.differences);
  const open = openRows(all, due);
  const settled = (changes: readonly CustomerChange[], record: RecordKind): readonly CustomerChange[] =>
    changes.filter((change) => !open[record].has(change.rowId));
  const wantedCompanies = settled(all.plan.companies, "company");
  const companies = await compare(
    ports,
    rules,
    "company",
    wantedCompanies,
    { helpdesk, known: known.company },
    context,
  );
  // Agents take the users of a company along when they rename it.
  const recorded = { users: settled(all.plan.users, "user"), otherCustomers: all.plan.otherCustomers };
  const moved = await readMovedKeys(ports.helpdesk, recorded, [], context.signal);
  const { users: wantedUsers } = underMovedKeys(recorded, moved);
  const users = await compare(ports, rules, "user", wantedUsers, { helpdesk, known: known.user }, context);
  const repairs = repairsOf([
    [wantedCompanies, companies.drifts],
    [wantedUsers, users.drifts],
  ]);
  return {
    companies,
    users,
    pending: { companies: open.company.size, users: open.user.size },
    repairs: await carryOut(ports, repairs, mode, context),
  };
}

interface Read {
  readonly differences: Differences;
  readonly plan: CustomerPlan;
}

async function read(
  ports: CustomerPorts,
  rules: CustomerRules,
  helpdesk: HelpdeskFields,
  everything: boolean,
): Promise<Read> {
  const { selection, source } = rules;
  const mapping = await mappingOf(rules);
  const differences = await ports.state.readDifferences({ mapping, selection, source, everything, now: ports.now() });
  if (!everything) return { differences, plan: planCustomers(differences, rules, helpdesk) };
  return {
    differences,
    plan: planCustomers(asItStands(differences), { ...rules, followCustomerNumber: false }, helpdesk),
  };
}

/** Without companies that are not there, and renames that have not happened: users stand under the keys that there are. */
function asItStands(differences: Differences): Differences {
  const companies = differences.companies.filter(isLinked).map((row) => {
    const { link } = row;
    return link?.decision?.choice === "rename" ? { ...row, link: { ...link, decision: null } } : row;
  });
  return { ...differences, companies };
}

type Rows = Readonly<Record<RecordKind, ReadonlySet<number>>>;

function linkedRows({ companies, contacts, vanishedCompanies, vanishedContacts }: Differences): Rows {
  return {
    company: new Set([
      ...companies.filter(isLinked).map((row) => row.customerId),
      ...vanishedCompanies.map((row) => row.rowId),
    ]),
    user: new Set([
      ...contacts.filter(isLinked).map((row) => row.contactId),
      ...vanishedContacts.map((row) => row.rowId),
    ]),
  };
}

function isLinked({ link }: { readonly link: Link<string> | null }): boolean {
  return link?.confirmed === true;
}

/** Rows whose last state the helpdesk does not have yet, or refused: their difference is none of the agents. */
function openRows({ differences: { companies, contacts } }: Read, due: CustomerPlan): Rows {
  return {
    company: new Set<number>([
      ...due.companies.map((change) => change.rowId),
      ...companies.filter(isRefused).map((row) => row.customerId),
    ]),
    user: new Set<number>([
      ...due.users.map((change) => change.rowId),
      ...contacts.filter(isRefused).map((row) => row.contactId),
    ]),
  };
}

/** What was written, and waits for a decision all the same, has no failed attempts. */
function isRefused({ link }: { readonly link: Link<string> | null }): boolean {
  return link?.status === "rejected" && link.attempts > 0;
}

async function compare(
  ports: CustomerPorts,
  rules: CustomerRules,
  record: RecordKind,
  wanted: readonly CustomerChange[],
  { helpdesk: { marks }, known }: { readonly helpdesk: HelpdeskFields; readonly known: ReadonlySet<number> },
  context: FlowContext,
): Promise<Comparison> {
  const options = { record, instance: rules.instance, marks, known };
  const isWhole = rules.selection.customerNumbers.length === 0 && rules.selection.contacts.length === 0;
  const found: HelpdeskRecord[] = [];
  const keep = (page: readonly HelpdeskRecord[]): void => {
    found.push(...page);
    context.report({ flow: "customers", step: `reading the helpdesk: ${record}`, done: found.length });
  };
  const linked = wanted.filter((change) => change.expect === "ours");
  if (isWhole) for await (const page of ports.helpdesk.list(record, "any", context.signal)) keep(page);
  else if (linked.length > 0) keep(await lookUpLinked(ports, record, linked, marks, context));
  const comparison = compareWithHelpdesk(wanted, found, options);
  // A selection sees a part of the links only, so it cannot tell which marks nobody knows.
  return isWhole ? comparison : { ...comparison, orphans: [] };
}

/** What stands under the keys of linked rows, and what agents have moved elsewhere. */
async function lookUpLinked(
  { helpdesk }: CustomerPorts,
  record: RecordKind,
  linked: readonly CustomerChange[],
  marks: boolean,
  { signal }: FlowContext,
): Promise<readonly HelpdeskRecord[]> {
  const how = { tickets: false, signal };
  const atKeys = await helpdesk.lookUp(record, { keys: linked.map(({ key }) => key) }, how);
  const there = new Set(atKeys.map(({ key, owner }) => `${owner?.rowId} ${key}`));
  const moved = linked.filter(({ rowId, key }) => !there.has(`${rowId} ${key}`)).map(({ rowId }) => rowId);
  if (!marks || moved.length === 0) return atKeys;
  const elsewhere = await helpdesk.lookUp(record, { rowIds: moved }, how);
  return [...atKeys, ...elsewhere];
}

function repairsOf(
  kinds: readonly (readonly [wanted: readonly CustomerChange[], drifts: readonly Drift[]])[],
): readonly CustomerChange[] {
  return kinds.flatMap(([wanted, drifts]) => {
    const byRow = Map.groupBy(drifts, (drift) => drift.rowId);
    return wanted.flatMap((change) => {
      const mine = byRow.get(change.rowId) ?? [];
      return [renamingOf(change, mine) ?? [], repairOf(change, mine) ?? []].flat();
    });
  });
}

/** The links stay as they are, since kivitendo's rows did not change; but those of renamed records get the new key. */
async function carryOut(
  ports: CustomerPorts,
  repairs: readonly CustomerChange[],
  mode: "look" | "repair",
  context: FlowContext,
): Promise<readonly CustomerOutcome[]> {
  if (repairs.length === 0) return [];
  const send = async (dryRun: boolean, sequence: number): Promise<readonly CustomerOutcome[]> => {
    const results = await ports.helpdesk.upsert(repairs, { dryRun, sequence, signal: context.signal });
    return repairs.flatMap((change, index) => {
      const result = results[index];
      return result === undefined ? [] : [{ change, result }];
    });
  };
  if (mode === "look") return send(true, 0);
  const recorder = {
    start: (): Promise<RunId> => ports.state.startRun("customers", ports.now()),
    finish: ports.state.finishRun,
    now: ports.now,
  };
  return recordRun(recorder, context.signal, async (run) => {
    const outcomes = await send(false, run);
    const renamed = outcomes.filter(
      ({ change, result }) => change.situation === "renamed" && result.outcome !== "rejected",
    );
    await ports.state.record(run, renamed, { now: ports.now(), allowed: false });
    const rejected = outcomes.filter(({ result }) => result.outcome === "rejected").length;
    return {
      report: outcomes,
      status: rejected > 0 ? "partial" : "done",
      summary: { repaired: outcomes.length - rejected, rejected },
    };
  });
}
