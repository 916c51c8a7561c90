/** Flow 1 on real parts: what arrives in the helpdesk, and what of it stays an agent's. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createWorld, type World } from "../support/bridge.ts";
import { startChild } from "../support/child-run.ts";
import { allRowVersions, ask, helpdeskRecords, links } from "../support/evidence.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.end());

const nothing = { created: 0, adopted: 0, updated: 0, invalidated: 0, unchanged: 0, rejected: 0 };
/** Of the sample company: 8 customers, one of them obsolete; 15 contacts, of which one has no e-mail, one no customer. */
const customersOfSample = 7;
const contactsOfSample = 12;

const company = (key: string) => world.helpdesk.world.do("CompanyGet", { CustomerID: key });
const user = (login: string) => world.helpdesk.world.do("UserGet", { UserLogin: login });

describe("first run", () => {
  test("creates every customer and contact that is not obsolete, with its fields and our mark", async () => {
    const report = await world.sync();
    expect(report.customers).toEqual({ ...nothing, created: customersOfSample });
    expect(report.contacts).toEqual({ ...nothing, created: contactsOfSample });
    expect(world.helpdesk.world.counts()).toMatchObject({
      companies: customersOfSample,
      users: contactsOfSample,
      marks: customersOfSample + contactsOfSample,
    });
    expect(company("K10001")).toMatchObject({
      CustomerCompanyName: "Müller & Söhne GmbH",
      CustomerCompanyStreet: "Königsallee 7",
      CustomerCompanyZIP: "50667",
      CustomerCompanyCity: "Köln",
      CustomerCompanyCountry: "Germany",
      CustomerCompanyURL: "https://www.mueller-test.de",
      ValidID: 1,
    });
    expect(user("bjoern.gross@mueller-test.de")).toMatchObject({
      UserCustomerID: "K10001",
      UserFirstname: "Björn",
      UserLastname: "Groß",
      UserEmail: "Bjoern.Gross@mueller-test.de",
      UserPhone: "+49 221 555013",
      UserMobile: "+49 171 5550013",
      ValidID: 1,
    });
    expect(user("bjoern.gross@mueller-test.de")).not.toHaveProperty("passwordHash");
    expect(company("K10004")).toBeNull();
    expect(user("hauke@altewerft-test.de")).toBeNull();
    expect(world.helpdesk.world.do("MarkGet", { Kind: "Company", Key: "K10001" })).toEqual({
      Instance: "main",
      RowId: "1150",
    });
  });

  test("files a contact of two customers under one of them, and keeps it there while the relation stands", async () => {
    await world.sync();
    expect(user("greta@weisshaupt-test.de")?.UserCustomerID).toBe("K10001");
    await world.erp.query("update customer_contacts set main = false where customer_id = 1151");
    await world.erp.query("update customer_contacts set main = true where contact_id = 1213 and customer_id = 1151");
    await world.sync();
    expect(user("greta@weisshaupt-test.de")?.UserCustomerID).toBe("K10001");
  });
});

describe("second run", () => {
  test("sends no write and writes no row when nothing changed", async () => {
    await world.sync();
    const [rows, records] = [await allRowVersions(world), helpdeskRecords(world)];
    world.requests.length = 0;
    const report = await world.sync();
    expect(report.customers).toEqual({ ...nothing, unchanged: customersOfSample });
    expect(report.contacts).toEqual({ ...nothing, unchanged: contactsOfSample });
    expect(world.requests).toContain("/KivitendoBridge/Info");
    expect(world.requests).not.toContain("/KivitendoBridge/Upsert");
    expect(await allRowVersions(world)).toEqual(rows);
    expect(helpdeskRecords(world)).toEqual(records);
  });

  test("sends only what changed, and touches no other record", async () => {
    await world.sync();
    const before = world.helpdesk.world.snapshot();
    world.at("2026-10-02T08:00:00Z");
    await world.erp.renameContact(1201, "Söhnlein-Groß");
    await world.erp.query("update customer set street = 'Königsallee 9' where id = 1150");
    const report = await world.sync();
    expect(report.customers).toEqual({ ...nothing, updated: 1, unchanged: customersOfSample - 1 });
    expect(report.contacts).toEqual({ ...nothing, updated: 1, unchanged: contactsOfSample - 1 });
    expect(report.outcomes.map(({ result }) => result)).toEqual([
      { outcome: "updated", changed: ["CustomerCompanyStreet"] },
      { outcome: "updated", changed: ["UserLastname"] },
    ]);
    const after = world.helpdesk.world.snapshot();
    const changed = (side: "companies" | "users") =>
      Object.keys(after[side]).filter((key) => after[side][key]?.ChangeTime !== before[side][key]?.ChangeTime);
    expect(changed("companies")).toEqual(["K10001"]);
    expect(changed("users")).toEqual(["k.soehnlein@mueller-test.de"]);
  });

  test("a new e-mail changes the address and leaves the login", async () => {
    await world.sync();
    await world.erp.query("update contacts set cp_email = 'kaethe@mueller-test.de' where cp_id = 1201");
    const report = await world.sync();
    expect(report.contacts).toMatchObject({ created: 0, updated: 1 });
    expect(user("k.soehnlein@mueller-test.de")?.UserEmail).toBe("kaethe@mueller-test.de");
    expect(user("kaethe@mueller-test.de")).toBeNull();
  });

  test("a customer or contact that comes later is created", async () => {
    await world.sync();
    const customerId = await world.erp.addCustomer({ number: "K10009", name: "Neue Werft GmbH" });
    await world.erp.addContact({ customerId, name: "Neumann", email: "Neumann@werft-test.de", main: true });
    const report = await world.sync();
    expect(report.customers.created).toBe(1);
    expect(report.contacts.created).toBe(1);
    expect(user("neumann@werft-test.de")?.UserCustomerID).toBe("K10009");
  });
});

