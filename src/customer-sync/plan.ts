import { companyFields, loginFor, userFields, validId } from "./mapping.ts";
import type {
  CompanyDifference,
  ContactDifference,
  CustomerChange,
  CustomerOutcome,
  Differences,
  Link,
  RejectionCode,
  Vanished,
} from "./ports.ts";

/** Recorded instead of the hash of a source row that is gone; no md5 looks like it. */
export const vanishedHash = "vanished";

/** What a run wants to do, companies before the users that belong to them. */
export interface CustomerPlan {
  readonly companies: readonly CustomerChange[];
  readonly users: readonly CustomerChange[];
  /** Changes that cannot even be asked for, with the reason; recorded like the helpdesk's own refusals. */
  readonly held: readonly CustomerOutcome[];
}

/**
 *  source row          | link                | change
 *  --------------------+---------------------+-------------------------------------------
 *  present             | none, unconfirmed   | create (expect absent)
 *  present, now valid  | confirmed           | update (expect ours)
 *  now obsolete        | confirmed and valid | invalidate (expect ours)
 *  gone                | confirmed and valid | invalidate (expect ours), fields untouched
 *  no customer number  | none                | held: incomplete
 *  customer not there  | any                 | held: waits-for-customer
 */
export function planCustomers(differences: Differences): CustomerPlan {
  const held: CustomerOutcome[] = [];
  const companies: CustomerChange[] = [];
  for (const row of differences.companies) {
    const change = companyChange(row);
    if (change.key === "") {
      held.push(hold(change, "incomplete", "The customer has no customer number in kivitendo."));
    } else {
      companies.push(change);
    }
  }
  for (const gone of differences.vanishedCompanies) companies.push(vanishedChange("company", gone));

  const companyKeys = new Map(companies.map((change) => [change.rowId, change.key]));
  const users: CustomerChange[] = [];
  for (const row of differences.contacts) {
    const companyKey = row.companyKey ?? companyKeys.get(row.customerId);
    const change = userChange(row, companyKey ?? "");
    if (companyKey === undefined) held.push(hold(change, "waits-for-customer", waitingReason(row)));
    else users.push(change);
  }
  for (const gone of differences.vanishedContacts) users.push(vanishedChange("user", gone));
  return { companies, users, held };
}

/** The reason of a user that must wait because its company is not in the helpdesk. */
export function waitingReason(row: { readonly customerNumber: string | null; readonly customerId: number }): string {
  return `Customer ${row.customerNumber ?? `with row id ${row.customerId}`} is not in the helpdesk (yet).`;
}

/** A change that was not sent, as an outcome. */
export function hold(change: CustomerChange, code: RejectionCode, reason: string): CustomerOutcome {
  return { change, result: { outcome: "rejected", code, reason } };
}

function companyChange(row: CompanyDifference): CustomerChange {
  const fields = companyFields(row);
  return {
    ...expectation(row.link, fields),
    record: "company",
    rowId: row.customerId,
    label: [row.customerNumber ?? `row id ${row.customerId}`, row.name].join(" "),
    key: row.link?.confirmed === true ? row.link.key : (row.customerNumber ?? ""),
    fields,
    sourceHash: row.sourceHash,
    customerId: null,
  };
}

function userChange(row: ContactDifference, companyKey: string): CustomerChange {
  const fields = userFields(row, companyKey);
  return {
    ...expectation(row.link, fields),
    record: "user",
    rowId: row.contactId,
    label: [row.givenName, row.name, `<${row.email.trim()}>`].filter((part) => part.trim() !== "").join(" "),
    key: row.link?.confirmed === true ? row.link.key : loginFor(row),
    fields,
    sourceHash: row.sourceHash,
    customerId: row.customerId,
  };
}

function expectation(
  link: Link<string> | null,
  fields: Readonly<Record<string, string | number>>,
): Pick<CustomerChange, "kind" | "expect"> {
  if (link === null || !link.confirmed) return { kind: "create", expect: "absent" };
  const deactivates = link.valid && fields["ValidID"] === validId.invalid;
  return { kind: deactivates ? "invalidate" : "update", expect: "ours" };
}

function vanishedChange(record: "company" | "user", gone: Vanished<string>): CustomerChange {
  return {
    kind: "invalidate",
    record,
    rowId: gone.rowId,
    label: gone.label,
    key: gone.link.key,
    expect: "ours",
    fields: { ValidID: validId.invalid },
    sourceHash: vanishedHash,
    customerId: null,
  };
}
