import { beforeEach, describe, expect, test } from "vitest";
import type { Differences, Scope, SourceOptions } from "../../src/customer-sync/ports.ts";
import { changesOf, done, plainSource } from "../support/customer-run.ts";
import { createCustomerState } from "../../src/state/customers.ts";
import { createBridgeDatabase } from "../support/bridge-database.ts";
import { useSampleState } from "../support/sample-state.ts";

const now = Temporal.Instant.from("2026-11-22T08:00:00Z");

const sample = useSampleState();
beforeEach(async () => {
  await sample.bridge.admin(`
    delete from custom_variables;
    delete from custom_variable_configs;
    insert into custom_variable_configs
      (id, name, description, type, module, default_value, searchable, includeable, included_by_default, sortkey)
    values (1, 'reports', 'Darf Tickets melden', 'bool', 'Contacts', null, false, false, false, 1),
           (2, 'helpdesk', 'Im Helpdesk', 'bool', 'CT', '1', false, false, false, 1),
           (3, 'sector', 'Branche', 'text', 'CT', null, false, false, false, 2);
    insert into custom_variables (config_id, trans_id, bool_value)
    values (1, 1200, true), (1, 1201, false), (1, 1203, true), (2, 1151, false), (2, 1152, true);
    update customer set business_id = null;
    update customer set business_id = 1131 where id in (1150, 1152);
    update customer set business_id = 1130 where id = 1151`);
});

interface Wanted {
  readonly scope?: Partial<Scope>;
  readonly source?: Partial<SourceOptions>;
  readonly everything?: boolean;
  readonly selection?: { readonly customerNumbers: readonly string[]; readonly contacts: readonly string[] };
}

function read({ scope = {}, source = {}, everything = false, selection }: Wanted = {}): Promise<Differences> {
  return sample.state.readDifferences({
    mapping: "1",
    selection: selection ?? { customerNumbers: [], contacts: [] },
    source: { ...plainSource, ...source, scope: { ...plainSource.scope, ...scope } },
    everything,
    now,
  });
}

/** A run that the helpdesk agrees to. */
async function sync(wanted: Wanted = {}): Promise<void> {
  const run = await sample.state.startRun("customers", now);
  await sample.state.record(run, changesOf(await read(wanted)).map(done), { now, allowed: false });
}

const companies = (differences: Differences): readonly number[] => differences.companies.map((row) => row.customerId);
const contacts = (differences: Differences): readonly number[] => differences.contacts.map((row) => row.contactId);

describe("what does not belong into the helpdesk is not created", () => {
  test.each<[string, Partial<Scope>, number[]]>([
    ["business types", { businessTypes: ["Wiederverkäufer"] }, [1150, 1152]],
    ["several of them", { businessTypes: ["Wiederverkäufer", "Endkunde"] }, [1150, 1151, 1152]],
    ["a pattern of numbers", { numberPattern: "^K1000[23]$" }, [1151, 1152]],
    [
      "a yes/no variable of customers, whose default is yes",
      { customerFlag: "helpdesk" },
      [1150, 1152, 1154, 1155, 1156, 1157],
    ],
    [
      "all of them together",
      { customerFlag: "helpdesk", businessTypes: ["Wiederverkäufer", "Endkunde"], numberPattern: "1$" },
      [1150],
    ],
  ])("%s", async (_, scope, wanted) => {
    const differences = await read({ scope });
    expect(companies(differences)).toEqual(wanted);
    const numbers = new Set(differences.companies.map((row) => row.customerNumber));
    for (const row of differences.contacts) expect(numbers).toContain(row.customerNumber);
    expect(differences.contacts.length).toBeGreaterThan(0);
  });

  test("contacts that may not report tickets; nothing said means the variable's default", async () => {
    expect(contacts(await read({ scope: { contactFlag: "reports" } }))).toEqual([1200, 1203]);
    await sample.bridge.admin("update custom_variable_configs set default_value = '1' where id = 1");
    const withDefault = contacts(await read({ scope: { contactFlag: "reports" } }));
    expect(withDefault).not.toContain(1201);
    expect(withDefault).toEqual((await read()).contacts.map((row) => row.contactId).filter((id) => id !== 1201));
  });

  test("a contact of several customers is filed under one that does", async () => {
    const scope = { businessTypes: ["Endkunde"] };
    expect((await read({ scope })).contacts.find((row) => row.contactId === 1213)).toMatchObject({
      customerId: 1151,
      otherCustomers: [],
    });
  });
});

describe("what kivitendo does not have is refused by name", () => {
  test("a mistyped business type, with those that there are", async () => {
    await expect(read({ scope: { businessTypes: ["Endkunde", "Wiederverkaeufer"] } })).rejects.toMatchObject({
      name: "ConfigError",
      message: 'customers.businessTypes names "Wiederverkaeufer", which kivitendo does not have.',
      hint: expect.stringMatching(/^Its business types are: .*"Endkunde".*"Wiederverkäufer".*\.$/) as unknown,
    });
  });

  test("but not a business type that no customer has", async () => {
    await sample.bridge.admin("update customer set business_id = null");
    expect(companies(await read({ scope: { businessTypes: ["Endkunde"] } }))).toEqual([]);
  });
});

