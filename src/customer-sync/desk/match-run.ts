import { ConfigError } from "../../model/index.ts";
import type { FlowContext } from "../../model/index.ts";
import { fold } from "../fold.ts";
import { proposeMatches } from "./match.ts";
import type { MatchProposal } from "./match.ts";
import type { CustomerPorts } from "../run.ts";
import type { CustomerRules } from "../rules.ts";
import type { Differences, HelpdeskRecord, Link, RecordKind } from "../ports.ts";

export interface MatchReport {
  readonly proposals: readonly MatchProposal[];
  /** Rows of kivitendo that are not linked and for which nothing was found. */
  readonly unmatchedRows: { readonly companies: number; readonly users: number };
  /** Records of the helpdesk that carry no mark and for which nothing was found. */
  readonly unmatchedRecords: { readonly companies: number; readonly users: number };
}

/** A pair that somebody confirmed, with the line of the file that it stands on. */
export interface MatchChoice {
  readonly line: number;
  readonly record: RecordKind;
  readonly rowId: number;
  readonly key: string;
}

/** Compares what is not linked on either side. Writes nothing. */
export async function findMatches(
  ports: CustomerPorts,
  rules: CustomerRules,
  context: FlowContext,
): Promise<MatchReport> {
  const { companies, contacts, taken } = await unlinkedRows(ports, rules);
  context.report({ flow: "customers", step: "reading the helpdesk" });
  const target = {
    companies: await unownedRecords(ports, "company", taken, context.signal),
    users: await unownedRecords(ports, "user", taken, context.signal),
  };
  const proposals = proposeMatches({ companies, contacts }, target);
  const left = (record: RecordKind, count: number, idOf: (pair: MatchProposal) => unknown): number =>
    count - new Set(proposals.filter((pair) => pair.record === record).map(idOf)).size;
  return {
    proposals,
    unmatchedRows: {
      companies: left("company", companies.length, (pair) => pair.rowId),
      users: left("user", contacts.length, (pair) => pair.rowId),
    },
    unmatchedRecords: {
      companies: left("company", target.companies.length, (pair) => pair.helpdesk.key),
      users: left("user", target.users.length, (pair) => pair.helpdesk.key),
    },
  };
}

/**
 * Records confirmed pairs; the next run adopts them, and their keys stay for ever. All or nothing: throws a ConfigError
 * that names every line that cannot be.
 */
export async function confirmMatches(
  ports: CustomerPorts,
  rules: CustomerRules,
  choices: readonly MatchChoice[],
  options: { readonly by: string; readonly signal: AbortSignal },
): Promise<void> {
  const rows = await unlinkedRows(ports, rules);
  const known = {
    company: new Set<number>(rows.companies.map((row) => row.customerId)),
    user: new Set<number>(rows.contacts.map((row) => row.contactId)),
  };
  const records = { company: await lookedUp("company"), user: await lookedUp("user") };
  const problems = [
    ...repeated(choices, ({ record, rowId }) => `${record} ${rowId}`, "kivitendo's row"),
    ...repeated(choices, ({ record, key }) => idOfRecord(record, key), "the helpdesk's record"),
    ...choices.flatMap((choice) => {
      const record = records[choice.record].get(choice.key);
      if (!known[choice.record].has(choice.rowId)) {
        return [
          `line ${choice.line}: kivitendo has no ${choice.record} with row id ${choice.rowId} that is not linked`,
        ];
      }
      if (record === undefined) return [`line ${choice.line}: the helpdesk has no ${choice.record} ${choice.key}`];
      if (rows.taken.has(idOfRecord(choice.record, choice.key))) {
        return [`line ${choice.line}: ${choice.key} is linked to another row already`];
      }
      if (record.owner === null) return [];
      return [
        `line ${choice.line}: ${choice.key} belongs to row ${record.owner.rowId} of instance ${record.owner.instance}`,
      ];
    }),
  ];
  if (problems.length > 0) {
    throw new ConfigError(
      `These pairs cannot be; nothing was recorded:\n${problems.join("\n")}`,
      "Correct or remove these lines, or make a new list with `kivi-otrs customers match --csv FILE`.",
    );
  }
  await ports.state.confirmMatches(choices.map(({ line: _line, ...pair }) => ({ ...pair, by: options.by })));

  async function lookedUp(record: RecordKind): Promise<ReadonlyMap<string, HelpdeskRecord>> {
    const keys = choices.filter((choice) => choice.record === record).map((choice) => choice.key);
    if (keys.length === 0) return new Map();
    const found = await ports.helpdesk.lookUp(record, { keys }, { tickets: false, signal: options.signal });
    return new Map(found.map((each) => [each.key, each]));
  }
}

interface UnlinkedRows extends Pick<Differences, "companies" | "contacts"> {
  /** Records that are linked or paired: what else would tell them apart where the helpdesk keeps no marks. */
  readonly taken: ReadonlySet<string>;
}

/** Everything that belongs into the helpdesk and is neither there as ours nor paired. */
async function unlinkedRows(ports: CustomerPorts, rules: CustomerRules): Promise<UnlinkedRows> {
  await ports.checkIdentity(await ports.helpdesk.identify(), "look");
  const { companies, contacts } = await ports.state.readDifferences({
    mapping: "",
    selection: rules.selection,
    source: rules.source,
    everything: true,
    now: ports.now(),
  });
  const keysOf = (record: RecordKind, rows: readonly Row[]): readonly string[] =>
    rows.flatMap((row) => (row.link === null || isFree(row) ? [] : [idOfRecord(record, row.link.key)]));
  return {
    companies: companies.filter(isFree),
    contacts: contacts.filter(isFree),
    taken: new Set([...keysOf("company", companies), ...keysOf("user", contacts)]),
  };
}

interface Row {
  readonly link: Link<string> | null;
}

function isFree({ link }: Row): boolean {
  return link === null || (!link.confirmed && link.status !== "matched" && link.status !== "writing");
}

function idOfRecord(record: RecordKind, key: string): string {
  return `${record} ${fold(key)}`;
}

async function unownedRecords(
  ports: CustomerPorts,
  record: RecordKind,
  taken: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly HelpdeskRecord[]> {
  const records: HelpdeskRecord[] = [];
  for await (const page of ports.helpdesk.list(record, "unowned", signal)) {
    records.push(...page.filter(({ key }) => !taken.has(idOfRecord(record, key))));
  }
  return records;
}

function repeated(
  choices: readonly MatchChoice[],
  idOf: (choice: MatchChoice) => string,
  what: string,
): readonly string[] {
  return [...Map.groupBy(choices, idOf).values()]
    .filter((group) => group.length > 1)
    .map((group) => `lines ${group.map((choice) => choice.line).join(", ")}: ${what} is named more than once`);
}
