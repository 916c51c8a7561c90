/** Rows, links and rules for tests of flow 1's planning; every test names only what it is about. */
import type {
  CompanyDifference,
  ContactDifference,
  Differences,
  FormerRow,
  HelpdeskFields,
  Link,
  UpsertOutcome,
  Vanished,
} from "../../src/customer-sync/ports.ts";
import { planCustomers } from "../../src/customer-sync/plan.ts";
import type { CustomerPlan } from "../../src/customer-sync/plan.ts";
import type { CustomerRules } from "../../src/customer-sync/rules.ts";
import { defaultOwnership, fieldLengths } from "../../src/model/index.ts";
import type { CompanyKey, ContactId, CustomerId, CustomerNumber, UserLogin } from "../../src/model/index.ts";

export function link<Key>(key: string, changes: Partial<Link<Key>> = {}): Link<Key> {
  return {
    status: "linked",
    key: key as Key,
    confirmed: true,
    valid: true,
    attempts: 0,
    adopted: false,
    sourceKey: null,
    customerId: null,
    decision: null,
    ...changes,
  };
}

/** A link of the sample company, and of the sample contact. */
export const companyLink = (changes: Partial<Link<CompanyKey>> = {}): Link<CompanyKey> =>
  link("K10001", { sourceKey: "K10001", ...changes });
export const userLink = (changes: Partial<Link<UserLogin>> = {}): Link<UserLogin> =>
  link("juergen.mueller@mueller-test.de", { customerId: 1150 as CustomerId, ...changes });

export function company(changes: Partial<CompanyDifference> = {}): CompanyDifference {
  return {
    customerId: 1150 as CustomerId,
    customerNumber: "K10001" as CustomerNumber,
    name: "Müller & Söhne GmbH",
    street: "Königsallee 7",
    zipCode: "50667",
    city: "Köln",
    country: "Deutschland",
    countryCode: "DE",
    homepage: "",
    obsolete: false,
    inScope: true,
    nameShared: false,
    keyRival: null,
    extra: {},
    sourceHash: "h1",
    link: null,
    former: null,
    ...changes,
  };
}

export function contact(changes: Partial<ContactDifference> = {}): ContactDifference {
  return {
    contactId: 1200 as ContactId,
    customerId: 1150 as CustomerId,
    customerNumber: "K10001" as CustomerNumber,
    companyKey: "K10001" as CompanyKey,
    title: "",
    givenName: "Jürgen",
    name: "Müller",
    email: " Juergen.Mueller@mueller-test.de ",
    phone: "",
    mobile: "",
    active: true,
    follows: false,
    otherCustomers: [],
    extra: {},
    sourceHash: "h2",
    link: null,
    former: null,
    ...changes,
  };
}

/** A customer that is gone and had the number of the sample company. */
export function formerCompany(label: string): FormerRow {
  return { rowId: 1149, key: "K10001", label, adopted: false, customerId: null };
}

export function vanished<Key>(rowId: number, gone: Link<Key>): Vanished<Key> {
  return { rowId, label: String(gone.key), link: gone };
}

export function differences(changes: Partial<Differences> = {}): Differences {
  const none = { deactivations: 0, keyChanges: 0, adoptions: 0 };
  return {
    companies: [],
    contacts: [],
    vanishedCompanies: [],
    vanishedContacts: [],
    withdrawn: { company: [], user: [] },
    unchanged: { companies: 0, contacts: 0 },
    known: { companies: 0, contacts: 0 },
    sourceRows: { companies: 1, contacts: 1 },
    lastSourceRows: null,
    sentinelFound: true,
    recent: { company: none, user: none },
    ...changes,
  };
}

/** A helpdesk as it is installed. */
export const helpdeskFields: HelpdeskFields = {
  fields: {
    company: Object.keys(fieldLengths.company).concat("ValidID"),
    user: Object.keys(fieldLengths.user).concat("ValidID"),
  },
  dynamicFields: { company: [], user: [] },
  countries: ["Austria", "Germany", "Switzerland", "Korea, The Republic of", "Iran (Islamic Republic of)"],
  marks: true,
  additionalCompanies: true,
};

export function rules(changes: Partial<CustomerRules> = {}): CustomerRules {
  return {
    instance: "main",
    selection: { customerNumbers: [], contacts: [] },
    source: {
      companyColumns: [],
      contactColumns: [],
      scope: { contactFlag: null, customerFlag: null, businessTypes: [], numberPattern: null },
      sentinel: null,
    },
    mapping: { placeholderName: null, countries: "english", ownership: defaultOwnership, extra: [] },
    adopt: "matched",
    followCustomerNumber: true,
    moves: "ask",
    limits: {
      maxDeactivations: 5,
      maxDeactivationShare: 0.1,
      maxKeyChanges: 5,
      maxKeyChangeShare: 0.1,
      maxAdoptions: 5,
      maxAdoptionShare: 0.1,
      ignoreBelow: 20,
      maxSourceShrink: 0.2,
    },
    allow: null,
    ...changes,
  };
}

export function plan(
  changes: Partial<Differences>,
  given: Partial<CustomerRules> = {},
  helpdesk: HelpdeskFields = helpdeskFields,
): CustomerPlan {
  return planCustomers(differences(changes), rules(given), helpdesk);
}

export function refusal(
  code: Extract<UpsertOutcome, { outcome: "rejected" }>["code"],
  changes: Partial<Extract<UpsertOutcome, { outcome: "rejected" }>> = {},
): UpsertOutcome {
  return { outcome: "rejected", code, reason: code, owner: null, otherKey: null, keyNow: null, ...changes };
}
