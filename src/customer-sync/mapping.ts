import type { CompanyDifference, ContactDifference } from "./ports.ts";

/**
 * Version of the field mapping below. Part of every recorded hash: raising it makes the next run compare every record
 * with the helpdesk again.
 */
export const mappingVersion = "1";

export const validId = { valid: 1, invalid: 2 } as const;

type Fields = Readonly<Record<string, string | number>>;

/** What we own of a CustomerCompany. Comments stay with the agents, so they are not among them. */
export function companyFields(row: CompanyDifference): Fields {
  return {
    CustomerCompanyName: oneLine(row.name),
    CustomerCompanyStreet: oneLine(row.street),
    CustomerCompanyZIP: oneLine(row.zipCode),
    CustomerCompanyCity: oneLine(row.city),
    CustomerCompanyCountry: oneLine(row.country),
    CustomerCompanyURL: oneLine(row.homepage),
    ValidID: row.obsolete ? validId.invalid : validId.valid,
  };
}

/** What we own of a CustomerUser. No password: the ERP has none to give, and the helpdesk's stays untouched. */
export function userFields(row: ContactDifference, companyKey: string): Fields {
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

/** The login is the e-mail in lower case when the record is created, and stays for ever. */
export function loginFor(row: ContactDifference): string {
  return oneLine(row.email).toLowerCase();
}

/** Line breaks and other control characters become one blank; the helpdesk's fields are single lines. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ").trim();
}
