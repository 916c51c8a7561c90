/** Everything that an operator can get wrong, or find out of order: sentence, next step, exit code, nothing written. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../src/demo/free-port.ts";
import { createWorld, type Settings, type World } from "../support/bridge.ts";
import { ask } from "../support/evidence.ts";
import { bothSides, documentOf, failureOf, inWorld } from "./kivi-otrs.ts";

let world: World;
let closedPort: number;
beforeAll(async () => {
  // Three wrong logins lock the bridge's agent.
  world = await createWorld({ helpdesk: { passwordMaxLoginFailed: 3 } });
  await world.sync();
  world.ticket({ units: [30], closedAt: "2026-10-05T12:00:00Z" });
  await world.draft();
  // Work that a run would do on both sides: a changed contact, and a due ticket.
  await world.erp.renameContact(1201, "Anders");
  world.ticket({ units: [45], closedAt: "2026-10-06T12:00:00Z" });
  closedPort = await freePort();
});
afterAll(() => world.end());

/** How a case is put back, whatever became of it. */
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0)) await step();
});

const sync = ["customers", "sync"];
const draft = ["billing", "draft"];

/** Runs a command that must fail and must write nothing on either side; a guard's refusal stands in the list of runs. */
async function failing(
  words: readonly string[],
  settings: Settings = {},
  onRecord = false,
): Promise<ReturnType<typeof failureOf>> {
  const sides = async (): Promise<unknown> => {
    const [rows, records] = await bothSides(world);
    return [rows.filter((row) => !onRecord || !row.startsWith("otrs_bridge.runs ")), records];
  };
  const before = await sides();
  const said = await inWorld(world, [...words, "--json"], settings);
  expect(await sides()).toEqual(before);
  return failureOf(said);
}

test("the work that no failing command does is really there", async () => {
  const customers = documentOf("customers", await inWorld(world, ["customers", "plan", "--json"]));
  expect(customers.contacts.updated).toBe(1);
  const { billing } = documentOf("billing", await inWorld(world, ["billing", "plan", "--json"]));
  expect(billing).toMatchObject({ ticketsBilled: 1, minutesBilled: "45.00" });
});

describe("the helpdesk", () => {
  test.each([sync, draft])("a wrong password at %s %s: one login, and the account stays open", async (...words) => {
    const byHand = world.helpdesk.world;
    expect((await inWorld(world, ["helpdesk", "check"])).code).toBe(0);
    const failure = await failing(words, { helpdesk: { password: "wrong" } });
    expect(failure).toEqual({
      code: 2,
      message: "The helpdesk does not accept the agent bridge with the configured password.",
      hint: expect.stringContaining("Check helpdesk.userLogin and helpdesk.password"),
    });
    expect(byHand.agentGet({ UserLogin: "bridge" })).toMatchObject({ failedLogins: 1, validId: 1 });
  });

  test.each([sync, draft])("down, at %s %s: out of reach, with its address", async (...words) => {
    const failure = await failing(words, { helpdesk: { url: `http://127.0.0.1:${closedPort}/otrs` } });
    expect(failure).toEqual({
      code: 5,
      message: `Nothing listens at 127.0.0.1:${closedPort} (ECONNREFUSED).`,
      hint: expect.stringContaining("helpdesk.url"),
    });
  });

  test("a web service of another name", async () => {
    const failure = await failing(sync, { helpdesk: { webservice: "Brigde" } });
    expect(failure.code).toBe(2);
    expect(failure.message).toContain("web service Brigde");
    expect(failure.hint).toContain("kivi-otrs helpdesk webservice");
  });

  test.each([
    { addon: "missing", message: /lacks the add-on KivitendoBridge/, hint: /Package Manager/ },
    { addon: "unrouted", message: /no operation behind POST \/KivitendoBridge\/Info/, hint: /helpdesk webservice/ },
  ] as const)("without the add-on ($addon)", async ({ addon, message, hint }) => {
    world.helpdesk.settings.addon = addon;
    undo.push(() => (world.helpdesk.settings.addon = "installed"));
    for (const words of [sync, draft]) {
      const failure = await failing(words);
      expect(failure.code).toBe(2);
      expect(failure.message).toMatch(message);
      expect(failure.hint).toMatch(hint);
    }
  });

  test("an agent without the group", async () => {
    const group = { UserLogin: "bridge", Group: "kivitendo_bridge" };
    world.helpdesk.world.agentGroup({ ...group, Permission: "none" });
    undo.push(() => world.helpdesk.world.agentGroup({ ...group, Permission: "rw" }));
    const failure = await failing(sync);
    expect(failure.code).toBe(2);
    expect(failure.message).toMatch(/^The agent bridge may not call/);
    expect(failure.hint).toContain("rw in the group kivitendo_bridge");
  });

  test("another installation's helpdesk behind the address", async () => {
    const other = await createWorld({ sample: false });
    undo.push(() => other.end());
    const failure = await failing(sync, { helpdesk: { url: other.helpdesk.baseUrl } });
    expect(failure.code).toBe(4);
    expect(failure.hint).toContain("kivi-otrs setup --rebind");
  });

  test("a certificate authority that is no file", async () => {
    const failure = await failing(sync, { helpdesk: { caFile: "nowhere.pem" } });
    expect(failure.code).toBe(2);
    expect(failure.message).toContain("nowhere.pem");
    expect(failure.hint).toContain("helpdesk.caFile");
  });
});

