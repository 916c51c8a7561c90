/** Companies and users that agents give another key in the helpdesk: the bridge finds them by their mark. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWorld, quietContext, type World } from "../support/bridge.ts";
import { links } from "../support/evidence.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
  await world.sync();
  world.helpdesk.world.do("CompanyUpdate", { CustomerID: "K10002", NewCustomerID: "groesse" });
});
afterEach(() => world.end());

const everything = { customerNumbers: [], contacts: [] };
const one = { customerNumbers: ["K10002"], contacts: [] };

/** Key that is remembered for a customer (by number) or contact (by e-mail). */
async function keyOf(name: string): Promise<unknown> {
  const [row] = await world.erp.query(
    "select id from customer where customernumber = $1 union all select cp_id from contacts where cp_email = $1",
    [name],
  );
  return (await links(world)).find((link) => link["row_id"] === row?.["id"])?.["helpdesk_key"];
}

test("a contact that changes stays under its renamed company, and so do its tickets", async () => {
  const login = "aenne@groesse-test.de";
  const ticket = world.helpdesk.world.do("TicketCreate", { Title: "Fall", CustomerID: "groesse", CustomerUser: login });
  await world.erp.query("update contacts set cp_name = 'Neu' where cp_email = $1", [login]);
  await world.sync();
  expect(world.helpdesk.world.do("UserGet", { UserLogin: login })).toMatchObject({
    UserLastname: "Neu",
    UserCustomerID: "groesse",
  });
  expect(world.helpdesk.world.snapshot().tickets[ticket.TicketID]?.customerId).toBe("groesse");
});

test.each([
  ["everything", everything],
  ["one customer", one],
])("verify tells of a renamed record, and a repair records its key: %s", async (_name, choice) => {
  const { desk } = world.bridge;
  const before = await keyOf("K10002");
  const look = await desk.verify("look", choice, quietContext());
  expect(look.companies).toMatchObject({
    lost: [],
    orphans: [],
    drifts: [{ field: "Key", wanted: "K10002", found: "groesse" }],
  });
  expect(look.users).toMatchObject({ lost: [], orphans: [], drifts: [] });
  expect(await keyOf("K10002")).toBe(before);

  await desk.verify("repair", choice, quietContext());
  expect(await keyOf("K10002")).toBe("groesse");
  expect((await desk.verify("look", everything, quietContext())).repairs).toEqual([]);
  expect((await world.sync()).outcomes).toEqual([]);
});

test("a repair puts a renamed user's fields right under its new login", async () => {
  const from = "aenne@groesse-test.de";
  world.helpdesk.world.do("UserUpdate", { UserLogin: from, NewUserLogin: "aenne", UserFirstname: "Anne" });
  await world.bridge.desk.verify("repair", everything, quietContext());
  expect(await keyOf(from)).toBe("aenne");
  expect(world.helpdesk.world.do("UserGet", { UserLogin: "aenne" })).toMatchObject({ UserFirstname: "Änne" });
});

test("verify knows whose marks are on what has left, was refused, or waits for the next sync", async () => {
  await world.erp.query(
    "delete from customer_contacts where contact_id in (select cp_id from contacts where cp_email = $1)",
    ["aenne@groesse-test.de"],
  );
  const [contact] = await world.erp.query(
    "update contacts set cp_email = 'kaputt@@' where cp_email like '%@mueller-test.de' returning cp_id",
  );
  expect(contact).toBeDefined();
  await world.sync();
  await world.erp.query("update customer set city = 'Neustadt' where customernumber = 'K10001'");
  const look = await world.bridge.desk.verify("look", everything, quietContext());
  expect(look.companies.orphans).toEqual([]);
  expect(look.users).toMatchObject({ orphans: [], lost: [], drifts: [] });

  // What has left stays away, whatever agents tick.
  world.helpdesk.world.do("UserUpdate", { UserLogin: "aenne@groesse-test.de", ValidID: 1 });
  await world.bridge.desk.verify("repair", everything, quietContext());
  expect(world.helpdesk.world.do("UserGet", { UserLogin: "aenne@groesse-test.de" })?.ValidID).toBe(2);
});

