import { fieldLengths } from "../model/index.ts";
import { countryName } from "./countries.ts";
import { nameWithNumber } from "./names.ts";
import type { CompanyDifference, ContactDifference, HelpdeskFields, Ownership, RecordKind } from "./ports.ts";
import type { ExtraField, MappingRules } from "./rules.ts";
import { cut, lengthOf, oneLine } from "./text.ts";

export { mappingVersion } from "./rules.ts";

export const validId = { valid: 1, invalid: 2 } as const;

/** What a source row becomes in the helpdesk, fitted into its columns. */
export interface Mapped {
  readonly fields: Readonly<Record<string, string | number>>;
  readonly modes: Readonly<Record<string, Ownership>>;
  readonly dynamicFields: Readonly<Record<string, string>>;
  /** What was made to fit on the way, for people. */
  readonly notices: readonly string[];
  /** Why the helpdesk cannot take it; null when it can. */
  readonly problem: string | null;
}

export interface MappingContext {
  readonly rules: MappingRules;
  readonly helpdesk: HelpdeskFields;
}

/** What we set of a CustomerCompany. Comments stay with the agents, so they are not among the fields. */
export function companyFields(row: CompanyDifference): Readonly<Record<string, string | number>> {
  return {
    CustomerCompanyName: oneLine(row.name),
    CustomerCompanyStreet: oneLine(row.street),
    CustomerCompanyZIP: oneLine(row.zipCode),
    CustomerCompanyCity: oneLine(row.city),
    CustomerCompanyCountry: oneLine(row.country),
    CustomerCompanyURL: oneLine(row.homepage),
    ValidID: isLive(row) ? validId.valid : validId.invalid,
  };
}

/** What we set of a CustomerUser. No password: the ERP has none to give, and the helpdesk's stays untouched. */
export function userFields(row: ContactDifference, companyKey: string): Readonly<Record<string, string | number>> {
  return {
    UserCustomerID: companyKey,
    UserTitle: oneLine(row.title),
    UserFirstname: oneLine(row.givenName),
    UserLastname: oneLine(row.name),
    UserEmail: oneLine(row.email),
    UserPhone: oneLine(row.phone),
    UserMobile: oneLine(row.mobile),
    ValidID: row.active ? validId.valid : validId.invalid,
  };
}

/** `appendNumber`: the name is another company's already. */
export function mapCompany(row: CompanyDifference, appendNumber: boolean, context: MappingContext): Mapped {
  const fields = companyFields(row);
  const { CustomerCompanyName: name = "", CustomerCompanyCountry: country = "" } = fields;
  return fit("company", context, row.extra, {
    ...fields,
    CustomerCompanyName: appendNumber ? nameWithNumber(String(name), row.customerNumber ?? "") : name,
    CustomerCompanyCountry:
      context.rules.countries === "as-typed" ? country : countryName(row, context.helpdesk.countries),
  });
}

/** A missing name is taken from the rules; without one there the helpdesk cannot have the contact. */
export function mapUser(row: ContactDifference, companyKey: string, context: MappingContext): Mapped {
  const { placeholderName } = context.rules;
  const fields = userFields(row, companyKey);
  const mapped = fit("user", context, row.extra, {
    ...fields,
    UserFirstname: fields["UserFirstname"] || (placeholderName ?? ""),
    UserLastname: fields["UserLastname"] || (placeholderName ?? ""),
  });
  const missing = [
    ...(mapped.fields["UserFirstname"] === "" ? ["given"] : []),
    ...(mapped.fields["UserLastname"] === "" ? ["family"] : []),
  ];
  if (missing.length === 0 || mapped.problem !== null) return mapped;
  const problem = `The contact has no ${missing.join(" and no ")} name, which the helpdesk demands; customers.placeholderName can stand for it.`;
  return { ...mapped, problem };
}

