/** What people do with customers besides syncing them: match, verify, explain, decide. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createWorld, quietContext, type World } from "../support/bridge.ts";
import { allRowVersions, helpdeskRecords, links } from "../support/evidence.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.end());

const everything = { customerNumbers: [], contacts: [] };
const context = quietContext();

async function bothSides(): Promise<unknown> {
  return [await allRowVersions(world), helpdeskRecords(world)];
}

describe("match", () => {
  /** The helpdesk of a company that has worked with it for years: K10002 stands there under other ids. */
  function handMade(): void {
    world.helpdesk.world.do("CompanyAdd", {
      CustomerID: "groesse",
      CustomerCompanyName: "Groesse & Co",
      CustomerCompanyComment: "zahlt pünktlich",
    });
    world.helpdesk.world.do("UserAdd", {
      UserLogin: "aenne",
      UserFirstname: "Änne",
      UserLastname: "Größe",
      UserEmail: "aenne@groesse-test.de",
      UserCustomerID: "groesse",
    });
  }

  test("pairs are proposed, confirmed and adopted; CustomerID and login of the helpdesk stay", async () => {
    handMade();
    // The helpdesk makes its own id when it is asked for the first time.
    await world.plan();
    const before = await bothSides();
    const { proposals } = await world.bridge.desk.matches(context);
    const pairs = proposals.map(({ record, rowId, helpdesk }) => ({ record, rowId, key: helpdesk.key }));
    expect(pairs.map(({ record, key }) => [record, key])).toEqual([
      ["company", "groesse"],
      ["user", "aenne"],
    ]);
    expect(await bothSides(), "proposing writes nothing").toEqual(before);

    const choices = pairs.map((pair, index) => ({ ...pair, line: index + 2 }));
    await world.bridge.desk.confirmMatches(choices, "Erika", context);
    const report = await world.sync();
    expect(
      report.outcomes.filter(({ result }) => result.outcome === "adopted").map(({ change }) => change.key),
    ).toEqual(["groesse", "aenne"]);
    expect(world.helpdesk.world.do("CompanyGet", { CustomerID: "groesse" })).toMatchObject({
      CustomerCompanyName: "Straßenbau Größe KG",
      CustomerCompanyComment: "zahlt pünktlich",
    });
    expect(world.helpdesk.world.do("CompanyGet", { CustomerID: "K10002" })).toBeNull();

    await world.erp.query("update customer set customernumber = 'K20002' where customernumber = 'K10002'");
    await world.sync();
    expect(world.helpdesk.world.do("CompanyGet", { CustomerID: "groesse" })).not.toBeNull();
    expect((await world.sync()).outcomes).toEqual([]);
  });

  test("a file that does not fit is refused as a whole, with every line", async () => {
    handMade();
    await world.sync({ customerNumbers: ["K10003"] });
    const [linked] = await links(world);
    const before = await bothSides();
    const confirm = world.bridge.desk.confirmMatches(
      [
        { line: 2, record: "company", rowId: 1155, key: "groesse" },
        { line: 3, record: "company", rowId: 1155, key: "nowhere" },
        { line: 4, record: "company", rowId: Number(linked?.["row_id"]), key: "GROESSE" },
      ],
      "Erika",
      context,
    );
    await expect(confirm).rejects.toThrow(/lines 2, 3: .*\n.*lines 2, 4: .*\n.*line 3: .*nowhere\n.*line 4: /s);
    expect(await bothSides()).toEqual(before);
  });

  test("what is linked or paired is not proposed again", async () => {
    handMade();
    await world.sync({ customerNumbers: ["K10003"] });
    const { proposals } = await world.bridge.desk.matches(context);
    await world.bridge.desk.confirmMatches(
      proposals.map(({ record, rowId, helpdesk }, line) => ({ line, record, rowId, key: helpdesk.key })),
      "Erika",
      context,
    );
    expect((await world.bridge.desk.matches(context)).proposals).toEqual([]);
  });
});

