import { RefusedError } from "../../model/index.ts";
import { changesFile, stateFiles } from "./files.ts";
import type { ExportFile } from "./files.ts";
import { planExport, refusalName } from "./plan.ts";
import type { ExportPlan } from "./plan.ts";
import type { CustomerState, Differences, ExportFormat, ExportState, LastExport, SourceOptions } from "../ports.ts";
import type { MappingRules } from "../rules.ts";

export interface ExportPorts {
  readonly state: Pick<CustomerState, "readDifferences">;
  readonly exports: ExportState;
  /** Throws RefusedError when the database is not the one that the state belongs to. */
  readonly checkDatabase: () => Promise<void>;
  /** Puts the files in place, all of them on disk when it returns; answers their paths. */
  readonly writeFiles: (files: readonly ExportFile[]) => Promise<readonly string[]>;
  /** Whether a file of that name is in place already. */
  readonly hasFile: (name: string) => Promise<boolean>;
  /** A password that nobody knows. */
  readonly newPassword: () => string;
  readonly now: () => Temporal.Instant;
}

export interface ExportRules {
  readonly format: ExportFormat;
  /** Tells every record as new. */
  readonly all: boolean;
  readonly source: SourceOptions;
  readonly mapping: MappingRules;
}

export interface ExportReport {
  readonly plan: ExportPlan;
  /** Number of this export among those of its format; null when nothing changed and nothing was remembered. */
  readonly number: number | null;
  readonly files: readonly string[];
}

/**
 * Reads, plans, writes the files, and only then remembers them. Who is killed in between is told the same changes by the
 * next export: what is remembered are complete files. Needs the runner lock.
 */
export async function exportCustomers(ports: ExportPorts, rules: ExportRules): Promise<ExportReport> {
  await ports.checkDatabase();
  const differences = await ports.state.readDifferences({
    // Everything is listed, so no hash is compared.
    mapping: "export",
    selection: { customerNumbers: [], contacts: [] },
    source: rules.source,
    everything: true,
    now: ports.now(),
  });
  const last = await ports.exports.readLast(rules.format);
  assertBelievable(differences, last, rules.source.sentinel);
  const plan = planExport(differences, last, rules);

  const number = plan.differs ? last.number + 1 : null;
  const files = await ports.writeFiles([
    ...stateFiles(plan, ports.newPassword),
    ...(await changesFiles(plan, number, rules.all, ports.hasFile)),
  ]);
  if (number !== null) {
    await ports.exports.recordExport({
      format: rules.format,
      after: last.number,
      madeAt: ports.now(),
      changed: plan.changed,
      refused: plan.refused.map(refusalName),
    });
  }
  return { plan, number, files };
}

/**
 * The changes stand in changes.csv until there are others, and for ever in a file with the number of the export: somebody
 * may not have taken them over yet.
 */
async function changesFiles(
  plan: ExportPlan,
  number: number | null,
  all: boolean,
  hasFile: ExportPorts["hasFile"],
): Promise<readonly ExportFile[]> {
  const latest = "changes.csv";
  if (number !== null) {
    return [changesFile(plan, `changes-${String(number).padStart(4, "0")}.csv`), changesFile(plan, latest)];
  }
  return all || !(await hasFile(latest)) ? [changesFile(plan, latest)] : [];
}

/** A source that is empty or lacks its sentinel would make every record invalid. */
function assertBelievable(differences: Differences, last: LastExport, sentinel: string | null): void {
  if (!differences.sentinelFound) {
    throw new RefusedError(
      `kivitendo shows no customer ${sentinel ?? ""}, without which the source is not believed. Nothing was written.`,
      "Check that kivitendo.databaseUrl names the right database, or correct customers.sentinel.",
    );
  }
  for (const [record, rows, what] of [
    ["company", differences.sourceRows.companies, "customers"],
    ["user", differences.sourceRows.contacts, "contacts"],
  ] as const) {
    const known = last.records.filter((each) => each.record === record).length;
    if (rows > 0 || known === 0) continue;
    throw new RefusedError(
      `kivitendo shows no ${what} at all, but ${known} were exported before. Nothing was written.`,
      "Check that kivitendo.databaseUrl names the right database and that the views are in place (`kivi-otrs setup`).",
    );
  }
}
