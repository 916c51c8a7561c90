import type { ExportFormat } from "./export-records.ts";
import { headerOf } from "./export-formats.ts";
import { companyFields, loginFor, userFields } from "./mapping.ts";
import type { CompanyDifference, ContactDifference, Link, RecordKind } from "./records.ts";

/** A source row as it is to be exported, before the rules of the format were asked. */
export interface Wanted {
  readonly record: RecordKind;
  readonly rowId: number;
  readonly label: string;
  /** The key for a row that was never exported; empty when there is none. */
  readonly key: string;
  /** The key is that of a record in a helpdesk, which goes before what others would like to have. */
  readonly linked: boolean;
  readonly fields: Readonly<Record<string, string>>;
  /** Row id of the customer that a user is filed under; null for companies. */
  readonly customerId: number | null;
  /** False: not (any more) for the helpdesk. */
  readonly live: boolean;
}

export function wantedCompany(row: CompanyDifference, format: ExportFormat): Wanted {
  const number = row.customerNumber ?? "";
  return {
    record: "company",
    rowId: row.customerId,
    label: [row.customerNumber ?? `row id ${row.customerId}`, row.name].join(" ").trim(),
    key: keyOfLink(row.link) ?? number,
    linked: keyOfLink(row.link) !== null,
    fields: fieldsOf("company", { ...companyFields(row), CustomerNumber: number }, format),
    customerId: null,
    live: !row.obsolete && row.inScope,
  };
}

/** UserCustomerID is left open: it is the key that the company was exported with. */
export function wantedUser(row: ContactDifference, format: ExportFormat): Wanted {
  const name = [row.givenName, row.name].map((part) => part.trim()).filter((part) => part !== "");
  return {
    record: "user",
    rowId: row.contactId,
    label: [...name, `<${row.email.trim()}>`].join(" "),
    key: keyOfLink(row.link) ?? loginFor(row),
    linked: keyOfLink(row.link) !== null,
    fields: fieldsOf("user", { ...userFields(row, ""), CustomerNumber: row.customerNumber ?? "" }, format),
    customerId: row.customerId,
    live: row.active,
  };
}

/** A record that stands in a helpdesk under a key goes by this key in files, too. */
function keyOfLink(link: Link<string> | null): string | null {
  return link !== null && (link.confirmed || link.status === "matched") ? link.key : null;
}

/** The fields that the format has columns for, as text. */
function fieldsOf(
  record: RecordKind,
  fields: Readonly<Record<string, string | number>>,
  format: ExportFormat,
): Readonly<Record<string, string>> {
  const kept = Object.entries(fields).filter(([name]) => headerOf(format, record, name) !== null);
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}