describe("verify", () => {
  test("shows what was changed by hand, and repairs owned fields only", async () => {
    await world.sync();
    expect(await world.bridge.desk.verify("look", everything, context)).toMatchObject({
      companies: { drifts: [], lost: [], orphans: [] },
      users: { drifts: [], lost: [], orphans: [] },
      repairs: [],
    });
    world.helpdesk.world.do("CompanyUpdate", { CustomerID: "K10002", CustomerCompanyCity: "Bonn" });
    world.helpdesk.world.do("UserUpdate", {
      UserLogin: "aenne@groesse-test.de",
      UserFirstname: "Anne",
      UserPhone: "0171 1",
      UserComment: "morgens",
    });
    const before = await bothSides();
    const look = await world.bridge.desk.verify("look", everything, context);
    expect(look.companies.drifts.map(({ key, field, found }) => [key, field, found])).toEqual([
      ["K10002", "CustomerCompanyCity", "Bonn"],
    ]);
    expect(look.users.drifts.map(({ field, ownership }) => [field, ownership])).toEqual([
      ["UserFirstname", "owned"],
      ["UserPhone", "fill-if-empty"],
    ]);
    expect(look.repairs.map(({ result }) => result)).toEqual([
      { outcome: "updated", changed: ["CustomerCompanyCity"] },
      { outcome: "updated", changed: ["UserFirstname"] },
    ]);
    expect(await bothSides(), "looking writes nothing").toEqual(before);

    await world.bridge.desk.verify("repair", everything, context);
    expect(world.helpdesk.world.do("UserGet", { UserLogin: "aenne@groesse-test.de" })).toMatchObject({
      UserFirstname: "Änne",
      UserPhone: "0171 1",
      UserComment: "morgens",
    });
    expect((await world.bridge.desk.verify("look", everything, context)).repairs).toEqual([]);
    expect((await world.sync()).outcomes).toEqual([]);
  });

  test("what changed in kivitendo is left to the next sync, and a single customer can be looked at", async () => {
    await world.sync();
    await world.erp.renameContact(1201, "Neu");
    world.helpdesk.world.do("CompanyUpdate", { CustomerID: "K10003", CustomerCompanyCity: "Bonn" });
    const whole = await world.bridge.desk.verify("look", everything, context);
    expect(whole.pending).toEqual({ companies: 0, users: 1 });
    expect(whole.users.drifts).toEqual([]);
    const one = { customerNumbers: ["K10002"], contacts: [] };
    expect((await world.bridge.desk.verify("look", one, context)).companies.drifts).toEqual([]);
    const other = { customerNumbers: ["K10003"], contacts: [] };
    expect((await world.bridge.desk.verify("look", other, context)).companies.drifts).toHaveLength(1);
  });
});

describe("explain and decide", () => {
  test("a customer is explained before and after its first sync, without anything being written", async () => {
    const choice = { customerNumbers: ["K10003"], contacts: [] };
    // The helpdesk makes its own id when it is asked for the first time.
    await world.plan();
    const before = await bothSides();
    const [first] = await world.bridge.desk.explain(choice, context);
    expect(first).toMatchObject({ record: "company", link: null, helpdesk: null });
    expect(first?.next).toMatchObject({ change: { situation: "absent" }, result: { outcome: "created" } });
    expect(await bothSides()).toEqual(before);

    await world.sync();
    const explained = await world.bridge.desk.explain(choice, context);
    expect(explained.map(({ next }) => next)).toEqual(explained.map(() => null));
    expect(explained[0]).toMatchObject({
      link: { status: "linked", confirmed: true },
      helpdesk: { key: "K10003", owner: { instance: "main" }, tickets: { all: 0, open: 0 } },
    });
  });

  test("a moved contact waits, is explained, and moves once somebody says so", async () => {
    await world.sync();
    const from = Number((await world.erp.query("select id from customer where customernumber = 'K10002'"))[0]?.["id"]);
    const to = Number((await world.erp.query("select id from customer where customernumber = 'K10003'"))[0]?.["id"]);
    const id = await world.erp.addContact({ customerId: from, name: "Wechsel", email: "wechsel@groesse-test.de" });
    await world.sync();
    await world.erp.query("update customer_contacts set customer_id = $2 where contact_id = $1", [id, to]);
    await world.sync();
    const [waiting] = (await world.bridge.inbox()).filter((item) => item.reason === "move-waits");
    expect(waiting).toMatchObject({ id: `user-${id}` });
    expect(waiting?.choices).toContain("move");
    await expect(
      world.bridge.desk.decide(`user-${id}`, { choice: "adopt", value: null, by: "Erika", why: "?" }),
    ).rejects.toThrow(/move/);
    await world.bridge.desk.decide(`user-${id}`, { choice: "move", value: null, by: "Erika", why: "neue Stelle" });
    const [explained] = await world.bridge.desk
      .explain({ customerNumbers: [], contacts: [String(id)] }, context)
      .then((records) => records.filter(({ record }) => record === "user"));
    expect(explained?.next?.result).toMatchObject({ outcome: "updated", changed: ["UserCustomerID"] });
    await world.sync();
    expect(await world.bridge.inbox()).toEqual([]);
    expect((await world.sync()).outcomes).toEqual([]);
  });

  test.each(["billing-1", "user", "user-0", "company-1x"])("%s is not an id that can be decided", async (id) => {
    const decide = world.bridge.desk.decide(id, { choice: "retry", value: null, by: "Erika", why: "x" });
    await expect(decide).rejects.toThrow(/inbox/);
  });
});
