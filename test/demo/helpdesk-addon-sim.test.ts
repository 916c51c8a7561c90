/** The add-on in the simulated helpdesk, beyond what test/contracts asks of it and of the real one alike. */
import { readFileSync } from "node:fs";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { startSimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import { Caller, operationError } from "../contracts/helpdesk-under-test.ts";

const helpdesk = await startSimulatedHelpdesk();
const { world, faults, settings } = helpdesk;
afterAll(async () => helpdesk.stop());

const bridge = { UserLogin: "bridge", Password: "bridgepw" };
const stranger = { UserLogin: "root@localhost", Password: "rootpw" };
const target = { url: helpdesk.baseUrl, bridge, stranger, byHand: async () => [] };
const Results = z.object({
  Results: z.array(
    z.object({ Outcome: z.string(), Code: z.string().optional(), Key: z.string(), Reason: z.string().optional() }),
  ),
});
const upsert = "/KivitendoBridge/Upsert";
let caller: Caller;
let row = 0;

beforeEach(async () => {
  faults.clear();
  Object.assign(settings, { addon: "installed", unwritableKeys: [] });
  caller = await new Caller(target).logIn();
});

function company(name: string, more: object = {}) {
  row += 1;
  const Fields = { CustomerCompanyName: `Firma ${name}`, ValidID: 1 };
  return { Type: "Company", RowId: String(row), Key: name, Expect: "absent", Fields, ...more };
}

function user(login: string, more: object = {}, fields: object = {}) {
  row += 1;
  const name = { UserFirstname: "Eva", UserLastname: "Test", UserEmail: `${login}@eva-test.de` };
  const Fields = { UserCustomerID: "10001", ...name, ValidID: 1, ...fields };
  return { Type: "User", RowId: String(row), Key: login, Expect: "absent", Fields, ...more };
}

async function results(Records: object[], more: object = {}) {
  return Results.parse(await caller.post(upsert, { Instance: "main", Records, ...more })).Results;
}

test("every code of the protocol's tables can be met", async () => {
  const document = readFileSync(new URL("../../docs/addon-protocol.md", import.meta.url), "utf8");
  const codes = [...document.matchAll(/^\| `([a-z-]+)` \|(?! (?:absent|present))/gm)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThanOrEqual(10);
  await results([company("c-one"), { ...company("c-two"), RowId: "900" }, user("u-one")]);
  world.do("CompanyAdd", { CustomerID: "c-free", CustomerCompanyName: "Frei" });
  settings.unwritableKeys = ["c-broken"];
  const met = await results([
    company("c-free"),
    company("c-two"),
    { ...company("c-two"), RowId: "900" },
    company("c-none", { Expect: "ours" }),
    company("C-ONE"),
    { ...company("c-two"), RowId: "900", Expect: "ours", NewKey: "c-one" },
    company("c-three", { Fields: { CustomerCompanyName: "Firma c-one", ValidID: 1 } }),
    user("u-two", {}, { UserEmail: "U-One@eva-test.de" }),
    company("c-four", { Fields: { ValidID: 1 } }),
    company("c-broken"),
  ]);
  const wanted = [
    "found",
    "not-ours",
    "already-ours",
    "gone",
    "key-differs",
    "key-taken",
    "name-taken",
    "email-taken",
    "invalid",
    "failed",
  ];
  expect(met.map((result) => result.Code)).toEqual(wanted);
  expect(new Set(codes)).toEqual(new Set(wanted));
  expect(world.do("CompanyGet", { CustomerID: "c-broken" })).toBeNull();
});

test("records are handled in the order given, so a contact can move to a company of the same call", async () => {
  const [made, contact] = await results([company("c-new"), user("u-new", {}, { UserCustomerID: "c-new" })]);
  expect([made?.Outcome, contact?.Outcome]).toEqual(["created", "created"]);
  expect(world.do("UserGet", { UserLogin: "u-new" })).toMatchObject({ UserCustomerID: "c-new" });
});

test("1000 records go in one call", async () => {
  const records = Array.from({ length: 1000 }, (_, index) => user(`many-${index}`));
  const outcomes = new Set((await results(records)).map((result) => result.Outcome));
  expect([...outcomes]).toEqual(["created"]);
  expect(world.do("UserCount", { Prefix: "many-" })).toEqual({ Count: 1000 });
});

test("moving a contact takes the closed tickets along", async () => {
  const contact = user("u-mover");
  await results([contact]);
  const CustomerUser = "u-mover";
  const { TicketID } = world.do("TicketCreate", {
    Title: "t",
    State: "closed successful",
    CustomerID: "10001",
    CustomerUser,
  });
  await results([{ ...contact, Expect: "ours", Fields: { UserCustomerID: "10002" } }]);
  expect(await caller.post("/TicketGet", { TicketID })).toMatchObject({ Ticket: [{ CustomerID: "10002" }] });
});

describe("when a process dies", () => {
  test("after some records, these are written with their marks, and asking again tells so", async () => {
    const records = [company("d-1"), company("d-2"), company("d-3")];
    faults.next({ kind: "die-after-records", records: 2 }, 1, upsert);
    await expect(caller.post(upsert, { Instance: "main", Sequence: 4, Records: records })).rejects.toThrow("no status");
    expect(world.do("CompanyCount", { Prefix: "d-" })).toEqual({ Count: 2 });
    const again = await results(records);
    expect(again.map((result) => result.Code ?? result.Outcome)).toEqual(["already-ours", "already-ours", "created"]);
    expect(await caller.post("/KivitendoBridge/Info", { Instance: "main" })).toMatchObject({
      KivitendoBridge: { Sequence: 4 },
    });
  });

  test("after the work and before the answer, everything is written", async () => {
    faults.next({ kind: "lost-answer" }, 1, upsert);
    const record = company("e-1");
    await expect(results([record])).rejects.toThrow("no status");
    expect((await results([record]))[0]?.Code).toBe("already-ours");
  });
});

describe("without the add-on", () => {
  test("a web service that names its operations gives a fault in text", async () => {
    settings.addon = "missing";
    const reply = await caller.send("POST", "/KivitendoBridge/Info", '{"a":1}');
    const type = "Kernel::GenericInterface::Operation::KivitendoBridge::Info";
    const fault = { faultcode: "Server", faultstring: `Can't load operation backend module ${type}!` };
    expect(reply).toMatchObject({ status: 500, json: fault });
  });

  test("a stock web service has no such route", async () => {
    settings.addon = "unrouted";
    const reply = await caller.send("POST", "/KivitendoBridge/Info", '{"a":1}');
    expect(reply.text).toBe("HTTP::REST Error while determine Operation for request URI '/KivitendoBridge/Info'.");
  });
});

test("Info tells which queues the agent may read, and who lacks the group is told so", async () => {
  world.queueAdd({ Name: "Geheim", Group: "secret" });
  const queue = async () => {
    const Info = z.object({
      KivitendoBridge: z.object({ Queues: z.array(z.object({ Name: z.string(), Readable: z.number() })) }),
    });
    const queues = Info.parse(await caller.post("/KivitendoBridge/Info")).KivitendoBridge.Queues;
    return queues.find((candidate) => candidate.Name === "Geheim")?.Readable;
  };
  expect(await queue()).toBe(0);
  world.agentGroup({ UserLogin: "bridge", Group: "secret", Permission: "ro" });
  expect(await queue()).toBe(1);
  world.agentGroup({ UserLogin: "bridge", Group: "kivitendo_bridge", Permission: "ro" });
  const denied = operationError("KivitendoBridgeInfo.AccessDenied");
  expect(await caller.post("/KivitendoBridge/Info")).toMatchObject(denied);
  world.agentGroup({ UserLogin: "bridge", Group: "kivitendo_bridge", Permission: "rw" });
});