describe("leaving", () => {
  test("an obsolete customer and its contacts become invalid, and valid again when it comes back", async () => {
    await world.sync();
    await world.erp.setObsolete(1155, true);
    const gone = await world.sync();
    expect(gone.customers).toMatchObject({ invalidated: 1, unchanged: customersOfSample - 1 });
    expect(gone.contacts).toMatchObject({ invalidated: 2, unchanged: contactsOfSample - 2 });
    expect(company("K10006")?.ValidID).toBe(2);
    expect(user("james.smith@northwind-test.com")?.ValidID).toBe(2);
    await world.erp.setObsolete(1155, false);
    const back = await world.sync();
    expect(back.customers).toMatchObject({ updated: 1, invalidated: 0 });
    expect(company("K10006")?.ValidID).toBe(1);
    expect(user("james.smith@northwind-test.com")?.ValidID).toBe(1);
  });

  test("a contact of two customers stays valid while one of them is", async () => {
    await world.sync();
    await world.erp.setObsolete(1150, true);
    await world.sync();
    expect(user("greta@weisshaupt-test.de")?.ValidID).toBe(1);
    await world.erp.setObsolete(1151, true);
    await world.sync();
    expect(user("greta@weisshaupt-test.de")?.ValidID).toBe(2);
  });

  test.each([
    { name: "deleted", change: () => world.erp.deleteContact(1205) },
    {
      name: "without its e-mail",
      change: () => world.erp.query("update contacts set cp_email = ' ' where cp_id = 1205"),
    },
    {
      name: "without its customer",
      change: () => world.erp.query("delete from customer_contacts where contact_id = 1205"),
    },
  ])(
    "a contact that is $name becomes invalid, never deleted, with its other fields as they were",
    async ({ change }) => {
      await world.sync();
      const before = user("oezlem@oelmuehle-test.de");
      await change();
      const report = await world.sync();
      expect(report.contacts).toMatchObject({ invalidated: 1, unchanged: contactsOfSample - 1 });
      const { ValidID, ...after } = user("oezlem@oelmuehle-test.de") ?? {};
      expect(ValidID).toBe(2);
      expect(before).toMatchObject({ ...after, ChangeTime: before?.ChangeTime });
      const again = await world.sync();
      expect(again.contacts).toMatchObject({ ...nothing, unchanged: contactsOfSample - 1 });
    },
  );
});

