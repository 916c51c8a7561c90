/** Customers in the simulated helpdesk where test/contracts cannot ask a real one: another database, another product, old state files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { startSimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import type { SimulatedHelpdesk, SimulatedHelpdeskOptions } from "../../src/demo/helpdesk/index.ts";
import { Caller } from "../contracts/helpdesk-under-test.ts";

const bridge = { UserLogin: "bridge", Password: "bridgepw" };
const Results = z.object({
  Results: z.array(z.object({ Outcome: z.string(), Code: z.string().optional(), OtherKey: z.string().optional() })),
});
const Told = z.object({
  KivitendoBridge: z.object({
    Product: z.string(),
    ProductVersion: z.string(),
    DatabaseKind: z.string(),
    Fields: z.object({ Company: z.array(z.string()), User: z.array(z.string()) }),
    Countries: z.array(z.string()),
  }),
});

interface Talk {
  readonly helpdesk: SimulatedHelpdesk;
  readonly caller: Caller;
  /** Outcome, or code and the key in the way. */
  readonly upsert: (...records: object[]) => Promise<string[]>;
}

async function start(options: SimulatedHelpdeskOptions = {}): Promise<Talk> {
  const helpdesk = await startSimulatedHelpdesk(options);
  onTestFinished(() => helpdesk.stop());
  const caller = await new Caller({ url: helpdesk.baseUrl, bridge, stranger: bridge, byHand: async () => [] }).logIn();
  return {
    helpdesk,
    caller,
    upsert: async (...Records) => {
      const reply = await caller.post("/KivitendoBridge/Upsert", { Instance: "main", Records });
      return Results.parse(reply).Results.map(({ Outcome, Code, OtherKey }) =>
        [Code ?? Outcome, OtherKey].filter((part) => part !== undefined).join(" "),
      );
    },
  };
}

function company(row: number, key: string, name: string, more: object = {}): object {
  const Fields = { CustomerCompanyName: name, ValidID: 1 };
  return { Type: "Company", RowId: String(row), Key: key, Expect: "absent", Fields, ...more };
}

function user(row: number, login: string, email: string, more: object = {}): object {
  const Fields = { UserCustomerID: "1", UserFirstname: "A", UserLastname: "B", UserEmail: email, ValidID: 1 };
  return { Type: "User", RowId: String(row), Key: login, Expect: "absent", Fields, ...more };
}

describe("equal is what the database takes for equal", () => {
  const names = [
    ["Müller AG", "Muller AG"],
    ["Straße AG", "Strasse AG"],
    ["Foo", "FOO"],
    ["Foo", "Foo "],
    ["Emo 😀", "Emo 😁"],
  ] as const;
  test.each(names)("the names %j and %j: on MariaDB only", async (first, second) => {
    const records = [company(1, "a", first), company(2, "b", second)];
    expect(await (await start({ databaseKind: "mysql" })).upsert(...records)).toEqual(["created", "name-taken a"]);
    expect(await (await start()).upsert(...records)).toEqual(["created", "created"]);
  });

  const keys = [
    { first: "ä1x", second: "a1x", postgresql: "created" },
    { first: "sp-ß", second: "sp-ss", postgresql: "created" },
    { first: "abc1", second: "ABC1", postgresql: "key-differs abc1" },
  ];
  test.each(keys)("the keys $first and $second", async ({ first, second, postgresql }) => {
    const records = [company(1, first, "Eins"), company(2, second, "Zwei")];
    const maria = await start({ databaseKind: "mysql" });
    expect(await maria.upsert(...records)).toEqual(["created", `key-differs ${first}`]);
    expect(() => maria.helpdesk.world.do("CompanyAdd", { CustomerID: second, CustomerCompanyName: "Drei" })).toThrow(
      /for (ä1x|sp-ß|abc1), which exists/,
    );
    expect(await maria.caller.post("/KivitendoBridge/Records", asked([second]))).toMatchObject({
      Records: [{ Key: first }],
    });
    expect(await (await start()).upsert(...records)).toEqual(["created", postgresql]);
  });

  test("a rename to another spelling of the own key, and to another record's", async () => {
    const { upsert, helpdesk } = await start({ databaseKind: "mysql" });
    await upsert(company(1, "Müller", "Eins"), company(2, "b", "Zwei"));
    const rename = (NewKey: string) => company(1, "Müller", "Eins", { Expect: "ours", NewKey });
    expect(await upsert(rename("B "), rename("B"), rename("MULLER"))).toEqual(["invalid", "key-taken b", "updated"]);
    expect(helpdesk.world.do("CompanyGet", { CustomerID: "MULLER" })).toMatchObject({ CustomerCompanyName: "Eins" });
    expect(helpdesk.world.do("CompanyGet", { CustomerID: "Müller" })).toBeNull();
  });

  test("an address in another spelling", async () => {
    const { upsert } = await start({ databaseKind: "mysql" });
    const records = [
      user(1, "a", "eva@muller-test.de"),
      user(2, "b", "EVA@muller-test.de"),
      user(3, "A", "c@c-test.de"),
    ];
    expect(await upsert(...records)).toEqual(["created", "email-taken a", "key-differs a"]);
  });
});

