import { beforeEach, describe, expect, test } from "vitest";
import type { Differences, Selection } from "../../src/customer-sync/ports.ts";
import { createCustomerState } from "../../src/state/customers.ts";
import type { RunId } from "../../src/model/index.ts";
import { changesOf, done, linkedAs, plainSource, refused } from "../support/customer-run.ts";
import { createBridgeDatabase } from "../support/bridge-database.ts";
import { useSampleState } from "../support/sample-state.ts";

const everything: Selection = { customerNumbers: [], contacts: [] };
const start = Temporal.Instant.from("2026-11-22T08:00:00Z");

const sample = useSampleState();
let run: RunId;

beforeEach(async () => {
  run = await sample.state.startRun("customers", start);
});

function read(selection = everything, now = start, mapping = "1"): Promise<Differences> {
  return sample.state.readDifferences({ mapping, selection, source: plainSource, everything: false, now });
}

/** A whole run that the helpdesk agrees to. */
async function sync(now = start): Promise<void> {
  const changes = changesOf(await read(everything, now));
  await sample.state.commitIntent(run, changes);
  await sample.state.record(run, changes.map(done), { now, allowed: false });
}

const nothing = { companies: [], contacts: [], vanishedCompanies: [], vanishedContacts: [] };

describe("first run and the one after it", () => {
  test("the sample company: everything that is not obsolete, with its columns", async () => {
    const differences = await read();
    expect(differences.companies.map((row) => row.customerNumber)).toEqual([
      "K10001",
      "K10002",
      "K10003",
      "K10005",
      "K10006",
      "K10007",
      "K10008",
    ]);
    expect(differences.companies[0]).toEqual({
      customerId: 1150,
      customerNumber: "K10001",
      name: "Müller & Söhne GmbH",
      street: "Königsallee 7",
      zipCode: "50667",
      city: "Köln",
      country: "Deutschland",
      countryCode: "DE",
      homepage: "https://www.mueller-test.de",
      obsolete: false,
      inScope: true,
      nameShared: false,
      keyRival: null,
      extra: {},
      sourceHash: expect.stringMatching(/^[0-9a-f]{32}$/),
      link: null,
      former: null,
    });
    // Not there: the one without an e-mail, the supplier's, and that of an obsolete customer.
    expect(differences.contacts.map((row) => row.contactId)).toEqual([
      1200, 1201, 1202, 1203, 1204, 1205, 1208, 1209, 1210, 1211, 1212, 1213,
    ]);
    expect(differences.contacts[1]).toEqual({
      contactId: 1201,
      customerId: 1150,
      customerNumber: "K10001",
      companyKey: null,
      title: "Dr.",
      givenName: "Käthe",
      name: "Söhnlein",
      email: "k.soehnlein@mueller-test.de",
      phone: "+49 221 555012",
      mobile: "",
      active: true,
      follows: false,
      otherCustomers: [],
      extra: {},
      sourceHash: expect.stringMatching(/^[0-9a-f]{32}$/),
      link: null,
      former: null,
    });
    expect(differences.contacts.at(-1)).toMatchObject({
      contactId: 1213,
      customerId: 1150,
      otherCustomers: [{ customerId: 1151, key: null }],
    });
    expect(differences).toMatchObject({
      vanishedCompanies: [],
      vanishedContacts: [],
      unchanged: { companies: 0, contacts: 0 },
      known: { companies: 0, contacts: 0 },
      sourceRows: { companies: 8, contacts: 13 },
    });
  });

  test("nothing is left to do afterwards", async () => {
    await sync();
    expect(await read()).toEqual({
      ...nothing,
      unchanged: { companies: 7, contacts: 12 },
      known: { companies: 7, contacts: 12 },
      sourceRows: { companies: 8, contacts: 13 },
      lastSourceRows: null,
      withdrawn: { company: [], user: [] },
      sentinelFound: true,
      recent: {
        company: { deactivations: 0, keyChanges: 0, adoptions: 0 },
        user: { deactivations: 0, keyChanges: 0, adoptions: 0 },
      },
    });
  });

  test("saving a customer without a change, or changing what is not mapped, makes no difference", async () => {
    await sync();
    await sample.bridge.admin("update customer set name = name");
    await sample.bridge.admin("update customer set notes = 'neu', discount = 0.1 where id = 1150");
    await sample.bridge.admin("update contacts set cp_position = 'neu'");
    expect(await read()).toMatchObject(nothing);
  });

  test("another version of the mapping makes everything different", async () => {
    await sync();
    const differences = await read(everything, start, "2");
    expect([differences.companies.length, differences.contacts.length]).toEqual([7, 12]);
    expect(differences.companies[0]?.link).toEqual(linkedAs("K10001"));
  });

  test.each(["3.5.8", "3.9.2", "4.0.0"] as const)("the same rows on kivitendo %s", async (release) => {
    const older = await createBridgeDatabase(release);
    const options = { mapping: "1", selection: everything, source: plainSource, everything: false, now: start };
    const differences = await createCustomerState(older.pool).readDifferences(options);
    await older.drop();
    // Up to 4.0.0 a country is what people typed, and a contact has one customer.
    await sample.bridge.admin("delete from customer_contacts where contact_id = 1213 and customer_id = 1151");
    const newest = await read();
    const typed = newest.companies.map((row) => ({
      ...row,
      countryCode: "",
      sourceHash: expect.any(String) as string,
    }));
    expect(differences).toEqual({ ...newest, companies: typed });
  });
});

