/** Names, addresses and numbers that change places, and what an interruption in the middle leaves: nothing that stays. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createWorld, quietContext, type World } from "../support/bridge.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
  await world.sync();
});
afterEach(() => world.end());

const company = (key: string) => world.helpdesk.world.do("CompanyGet", { CustomerID: key });
const user = (login: string) => world.helpdesk.world.do("UserGet", { UserLogin: login });

/** Everything in the helpdesk that a swap left behind. */
function makeshift(): readonly string[] {
  return JSON.stringify(world.helpdesk.world.snapshot()).match(/kivitendo-bridge-\d+[^"]*/g) ?? [];
}

/** A run that is interrupted while its n-th writing request is under way; false when it had fewer. */
async function interruptedAt(upsert: number): Promise<boolean> {
  const controller = new AbortController();
  let count = 0;
  world.onRequest = (route) => {
    if (route === "/KivitendoBridge/Upsert" && ++count === upsert) controller.abort();
  };
  const ended = await world.sync({}, quietContext(controller.signal)).catch((error: unknown) => error);
  world.onRequest = null;
  expect(controller.signal.aborted ? (ended as Error).name : "done").toBe(
    controller.signal.aborted ? "AbortError" : "done",
  );
  return controller.signal.aborted;
}

async function expectNothingToDo(): Promise<void> {
  const { customers, contacts } = await world.sync();
  for (const counts of [customers, contacts]) {
    expect(counts).toMatchObject({ created: 0, adopted: 0, updated: 0, invalidated: 0, rejected: 0 });
  }
}

describe("two contacts swap their addresses", () => {
  const [one, other] = ["k.soehnlein@mueller-test.de", "juergen.mueller@mueller-test.de"];
  const swap = (): Promise<unknown> =>
    world.erp.query(
      `update contacts c set cp_email = o.cp_email
         from contacts o
        where c.cp_id in (1200, 1201) and o.cp_id in (1200, 1201) and o.cp_id <> c.cp_id`,
    );
  const addresses = () => [user(one)?.UserEmail, user(other)?.UserEmail];

  test("in one run; the logins stay, and the plan says so", async () => {
    const before = addresses();
    await swap();
    const plan = await world.plan();
    expect(addresses()).toEqual(before);
    const sync = await world.sync();
    expect(plan.outcomes).toEqual(sync.outcomes);
    expect(sync.contacts).toMatchObject({ updated: 2, rejected: 0 });
    expect(addresses()).toEqual(before.toReversed());
    expect(makeshift()).toEqual([]);
    await expectNothingToDo();
  });

  test("interrupted at any request, it heals in the next run", async () => {
    let before = addresses();
    let interruptions = 0;
    for (let request = 1; request <= 6; request++) {
      await swap();
      if (await interruptedAt(request)) interruptions++;
      expect(await world.sync()).toMatchObject({ newlyRejected: 0 });
      before = before.toReversed();
      expect(addresses(), `interrupted at request ${request}`).toEqual(before);
      expect(makeshift()).toEqual([]);
      await expectNothingToDo();
    }
    expect(interruptions).toBeGreaterThanOrEqual(4);
  });
});

describe("two customers swap their numbers", () => {
  const swap = (): Promise<unknown> =>
    world.erp.query(
      `update customer c set customernumber = o.customernumber
         from customer o
        where c.id in (1150, 1151) and o.id in (1150, 1151) and o.id <> c.id`,
    );
  const filed = () => [
    company("K10001")?.CustomerCompanyName,
    company("K10002")?.CustomerCompanyName,
    user("k.soehnlein@mueller-test.de")?.UserCustomerID,
    user("aenne@groesse-test.de")?.UserCustomerID,
  ];
  const swapped = ([one, two, three, four]: ReturnType<typeof filed>) => [two, one, four, three];

  test("in one run, with their contacts, and the plan says so", async () => {
    const before = filed();
    await swap();
    const plan = await world.plan();
    const sync = await world.sync();
    expect(plan.outcomes).toEqual(sync.outcomes);
    expect(sync.customers).toMatchObject({ updated: 2, rejected: 0 });
    expect(filed()).toEqual(swapped(before));
    expect(makeshift()).toEqual([]);
    await expectNothingToDo();
  });

  test("interrupted at any request, it heals in the next run", async () => {
    let before = filed();
    for (let request = 1; request <= 5; request++) {
      await swap();
      await interruptedAt(request);
      expect(await world.sync()).toMatchObject({ newlyRejected: 0 });
      before = swapped(before);
      expect(filed(), `interrupted at request ${request}`).toEqual(before);
      expect(makeshift()).toEqual([]);
      await expectNothingToDo();
    }
  });
});

describe("a customer number that changes", () => {
  test("is followed by CustomerID, users and tickets", async () => {
    const ticket = world.ticket({ customer: "K10001", units: [10] });
    await world.erp.query("update customer set customernumber = 'K20001' where id = 1150");
    const { outcomes } = await world.sync();
    expect(outcomes.map(({ change }) => [change.key, change.newKey, change.situation])).toEqual([
      ["K10001", "K20001", "confirmed"],
    ]);
    expect(company("K10001")).toBeNull();
    expect(company("K20001")).toMatchObject({ CustomerCompanyName: "Müller & Söhne GmbH" });
    expect(user("k.soehnlein@mueller-test.de")?.UserCustomerID).toBe("K20001");
    expect(JSON.stringify(world.helpdesk.world.snapshot())).toContain(ticket.number);
    await expectNothingToDo();
  });

  test("goes to a new customer in the same run", async () => {
    await world.erp.query("update customer set customernumber = 'K20001' where id = 1150");
    await world.erp.addCustomer({ number: "K10001", name: "Nachfolger" });
    const { customers } = await world.sync();
    expect(customers).toMatchObject({ created: 1, updated: 1, rejected: 0 });
    expect(company("K10001")?.CustomerCompanyName).toBe("Nachfolger");
    expect(user("k.soehnlein@mueller-test.de")?.UserCustomerID).toBe("K20001");
  });

  test("to one that a stranger has in the helpdesk: refused, and its contacts stay filed as they are", async () => {
    world.helpdesk.world.do("CompanyAdd", { CustomerID: "K20001", CustomerCompanyName: "Fremd" }, "root@localhost");
    await world.erp.query("update customer set customernumber = 'K20001' where id = 1150");
    await world.erp.renameContact(1201, "Neu");
    const { outcomes } = await world.sync();
    expect(outcomes.map(({ change, result }) => [change.record, result.outcome, change.situation])).toEqual([
      ["company", "rejected", "ambiguous"],
      ["user", "updated", "confirmed"],
    ]);
    expect(user("k.soehnlein@mueller-test.de")).toMatchObject({ UserCustomerID: "K10001", UserLastname: "Neu" });
    expect(company("K20001")?.CustomerCompanyName).toBe("Fremd");
  });

  test("is left alone where the configuration says so", async () => {
    await world.configure({ customers: { followCustomerNumber: false } });
    await world.sync();
    await world.erp.query("update customer set customernumber = 'K20001' where id = 1150");
    await world.sync();
    expect(company("K10001")).not.toBeNull();
    expect(company("K20001")).toBeNull();
  });
});