describe("kivitendo's database", () => {
  const address = (changes: Partial<URL>): string =>
    Object.assign(new URL(world.loaded.config.kivitendo.databaseUrl), changes).href;

  test.each([sync, draft, ["inbox"]])("down, at %s", async (...words) => {
    const failure = await failing(words, { kivitendo: { databaseUrl: address({ port: String(closedPort) }) } });
    expect(failure.code).toBe(5);
    expect(failure.message).toMatch(/^kivitendo's database cannot be reached: .*ECONNREFUSED/);
    expect(failure.hint).toContain("kivitendo.databaseUrl");
  });

  test.each([
    {
      name: "a wrong password",
      settings: () => ({ password: "wrong" }),
      message: /refused the login/,
      hint: /password/,
    },
    {
      name: "a role that nobody made",
      settings: () => ({ databaseUrl: address({ username: "nobody_at_all" }) }),
      message: /refused the login.*nobody_at_all/,
      hint: /kivi-otrs setup/,
    },
    {
      name: "no password",
      settings: () => ({ password: undefined }),
      message: /none \(or an empty one\) is configured/,
      hint: /kivitendo\.passwordFile/,
    },
    {
      name: "a database that is not there",
      settings: () => ({ databaseUrl: address({ pathname: "/no_such_client" }) }),
      message: /"no_such_client" does not exist/,
      hint: /kivitendo\.databaseUrl/,
    },
  ])("$name", async ({ settings, message, hint }) => {
    const failure = await failing(sync, { kivitendo: settings() });
    expect(failure.code).toBe(2);
    expect(failure.message).toMatch(message);
    expect(failure.hint).toMatch(hint);
  });

  test("a view without rights", async () => {
    const { bridgeRole } = world.database;
    await ask(world, `revoke select on public.otrs_customer_contacts from ${bridgeRole}`);
    undo.push(() => ask(world, `grant select on public.otrs_customer_contacts to ${bridgeRole}`));
    const failure = await failing(sync);
    expect(failure.code).toBe(2);
    expect(failure.message).toMatch(/lacks a right: permission denied for view otrs_customer_contacts/);
    expect(failure.hint).toContain("kivi-otrs setup");
  });

  test("a database that is newer than the program", async () => {
    await ask(
      world,
      "insert into otrs_bridge.schema_migrations select 9999, 'from_tomorrow', checksum, applied_at from otrs_bridge.schema_migrations limit 1",
    );
    undo.push(() => ask(world, "delete from otrs_bridge.schema_migrations where name = 'from_tomorrow'"));
    const failure = await failing(sync);
    expect(failure.code).toBe(2);
    expect(failure.message).toMatch(/newer/);
  });
});

test("config check names everything that both sides do not have, and writes nothing", async () => {
  const before = await bothSides(world);
  const rules = [{ name: "a", when: { queues: ["Nope"], customers: ["K77"] }, partNumber: "XX" }];
  const said = await inWorld(world, ["config", "check", "--json"], {
    billing: { partNumber: "NOPE", draftOwner: "niemand", states: { names: ["zu"] }, rules },
    customers: { businessTypes: ["Nix"] },
  });
  expect(await bothSides(world)).toEqual(before);
  expect(said.code).toBe(2);
  const { problems, hints } = documentOf("config check", said);
  const named = ["businessTypes", "draftOwner", '"NOPE" (billing.partNumber)', '"XX"', '"K77"', '"zu"', '"Nope"'];
  expect(problems).toEqual(named.map((name) => expect.stringContaining(name) as unknown));
  expect(hints).toHaveLength(problems.length);
  expect(await inWorld(world, ["config", "check"])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/bridge|changed/) as unknown,
  });
  const away = await inWorld(world, ["config", "check"], { helpdesk: { url: `http://127.0.0.1:${closedPort}/otrs` } });
  expect(away).toMatchObject({ code: 5, stdout: expect.stringContaining("Nothing listens") as unknown });
});

