/** Flow 1 on real parts: looking first, choosing, and what is refused before anything is written. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { allCustomers, createLogger, openBridge } from "../../src/bridge/index.ts";
import { createWorld, quietContext, type World } from "../support/bridge.ts";
import { allRowVersions, ask, helpdeskRecords, links } from "../support/evidence.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.end());

/** Both sides, to be compared before and after; a run that was refused is remembered. */
async function bothSides(): Promise<unknown> {
  const rows = await allRowVersions(world);
  return [rows.filter((row) => !row.startsWith("otrs_bridge.runs ")), helpdeskRecords(world)];
}

describe("plan", () => {
  async function changes(): Promise<void> {
    await world.erp.renameContact(1201, "Neu");
    await world.erp.setObsolete(1155, true);
    await world.erp.deleteContact(1205);
    const customerId = await world.erp.addCustomer({ number: "K10009", name: "Neue Werft GmbH" });
    await world.erp.addContact({ customerId, name: "Neumann", email: "neumann@werft-test.de" });
    await world.erp.addContact({ customerId, name: "Kaputt", email: "kaputt@@werft-test" });
    const twin = await world.erp.addCustomer({ number: "K10012", name: "Neue Werft GmbH" });
    await world.erp.addContact({ customerId: twin, name: "Zwilling", email: "zwilling@werft-test.de" });
    world.helpdesk.world.do("CompanyAdd", { CustomerID: "K10013", CustomerCompanyName: "Von Hand" });
    await world.erp.addCustomer({ number: "K10013", name: "Nicht von Hand" });
  }

  test.each(["the first run", "a later run"])("shows for %s what sync then does, and writes nothing", async (which) => {
    // The helpdesk makes its own id when it is asked for the first time.
    await world.plan();
    if (which === "a later run") await world.sync();
    await changes();
    const before = await bothSides();
    const plan = await world.plan();
    expect(await bothSides()).toEqual(before);
    const sync = await world.sync();
    expect(plan.outcomes).toEqual(sync.outcomes);
    expect([plan.customers, plan.contacts]).toEqual([sync.customers, sync.contacts]);
    expect(plan.situations).toEqual(sync.situations);
    expect(sync.customers.rejected).toBe(1);
    expect(sync.contacts.rejected).toBe(1);
  });
});

describe("selection", () => {
  test("--customer takes this customer with its contacts and nobody else", async () => {
    const report = await world.sync({ customerNumbers: ["K10003"] });
    expect([report.customers.created, report.contacts.created]).toEqual([1, 1]);
    expect(world.helpdesk.world.counts()).toMatchObject({ companies: 1, users: 1 });
  });

  test.each(["1203", "Aenne@Groesse-test.de "])("--contact %s takes this contact and its customer", async (contact) => {
    const report = await world.sync({ contacts: [contact] });
    expect([report.customers.created, report.contacts.created]).toEqual([1, 1]);
    expect(world.helpdesk.world.do("UserGet", { UserLogin: "aenne@groesse-test.de" })?.UserCustomerID).toBe("K10002");
    expect(world.helpdesk.world.counts()).toMatchObject({ companies: 1, users: 1 });
  });

  test("a chosen record that was refused is tried again at once", async () => {
    const id = await world.erp.addContact({ customerId: 1150, name: "Doppelt", email: "doppelt@mueller-test.de" });
    world.helpdesk.world.do("UserAdd", {
      UserLogin: "stranger",
      UserCustomerID: "x",
      UserFirstname: "A",
      UserLastname: "B",
      UserEmail: "doppelt@mueller-test.de",
    });
    expect((await world.sync()).newlyRejected).toBe(1);
    world.helpdesk.world.do("UserUpdate", { UserLogin: "stranger", UserEmail: "anders@mueller-test.de" });
    expect((await world.sync()).contacts).toMatchObject({ created: 0, rejected: 0 });
    expect((await world.sync({ contacts: [String(id)] })).contacts).toMatchObject({ created: 1 });
  });
});

