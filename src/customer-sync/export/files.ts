import { stringify } from "csv-stringify/sync";
import { exportFormats } from "./formats.ts";
import type { Column } from "./formats.ts";
import type { ExportPlan } from "./plan.ts";
import type { ExportedRecord } from "./records.ts";
import type { RecordKind } from "../records.ts";

export interface ExportFile {
  readonly name: string;
  readonly text: string;
}

/** The files with everything that is wanted. `newPassword` fills the column that an importer asks for. */
export function stateFiles(plan: ExportPlan, newPassword: () => string): readonly ExportFile[] {
  const { columns, forPeople } = exportFormats[plan.format];
  const companies = new Map(
    plan.records.filter(({ record }) => record === "company").map((company) => [company.key, company]),
  );
  const fileOf = (name: string, record: RecordKind): ExportFile => ({
    name,
    text: csvText(
      columns[record].map(({ header }) => header),
      plan.records
        .filter((each) => each.record === record)
        .map((each) => columns[record].map((column) => valueOf(column, each, companies, newPassword))),
      forPeople,
    ),
  });
  return [fileOf("companies.csv", "company"), fileOf("users.csv", "user")];
}

const changeHeaders = ["Change", "Record", "KivitendoId", "Key", "Label", "Field", "Before", "After", "Reason"];
const recordNames: Readonly<Record<RecordKind, string>> = { company: "customer", user: "contact" };

/** What changed, a line a record, and for changed fields a line each; what is refused comes last. For people. */
export function changesFile(plan: ExportPlan, name: string): ExportFile {
  const lines = plan.changes.flatMap(({ change, record, rowId, key, label, fields }) => {
    const about = [change, recordNames[record], String(rowId), key, label];
    return change === "changed"
      ? fields.map(({ field, before, after }) => [...about, field, before, after, ""])
      : [
          [...about, "", "", "", ""],
          ...fields.map(({ field, before, after }) => ["changed", ...about.slice(1), field, before, after, ""]),
        ];
  });
  const refused = plan.refused.map(({ record, rowId, label, reason, hint }) => [
    "refused",
    recordNames[record],
    String(rowId),
    "",
    label,
    "",
    "",
    "",
    `${reason} ${hint}`,
  ]);
  return { name, text: csvText(changeHeaders, [...lines, ...refused], true) };
}

/**
 * Semicolons (what a German spreadsheet expects, and OTOBO's template), every value quoted, CRLF (RFC 4180). A file for
 * people has a byte order mark, without which Excel reads UTF-8 as something else, and an apostrophe before what a
 * spreadsheet would calculate (= + - @). An importer would store the apostrophe, so its files have none.
 */
function csvText(headers: readonly string[], lines: readonly (readonly string[])[], forPeople: boolean): string {
  return stringify([[...headers], ...lines.map((line) => [...line])], {
    delimiter: ";",
    quoted: true,
    quoted_empty: true,
    record_delimiter: "windows",
    bom: forPeople,
    escape_formulas: forPeople,
  });
}

function valueOf(
  { source }: Column,
  record: ExportedRecord,
  companies: ReadonlyMap<string, ExportedRecord>,
  newPassword: () => string,
): string {
  switch (source.kind) {
    case "field":
      return record.fields[source.field] ?? "";
    case "key":
      return record.key;
    case "row-id":
      return String(record.rowId);
    case "valid":
      return record.valid ? "valid" : "invalid";
    case "empty":
      return "";
    case "password":
      return newPassword();
    case "company-name":
      return companies.get(record.fields["UserCustomerID"] ?? "")?.fields["CustomerCompanyName"] ?? "";
    default: {
      const unreachable: never = source;
      throw new Error(`unhandled column ${JSON.stringify(unreachable)}`);
    }
  }
}
