/** What flow 1 makes of differences, and answers of a helpdesk; for tests of the memory behind it. */
import type { BridgeDatabase } from "./bridge-database.ts";
import type {
  CustomerChange,
  CustomerOutcome,
  Differences,
  Link,
  RejectionCode,
  SourceOptions,
} from "../../src/customer-sync/ports.ts";

/** Keeps copies of the sample's customers and contacts, for `restoreSample`. */
export async function saveSample(bridge: BridgeDatabase): Promise<void> {
  await bridge.admin(`
    create schema saved;
    create table saved.customer as table public.customer;
    create table saved.contacts as table public.contacts;
    create table saved.customer_contacts as table public.customer_contacts`);
}

/** The sample company as it was, and nothing remembered about it. */
export async function restoreSample(bridge: BridgeDatabase): Promise<void> {
  await bridge.admin(`
    set session_replication_role = replica;
    delete from public.customer_contacts;
    delete from public.contacts;
    delete from public.customer;
    insert into public.customer select * from saved.customer;
    insert into public.contacts select * from saved.contacts;
    insert into public.customer_contacts select * from saved.customer_contacts;
    delete from otrs_bridge.links;
    delete from otrs_bridge.guarded_changes;
    delete from otrs_bridge.source_rows;
    delete from otrs_bridge.decisions`);
}

/** Reads nothing besides the fixed columns, and everything belongs into the helpdesk. */
export const plainSource: SourceOptions = {
  companyColumns: [],
  contactColumns: [],
  scope: { contactFlag: null, customerFlag: null, businessTypes: [], numberPattern: null },
  sentinel: null,
};

/** A change as the flow makes it; what is given replaces what stands here. */
export function sampleChange(
  changes: Pick<CustomerChange, "record" | "rowId" | "key"> & Partial<CustomerChange>,
): CustomerChange {
  return {
    kind: "create",
    label: changes.key,
    newKey: null,
    expect: "absent",
    fields: { ValidID: 1 },
    modes: {},
    dynamicFields: {},
    companies: null,
    sourceHash: "a",
    customerId: null,
    sourceKey: null,
    situation: "absent",
    follows: false,
    notices: [],
    waitsFor: null,
    ...changes,
  };
}

/** The link of a company that was created under its number. */
export function linkedAs(number: string): Link<string> {
  return {
    status: "linked",
    key: number,
    confirmed: true,
    valid: true,
    attempts: 0,
    adopted: false,
    sourceKey: number,
    customerId: null,
    decision: null,
  };
}

/** Everything that a run without refusals would write. */
export function changesOf(differences: Differences): CustomerChange[] {
  return [
    ...differences.companies.map((row) =>
      sampleChange({
        ...kindOf(row.link),
        record: "company",
        rowId: row.customerId,
        label: `${row.customerNumber ?? ""} ${row.name}`,
        key: row.link?.key ?? row.customerNumber ?? "",
        fields: { ValidID: row.obsolete || !row.inScope ? 2 : 1 },
        sourceHash: row.sourceHash,
        sourceKey: row.customerNumber,
      }),
    ),
    ...differences.contacts.map((row) =>
      sampleChange({
        ...kindOf(row.link),
        record: "user",
        rowId: row.contactId,
        label: `${row.givenName} ${row.name}`,
        key: row.link?.key ?? row.email.toLowerCase(),
        fields: { ValidID: row.active ? 1 : 2 },
        companies: row.otherCustomers.map((other) => other.key ?? String(other.customerId)),
        sourceHash: row.sourceHash,
        customerId: row.customerId,
        follows: row.follows,
      }),
    ),
    ...[
      ...differences.vanishedCompanies.map((gone) => ({ ...gone, record: "company" as const })),
      ...differences.vanishedContacts.map((gone) => ({ ...gone, record: "user" as const })),
    ].map(({ rowId, label, link, record }) =>
      sampleChange({
        kind: "invalidate",
        record,
        rowId,
        label,
        key: link.key,
        expect: "ours",
        fields: { ValidID: 2 },
        sourceHash: "vanished",
        situation: "source-missing",
      }),
    ),
  ];
}

function kindOf(link: Link<string> | null): Pick<CustomerChange, "kind" | "expect" | "situation"> {
  if (link?.status === "matched") return { kind: "adopt", expect: "unowned", situation: "matched" };
  return link?.confirmed === true
    ? { kind: "update", expect: "ours", situation: "confirmed" }
    : { kind: "create", expect: "absent", situation: "absent" };
}

export function done(change: CustomerChange): CustomerOutcome {
  return { change, result: { outcome: "updated", changed: [] } };
}

export function refused(change: CustomerChange, code: RejectionCode = "invalid", reason = "no"): CustomerOutcome {
  return { change, result: { outcome: "rejected", code, reason, owner: null, otherKey: null, keyNow: null } };
}