describe("changes in kivitendo", () => {
  test("one changed row comes alone", async () => {
    await sync();
    await sample.bridge.admin("update customer set city = 'Bonn' where id = 1150");
    await sample.bridge.admin("update contacts set cp_email = 'Neu@mueller-test.de' where cp_id = 1200");
    const differences = await read();
    expect(differences.companies.map((row) => row.city)).toEqual(["Bonn"]);
    expect(differences.contacts).toMatchObject([
      {
        contactId: 1200,
        email: "Neu@mueller-test.de",
        companyKey: "K10001",
        link: { status: "linked", key: "juergen.mueller@mueller-test.de" },
      },
    ]);
    expect(differences.unchanged).toEqual({ companies: 6, contacts: 11 });
  });

  test("an obsolete customer takes along the contacts that have no other one", async () => {
    await sync();
    await sample.bridge.admin("update customer set obsolete = true where id = 1150");
    const differences = await read();
    expect(differences.companies).toMatchObject([{ customerId: 1150, obsolete: true }]);
    // 1213 belongs to 1151 as well.
    expect(differences.contacts.map((row) => [row.contactId, row.active])).toEqual([
      [1200, false],
      [1201, false],
      [1202, false],
    ]);
    await sync();
    expect(await read()).toMatchObject({ ...nothing, known: { companies: 6, contacts: 9 } });
  });

  test("vanished rows are told once, and come back when they are back", async () => {
    await sync();
    await sample.bridge.admin("update contacts set cp_email = '' where cp_id = 1200");
    await sample.bridge.admin("delete from customer_contacts where contact_id = 1212");
    await sample.bridge.admin("delete from customer where id = 1157");
    const differences = await read();
    expect(differences.vanishedCompanies).toEqual([
      {
        rowId: 1157,
        label: "K10008 Praxis Dr. Åsa Lindström",
        link: linkedAs("K10008"),
      },
    ]);
    expect(differences.vanishedContacts.map((gone) => gone.rowId)).toEqual([1200, 1212]);
    await sync();
    expect(await read()).toMatchObject({ ...nothing, known: { companies: 6, contacts: 10 } });
    await sample.bridge.admin("update contacts set cp_email = 'juergen.mueller@mueller-test.de' where cp_id = 1200");
    expect((await read()).contacts).toMatchObject([{ contactId: 1200, link: { valid: false, confirmed: true } }]);
  });

  test("an empty source is told as it is", async () => {
    await sync();
    await sample.bridge.admin("delete from customer_contacts");
    expect(await read()).toMatchObject({
      contacts: [],
      known: { contacts: 12 },
      sourceRows: { companies: 8, contacts: 0 },
    });
  });
});