describe("a record that the helpdesk refuses", () => {
  const impossible = { name: "Unmöglich", email: "unmoeglich@@nirgends-test" };

  test("is kept with its reason, stops nobody else, is new once only, and heals when it is corrected", async () => {
    const contactId = await world.erp.addContact({ customerId: 1150, ...impossible });
    const first = await world.sync();
    expect(first.contacts).toEqual({ ...nothing, created: contactsOfSample, rejected: 1 });
    expect(first.newlyRejected).toBe(1);
    const kept = (await links(world)).find((link) => link["row_id"] === contactId);
    expect(kept).toMatchObject({ kind: "user", status: "rejected", confirmed: false, rejection_code: "invalid" });
    expect(await world.bridge.inbox()).toMatchObject([
      { flow: "customers", reason: "invalid", subject: `contact Eva Unmöglich <${impossible.email}>` },
    ]);

    // Its next try is due after five minutes; until then it is left in peace.
    world.requests.length = 0;
    const second = await world.sync();
    expect(second).toMatchObject({ newlyRejected: 0, contacts: { rejected: 0 } });
    expect(world.requests).not.toContain("/KivitendoBridge/Upsert");

    await ask(world, "update otrs_bridge.links set next_attempt_at = now() - interval '1 second' where row_id = $1", [
      contactId,
    ]);
    const third = await world.sync();
    expect(third).toMatchObject({ newlyRejected: 0, contacts: { rejected: 1, unchanged: contactsOfSample } });

    await world.erp.query("update contacts set cp_email = 'moeglich@mueller-test.de' where cp_id = $1", [contactId]);
    const healed = await world.sync();
    expect(healed).toMatchObject({ newlyRejected: 0, contacts: { created: 1, rejected: 0 } });
    expect(await world.bridge.inbox()).toEqual([]);
  });

  test("ends the command with 3 while it is new, with 0 afterwards", async () => {
    await world.erp.addContact({ customerId: 1150, ...impossible });
    const sync = () => startChild(world, ["customers", "sync"]).ended;
    expect(await sync()).toMatchObject({ code: 3 });
    expect(await sync()).toMatchObject({ code: 0 });
  });

  test("a customer without a number waits, and its contact with it; both follow when it has one", async () => {
    const customerId = await world.erp.addCustomer({ number: null, name: "Ohne Nummer" });
    await world.erp.addContact({ customerId, name: "Wartet", email: "wartet@nummer-test.de" });
    const report = await world.sync();
    expect(report).toMatchObject({ newlyRejected: 2, customers: { rejected: 1 }, contacts: { rejected: 1 } });
    expect((await world.bridge.inbox()).map(({ reason }) => reason).sort()).toEqual([
      "incomplete",
      "waits-for-customer",
    ]);
    await world.erp.query("update customer set customernumber = 'K10010' where id = $1", [customerId]);
    const both = { newlyRejected: 0, customers: { created: 1 }, contacts: { created: 1 } };
    expect(await world.sync()).toMatchObject(both);
    expect(await world.bridge.inbox()).toEqual([]);
    expect(user("wartet@nummer-test.de")?.UserCustomerID).toBe("K10010");
  });

  test("two customers of one name: the second has its number appended, and the plain name once that is free", async () => {
    const customerId = await world.erp.addCustomer({ number: "K10011", name: "Müller & Söhne GmbH" });
    await world.erp.addContact({ customerId, name: "Zwilling", email: "zwilling@mueller-test.de" });
    const report = await world.sync();
    expect(report.customers).toEqual({ ...nothing, created: customersOfSample + 1 });
    expect(report.contacts).toEqual({ ...nothing, created: contactsOfSample + 1 });
    expect(company("K10011")?.CustomerCompanyName).toBe("Müller & Söhne GmbH (K10011)");
    await world.erp.query("update customer set name = 'Müller & Söhne Köln' where id = 1150");
    expect(await world.sync()).toMatchObject({ newlyRejected: 0, customers: { updated: 2 } });
    expect(company("K10011")?.CustomerCompanyName).toBe("Müller & Söhne GmbH");
  });
});

describe("what is not ours", () => {
  test("a stranger under the same key is never changed", async () => {
    const { world: helpdesk } = world.helpdesk;
    helpdesk.do("CompanyAdd", { CustomerID: "K10002", CustomerCompanyName: "Von Hand angelegt" }, "root@localhost");
    helpdesk.do(
      "UserAdd",
      {
        UserLogin: "oezlem@oelmuehle-test.de",
        UserCustomerID: "K10003",
        UserFirstname: "Von",
        UserLastname: "Hand",
        UserEmail: "oezlem@oelmuehle-test.de",
      },
      "root@localhost",
    );
    const strangers = [company("K10002"), user("oezlem@oelmuehle-test.de")];
    const report = await world.sync();
    expect(report.customers.rejected).toBe(1);
    expect(report.outcomes.flatMap(({ result }) => (result.outcome === "rejected" ? [result.code] : []))).toEqual([
      "found",
      "waits-for-customer",
      "waits-for-customer",
      "found",
    ]);
    expect([company("K10002"), user("oezlem@oelmuehle-test.de")]).toEqual(strangers);
    await world.erp.setObsolete(1151, true);
    await world.erp.deleteContact(1205);
    await world.sync();
    expect([company("K10002"), user("oezlem@oelmuehle-test.de")]).toEqual(strangers);
  });

  test("an agent's edits to fields that the bridge does not own survive an update", async () => {
    await world.sync();
    const edits = { UserComment: "Nur vormittags", UserStreet: "Hinterhof 3", UserFax: "+49 221 1" };
    world.helpdesk.world.do("UserUpdate", { UserLogin: "k.soehnlein@mueller-test.de", ...edits }, "root@localhost");
    world.helpdesk.world.do("CompanyUpdate", { CustomerID: "K10001", CustomerCompanyComment: "Wichtig" });
    await world.erp.renameContact(1201, "Neu");
    await world.erp.query("update customer set city = 'Bonn' where id = 1150");
    await world.sync();
    expect(user("k.soehnlein@mueller-test.de")).toMatchObject({ ...edits, UserLastname: "Neu" });
    expect(company("K10001")).toMatchObject({ CustomerCompanyComment: "Wichtig", CustomerCompanyCity: "Bonn" });
  });

  test("an agent's invalid-temporarily survives an update, and yields to obsolete", async () => {
    await world.sync();
    world.helpdesk.world.do("UserUpdate", { UserLogin: "k.soehnlein@mueller-test.de", ValidID: 3 });
    await world.erp.renameContact(1201, "Neu");
    await world.sync();
    expect(user("k.soehnlein@mueller-test.de")).toMatchObject({ UserLastname: "Neu", ValidID: 3 });
    await world.erp.setObsolete(1150, true);
    await world.sync();
    expect(user("k.soehnlein@mueller-test.de")?.ValidID).toBe(2);
  });
});
