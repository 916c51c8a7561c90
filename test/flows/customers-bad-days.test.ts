/** Days on which several things go wrong at once: what waits while it leaves, who decides while a run writes, whose key it is. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createWorld, type World } from "../support/bridge.ts";
import { ask } from "../support/evidence.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.end());

const company = (key: string) => world.helpdesk.world.do("CompanyGet", { CustomerID: key });
const user = (login: string) => world.helpdesk.world.do("UserGet", { UserLogin: login });
const decide = (id: string, choice: "move" | "ignore" | "recreate" | "rename", value: string | null = null) =>
  world.bridge.desk.decide(id, { choice, value, by: "Erika", why: "so gewollt" });
const inbox = async (): Promise<readonly string[]> =>
  (await world.bridge.inbox()).map(({ id, reason }) => `${id} ${reason}`);

async function expectNothingToDo(): Promise<void> {
  world.requests.length = 0;
  await world.sync();
  expect(world.requests).not.toContain("/KivitendoBridge/Upsert");
}

describe("a contact that is deleted in kivitendo", () => {
  const login = "oezlem@oelmuehle-test.de";

  test("becomes invalid also while its move waits for a decision", async () => {
    await world.sync();
    await world.erp.query("update customer_contacts set customer_id = 1150, main = false where contact_id = 1205");
    await world.sync();
    expect(await inbox()).toEqual(["user-1205 move-waits"]);
    await world.erp.query("delete from customer_contacts where contact_id = 1205");
    await world.erp.deleteContact(1205);
    await world.sync();
    expect(user(login)).toMatchObject({ ValidID: 2 });
    expect(await inbox()).toEqual([]);
    await expectNothingToDo();
  });

  test("becomes invalid also when its refusal was to be ignored", async () => {
    await world.sync();
    await world.erp.query("update contacts set cp_email = 'x@' where cp_id = 1205");
    await world.sync();
    expect(await inbox()).toEqual(["user-1205 invalid"]);
    await decide("user-1205", "ignore");
    await world.erp.query("delete from customer_contacts where contact_id = 1205");
    await world.erp.deleteContact(1205);
    await world.sync();
    expect(user(login)).toMatchObject({ ValidID: 2 });
    await expectNothingToDo();
  });

  test("and never was in the helpdesk leaves nothing in the inbox", async () => {
    await world.erp.addContact({ customerId: 1150, name: "Doppelt", email: login.toUpperCase() });
    const twin = await world.erp.addContact({ customerId: 1150, name: "Doppelt", email: login });
    await world.sync();
    expect(await inbox()).toContain(`user-${twin} email-taken`);
    await world.erp.query("delete from customer_contacts where contact_id >= $1", [twin - 1]);
    await world.erp.query("delete from contacts where cp_id >= $1", [twin - 1]);
    await world.sync();
    expect(await inbox()).toEqual([]);
    await expectNothingToDo();
  });
});

test("a customer that was refused and is obsolete by now leaves nothing in the inbox, and comes back", async () => {
  await world.sync();
  const id = await world.erp.addCustomer({ number: "0", name: "Ohne Nummer" });
  await world.sync();
  expect(await inbox()).toEqual([`company-${id} incomplete`]);
  await world.erp.setObsolete(id, true);
  await world.sync();
  expect(await inbox()).toEqual([]);
  await world.erp.setObsolete(id, false);
  await world.sync();
  expect(await inbox()).toEqual([`company-${id} incomplete`]);
});

test("nobody decides while a run writes: it would take the decision for carried out", async () => {
  await world.sync();
  await world.erp.query("update customer_contacts set customer_id = 1150, main = false where contact_id = 1205");
  await world.sync();
  await world.erp.renameContact(1205, "Neu");
  await world.erp.query("update customer set street = 'Ring 1' where id = 1151");
  const decided = new Promise((resolve) => {
    world.onRequest = (route) => {
      if (route !== "/KivitendoBridge/Upsert") return;
      world.onRequest = null;
      decide("user-1205", "move").then(() => resolve("decided"), resolve);
    };
  });
  await world.sync();
  expect(await decided).toMatchObject({ name: "UnavailableError", hint: expect.stringContaining("Wait") as unknown });
  await decide("user-1205", "move");
  await world.sync();
  expect(user("oezlem@oelmuehle-test.de")).toMatchObject({ UserCustomerID: "K10001", UserLastname: "Neu" });
  expect(await inbox()).toEqual([]);
});

describe("a customer number that another customer's record has as its key", () => {
  beforeEach(async () => {
    await world.configure({ customers: { followCustomerNumber: true } });
    await world.sync();
    // An agent gave the company of K10002 the key that kivitendo gives to K10001 later.
    world.helpdesk.world.do("CompanyUpdate", { CustomerID: "K10002", NewCustomerID: "ACME" });
    await world.erp.query("update customer set street = 'Ring 1' where id = 1151");
    await world.sync();
    expect(company("ACME")).toMatchObject({ CustomerCompanyStreet: "Ring 1" });
  });

  test("stays refused, and the other customer's contacts stay where they are", async () => {
    await world.erp.query("update customer set customernumber = 'ACME' where id = 1150");
    await world.erp.query("update contacts set cp_givenname = 'Neu' where lower(cp_email) = 'aenne@groesse-test.de'");
    const { outcomes } = await world.sync();
    expect(outcomes.map(({ change, result }) => [change.key, result.outcome])).toEqual([
      ["K10001", "rejected"],
      ["aenne@groesse-test.de", "updated"],
    ]);
    expect(user("aenne@groesse-test.de")).toMatchObject({ UserFirstname: "Neu", UserCustomerID: "ACME" });
  });
});

test("a name that was another's for a while is written plainly when that one has given it up", async () => {
  await world.sync();
  const plain = String(company("K10001")?.CustomerCompanyName);
  // K10002 takes the name that K10001 had, and is sent first.
  await world.erp.query("update customer set name = 'Anders' where id = 1150");
  await world.erp.query("update customer set name = $1 where id = 1151", [plain]);
  await world.sync({ customerNumbers: ["K10002"] });
  expect(company("K10002")).toMatchObject({ CustomerCompanyName: `${plain} (K10002)` });
  await world.sync();
  await expectNothingToDo();
  await ask(world, "update otrs_bridge.links set next_attempt_at = now() where next_attempt_at is not null");
  await world.sync();
  expect(company("K10001")).toMatchObject({ CustomerCompanyName: "Anders" });
  expect(company("K10002")).toMatchObject({ CustomerCompanyName: plain });
  await expectNothingToDo();
});

test("a record that is made again by decision has the key that its tickets name", async () => {
  await world.sync();
  const login = "oezlem@oelmuehle-test.de";
  await world.erp.query("update contacts set cp_email = 'oezlem@neu-test.de' where cp_id = 1205");
  await world.sync();
  world.helpdesk.world.do("RecordRemove", { Kind: "User", Key: login });
  await world.erp.renameContact(1205, "Neu");
  await world.sync();
  expect(await inbox()).toEqual(["user-1205 gone"]);
  await decide("user-1205", "recreate");
  expect((await world.sync()).contacts).toMatchObject({ created: 1, rejected: 0 });
  expect(user(login)).toMatchObject({ UserLastname: "Neu", UserEmail: "oezlem@neu-test.de" });
  await expectNothingToDo();
});

test("nobody decides about a record whose last write has no outcome", async () => {
  await world.sync();
  await world.erp.renameContact(1205, "Neu");
  world.helpdesk.faults.next({ kind: "lost-answer" }, 20, "/KivitendoBridge/Upsert");
  await expect(world.sync()).rejects.toMatchObject({ name: "UnavailableError" });
  world.helpdesk.faults.clear();
  await expect(decide("user-1205", "rename", "x")).rejects.toMatchObject({
    message: expect.stringContaining("not known yet what became") as unknown,
    hint: expect.stringContaining("customers sync") as unknown,
  });
});

test("a contact whose first write never arrived, gone for a while, is simply created", async () => {
  await world.sync();
  const login = "spaet@mueller-test.de";
  const id = await world.erp.addContact({ customerId: 1150, name: "Spät", email: login });
  world.helpdesk.faults.next({ kind: "reset" }, 20, "/KivitendoBridge/Upsert");
  await expect(world.sync()).rejects.toMatchObject({ name: "UnavailableError" });
  world.helpdesk.faults.clear();
  await world.erp.query("update contacts set cp_email = '' where cp_id = $1", [id]);
  await world.sync();
  await expectNothingToDo();
  await world.erp.query("update contacts set cp_email = $2 where cp_id = $1", [id, login]);
  expect((await world.sync()).contacts).toMatchObject({ created: 1, rejected: 0 });
  expect(user(login)).toMatchObject({ ValidID: 1 });
});
