/** Customers through GIExtension, on a simulated helpdesk with the package's quirks (measured with 6.0.10 on Znuny 6.5.1). */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CustomerChange, UpsertOutcome } from "../../src/customer-sync/ports.ts";
import { startSimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import type { SimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import { createHelpdesk } from "../../src/helpdesk/index.ts";
import type { Helpdesk, HelpdeskOptions } from "../../src/helpdesk/index.ts";
import { sampleChange } from "./sample-change.ts";

let simulated: SimulatedHelpdesk;
let helpdesk: Helpdesk;
let routes: string[];
beforeEach(async () => {
  simulated = await startSimulatedHelpdesk({ addon: "giextension", siteFields: true });
  helpdesk = connect();
  routes = [];
  const take = simulated.faults.take.bind(simulated.faults);
  simulated.faults.take = (route) => {
    routes.push(route);
    return take(route);
  };
});
afterEach(async () => {
  await helpdesk.close();
  await simulated.stop();
});

function connect(options: Partial<HelpdeskOptions> = {}): Helpdesk {
  return createHelpdesk({
    url: simulated.baseUrl,
    webservice: "KivitendoBridge",
    instance: "main",
    userLogin: "bridge",
    password: "bridgepw",
    timeoutSeconds: 20,
    maxResponseBytes: 1e7,
    retry: { attempts: 2, firstDelayMs: 1 },
    customerOperations: "giextension",
    ...options,
  });
}

const signal = new AbortController().signal;

async function write(...changes: CustomerChange[]): Promise<readonly UpsertOutcome[]> {
  return helpdesk.customers.upsert(changes, { dryRun: false, sequence: 1, signal });
}
async function dryRun(...changes: CustomerChange[]): Promise<readonly UpsertOutcome[]> {
  return helpdesk.customers.upsert(changes, { dryRun: true, sequence: 0, signal });
}

const ours = { kind: "update", expect: "ours", situation: "confirmed" } as const;
const company = (given: Partial<CustomerChange> = {}): CustomerChange =>
  sampleChange("company", 1, {
    fields: { CustomerCompanyName: "Müller", CustomerCompanyCity: "Köln", ValidID: 1 },
    ...given,
  });
const user = (given: Partial<CustomerChange> = {}): CustomerChange =>
  sampleChange("user", 11, {
    key: "eva@firma-test.de",
    fields: {
      UserCustomerID: "k1",
      UserFirstname: "Eva",
      UserLastname: "Ä",
      UserEmail: "eva@firma-test.de",
      ValidID: 1,
    },
    ...given,
  });

function companyStands(fields: object = {}): void {
  simulated.world.do("CompanyAdd", { CustomerID: "k1", CustomerCompanyName: "Müller", ...fields });
}
const storedCompany = (key = "k1") => simulated.world.do("CompanyGet", { CustomerID: key });
const storedUser = (key = "eva@firma-test.de") => simulated.world.do("UserGet", { UserLogin: key });

describe("what is expected and what is met", () => {
  test("nothing there: created, and then unchanged without a write", async () => {
    expect(await write(company(), user())).toMatchObject([
      { outcome: "created", changed: ["CustomerCompanyName", "CustomerCompanyCity", "ValidID"] },
      { outcome: "created" },
    ]);
    routes.length = 0;
    expect(await write(company(ours), user(ours))).toEqual([
      { outcome: "unchanged", changed: [] },
      { outcome: "unchanged", changed: [] },
    ]);
    expect(routes).toEqual(["/CompanyGet", "/CustomerUserGet"]);
  });

  test("somebody's record under the key is found and left alone", async () => {
    companyStands({ CustomerCompanyCity: "Bonn" });
    expect(await write(company())).toMatchObject([{ outcome: "rejected", code: "found", owner: null, otherKey: "k1" }]);
    expect(storedCompany()).toMatchObject({ CustomerCompanyCity: "Bonn" });
  });

  test("adopting takes it over; gone is told, with the key where it stands after a rename", async () => {
    companyStands();
    expect(await write(company({ kind: "adopt", expect: "unowned" }))).toMatchObject([
      { outcome: "adopted", changed: ["CustomerCompanyCity"] },
    ]);
    expect(await write(company({ ...ours, key: "k0", newKey: "k1" }))).toMatchObject([{ code: "gone", keyNow: "k1" }]);
    expect(await write(company({ ...ours, key: "k0" }))).toMatchObject([{ code: "gone", keyNow: null }]);
  });

  test("a key in another spelling is not overwritten", async () => {
    companyStands();
    expect(await write(company({ key: "K1" }))).toMatchObject([{ code: "key-differs", otherKey: "k1" }]);
  });

  test("a key with a comma would be two others", async () => {
    companyStands();
    expect(await write(company({ key: "k1,k2" }), company({ ...ours, newKey: "a,b" }))).toMatchObject([
      { outcome: "rejected", code: "invalid" },
      { outcome: "rejected", code: "invalid" },
    ]);
    expect(routes.filter((route) => route !== "/Session")).toEqual([]);
  });
});

describe("what an update leaves alone", () => {
  test("fields that are not ours, those of the site too, although an update replaces everything", async () => {
    companyStands({ CustomerCompanyComment: "VIP", CustomerCompanyIndustry: "Bau", CustomerCompanyURL: "x" });
    await write(company({ ...ours, fields: { CustomerCompanyCity: "Kiel" } }));
    expect(storedCompany()).toMatchObject({
      CustomerCompanyCity: "Kiel",
      CustomerCompanyComment: "VIP",
      CustomerCompanyIndustry: "Bau",
      CustomerCompanyURL: "x",
      CustomerCompanyName: "Müller",
    });
  });

  test("what somebody has filled, and a human's invalid-temporarily", async () => {
    await write(company(), user());
    simulated.world.do("UserUpdate", { UserLogin: "eva@firma-test.de", UserPhone: "1", ValidID: 3 });
    const fields = { UserPhone: "2", UserMobile: "3", UserTitle: "Dr.", ValidID: 1 };
    const modes = { UserPhone: "fill-if-empty", UserMobile: "fill-if-empty", UserTitle: "create-only" } as const;
    expect(await write(user({ ...ours, fields, modes }))).toMatchObject([
      { outcome: "updated", changed: ["UserMobile"] },
    ]);
    expect(storedUser()).toMatchObject({ UserPhone: "1", UserMobile: "3", UserTitle: "", ValidID: 3 });
    expect(await write(user({ ...ours, fields: { ValidID: 2 } }))).toMatchObject([{ changed: ["ValidID"] }]);
  });
});

describe("refusals without a reason", () => {
  test("a name or an address that is taken is looked up, whatever the helpdesk remembers of earlier searches", async () => {
    const twin = company({ rowId: 2, key: "k2" });
    // The helpdesk keeps "found nothing" for this name.
    expect(await dryRun(company())).toMatchObject([{ outcome: "created" }]);
    await write(company(), user());
    expect(await write(twin)).toMatchObject([{ outcome: "rejected", code: "name-taken", otherKey: "k1" }]);
    expect(await dryRun(twin)).toMatchObject([{ outcome: "rejected", code: "name-taken", otherKey: "k1" }]);
    const fields = { ...user().fields, UserEmail: "EVA@firma-test.de" };
    expect(await write(user({ rowId: 12, key: "e2@firma-test.de", fields }))).toMatchObject([
      { code: "email-taken", otherKey: "eva@firma-test.de" },
    ]);
  });

  test("everything else is told as refused, with where the reason is", async () => {
    const fields = { ...user().fields, UserEmail: "eva@@firma" };
    expect(await write(company(), user({ fields }))).toMatchObject([
      { outcome: "created" },
      { outcome: "rejected", code: "failed", reason: expect.stringContaining("System Log") },
    ]);
  });
});

test("renames: the new key, unless it is taken", async () => {
  await write(company(), user());
  companyStandsToo();
  expect(await write(company({ ...ours, newKey: "k9" }))).toMatchObject([{ code: "key-taken", otherKey: "k9" }]);
  expect(await write(company({ ...ours, newKey: "k8" }))).toEqual([{ outcome: "updated", changed: ["Key"] }]);
  expect(storedUser()).toMatchObject({ UserCustomerID: "k8" });
  const moved = { ...user().fields, UserCustomerID: "k8" };
  expect(await write(user({ ...ours, fields: moved, newKey: "e9@firma-test.de" }))).toMatchObject([
    { changed: ["Key"] },
  ]);
  expect(storedUser("e9@firma-test.de")).toMatchObject({ UserFirstname: "Eva" });
});

function companyStandsToo(): void {
  simulated.world.do("CompanyAdd", { CustomerID: "k9", CustomerCompanyName: "Neun" });
}

test("a dry run writes nothing", async () => {
  companyStands();
  const before = simulated.world.counts();
  expect(await dryRun(company({ ...ours, newKey: "k7" }), user())).toMatchObject([
    { outcome: "updated", changed: ["Key", "CustomerCompanyCity"] },
    { outcome: "created" },
  ]);
  expect(simulated.world.counts()).toEqual(before);
  expect(routes.filter((route) => /Add|Update/.test(route))).toEqual([]);
});

describe("lost answers", () => {
  test.each(["reset", "lost-answer"] as const)("%s: written once and told as created", async (kind) => {
    simulated.faults.next({ kind }, 1, "/CompanyAdd");
    expect(await write(company())).toMatchObject([{ outcome: "created" }]);
    expect(simulated.world.counts()).toMatchObject({ companies: 1 });
  });

  test("a helpdesk that goes away ends nothing that was written: the rest is told as failed", async () => {
    simulated.faults.next({ kind: "reset" }, 2, "/CustomerUserGet");
    expect(await write(company(), user())).toMatchObject([
      { outcome: "created" },
      { outcome: "rejected", code: "failed", reason: expect.stringMatching(/^Not written, or without an answer: /) },
    ]);
    simulated.faults.next({ kind: "reset" }, 2, "/CompanyGet");
    await expect(write(company(ours))).rejects.toMatchObject({ name: "UnavailableError" });
  });

  test("an abort keeps what was done", async () => {
    const stop = new AbortController();
    const take = simulated.faults.take.bind(simulated.faults);
    simulated.faults.take = (route) => {
      if (route === "/CompanyAdd") stop.abort();
      return take(route);
    };
    const how = { dryRun: false, sequence: 1, signal: stop.signal };
    expect(await helpdesk.customers.upsert([company(), user()], how)).toMatchObject([
      { outcome: "created" },
      { outcome: "rejected", code: "failed" },
    ]);
    await expect(helpdesk.customers.upsert([company(ours)], how)).rejects.toThrow(/abort/i);
  });
});

describe("reading", () => {
  test("by key and page by page, invalid ones too; nothing is ours", async () => {
    await write(company(), user({ fields: { ...user().fields, ValidID: 2 } }));
    const found = await helpdesk.customers.lookUp(
      "user",
      { keys: ["EVA@firma-test.de", "nobody", "a,b"] },
      { tickets: true, signal },
    );
    expect(found).toMatchObject([
      {
        key: "eva@firma-test.de",
        validId: 2,
        owner: null,
        companies: [],
        tickets: null,
        fields: { UserFirstname: "Eva" },
      },
    ]);
    expect(Object.keys(found[0]?.fields ?? {})).not.toContain("CustomerCompanyName");
    expect(await helpdesk.customers.lookUp("user", { rowIds: [11] }, { tickets: false, signal })).toEqual([]);
    expect(await keysOf("company", "unowned")).toEqual(["k1"]);
    expect(await keysOf("user", "any")).toEqual(["eva@firma-test.de"]);
    expect(await keysOf("user", "ours")).toEqual([]);
    await write(company({ rowId: 2, key: "k2", fields: { CustomerCompanyName: "Zwei", ValidID: 1 } }));
    expect(await keysOf("company", "any")).toEqual(["k1", "k2"]);
  });

  async function keysOf(kind: "company" | "user", owner: "ours" | "unowned" | "any"): Promise<readonly string[]> {
    const keys: string[] = [];
    for await (const page of helpdesk.customers.list(kind, owner, signal)) keys.push(...page.map(({ key }) => key));
    return keys;
  }

  test("the address stands for the helpdesk, and nobody keeps a sequence", async () => {
    const identity = await helpdesk.customers.identify();
    expect(identity).toEqual({ helpdeskId: expect.stringMatching(/^giextension-[0-9a-f]{32}$/), sequence: null });
    expect(await connect({ url: `${simulated.baseUrl}/` }).customers.identify()).toEqual(identity);
    expect(await connect({ webservice: "Other" }).customers.identify()).not.toEqual(identity);
  });

  test("billing needs the zone from the configuration", async () => {
    await expect(helpdesk.info()).rejects.toMatchObject({
      name: "ConfigError",
      hint: expect.stringContaining("helpdesk.timeZone"),
    });
    const zoned = connect({ timeZone: "Europe/Berlin" });
    expect(await zoned.info()).toMatchObject({ timeZone: "Europe/Berlin", sequence: null });
    await zoned.close();
  });
});
