import { exportFormats, headerOf } from "./formats.ts";
import { decideCompany, decideUser, openRegister } from "./rules.ts";
import type { Register, Verdict } from "./rules.ts";
import type { ExportedRecord, ExportFormat, ExportRefusal, LastExport } from "./records.ts";
import { wantedCompany, wantedUser } from "./wanted.ts";
import type { Wanted, WantedOptions } from "./wanted.ts";
import type { Differences, RecordKind } from "../records.ts";

/** A field that is not as it was exported last; named as in the format's files. */
export interface ExportedField {
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

export interface ExportChange {
  readonly change: "new" | "changed" | "invalid" | "valid-again";
  readonly record: RecordKind;
  readonly rowId: number;
  readonly key: string;
  readonly label: string;
  /** Empty for new records: all of theirs are new. */
  readonly fields: readonly ExportedField[];
}

export interface ExportOptions extends WantedOptions {
  /** Tells every record as new. */
  readonly all: boolean;
}

export interface ExportPlan {
  readonly format: ExportFormat;
  /** Everything that the files hold, companies before users, by row id. */
  readonly records: readonly ExportedRecord[];
  /** What people are told; with `all` every record as if it were new. */
  readonly changes: readonly ExportChange[];
  readonly refused: readonly ExportRefusal[];
  /** Refusals that were not known at the last export. */
  readonly newlyRefused: number;
  /** What differs from the last export; empty when the files say what they said then. */
  readonly changed: readonly ExportedRecord[];
  /** False: there is nothing to remember. */
  readonly differs: boolean;
}

/**
 *  source row             | exported before | in the files
 *  -----------------------+-----------------+----------------------------------------------------
 *  live, keeps the rules  | no              | new, under its link's key, customer number or e-mail
 *  live, keeps the rules  | yes             | as the row is, under the key exported first
 *  live, breaks a rule    | no              | not there; refused
 *  live, breaks a rule    | yes             | as exported before; refused
 *  not live, or gone      | yes             | as exported before, invalid
 *  not live               | no              | not there
 */
export function planExport(
  source: Pick<Differences, "companies" | "contacts">,
  last: LastExport,
  { all, ...options }: ExportOptions,
): ExportPlan {
  const { format } = options;
  const companies = planKind(
    source.companies.map((row) => wantedCompany(row, options)),
    "company",
    last,
    (wanted, register) => decideCompany(wanted, register, format),
  );
  const exportedCompanies = new Map(companies.records.map((company) => [company.rowId, company]));
  const users = planKind(
    source.contacts.map((row) => wantedUser(row, options)),
    "user",
    last,
    (wanted, register) => decideUser(wanted, register, exportedCompanies, format),
  );
  const records = [...companies.records, ...users.records];
  const refused = [...companies.refused, ...users.refused];
  const labels = new Map([...companies.labels, ...users.labels]);
  const before = new Map(last.records.map((record) => [nameOf(record), record]));
  const changes = records.flatMap((record) => changeOf(record, before.get(nameOf(record)), labels, format));
  const known = new Set(last.refused);
  const newlyRefused = refused.filter((refusal) => !known.has(refusalName(refusal))).length;
  const changedNames = new Set(changes.map(nameOf));
  const changed = records.filter((record) => changedNames.has(nameOf(record)));
  return {
    format,
    records,
    changes: all ? records.flatMap((record) => changeOf(record, undefined, labels, format)) : changes,
    refused,
    newlyRefused,
    changed,
    differs: changed.length > 0 || newlyRefused > 0 || refused.length !== last.refused.length,
  };
}

/** A refusal as it is remembered, to tell a new one from one that waits already. */
export function refusalName({ record, rowId, code }: ExportRefusal): string {
  return `${record} ${rowId} ${code}`;
}

interface KindPlan {
  readonly records: readonly ExportedRecord[];
  readonly refused: readonly ExportRefusal[];
  readonly labels: ReadonlyMap<string, string>;
}

function planKind(
  rows: readonly Wanted[],
  kind: RecordKind,
  last: LastExport,
  decide: (wanted: Wanted, register: Register) => Verdict,
): KindPlan {
  const before = new Map(last.records.filter(({ record }) => record === kind).map((record) => [record.rowId, record]));
  const live = rows.filter((row) => row.live).toSorted((one, other) => one.rowId - other.rowId);
  const register = openRegister(kind, live, before);
  const records = new Map<number, ExportedRecord>();
  const refused: ExportRefusal[] = [];
  for (const wanted of live) {
    const verdict = decide(wanted, register);
    const earlier = before.get(wanted.rowId);
    if (!("refusal" in verdict)) records.set(wanted.rowId, verdict);
    else {
      refused.push(verdict.refusal);
      if (earlier !== undefined) records.set(wanted.rowId, earlier);
    }
  }
  const wantedRows = new Set(live.map(({ rowId }) => rowId));
  for (const earlier of before.values())
    if (!wantedRows.has(earlier.rowId)) records.set(earlier.rowId, { ...earlier, valid: false });
  return {
    records: [...records.values()].toSorted((one, other) => one.rowId - other.rowId),
    refused,
    labels: new Map(rows.map(({ record, rowId, label }) => [nameOf({ record, rowId }), label])),
  };
}

function changeOf(
  now: ExportedRecord,
  before: ExportedRecord | undefined,
  labels: ReadonlyMap<string, string>,
  format: ExportFormat,
): readonly ExportChange[] {
  const { record, rowId, key } = now;
  const about = { record, rowId, key, label: labels.get(nameOf(now)) ?? labelOf(now) };
  if (before === undefined) return [{ ...about, change: now.valid ? "new" : "invalid", fields: [] }];
  const fields = exportFormats[format].columns[record].flatMap(({ source }): readonly ExportedField[] => {
    if (source.kind !== "field") return [];
    const [was, is] = [before.fields[source.field] ?? "", now.fields[source.field] ?? ""];
    return was === is
      ? []
      : [{ field: headerOf(format, record, source.field) ?? source.field, before: was, after: is }];
  });
  if (before.valid && !now.valid) return [{ ...about, change: "invalid", fields }];
  if (!before.valid && now.valid) return [{ ...about, change: "valid-again", fields }];
  return fields.length === 0 ? [] : [{ ...about, change: "changed", fields }];
}

/** For a record whose row in kivitendo is gone. */
function labelOf({ record, key, fields }: ExportedRecord): string {
  const names = record === "company" ? ["CustomerCompanyName"] : ["UserFirstname", "UserLastname"];
  const text = names.map((name) => fields[name] ?? "").join(" ");
  return record === "company" ? `${key} ${text}` : `${text} <${fields["UserEmail"] ?? key}>`;
}

function nameOf({ record, rowId }: { readonly record: RecordKind; readonly rowId: number }): string {
  return `${record} ${rowId}`;
}
