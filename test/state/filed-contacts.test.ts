import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ContactDifference, CustomerState, Differences } from "../../src/customer-sync/ports.ts";
import { createCustomerState } from "../../src/state/customers.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { changesOf, done, restoreSample, saveSample } from "../support/customer-run.ts";

const now = Temporal.Instant.from("2026-11-22T08:00:00Z");

let bridge: BridgeDatabase;
let state: CustomerState;
beforeAll(async () => {
  bridge = await createBridgeDatabase();
  await saveSample(bridge);
  state = createCustomerState(bridge.pool);
});
afterAll(() => bridge.drop());
beforeEach(() => restoreSample(bridge));

function read(): Promise<Differences> {
  return state.readDifferences({ mapping: "1", selection: { customerNumbers: [], contacts: [] }, now });
}

async function contact(rowId: number): Promise<ContactDifference | undefined> {
  return (await read()).contacts.find((row) => row.contactId === rowId);
}

/** A run that the helpdesk agrees to. */
async function link(): Promise<void> {
  const run = await state.startRun("customers", now);
  await state.record(run, changesOf(await read()).map(done), now);
}

/** Replaces the customers of contact 1213. */
async function relate(rows: string): Promise<void> {
  await bridge.admin(`
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
    await bridge.admin("insert into customer_contacts (customer_id, contact_id, main) values (1150, 1213, true)");
    expect((await read()).contacts).toEqual([]);
    await bridge.admin("delete from customer_contacts where contact_id = 1213 and customer_id = 1151");
    expect(await contact(1213)).toMatchObject({ customerId: 1150, companyKey: "K10001" });
  });
});