describe("what is in the helpdesk and leaves the scope", () => {
  test("is told with its reason; contacts follow their customer", async () => {
    await sync();
    const scope = { numberPattern: "^K1000[2-8]$" };
    const differences = await read({ scope });
    expect(differences.companies).toMatchObject([
      { customerId: 1150, inScope: false, obsolete: false, link: { confirmed: true, valid: true } },
    ]);
    expect(differences.contacts.map((row) => [row.contactId, row.active, row.follows])).toEqual([
      [1200, false, true],
      [1201, false, true],
      [1202, false, true],
    ]);
    await sync({ scope });
    expect(await read({ scope })).toMatchObject({ companies: [], contacts: [] });
    // Nothing is lost when it comes back.
    const back = await read();
    expect(back.companies).toMatchObject([{ customerId: 1150, inScope: true, link: { valid: false } }]);
    expect(contacts(back)).toEqual([1200, 1201, 1202]);
  });

  test("a withdrawn flag counts as a decision about the contact", async () => {
    const scope = { contactFlag: "reports" };
    await sync({ scope });
    await sample.bridge.admin("update custom_variables set bool_value = false where trans_id = 1200");
    expect((await read({ scope })).contacts).toMatchObject([{ contactId: 1200, active: false, follows: false }]);
  });
});

describe("a setting that cannot be meant is refused", () => {
  test.each<[string, Wanted, RegExp, RegExp]>([
    ["a pattern", { scope: { numberPattern: "K(1" } }, /customers\.customerNumbers is no regular expression/, /\^K1/],
    [
      "an unknown variable of contacts",
      { scope: { contactFlag: "report" } },
      /customers\.contactFlag names custom variable "report" of contacts/,
      /Those of contacts are: reports\./,
    ],
    [
      "an unknown variable of customers",
      { scope: { customerFlag: "reports" } },
      /customers\.customerFlag names custom variable "reports" of customers/,
      /helpdesk, sector/,
    ],
    ["one that is not yes/no", { scope: { customerFlag: "sector" } }, /is of type text/, /yes\/no/],
    [
      "a column",
      { source: { companyColumns: ["ustidd"] } },
      /names column "ustidd" of customers, which otrs_bridge\.companies does not have/,
      /ustid, .*business_type.*variable:NAME/,
    ],
    [
      "a column of contacts",
      { source: { contactColumns: ["cp_email; drop table x"] } },
      /public\.otrs_customer_contacts does not have/,
      /cp_abteilung/,
    ],
    [
      "a variable",
      { source: { contactColumns: ["variable:room"] } },
      /customers\.extraFields names custom variable "room" of contacts/,
      /reports/,
    ],
  ])("%s", async (_, wanted, message, hint) => {
    await expect(read(wanted)).rejects.toMatchObject({
      name: "ConfigError",
      message: expect.stringMatching(message) as unknown,
      hint: expect.stringMatching(hint) as unknown,
    });
  });
});

describe("columns that are mapped besides", () => {
  const source = {
    companyColumns: ["ustid", "variable:sector", "obsolete", "business_type"],
    contactColumns: ["cp_abteilung", "cp_main", "variable:reports", "gln"],
  };

  test("come with each row, and count as its contents", async () => {
    await sample.bridge.admin("update customer set ustid = 'DE1' where id = 1150");
    await sample.bridge.admin("insert into custom_variables (config_id, trans_id, text_value) values (3, 1150, 'Bau')");
    const first = await read({ source });
    expect(first.companies[0]?.extra).toEqual({
      ustid: "DE1",
      "variable:sector": "Bau",
      obsolete: "0",
      business_type: "Wiederverkäufer",
    });
    expect(first.companies[1]?.extra["variable:sector"]).toBe("");
    expect(first.contacts[0]?.extra).toMatchObject({
      "variable:reports": "1",
      cp_abteilung: expect.any(String) as string,
    });
    await sync({ source });
    expect(await read({ source })).toMatchObject({ companies: [], contacts: [] });
    await sample.bridge.admin("update custom_variables set text_value = 'Handel' where trans_id = 1150");
    await sample.bridge.admin("update contacts set cp_abteilung = 'Einkauf' where cp_id = 1203");
    const second = await read({ source });
    expect(second.companies.map((row) => row.extra["variable:sector"])).toEqual(["Handel"]);
    expect(second.contacts.map((row) => [row.contactId, row.extra["cp_abteilung"]])).toEqual([[1203, "Einkauf"]]);
  });

  test("what is not mapped does not count", async () => {
    await sync();
    await sample.bridge.admin("update custom_variables set bool_value = not bool_value");
    expect(await read()).toMatchObject({ companies: [], contacts: [] });
  });
});