/** The token that a refusal's hint names. */
function tokenOf(refusal: unknown): string {
  const hint = refusal instanceof Error && "hint" in refusal ? String(refusal.hint) : "";
  return /customers sync --allow ([0-9a-f]{12})`/.exec(hint)?.[1] ?? "";
}

describe("guard", () => {
  const limits = { customers: { maxDeactivations: 2, maxDeactivationShare: 0.9, ignoreBelow: 0 } };

  test("refuses to make too many invalid, with the figures and the way on, and has written nothing", async () => {
    await world.configure(limits);
    await world.sync();
    for (const id of [1155, 1156, 1157]) await world.erp.setObsolete(id, true);
    const before = await bothSides();
    const refused = { name: "RefusedError", message: expect.stringContaining("3 of 7 customers") as unknown };
    const refusal = await world.sync().catch((error: unknown) => error);
    expect(refusal).toMatchObject(refused);
    await expect(world.plan()).rejects.toMatchObject(refused);
    const allow = tokenOf(refusal);
    await expect(world.sync({ allow: "0123456789ab" })).rejects.toMatchObject(refused);
    expect((await world.plan({ allow })).customers.invalidated).toBe(3);
    expect(await bothSides()).toEqual(before);
    const [twice, first] = await world.bridge.runs(2);
    expect(first).toMatchObject({ flow: "customers", status: "refused", error: refused.message });
    expect(twice).toMatchObject({ status: "refused", error: expect.stringContaining("0123456789ab") as unknown });
    expect((await world.sync({ allow })).customers.invalidated).toBe(3);
  });

  test("the token allows the plan that was refused, and no other", async () => {
    await world.configure(limits);
    await world.sync();
    for (const id of [1155, 1156, 1157]) await world.erp.setObsolete(id, true);
    const allow = tokenOf(await world.sync().catch((error: unknown) => error));
    await world.erp.setObsolete(1151, true);
    await expect(world.sync({ allow })).rejects.toMatchObject({
      message: expect.stringContaining(`not the one that --allow ${allow} was given for`) as unknown,
    });
  });

  test("refuses too large a share", async () => {
    await world.configure({ customers: { maxDeactivations: 50, maxDeactivationShare: 0.1, ignoreBelow: 5 } });
    await world.sync();
    await world.erp.deleteContact(1205);
    await world.sync();
    await world.erp.deleteContact(1212);
    await world.erp.deleteContact(1211);
    const before = await bothSides();
    await expect(world.sync()).rejects.toMatchObject({
      message: expect.stringContaining("2 of 12 contacts invalid, after 1 in the last 24 hours") as unknown,
    });
    expect(await bothSides()).toEqual(before);
  });

  test("refuses a source that is suddenly empty, even below the limits", async () => {
    await world.sync();
    await world.erp.query("delete from customer_contacts");
    const before = await bothSides();
    await expect(world.sync()).rejects.toMatchObject({
      name: "RefusedError",
      message: expect.stringContaining("no contacts at all, but 12 are known") as unknown,
    });
    expect(await bothSides()).toEqual(before);
  });
});

describe("identity", () => {
  test("another helpdesk behind the address is refused, and nothing is written", async () => {
    await world.sync();
    const other = await createWorld({ sample: false });
    try {
      await world.configure({ helpdesk: { url: other.helpdesk.baseUrl } });
      await world.erp.renameContact(1201, "Neu");
      const before = await allRowVersions(world);
      const refused = { name: "RefusedError", message: expect.stringContaining("Another helpdesk answers") as unknown };
      await expect(world.sync()).rejects.toMatchObject(refused);
      await expect(world.draft()).rejects.toMatchObject(refused);
      expect(await allRowVersions(world)).toEqual(before);
      expect(other.helpdesk.world.counts()).toMatchObject({ companies: 0, users: 0 });
    } finally {
      await other.end();
    }
  });

  test("a database restored from before a run is refused: the helpdesk remembers that run", async () => {
    await world.sync();
    const saved = await ask(world, "select max(id) as id from otrs_bridge.runs");
    await world.erp.renameContact(1201, "Neu");
    await world.sync();
    await ask(world, "update otrs_bridge.links set run_id = $1", [saved[0]?.["id"]]);
    await ask(world, "delete from otrs_bridge.runs where id > $1", [saved[0]?.["id"]]);
    const before = await bothSides();
    await expect(world.sync()).rejects.toMatchObject({
      name: "RefusedError",
      message: expect.stringContaining("restored from a backup") as unknown,
    });
    expect(await bothSides()).toEqual(before);
  });

  test("another instance's name is refused", async () => {
    await world.sync();
    const other = openBridge({ ...world.loaded.config, instance: "other" }, "test", createLogger("silent"));
    try {
      await expect(other.customers("sync", allCustomers, quietContext())).rejects.toMatchObject({
        name: "RefusedError",
        message: expect.stringContaining('belongs to instance "main"') as unknown,
      });
    } finally {
      await other.close();
    }
  });
});

describe("one run at a time", () => {
  test("a second writing run is turned away while the first is at work; a plan is not", async () => {
    const second = openBridge(world.loaded.config, "second", createLogger("silent"));
    let turnedAway: unknown;
    let planned = 0;
    world.helpdesk.faults.next({ kind: "delay", milliseconds: 2_000 }, 1, "/KivitendoBridge/Upsert");
    try {
      const first = world.sync();
      await vi.waitUntil(() => world.requests.includes("/KivitendoBridge/Upsert"), { timeout: 20_000, interval: 5 });
      turnedAway = await second.customers("sync", allCustomers, quietContext()).catch((error: unknown) => error);
      planned = (await second.customers("plan", allCustomers, quietContext())).customers.created;
      expect((await first).customers.created).toBe(7);
    } finally {
      await second.close();
    }
    expect(turnedAway).toMatchObject({
      name: "UnavailableError",
      message: expect.stringContaining("kivi-otrs test (main)") as unknown,
    });
    expect(planned).toBe(7);
    expect((await links(world)).every((link) => link["status"] === "linked")).toBe(true);
  });

  test("an interrupted run stops between two steps and the next one does the rest", async () => {
    const controller = new AbortController();
    world.onRequest = (route) => {
      if (route === "/KivitendoBridge/Upsert") controller.abort();
    };
    await expect(world.sync({}, quietContext(controller.signal))).rejects.toMatchObject({ name: "AbortError" });
    world.onRequest = null;
    const between = world.helpdesk.world.counts();
    expect(between.companies).toBe(7);
    expect(between.users).toBe(0);
    const rest = await world.sync();
    expect(rest.contacts.created).toBe(12);
    expect((await world.bridge.runs(5)).map(({ status }) => status)).toEqual(["done", "interrupted"]);
  });
});