describe("intents and refusals", () => {
  test("an intent without an outcome comes again, also when the row became obsolete meanwhile", async () => {
    const changes = changesOf(await read());
    await sample.state.commitIntent(run, changes);
    await sample.bridge.admin("update customer set obsolete = true where id = 1154");
    const differences = await read();
    expect(differences.companies.length).toBe(7);
    expect(differences.companies[3]).toMatchObject({
      obsolete: true,
      link: { status: "writing", key: "K10005", confirmed: false, valid: true },
    });
    expect(differences.contacts.length).toBe(12);
  });

  test("an intent for a row that vanished is told", async () => {
    await sample.state.commitIntent(run, changesOf(await read()));
    await sample.bridge.admin("delete from customer_contacts where contact_id = 1212");
    expect((await read()).vanishedContacts).toMatchObject([{ rowId: 1212, link: { status: "writing" } }]);
  });

  test("a refused row waits: 5 minutes, then twice as long each time, a day at most", async () => {
    await sync();
    await sample.bridge.admin("update customer set city = 'Bonn' where id = 1150");
    let now = start;
    for (const minutes of [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]) {
      const [change] = changesOf(await read(everything, now));
      if (change === undefined) throw new Error(`not there at ${now.toString()}`);
      await sample.state.commitIntent(run, [change]);
      await sample.state.record(run, [refused(change)], { now, allowed: false });
      const justBefore = now.add({ minutes }).subtract({ seconds: 1 });
      expect(await read(everything, justBefore)).toMatchObject({ companies: [], unchanged: { companies: 7 } });
      now = now.add({ minutes });
      expect((await read(everything, now)).companies).toMatchObject([
        { customerId: 1150, link: { status: "rejected", confirmed: true, key: "K10001" } },
      ]);
    }
  });

  test("a refused row comes at once when it changed, or when somebody asks for it", async () => {
    const changes = changesOf(await read());
    await sample.state.record(
      run,
      changes.map((change) => refused(change)),
      { now: start, allowed: false },
    );
    expect(await read()).toMatchObject({ ...nothing, unchanged: { companies: 7, contacts: 12 } });
    await sample.bridge.admin("update customer set name = 'Müller GmbH' where id = 1150");
    expect((await read()).companies).toMatchObject([{ customerId: 1150, link: { attempts: 1 } }]);
    expect((await read({ customerNumbers: ["K10002"], contacts: [] })).companies).toMatchObject([{ customerId: 1151 }]);
  });

  test("a contact that waited for its customer comes as soon as that is there", async () => {
    const changes = changesOf(await read());
    await sample.state.record(
      run,
      changes.map((change) => refused(change, "waits-for-customer")),
      { now: start, allowed: false },
    );
    const [company] = changes;
    if (company === undefined) throw new Error("no company");
    await sample.state.record(run, [done(company)], { now: start, allowed: false });
    expect((await read()).contacts).toMatchObject([
      { contactId: 1200, companyKey: "K10001" },
      { contactId: 1201 },
      { contactId: 1202 },
      { contactId: 1213 },
    ]);
  });

  test("a refused row that was never written and becomes obsolete is no matter any more", async () => {
    const changes = changesOf(await read());
    await sample.state.record(
      run,
      changes.map((change) => refused(change)),
      { now: start, allowed: false },
    );
    await sample.bridge.admin("update customer set obsolete = true where id = 1150");
    expect(await read()).toMatchObject({ ...nothing, unchanged: { companies: 6, contacts: 9 } });
  });
});

describe("selection", () => {
  test("by customer number: the customer and the contacts filed under it", async () => {
    const differences = await read({ customerNumbers: ["K10001"], contacts: [] });
    expect(differences.companies.map((row) => row.customerId)).toEqual([1150]);
    expect(differences.contacts.map((row) => row.contactId)).toEqual([1200, 1201, 1202, 1213]);
    expect(differences.sourceRows).toEqual({ companies: 8, contacts: 13 });
  });

  test.each([["1202"], [" bjoern.gross@MUELLER-test.de "]])("by contact %s: with its customers", async (wanted) => {
    const differences = await read({ customerNumbers: [], contacts: [wanted] });
    expect(differences.contacts.map((row) => row.contactId)).toEqual([1202]);
    expect(differences.companies.map((row) => row.customerId)).toEqual([1150]);
  });

  test("what vanished is left to a run without a selection", async () => {
    await sync();
    await sample.bridge.admin("delete from customer_contacts where contact_id = 1212");
    const differences = await read({ customerNumbers: ["K10008"], contacts: [] });
    expect(differences).toMatchObject({ ...nothing, unchanged: { companies: 1, contacts: 0 } });
  });
});