describe("names and numbers that are the same for the helpdesk", () => {
  test.each([
    ["equal", "Müller & Söhne GmbH"],
    ["without accents, in other case", "MULLER & sohne gmbh"],
    ["with blanks at the end", "Müller & Söhne GmbH  "],
    ["composed otherwise", "Mu\u0308ller & So\u0308hne GmbH"],
  ])("a name: %s", async (_, name) => {
    await sample.bridge.admin("update customer set name = $1 where id = 1152", [name]);
    const shared = (await read()).companies.filter((row) => row.nameShared);
    expect(shared.map((row) => row.customerId)).toEqual([1152]);
  });

  test("ß and ss, and letters that only the function knows", async () => {
    await sample.bridge.admin(
      "update customer set name = 'Gro\u00dfe Łódź Ĉapo' where id = 1151".replace("\\u00df", "ß"),
    );
    await sample.bridge.admin("update customer set name = 'grosse ŁÓDZ capo' where id = 1155");
    expect((await read()).companies.filter((row) => row.nameShared).map((row) => row.customerId)).toEqual([1155]);
  });

  test("who never was in the helpdesk and is obsolete is in nobody's way; who is there remains", async () => {
    await sample.bridge.admin("update customer set name = 'Gleich GmbH' where id in (1150, 1151)");
    await sample.bridge.admin("update customer set obsolete = true where id = 1150");
    expect((await read()).companies.filter((row) => row.nameShared)).toEqual([]);
    await sample.bridge.admin("update customer set obsolete = false where id = 1150");
    await sync();
    await sample.bridge.admin("update customer set obsolete = true where id = 1150");
    expect((await read({ everything: true })).companies.filter((row) => row.nameShared)).toMatchObject([
      { customerId: 1151 },
    ]);
  });

  test("a number: the first row has it, or the one that is in the helpdesk", async () => {
    await sample.bridge.admin("update customer set customernumber = 'k10001' where id = 1155");
    expect(
      (await read()).companies.flatMap((row) => (row.keyRival === null ? [] : [[row.customerId, row.keyRival]])),
    ).toEqual([[1155, "K10001"]]);
    await sample.bridge.admin("update customer set customernumber = 'K10006' where id = 1155");
    await sync();
    await sample.bridge.admin("update customer set customernumber = 'k10006' where id = 1150");
    expect((await read()).companies).toMatchObject([{ customerId: 1150, keyRival: "K10006" }]);
  });
});

describe("everything", () => {
  test("lists each row, whatever its state, and what vanished", async () => {
    await sync();
    await sample.bridge.admin("delete from customer_contacts where contact_id in (1212, 1211)");
    const all = await read({ everything: true });
    expect([all.companies.length, all.contacts.length]).toEqual([8, 11]);
    expect(all.vanishedContacts.map((gone) => gone.rowId)).toEqual([1211, 1212]);
    await sync();
    expect((await read()).vanishedContacts).toEqual([]);
    const after = (await read({ everything: true })).vanishedContacts;
    expect(after.map((gone) => [gone.rowId, gone.link.valid])).toEqual([
      [1211, false],
      [1212, false],
    ]);
  });

  test("of a selection: also what vanished, by id or key", async () => {
    await sync();
    await sample.bridge.admin("delete from customer_contacts where contact_id = 1212");
    const one = await read({ everything: true, selection: { customerNumbers: [], contacts: ["1212"] } });
    expect([one.companies.length, one.contacts.length, one.vanishedContacts.length]).toEqual([0, 0, 1]);
    const other = await read({ everything: true, selection: { customerNumbers: ["K10002"], contacts: [] } });
    expect([companies(other), other.vanishedContacts]).toEqual([[1151], []]);
  });
});

test("the sentinel is a customer that must be there", async () => {
  expect((await read({ source: { sentinel: " K10001 " } })).sentinelFound).toBe(true);
  expect((await read({ source: { sentinel: "K9" } })).sentinelFound).toBe(false);
  expect((await read()).sentinelFound).toBe(true);
});

test.each(["3.5.8", "3.9.2", "4.0.0"] as const)("filters and columns on kivitendo %s", async (release) => {
  const older = await createBridgeDatabase(release);
  await older.admin(`
    insert into custom_variable_configs
      (id, name, description, type, module, default_value, searchable, includeable, included_by_default, sortkey)
    values (1, 'reports', 'Darf Tickets melden', 'bool', 'Contacts', '1', false, false, false, 1);
    insert into custom_variables (config_id, trans_id, bool_value) values (1, 1201, false);
    update customer set business_id = 1131 where id = 1150`);
  const differences = await createCustomerState(older.pool).readDifferences({
    mapping: "1",
    selection: { customerNumbers: [], contacts: [] },
    source: {
      ...plainSource,
      contactColumns: ["variable:reports"],
      scope: { ...plainSource.scope, contactFlag: "reports", businessTypes: ["Wiederverkäufer"], numberPattern: "1$" },
    },
    everything: false,
    now,
  });
  await older.drop();
  expect(companies(differences)).toEqual([1150]);
  expect(contacts(differences)).toEqual([1200, 1202, 1213]);
  expect(differences.contacts[0]?.extra).toEqual({ "variable:reports": "1" });
});