describe("billing's settings", () => {
  test.each([
    {
      name: "a time unit that is none",
      settings: { timeUnit: "fortnight" },
      message: /billing\.timeUnit: expected minutes, hours/,
      hint: /config check/,
    },
    {
      name: "a time unit other than the one that was billed with",
      settings: { timeUnit: "hours" },
      message: /60 minutes a unit, but time was billed with 1 already/,
      hint: /Set billing\.timeUnit back/,
    },
    {
      name: "an unknown state",
      settings: { states: { types: [], names: ["closed succesful"] } },
      message: /no state named "closed succesful"/,
      hint: /Known states: .*closed successful/,
    },
    {
      name: "an unknown type of state",
      settings: { states: { types: ["Closed"] } },
      message: /no state of type "Closed"/,
      hint: /Known types: .*closed/,
    },
    {
      name: "an unknown part",
      settings: { partNumber: "ST-STDE" },
      message: /no part with the number "ST-STDE"/,
      hint: /billing\.partNumber/,
    },
    {
      name: "a part that is not sold by time",
      settings: { partNumber: "ANFAHRT" },
      message: /"ANFAHRT" \(billing\.partNumber\) is sold in "psch"/,
      hint: /unit can be converted/,
    },
    {
      name: "an unknown owner of the drafts",
      settings: { draftOwner: "buchaltung" },
      message: /no employee with the login "buchaltung"/,
      hint: /billing\.draftOwner/,
    },
  ])("$name", async ({ settings, message, hint }) => {
    const failure = await failing(draft, { billing: settings });
    expect(failure.code).toBe(2);
    expect(failure.message).toMatch(message);
    expect(failure.hint).toMatch(hint);
  });

  test("an obsolete part", async () => {
    await world.erp.query("update parts set obsolete = true where partnumber = 'ST-STD'");
    undo.push(() => world.erp.query("update parts set obsolete = false where partnumber = 'ST-STD'"));
    expect((await failing(draft)).message).toMatch(/no valid part with the number "ST-STD"/);
  });

  test("a period that is none, on the command line", async () => {
    const failure = await failing([...draft, "--period", "October"]);
    expect(failure).toEqual({
      code: 2,
      message: '"October" is not a period.',
      hint: expect.stringContaining("2026-Q3"),
    });
  });
});

test("a customer that nobody knows is not the same as one that is up to date", async () => {
  const failure = await failing([...sync, "--customer", "K99999"]);
  expect(failure.code).toBe(2);
  expect(failure.message).toMatch(/matches K99999; nothing was written/);
});

describe("guards", () => {
  const strict = { customers: { maxDeactivations: 0, ignoreBelow: 0 } };

  test("too many customers at once are refused, until somebody says that it is right", async () => {
    await world.erp.setObsolete(1156, true);
    undo.push(() => world.erp.setObsolete(1156, false));
    let token = "";
    for (const words of [sync, ["customers", "plan"]]) {
      const failure = await failing(words, strict, words === sync);
      expect(failure.code).toBe(4);
      expect(failure.message).toMatch(/make 1 of 7 customers invalid \(14\.3 %\); allowed are 0 and 10\.0 %/);
      token = /`kivi-otrs customers sync --allow ([0-9a-f]{12})`/.exec(failure.hint)?.[1] ?? "";
    }
    expect(await ask(world, "select status from otrs_bridge.runs order by id desc limit 1")).toEqual([
      { status: "refused" },
    ]);
    const plan = await inWorld(world, ["customers", "plan", "--allow", token, "--json"], strict);
    expect(plan.code).toBe(0);
    expect(documentOf("customers", plan).customers.invalidated).toBe(1);
  });

  test("setup --remove is not done unasked", async () => {
    const failure = await failing(["setup", "--remove"]);
    expect(failure).toEqual({
      code: 4,
      message: "Not confirmed; nothing was changed.",
      hint: "Add --yes to do it without a question.",
    });
  });
});