/** The login is the e-mail in lower case when the record is created, and stays for ever. */
export function loginFor(row: ContactDifference): string {
  return oneLine(row.email).toLowerCase();
}

/** Whether a customer's company is valid in the helpdesk. */
export function isLive(row: CompanyDifference): boolean {
  return !row.obsolete && row.inScope;
}

/** Why the helpdesk could not take this key; null when it can. */
export function keyProblem(record: RecordKind, key: string): string | null {
  const name = record === "company" ? "customer number" : "login";
  const longest = record === "company" ? fieldLengths.company.CustomerID : fieldLengths.user.UserLogin;
  if (key === "0") return `The helpdesk cannot have the ${name} 0.`;
  if (lengthOf(key) <= longest) return null;
  return `The ${name} is longer than the ${longest} characters that the helpdesk has for it.`;
}

/** Fields that this helpdesk does not map are left out; values that are too long are made to fit. */
function fit(
  record: RecordKind,
  { rules, helpdesk }: MappingContext,
  extra: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string | number>>,
): Mapped {
  const mapped = helpdesk.fields[record];
  const wanted: readonly Wanted[] = [
    ...Object.entries(values)
      .filter(([name]) => name === "ValidID" || mapped.length === 0 || mapped.includes(name))
      .map(([name, value]) => ({ name, value, dynamic: false, ownership: rules.ownership[record][name] ?? "owned" })),
    ...rules.extra.filter((each) => each.record === record).map((each) => wantedExtra(each, extra)),
  ];
  const fitted = wanted.map((each) => ({ ...each, ...fitValue(record, each) }));
  const part = (dynamic: boolean): readonly (typeof fitted)[number][] =>
    fitted.filter((each) => each.dynamic === dynamic);
  return {
    fields: Object.fromEntries(part(false).map(({ name, value }) => [name, value])),
    dynamicFields: Object.fromEntries(part(true).map(({ name, value }) => [name, String(value)])),
    modes: Object.fromEntries(
      fitted
        .filter(({ ownership }) => ownership !== "owned")
        .map(({ name, dynamic, ownership }) => [dynamic ? `DynamicField_${name}` : name, ownership]),
    ),
    notices: fitted.flatMap(({ notice }) => notice ?? []),
    problem: fitted.map((each) => each.problem).find((problem) => problem !== null) ?? null,
  };
}

interface Wanted {
  readonly name: string;
  readonly value: string | number;
  readonly dynamic: boolean;
  readonly ownership: Ownership;
}

function wantedExtra({ column, target, ownership }: ExtraField, extra: Readonly<Record<string, string>>): Wanted {
  const dynamic = "dynamicField" in target;
  return {
    name: dynamic ? target.dynamicField : target.field,
    value: oneLine(extra[column] ?? ""),
    dynamic,
    ownership,
  };
}

/** Cut, these are worse than nothing. */
const wholeOrNothing: ReadonlySet<string> = new Set([
  "CustomerCompanyZIP",
  "CustomerCompanyURL",
  "UserPhone",
  "UserMobile",
  "UserFax",
  "UserZip",
]);

function fitValue(
  record: RecordKind,
  { name, value, dynamic }: Wanted,
): { readonly value: string | number; readonly notice: string | null; readonly problem: string | null } {
  const lengths: Readonly<Record<string, number>> = fieldLengths[record];
  const longest = dynamic ? undefined : lengths[name];
  if (typeof value === "number" || longest === undefined || lengthOf(value) <= longest) {
    return { value, notice: null, problem: null };
  }
  const tooLong = `longer than the ${longest} characters that the helpdesk has for it`;
  if (name === "UserEmail") return { value, notice: null, problem: `The e-mail address is ${tooLong}.` };
  if (wholeOrNothing.has(name)) return { value: "", notice: `${name} left out: ${tooLong}`, problem: null };
  return { value: cut(value, longest), notice: `${name} cut to ${longest} characters`, problem: null };
}
