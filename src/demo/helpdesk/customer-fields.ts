import { isTrue } from "./loose-values.ts";
import type { Simulation } from "./simulation.ts";
import { companyFields, siteFields, userFields, type Company, type RecordType, type User } from "./world-state.ts";

// What the add-on lets through: the narrowest columns of the family, in the order in which it tells changes.
const lengths: Record<RecordType, Readonly<Record<string, number>>> = {
  Company: {
    CustomerCompanyName: 191,
    CustomerCompanyStreet: 200,
    CustomerCompanyZIP: 200,
    CustomerCompanyCity: 200,
    CustomerCompanyCountry: 200,
    CustomerCompanyURL: 200,
    CustomerCompanyComment: 250,
  },
  User: {
    UserCustomerID: 150,
    UserTitle: 50,
    UserFirstname: 100,
    UserLastname: 100,
    UserEmail: 150,
    UserPhone: 150,
    UserFax: 150,
    UserMobile: 150,
    UserStreet: 150,
    UserZip: 200,
    UserCity: 200,
    UserCountry: 200,
    UserComment: 250,
  },
};
const keyLengths: Record<RecordType, number> = { Company: 150, User: 191 };
const required: Record<RecordType, readonly string[]> = {
  Company: ["CustomerCompanyName", "ValidID"],
  User: ["UserFirstname", "UserLastname", "UserEmail", "UserCustomerID", "ValidID"],
};

/** A stored record, whose fields are asked for by name. */
export type Stored = Readonly<Record<string, string | number | undefined>>;

/** The field that holds the key. */
export const keyField = { Company: "CustomerID", User: "UserLogin" } as const;

/** Fields that can be set: the helpdesk's own, the validity, and those of the site. */
export function fieldNames(sim: Simulation, type: RecordType): readonly string[] {
  const own = type === "Company" ? companyFields : userFields;
  return [...own, "ValidID", ...(sim.settings.siteFields ? siteFields[type] : [])];
}

/** Why a record cannot get this key; undefined when it can. */
export function keyProblem(type: RecordType, key: string): string | undefined {
  if (key !== key.trim()) return "The key has leading or trailing blanks.";
  if (/\p{Cc}/u.test(key)) return "The key contains a control character.";
  return length(key) > keyLengths[type] ? `The key is longer than ${keyLengths[type]}.` : undefined;
}

/** Why the values of a record cannot be stored; only the named fields are measured. */
export function valueProblem(type: RecordType, record: Stored, changed: readonly string[]): string | undefined {
  for (const [field, limit] of Object.entries(lengths[type])) {
    if (changed.includes(field) && length(String(record[field] ?? "")) > limit)
      return `${field} is longer than ${limit} characters.`;
  }
  // Perl takes "0" for empty.
  const missing = required[type].find((field) => !isTrue(record[field]));
  return missing && `${missing} is required.`;
}

// The database counts characters, not UTF-16 units.
function length(value: string): number {
  return Array.from(value).length;
}

/** A company with empty fields and no validity yet. */
export function emptyCompany(sim: Simulation, CustomerID: string, userId: number): Company {
  const fields = emptyFields([...companyFields, ...siteFields.Company]);
  return { CustomerID, ValidID: 0, ...fields, ...stampsOf(sim, userId) };
}

/** A customer user with empty fields and no validity yet. */
export function emptyUser(sim: Simulation, UserLogin: string, userId: number): User {
  const fields = emptyFields([...userFields, ...siteFields.User]);
  return { UserLogin, ValidID: 0, ...fields, ...stampsOf(sim, userId) };
}

function emptyFields<F extends string>(names: readonly F[]): Record<F, string> {
  return Object.fromEntries(names.map((name) => [name, ""])) as Record<F, string>;
}

function stampsOf(sim: Simulation, userId: number) {
  const stamp = sim.clock.stamp();
  return { CreateTime: stamp, CreateBy: userId, ChangeTime: stamp, ChangeBy: userId };
}
