/** What kivitendo, agents and decisions want at the same time, and cannot all have. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWorld, type World } from "../support/bridge.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
  await world.sync();
});
afterEach(() => world.end());

const company = (key: string) => world.helpdesk.world.do("CompanyGet", { CustomerID: key });

test("a company that cannot have the key of another keeps its own while the two swap names", async () => {
  const names = [company("K10001"), company("K10002")].map((each) => each?.CustomerCompanyName);
  const decision = { choice: "rename", value: "K10002", by: "Erika", why: "so it is" } as const;
  await world.bridge.desk.decide("company-1150", decision);
  await world.erp.query(
    `update customer c set name = o.name
       from customer o
      where c.id in (1150, 1151) and o.id in (1150, 1151) and o.id <> c.id`,
  );
  await world.sync();
  expect(company("K10002")?.CustomerCompanyName).toBe(names[0]);
  expect(JSON.stringify(world.helpdesk.world.snapshot())).not.toContain("kivitendo-bridge-");
  expect(await world.bridge.inbox()).toMatchObject([{ id: "company-1150", reason: "key-taken" }]);
  expect((await world.sync()).outcomes).toEqual([]);
});

test("a contact that has left becomes invalid again, although its values are refused and an agent made it valid", async () => {
  const [{ email: login, id } = {}] = await world.erp.query(
    `select k.cp_email as email, k.cp_id as id
       from contacts k
       join customer_contacts r on r.contact_id = k.cp_id
      where r.customer_id = 1151`,
  );
  const user = () => world.helpdesk.world.do("UserGet", { UserLogin: String(login) });
  await world.erp.setObsolete(1151, true);
  await world.sync();
  expect(user()?.ValidID).toBe(2);
  world.helpdesk.world.do("UserUpdate", { UserLogin: String(login), ValidID: 1 });
  await world.erp.renameContact(Number(id), "0");
  await world.sync();
  expect(user()?.ValidID).toBe(2);
  expect(await world.bridge.inbox()).toEqual([]);
});