test("a name with its number is nobody's doing, and a renamed company is known although its name is taken", async () => {
  const { helpdesk, bridge, erp } = world;
  helpdesk.world.do("CompanyUpdate", { CustomerID: "K10003", CustomerCompanyName: "Neu GmbH" });
  await erp.query("update customer set name = 'Neu GmbH' where customernumber = 'K10002'");
  await world.sync();
  const nameOf = (key: string) => helpdesk.world.do("CompanyGet", { CustomerID: key })?.CustomerCompanyName;
  expect(nameOf("groesse")).toBe("Neu GmbH (K10002)");

  helpdesk.world.do("CompanyUpdate", { CustomerID: "groesse", NewCustomerID: "gross", CustomerCompanyCity: "Bonn" });
  const { companies, repairs } = await bridge.desk.verify("repair", everything, quietContext());
  expect(companies.drifts.map(({ key, field }) => [key, field])).toEqual([
    ["K10003", "CustomerCompanyName"],
    ["groesse", "Key"],
    ["groesse", "CustomerCompanyCity"],
  ]);
  expect(repairs.map(({ result }) => result.outcome).toSorted()).toEqual(["unchanged", "updated", "updated"]);
  expect(await keyOf("K10002")).toBe("gross");
});

test("a company's rename that was refused moves nobody, neither in a repair nor in a look", async () => {
  const { helpdesk, bridge, erp } = world;
  const [company] = await erp.query("select id from customer where customernumber = 'K10002'");
  await bridge.desk.verify("repair", everything, quietContext());
  const decision = { choice: "rename", value: "K10001", by: "Erika", why: "so it is" } as const;
  await bridge.desk.decide(`company-${String(company?.["id"])}`, decision);
  for (const when of ["before the run", "after it"]) {
    const { repairs, users } = await bridge.desk.verify("repair", everything, quietContext());
    expect({ repairs, drifts: users.drifts }, when).toEqual({ repairs: [], drifts: [] });
    await world.sync();
  }
  expect(helpdesk.world.do("UserGet", { UserLogin: "aenne@groesse-test.de" })?.UserCustomerID).toBe("groesse");
});

test("the additional customer of a contact is known under its new key, too", async () => {
  const { helpdesk, erp } = world;
  const login = "aenne@groesse-test.de";
  await erp.query(
    `insert into customer_contacts (customer_id, contact_id, main)
     select c.id, k.cp_id, false from customer c, contacts k where c.customernumber = 'K10003' and k.cp_email = $1`,
    [login],
  );
  await world.sync();
  expect(helpdesk.world.do("MemberList", { UserLogin: login })).toEqual(["K10003"]);
  helpdesk.world.do("CompanyUpdate", { CustomerID: "K10003", NewCustomerID: "drei" });
  await erp.query("update contacts set cp_name = 'Neu' where cp_email = $1", [login]);
  await world.sync();
  expect(helpdesk.world.do("MemberList", { UserLogin: login })).toEqual(["drei"]);
  expect(helpdesk.world.do("UserGet", { UserLogin: login })?.UserCustomerID).toBe("groesse");
});

test("a renamed company whose old key somebody else's record has is found at the next try", async () => {
  const { helpdesk, erp, admin, bridge } = world;
  helpdesk.world.do("CompanyAdd", { CustomerID: "K10002", CustomerCompanyName: "Fremd" });
  await erp.query("update customer set city = 'Bonn' where customernumber = 'K10002'");
  await world.sync();
  expect((await bridge.inbox()).map(({ reason }) => reason)).toEqual(["found"]);
  await admin.query("update otrs_bridge.links set next_attempt_at = now() where status = 'rejected'");
  await world.sync();
  expect(await bridge.inbox()).toEqual([]);
  expect(helpdesk.world.do("CompanyGet", { CustomerID: "groesse" })?.CustomerCompanyCity).toBe("Bonn");
  expect(helpdesk.world.do("CompanyGet", { CustomerID: "K10002" })?.CustomerCompanyCity).toBe("");
});
