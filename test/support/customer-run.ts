/** What flow 1 makes of differences, and answers of a helpdesk; for tests of the memory behind it. */
import type { BridgeDatabase } from "./bridge-database.ts";
import type { CustomerChange, CustomerOutcome, Differences } from "../../src/customer-sync/ports.ts";

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
    delete from otrs_bridge.links`);
}

/** Everything that a run without refusals would write. */
export function changesOf(differences: Differences): CustomerChange[] {
  return [
    ...differences.companies.map((row): CustomerChange => ({
      kind: row.link?.confirmed === true ? "update" : "create",
      record: "company",
      rowId: row.customerId,
      label: row.name,
      key: row.link?.key ?? row.customerNumber ?? "",
      expect: row.link?.confirmed === true ? "ours" : "absent",
      fields: { ValidID: row.obsolete ? 2 : 1 },
      sourceHash: row.sourceHash,
      customerId: null,
    })),
    ...differences.contacts.map((row): CustomerChange => ({
      kind: row.link?.confirmed === true ? "update" : "create",
      record: "user",
      rowId: row.contactId,
      label: row.name,
      key: row.link?.key ?? row.email.toLowerCase(),
      expect: row.link?.confirmed === true ? "ours" : "absent",
      fields: { ValidID: row.active ? 1 : 2 },
      sourceHash: row.sourceHash,
      customerId: row.customerId,
    })),
    ...[
      ...differences.vanishedCompanies.map((gone) => ({ ...gone, record: "company" as const })),
      ...differences.vanishedContacts.map((gone) => ({ ...gone, record: "user" as const })),
    ].map(({ rowId, label, link, record }): CustomerChange => ({
      kind: "invalidate",
      record,
      rowId,
      label,
      key: link.key,
      expect: "ours",
      fields: { ValidID: 2 },
      sourceHash: "vanished",
      customerId: null,
    })),
  ];
}

export function done(change: CustomerChange): CustomerOutcome {
  return { change, result: { outcome: "updated", changed: [] } };
}

export function refused(change: CustomerChange, code: "invalid" | "waits-for-customer" = "invalid"): CustomerOutcome {
  return { change, result: { outcome: "rejected", code, reason: "no" } };
}