test("two names are swapped in rounds, each seeing what the one before has freed", async () => {
  const { upsert } = await start();
  await upsert(company(1, "a", "Eins"), company(2, "b", "Zwei"));
  const named = (row: number, key: string, name: string) => company(row, key, name, { Expect: "ours" });
  expect(await upsert(named(1, "a", "Zwei"), named(2, "b", "Eins"))).toEqual(["name-taken b", "name-taken a"]);
  expect(await upsert(named(1, "a", "Zwei (1)"), named(2, "b", "Eins"), named(1, "a", "Zwei"))).toEqual([
    "updated",
    "updated",
    "updated",
  ]);
});

test("Info tells product, version, database and the fields of the site", async () => {
  const settings = { product: "OTOBO", productVersion: "11.0.4", databaseKind: "mysql", siteFields: true } as const;
  const { caller, helpdesk } = await start(settings);
  const info = async () => Told.parse(await caller.post("/KivitendoBridge/Info")).KivitendoBridge;
  expect(await info()).toMatchObject({ Product: "OTOBO", ProductVersion: "11.0.4", DatabaseKind: "mysql" });
  expect((await info()).Fields.Company).toContain("CustomerCompanyIndustry");
  expect((await info()).Countries).toEqual(expect.arrayContaining(["Germany", "Austria", "Switzerland", "France"]));
  helpdesk.settings.siteFields = false;
  expect((await info()).Fields.User).not.toContain("UserRoom");
});

test("a field that this site does not map is refused", async () => {
  const { upsert } = await start();
  const Fields = { CustomerCompanyName: "Eins", CustomerCompanyIndustry: "Bau", ValidID: 1 };
  expect(await upsert(company(1, "a", "Eins", { Fields }))).toEqual(["invalid"]);
});

test("a dry run with renames, values and additional companies leaves no trace", async () => {
  const { upsert, caller, helpdesk } = await start();
  helpdesk.world.do("DynamicFieldEnsure", { ObjectType: "CustomerUser", Name: "Flag", FieldType: "Text" });
  await upsert(company(1, "a", "Eins"), user(2, "eva", "eva@a-test.de", { Companies: ["x"] }));
  helpdesk.world.do("TicketCreate", { Title: "t", CustomerID: "a", CustomerUser: "eva" });
  const before = helpdesk.world.snapshot();
  const change = { Expect: "ours", NewKey: "eva-2", Companies: ["y"], DynamicFields: { Flag: "1" } };
  const Records = [
    company(1, "a", "Neu", { Expect: "ours", NewKey: "a-2" }),
    user(2, "eva", "neu@a-test.de", change),
    company(3, "a", "Drei"),
  ];
  const reply = await caller.post("/KivitendoBridge/Upsert", { Instance: "main", DryRun: 1, Records });
  expect(reply).toMatchObject({
    Results: [
      { Changed: ["Key", "CustomerCompanyName"] },
      { Changed: ["Key", "UserEmail", "DynamicField_Flag", "Companies"] },
      { Outcome: "created" },
    ],
  });
  expect(helpdesk.world.snapshot()).toEqual(before);
});

test("a state file of an earlier version is read, and gets what it lacks", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kivi-helpdesk-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const stateFile = join(folder, "helpdesk.json");
  const first = await start({ stateFile });
  await first.upsert(company(1, "a", "Eins"));
  const { customerFields, customerValues, members, addedMembers, preferences, ...earlier } = JSON.parse(
    readFileSync(stateFile, "utf8"),
  ) as Record<string, unknown>;
  expect([customerFields, customerValues, members, addedMembers, preferences]).not.toContain(undefined);
  writeFileSync(stateFile, JSON.stringify(earlier));
  const second = await start({ stateFile });
  expect(await second.upsert(company(1, "a", "Eins"), user(2, "eva", "e@a-test.de", { Companies: ["x"] }))).toEqual([
    "already-ours",
    "created",
  ]);
  expect(second.helpdesk.world.do("MemberList", { UserLogin: "eva" })).toEqual(["x"]);
});

function asked(Keys: string[]): object {
  return { Instance: "main", Type: "Company", Keys };
}
