import { describe, expect, test } from "vitest";
import type { ContactDifference, CustomerChange, Differences } from "../../src/customer-sync/ports.ts";
import { changesOf, done } from "../support/customer-run.ts";
import { useSampleState } from "../support/sample-state.ts";

const now = Temporal.Instant.from("2026-11-22T08:00:00Z");

const sample = useSampleState();

function read(): Promise<Differences> {
  return sample.read({ now });
}

async function contact(rowId: number): Promise<ContactDifference | undefined> {
  return (await read()).contacts.find((row) => row.contactId === rowId);
}

/** A run that the helpdesk agrees to. */
async function link(): Promise<void> {
  const run = await sample.state.startRun("customers", now);
  await sample.state.record(run, changesOf(await read()).map(done), { now, allowed: false });
}

/** Replaces the customers of contact 1213. */
async function relate(rows: string): Promise<void> {
  await sample.bridge.admin(`
      delete from customer_contacts where contact_id = 1213;
      update customer_contacts set main = false;
      insert into customer_contacts (customer_id, contact_id, main) values ${rows}`);
}

describe("the one customer that a contact is filed under", () => {
  test.each([
    ["the lowest row id", "(1152, 1213, false), (1151, 1213, false)", 1151],
    ["the only one with the main contact", "(1151, 1213, false), (1152, 1213, true)", 1152],
    ["the lowest row id where two have it", "(1151, 1213, false), (1152, 1213, true), (1154, 1213, true)", 1151],
    ["one that is not obsolete", "(1151, 1213, false), (1153, 1213, true)", 1151],
  ])("at first: %s", async (_, relations, customerId) => {
    await relate(relations);
    expect((await contact(1213))?.customerId).toBe(customerId);
  });

  test("the linked one while the relation exists", async () => {
    await relate("(1151, 1213, true)");
    await link();
    await sample.bridge.admin(
      "insert into customer_contacts (customer_id, contact_id, main) values (1150, 1213, true)",
    );
    expect(await contact(1213)).toMatchObject({
      customerId: 1151,
      otherCustomers: [{ customerId: 1150, key: "K10001" }],
    });
    await sample.bridge.admin("delete from customer_contacts where contact_id = 1213 and customer_id = 1151");
    expect(await contact(1213)).toMatchObject({ customerId: 1150, companyKey: "K10001" });
  });
});

describe("the other customers of a contact", () => {
  test("are those that belong into the helpdesk, by row id, with their keys where they are linked", async () => {
    await relate("(1154, 1213, false), (1153, 1213, false), (1151, 1213, true), (1152, 1213, false)");
    // 1153 is obsolete.
    expect((await contact(1213))?.otherCustomers).toEqual([
      { customerId: 1152, key: null },
      { customerId: 1154, key: null },
    ]);
    await link();
    expect(await contact(1213)).toBeUndefined();
    await sample.bridge.admin("update customer set obsolete = true where id = 1154");
    expect((await contact(1213))?.otherCustomers).toEqual([{ customerId: 1152, key: "K10003" }]);
  });

  test("bring the contact again as soon as one is in the helpdesk that was not", async () => {
    await relate("(1151, 1213, true), (1152, 1213, false)");
    const run = await sample.state.startRun("customers", now);
    const record = (changes: readonly CustomerChange[]) =>
      sample.state.record(run, changes.map(done), { now, allowed: false });
    const changes = changesOf(await read());
    const other = (change: CustomerChange): boolean => change.record === "company" && change.rowId === 1152;
    await record(
      changes
        .filter((change) => !other(change))
        .map((change) => (change.rowId === 1213 ? { ...change, companies: [] } : change)),
    );
    expect(await contact(1213)).toBeUndefined();
    await record(changes.filter(other));
    const again = await contact(1213);
    expect(again?.otherCustomers).toEqual([{ customerId: 1152, key: "K10003" }]);
    await record(changesOf(await read()).filter((change) => change.rowId === 1213));
    expect(await contact(1213)).toBeUndefined();
  });

  test("that a helpdesk cannot keep are not asked for again", async () => {
    await relate("(1151, 1213, true), (1152, 1213, false)");
    await link();
    await sample.bridge.admin("update contacts set cp_phone1 = '1' where cp_id = 1213");
    const run = await sample.state.startRun("customers", now);
    const [change] = changesOf(await read());
    if (change === undefined) throw new Error("no change");
    await sample.state.record(run, [done({ ...change, companies: null })], { now, allowed: false });
    expect(await contact(1213)).toBeUndefined();
  });
});
