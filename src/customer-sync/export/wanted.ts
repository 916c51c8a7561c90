import type { ExportFormat } from "./records.ts";
import { headerOf } from "./formats.ts";
import { isLive, keyProblem, loginFor, mapCompany, mapUser } from "../mapping.ts";
import type { Mapped, MappingContext } from "../mapping.ts";
import type { CompanyDifference, ContactDifference, Link, RecordKind } from "../records.ts";
import type { MappingRules } from "../rules.ts";
import { oneLine } from "../text.ts";

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
  /** Why no helpdesk can take it; null when it can. */
  readonly problem: string | null;
}

export interface WantedOptions {
  readonly format: ExportFormat;
  readonly mapping: MappingRules;
}

export function wantedCompany(row: CompanyDifference, { format, mapping }: WantedOptions): Wanted {
  const number = row.customerNumber ?? "";
  const mapped = mapCompany(row, false, contextOf(mapping));
  const key = keyOfLink(row.link);
  return {
    record: "company",
    rowId: row.customerId,
    label: [row.customerNumber ?? `row id ${row.customerId}`, oneLine(row.name)].join(" ").trim(),
    key: key ?? number,
    linked: key !== null,
    fields: fieldsOf("company", { ...mapped.fields, CustomerNumber: number }, format),
    customerId: null,
    live: isLive(row),
    problem: problemOf("company", key ?? number, mapped),
  };
}

/** UserCustomerID is left open: it is the key that the company was exported with. */
export function wantedUser(row: ContactDifference, { format, mapping }: WantedOptions): Wanted {
  const name = [row.givenName, row.name].map(oneLine).filter((part) => part !== "");
  const mapped = mapUser(row, "", contextOf(mapping));
  const key = keyOfLink(row.link);
  return {
    record: "user",
    rowId: row.contactId,
    label: [...name, `<${oneLine(row.email)}>`].join(" "),
    key: key ?? loginFor(row),
    linked: key !== null,
    fields: fieldsOf("user", { ...mapped.fields, CustomerNumber: row.customerNumber ?? "" }, format),
    customerId: row.customerId,
    live: row.active,
    problem: problemOf("user", key ?? loginFor(row), mapped),
  };
}

/** Nobody can be asked what fields the reader of a file has, or which countries it offers. */
function contextOf(rules: MappingRules): MappingContext {
  const none = { company: [], user: [] };
  return {
    rules: { ...rules, extra: [] },
    helpdesk: { fields: none, dynamicFields: none, countries: [], marks: false, additionalCompanies: false },
  };
}

function problemOf(record: RecordKind, key: string, { problem }: Mapped): string | null {
  return problem ?? keyProblem(record, key);
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
