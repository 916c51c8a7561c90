/** Flow 1 through the package GIExtension, on real parts: no add-on, no marks, the same records in the end. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWorld, type World } from "../support/bridge.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({
    helpdesk: { addon: "giextension" },
    settings: { helpdesk: { customerOperations: "giextension" } },
  });
});
afterEach(() => world.end());

test("first run, a run with nothing to do, a change, and a record of somebody else", async () => {
  world.helpdesk.world.do("CompanyAdd", { CustomerID: "K10002", CustomerCompanyName: "Von Hand" });
  const first = await world.sync();
  expect(first.customers).toMatchObject({ created: 6, rejected: 1 });
  expect(world.helpdesk.world.do("CompanyGet", { CustomerID: "K10002" })).toMatchObject({
    CustomerCompanyName: "Von Hand",
  });
  world.requests.length = 0;
  expect((await world.sync()).outcomes).toEqual([]);
  expect(world.requests.filter((route) => /Add|Update/.test(route))).toEqual([]);

  await world.erp.renameContact(1201, "Neu");
  await world.erp.setObsolete(1152, true);
  const second = await world.sync();
  expect(second.customers).toMatchObject({ invalidated: 1 });
  expect(world.helpdesk.world.do("CompanyGet", { CustomerID: "K10003" })).toMatchObject({ ValidID: 2 });
});
