/** What the configuration and people decide about customers: whose fields, who is adopted, who moves, what adds up. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createWorld, type World } from "../support/bridge.ts";
import { startChild } from "../support/child-run.ts";
import { allRowVersions, ask, helpdeskRecords } from "../support/evidence.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.end());

const company = (key: string) => world.helpdesk.world.do("CompanyGet", { CustomerID: key });
const user = (login: string) => world.helpdesk.world.do("UserGet", { UserLogin: login });
const bjoern = "bjoern.gross@mueller-test.de";

describe("whose a field is", () => {
  const edit = () =>
    world.helpdesk.world.do("UserUpdate", { UserLogin: bjoern, UserPhone: "von Hand", UserLastname: "Von Hand" });
  const touch = () =>
    world.erp.query("update contacts set cp_givenname = 'Bjoern', cp_phone1 = '123' where cp_email like 'Bjoern%'");

  test("an agent's telephone number stays, the name is kivitendo's", async () => {
    await world.sync();
    edit();
    await touch();
    await world.sync();
    expect(user(bjoern)).toMatchObject({ UserPhone: "von Hand", UserFirstname: "Bjoern", UserLastname: "Groß" });
  });

  test("a changed setting makes the next run compare everything, once", async () => {
    await world.sync();
    edit();
    await world.configure({ customers: { fields: { user: { UserPhone: "owned", UserLastname: "create-only" } } } });
    expect((await world.sync()).contacts.updated).toBe(1);
    expect(user(bjoern)).toMatchObject({ UserPhone: "+49 221 555013", UserLastname: "Von Hand" });
    world.requests.length = 0;
    await world.sync();
    expect(world.requests).not.toContain("/KivitendoBridge/Upsert");
  });
});

describe("extra fields", () => {
  const extraFields = [{ record: "company", column: "ustid", dynamicField: "VATNumber" }];
  const field = { ObjectType: "CustomerCompany", Name: "VATNumber" } as const;

  test("arrive in a dynamic field, and follow kivitendo", async () => {
    await world.configure({ customers: { extraFields } });
    world.helpdesk.world.do("DynamicFieldEnsure", { ...field, FieldType: "Text" });
    await world.erp.query("update customer set ustid = 'DE1' where id = 1150");
    await world.sync();
    const stored = () => world.helpdesk.world.do("DynamicFieldGet", { ...field, Key: "K10001" });
    expect(stored()).toBe("DE1");
    await world.erp.query("update customer set ustid = '' where id = 1150");
    expect((await world.sync()).customers.updated).toBe(1);
    expect(stored() ?? "").toBe("");
  });

  test("that the helpdesk lacks end plan, sync and the service with 2, and nothing is written", async () => {
    await world.plan();
    await world.configure({ customers: { extraFields } });
    const before = [await allRowVersions(world), helpdeskRecords(world)];
    const refused = {
      name: "ConfigError",
      message: expect.stringContaining("the dynamic field VATNumber, which the helpdesk does not have") as unknown,
    };
    await expect(world.plan()).rejects.toMatchObject(refused);
    await expect(world.sync()).rejects.toMatchObject(refused);
    expect(await startChild(world, ["run"]).ended).toMatchObject({
      code: 2,
      output: expect.stringContaining("VATNumber") as unknown,
    });
    expect([await allRowVersions(world), helpdeskRecords(world)]).toEqual(before);
  });
});

describe("records that stand in the helpdesk already", () => {
  beforeEach(() => {
    const { world: helpdesk } = world.helpdesk;
    helpdesk.do("CompanyAdd", { CustomerID: "K10002", CustomerCompanyName: "Von Hand", CustomerCompanyComment: "alt" });
  });

  test("are found: reported, left alone, and their contacts wait", async () => {
    const before = company("K10002");
    const { outcomes, situations } = await world.sync();
    expect(situations).toMatchObject({ found: 1, waiting: 2 });
    expect(outcomes.find(({ change }) => change.key === "K10002")).toMatchObject({
      change: { situation: "found" },
      result: { code: "found", owner: null },
    });
    expect(company("K10002")).toEqual(before);
  });

  test("are adopted by rule, and keep their key for ever", async () => {
    await world.configure({ customers: { adopt: "same-key" } });
    const plan = await world.plan();
    const { customers, contacts, outcomes } = await world.sync();
    expect(plan.outcomes).toEqual(outcomes);
    expect(customers).toMatchObject({ adopted: 1, rejected: 0 });
    expect(contacts).toMatchObject({ rejected: 0 });
    expect(company("K10002")).toMatchObject({
      CustomerCompanyName: "Straßenbau Größe KG",
      CustomerCompanyComment: "alt",
    });
    await world.erp.query("update customer set customernumber = 'K20002' where id = 1151");
    await world.sync();
    expect(company("K10002")).not.toBeNull();
    expect(company("K20002")).toBeNull();
  });

  test("are adopted when somebody decides so", async () => {
    await world.sync();
    await world.bridge.desk.decide("company-1151", {
      choice: "adopt",
      value: null,
      by: "Erika",
      why: "dieselbe Firma",
    });
    expect((await world.sync()).customers).toMatchObject({ adopted: 1 });
    expect(await world.bridge.inbox()).toMatchObject([]);
    expect((await world.sync()).contacts).toMatchObject({ rejected: 0 });
    expect(user("aenne@groesse-test.de")?.UserCustomerID).toBe("K10002");
  });
});

test("a key that an agent changed is followed, and the situation told", async () => {
  await world.sync();
  world.helpdesk.world.do("CompanyUpdate", { CustomerID: "K10001", NewCustomerID: "mueller" });
  await world.erp.query("update customer set street = 'Ring 1' where id = 1150");
  await world.erp.renameContact(1201, "Neu");
  const { outcomes } = await world.sync();
  expect(outcomes.map(({ change, result }) => [change.key, change.situation, result.outcome])).toEqual([
    ["mueller", "renamed", "updated"],
    ["k.soehnlein@mueller-test.de", "confirmed", "updated"],
  ]);
  expect(company("mueller")).toMatchObject({ CustomerCompanyStreet: "Ring 1" });
  expect(user("k.soehnlein@mueller-test.de")).toMatchObject({ UserCustomerID: "mueller", UserLastname: "Neu" });
  expect((await world.sync()).customers.updated).toBe(0);
});

describe("a contact that moves to another customer", () => {
  const login = "oezlem@oelmuehle-test.de";
  const move = async (): Promise<void> => {
    await world.sync();
    await world.erp.query("update customer_contacts set customer_id = 1150, main = false where contact_id = 1205");
    await world.erp.renameContact(1205, "Neu");
  };

  test("waits with the move only, until somebody decides", async () => {
    await move();
    const before = user(login)?.UserCustomerID;
    const { outcomes, situations, newlyRejected } = await world.sync();
    expect(outcomes).toMatchObject([{ change: { situation: "waiting", waitsFor: { code: "move-waits" } } }]);
    expect([situations, newlyRejected]).toEqual([{ waiting: 1 }, 1]);
    expect(user(login)).toMatchObject({ UserCustomerID: before, UserLastname: "Neu" });
    expect((await world.sync()).outcomes).toEqual([]);

    await world.bridge.desk.decide("user-1205", { choice: "move", value: null, by: "Erika", why: "gewechselt" });
    expect((await world.sync()).contacts).toMatchObject({ updated: 1, rejected: 0 });
    expect(user(login)?.UserCustomerID).toBe("K10001");
    expect(await world.bridge.inbox()).toEqual([]);
  });

  test("moves at once where the configuration allows it, also when it waited before", async () => {
    await move();
    await world.sync();
    await world.configure({ customers: { moves: "allow" } });
    await world.sync();
    expect(user(login)?.UserCustomerID).toBe("K10001");
    expect(await world.bridge.inbox()).toEqual([]);
  });
});

describe("the guard", () => {
  test("adds up what several runs of a day do", async () => {
    await world.configure({ customers: { maxDeactivations: 2, maxDeactivationShare: 0.9, ignoreBelow: 0 } });
    await world.sync();
    for (const id of [1155, 1156]) {
      await world.erp.setObsolete(id, true);
      expect((await world.sync()).customers.invalidated).toBe(1);
    }
    await world.erp.setObsolete(1151, true);
    await expect(world.sync()).rejects.toMatchObject({
      name: "RefusedError",
      message: expect.stringContaining("1 of 7 customers invalid, after 2 in the last 24 hours") as unknown,
    });
    await ask(world, "update otrs_bridge.guarded_changes set at = at - interval '24 hours'");
    expect((await world.sync()).customers.invalidated).toBe(1);
  });

  test("refuses a source that lost a fifth of its customers, and one without its sentinel", async () => {
    await world.configure({ customers: { ignoreBelow: 5, sentinel: "K10001" } });
    await world.sync();
    await world.erp.query("update customer set customernumber = 'X' where id = 1150");
    await expect(world.sync()).rejects.toMatchObject({
      message: expect.stringContaining("no customer K10001") as unknown,
    });
    await world.erp.query("update customer set customernumber = 'K10001' where id = 1150");
    await world.erp.query("delete from customer_contacts where customer_id in (1155, 1156)");
    await expect(world.sync()).rejects.toMatchObject({
      message: expect.stringContaining("fewer than the 13 of the last run") as unknown,
    });
  });

  test("limits changes of CustomerID", async () => {
    await world.configure({ customers: { maxKeyChanges: 1, maxKeyChangeShare: 1, ignoreBelow: 0 } });
    await world.sync();
    await world.erp.query("update customer set customernumber = 'N' || customernumber where not obsolete");
    await expect(world.sync()).rejects.toMatchObject({
      message: expect.stringContaining("change the CustomerID of 7 of 7 customers") as unknown,
    });
  });
});
