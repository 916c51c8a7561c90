import { vanishedHash } from "./changes.ts";
import type { Planned } from "./changes.ts";
import { validId } from "./mapping.ts";
import { planCompanies, plannedKeys, successorsOf } from "./plan-companies.ts";
import { planUsers } from "./plan-users.ts";
import type {
  ContactDifference,
  CustomerChange,
  CustomerOutcome,
  Differences,
  HelpdeskFields,
  Link,
  RecordKind,
  Vanished,
} from "./ports.ts";
import type { CustomerRules } from "./rules.ts";

/** What a run wants to do, companies before the users that belong to them. */
export interface CustomerPlan {
  readonly companies: readonly CustomerChange[];
  readonly users: readonly CustomerChange[];
  /** Changes that cannot even be asked for, with the reason; recorded like the helpdesk's own refusals. */
  readonly held: readonly CustomerOutcome[];
  /** Row ids whose last write has no outcome, or was refused: where their record stands must be looked up. */
  readonly inDoubt: Readonly<Record<RecordKind, readonly number[]>>;
  /** Row ids of contacts whose move to another customer is decided. */
  readonly movesDecided: ReadonlySet<number>;
  /** The other customers of contacts that have some, by row id of the contact. */
  readonly otherCustomers: ReadonlyMap<number, ContactDifference["otherCustomers"]>;
}

/**
 * The wanted changes. What a single row becomes stands in plan-companies.ts and plan-users.ts; a row that is gone makes
 * its record invalid and leaves its other fields, unless another row takes the record up.
 */
export function planCustomers(differences: Differences, rules: CustomerRules, helpdesk: HelpdeskFields): CustomerPlan {
  const context = { rules: rules.mapping, helpdesk };
  const companies = planCompanies(differences.companies, rules, context);
  const successors = successorsOf(changesOf(companies));
  const vanishedCompanies = differences.vanishedCompanies.filter((gone) => !successors.has(gone.rowId));
  const leaving = new Set(vanishedCompanies.map((gone) => gone.rowId));
  const allCompanies = [
    ...changesOf(companies),
    ...vanishedCompanies.map((gone) => vanishedChange("company", gone, false)),
  ];
  const users = planUsers(differences.contacts, plannedKeys(allCompanies), successors, rules, context);
  const takenUp = new Set(changesOf(users).flatMap(({ takesOver }) => takesOver?.rowId ?? []));
  return {
    companies: allCompanies,
    users: [
      ...changesOf(users),
      ...differences.vanishedContacts
        .filter((gone) => !takenUp.has(gone.rowId))
        .map((gone) =>
          vanishedChange("user", gone, gone.link.customerId !== null && leaving.has(gone.link.customerId)),
        ),
    ],
    held: [...companies, ...users].flatMap(({ held }) => held ?? []),
    inDoubt: {
      company: rowsInDoubt(differences.companies, differences.vanishedCompanies, (row) => row.customerId),
      user: rowsInDoubt(differences.contacts, differences.vanishedContacts, (row) => row.contactId),
    },
    movesDecided: new Set(
      differences.contacts.filter((row) => row.link?.decision?.choice === "move").map((row) => row.contactId),
    ),
    otherCustomers: new Map(
      differences.contacts
        .filter((row) => row.otherCustomers.length > 0)
        .map((row) => [row.contactId, row.otherCustomers]),
    ),
  };
}

function changesOf(planned: readonly Planned[]): readonly CustomerChange[] {
  return planned.flatMap(({ change }) => change ?? []);
}

function rowsInDoubt<Row extends { readonly link: Link<string> | null }>(
  rows: readonly Row[],
  gone: readonly Vanished<string>[],
  idOf: (row: Row) => number,
): readonly number[] {
  return [
    ...rows.filter(({ link }) => isInDoubt(link)).map(idOf),
    ...gone.filter(({ link }) => isInDoubt(link)).map(({ rowId }) => rowId),
  ];
}

/** What was refused a record of ours may be so because an agent renamed it, and somebody else's has its key now. */
function isInDoubt(link: Link<string> | null): boolean {
  if (link === null) return false;
  return link.status === "writing" || (link.status === "rejected" && link.confirmed && link.attempts > 0);
}

function vanishedChange(record: RecordKind, gone: Vanished<string>, follows: boolean): CustomerChange {
  return {
    kind: "invalidate",
    record,
    rowId: gone.rowId,
    label: gone.label,
    key: gone.link.key,
    newKey: null,
    expect: "ours",
    fields: { ValidID: validId.invalid },
    modes: {},
    dynamicFields: {},
    companies: null,
    sourceHash: vanishedHash,
    customerId: null,
    sourceKey: gone.link.sourceKey,
    situation: "source-missing",
    follows,
    notices: [],
    waitsFor: null,
  };
}
