import { exportFormats } from "./formats.ts";
import type { ExportedRecord, ExportFormat, ExportRefusal, ExportRefusalCode } from "./records.ts";
import type { Wanted } from "./wanted.ts";
import { fold } from "../fold.ts";
import { nameWithNumber } from "../names.ts";
import type { RecordKind } from "../records.ts";

/** The record as it goes into the files, or why it does not. */
export type Verdict = ExportedRecord | { readonly refusal: ExportRefusal };

/** Who has which key, and which name (of a company) or address (of a user), as the most tolerant database compares. */
export interface Register {
  readonly before: ReadonlyMap<number, ExportedRecord>;
  readonly keys: Map<string, number>;
  readonly names: Map<string, number>;
}

/** Field that must be unique in the helpdesk. */
const uniqueField: Readonly<Record<RecordKind, string>> = { company: "CustomerCompanyName", user: "UserEmail" };

/**
 * Keys, names and addresses of earlier exports stay taken, also those of invalid records: nothing is deleted over there,
 * and an import that goes from row to row would meet them.
 */
export function openRegister(
  kind: RecordKind,
  live: readonly Wanted[],
  before: ReadonlyMap<number, ExportedRecord>,
): Register {
  const keys = new Map<string, number>();
  const names = new Map<string, number>();
  for (const record of before.values()) {
    keys.set(fold(record.key), record.rowId);
    const name = record.fields[uniqueField[kind]];
    if (name !== undefined) names.set(fold(name), record.rowId);
  }
  for (const { rowId, key, linked } of live) {
    if (linked && !before.has(rowId) && !keys.has(fold(key))) keys.set(fold(key), rowId);
  }
  return { before, keys, names };
}

export function decideCompany(wanted: Wanted, register: Register, format: ExportFormat): Verdict {
  const key = register.before.get(wanted.rowId)?.key ?? wanted.key;
  const refused = refuseKey(wanted, key, register, format);
  if (refused !== null) return { refusal: refused };
  const name = wanted.fields["CustomerCompanyName"] ?? "";
  if (name === "") {
    return refuse(wanted, "incomplete", "The customer has no name.", "Enter the name in kivitendo, then export again.");
  }
  const free = exportFormats[format].strict ? freeName(name, key, wanted.rowId, register) : name;
  if (free === null) {
    return refuse(
      wanted,
      "name-taken",
      `Other customers are exported as "${name}" and as "${nameWithNumber(name, key)}".`,
      "Make the name in kivitendo distinguishable, for instance by the town, then export again.",
    );
  }
  take(register, wanted.rowId, key, free);
  return exported(wanted, key, { ...wanted.fields, CustomerCompanyName: free });
}

export function decideUser(
  wanted: Wanted,
  register: Register,
  companies: ReadonlyMap<number, ExportedRecord>,
  format: ExportFormat,
): Verdict {
  const key = register.before.get(wanted.rowId)?.key ?? wanted.key;
  const refused =
    refuseKey(wanted, key, register, format) ?? (exportFormats[format].strict ? refusePerson(wanted, register) : null);
  if (refused !== null) return { refusal: refused };
  const company = companies.get(wanted.customerId ?? 0);
  if (company === undefined) {
    return refuse(
      wanted,
      "waits-for-customer",
      "The contact's customer is not exported.",
      "Solve what is told about the customer, then export again.",
    );
  }
  take(register, wanted.rowId, key, wanted.fields["UserEmail"] ?? "");
  return exported(wanted, key, { ...wanted.fields, UserCustomerID: company.key });
}

function refuseKey(wanted: Wanted, key: string, register: Register, format: ExportFormat): ExportRefusal | null {
  const [what, where] =
    wanted.record === "company"
      ? ["customer number", "Enter another customer number in kivitendo, then export again."]
      : ["e-mail address", "Correct the e-mail address in kivitendo, then export again."];
  if (key === "" || (wanted.record === "user" && !/^[^@\s]+@[^@\s]+$/.test(wanted.fields["UserEmail"] ?? ""))) {
    return refuse(wanted, "incomplete", `There is no usable ${what}.`, where).refusal;
  }
  if (wanted.problem !== null && exportFormats[format].strict) {
    return refuse(wanted, "incomplete", wanted.problem, "Mend it in kivitendo, then export again.").refusal;
  }
  if (wanted.record === "company" && exportFormats[format].reservedKeys.includes(key.toLowerCase())) {
    return refuse(wanted, "reserved-key", `The helpdesk does not take "${key}" as an id.`, where).refusal;
  }
  const owner = register.keys.get(fold(key)) ?? wanted.rowId;
  if (owner === wanted.rowId) return null;
  return refuse(
    wanted,
    "key-taken",
    `The id "${key}" is that of row id ${owner}, as the helpdesk compares ids; an id that was exported is never given to another record.`,
    where,
  ).refusal;
}

function refusePerson(wanted: Wanted, register: Register): ExportRefusal | null {
  const email = wanted.fields["UserEmail"] ?? "";
  const owner = register.names.get(fold(email)) ?? wanted.rowId;
  if (owner === wanted.rowId) return null;
  return refuse(
    wanted,
    "email-taken",
    `The address ${email} is exported for the contact with row id ${owner}; the helpdesk lets one only have it.`,
    "Correct the address of one of the two in kivitendo. When they have just been exchanged: export and import the one that is free now, then export again.",
  ).refusal;
}

/** The plain name, or with the id appended; once appended it stays, so that files do not change back and forth. */
function freeName(name: string, key: string, rowId: number, register: Register): string | null {
  const numbered = nameWithNumber(name, key);
  const before = register.before.get(rowId)?.fields["CustomerCompanyName"];
  const candidates = before === numbered ? [numbered] : [name, numbered];
  return candidates.find((candidate) => (register.names.get(fold(candidate)) ?? rowId) === rowId) ?? null;
}

function take(register: Register, rowId: number, key: string, name: string): void {
  register.keys.set(fold(key), rowId);
  register.names.set(fold(name), rowId);
}

function exported(wanted: Wanted, key: string, fields: Readonly<Record<string, string>>): ExportedRecord {
  return { record: wanted.record, rowId: wanted.rowId, key, fields, valid: true };
}

function refuse(
  { record, rowId, label }: Wanted,
  code: ExportRefusalCode,
  reason: string,
  hint: string,
): { readonly refusal: ExportRefusal } {
  return { refusal: { record, rowId, label, code, reason, hint } };
}
