/** What the simulated helpdesk does that cannot be asked of a real one in a test run. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { startSimulatedHelpdesk, type Fault, type SimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import { Caller, operationError } from "../contracts/helpdesk-under-test.ts";

const folder = mkdtempSync(join(tmpdir(), "kivi-helpdesk-"));
const running: SimulatedHelpdesk[] = [];
const bridge = { UserLogin: "bridge", Password: "bridgepw" };
const authFail = operationError("TicketSearch.AuthFail");

async function start(options: Parameters<typeof startSimulatedHelpdesk>[0] = {}) {
  const helpdesk = await startSimulatedHelpdesk(options);
  running.push(helpdesk);
  const target = { url: helpdesk.baseUrl, bridge, stranger: bridge, byHand: async () => [] };
  return { ...helpdesk, caller: await new Caller(target).logIn() };
}

afterEach(async () => {
  for (const helpdesk of running.splice(0)) await helpdesk.stop();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("sessions", () => {
  test("die 7200 seconds after the login, however busy", async () => {
    let now = Temporal.Instant.from("2026-11-22T10:00:00Z");
    const { caller } = await start({ now: () => now });
    now = now.add({ seconds: 7199 });
    expect(await caller.post("/TicketSearch")).toEqual({ TicketID: ["1"] });
    now = now.add({ seconds: 1 });
    expect(await caller.post("/TicketSearch")).toMatchObject(authFail);
  });

  test("die when they are used from another address", async () => {
    const { caller } = await start();
    const headers = { "X-OTRS-Header-SessionID": caller.session };
    const elsewhere = await caller.send("GET", "/TicketSearch", undefined, headers, { localAddress: "127.0.0.2" });
    expect(elsewhere.json).toMatchObject(authFail);
    expect(await caller.post("/TicketSearch")).toMatchObject(authFail);
  });

  test("die with their agent's validity", async () => {
    const { caller, world } = await start();
    world.agentValid({ UserLogin: "bridge", ValidID: 2 });
    expect(await caller.post("/TicketSearch")).toMatchObject(authFail);
  });
});

test("too many wrong passwords make an agent invalid-temporarily", async () => {
  const { caller, world } = await start({ passwordMaxLoginFailed: 3 });
  const attempt = async (Password: string) =>
    (await caller.send("POST", "/Session", JSON.stringify({ ...bridge, Password }))).json;
  await attempt("wrong");
  await attempt("wrong");
  expect(await attempt("bridgepw")).toHaveProperty("SessionID");
  for (let count = 0; count < 3; count += 1) await attempt("wrong");
  expect(await attempt("bridgepw")).toMatchObject(operationError("SessionCreate.AuthFail"));
  expect(world.agentGet({ UserLogin: "bridge" })?.validId).toBe(3);
});

test("a queue without permission hides its tickets from the search and refuses them elsewhere", async () => {
  const { caller, world } = await start();
  world.queueAdd({ Name: "Geheim", Group: "secret" });
  world.agentGroup({ UserLogin: "root@localhost", Group: "secret", Permission: "rw" });
  const { TicketID } = world.do(
    "TicketCreate",
    { Title: "x", Queue: "Geheim", State: "closed successful" },
    "root@localhost",
  );
  expect(await caller.post("/TicketSearch", { TicketID })).toEqual({});
  expect(await caller.post("/TicketGet", { TicketID })).toMatchObject(operationError("TicketGet.AccessDenied"));
  world.agentGroup({ UserLogin: "bridge", Group: "secret", Permission: "ro" });
  expect(await caller.post("/TicketSearch", { TicketID })).toEqual({ TicketID: [String(TicketID)] });
  const update = await caller.patch(`/Ticket/${TicketID}`, { Ticket: { Title: "y" } });
  expect(update.json).toMatchObject(operationError("TicketUpdate.AccessDenied"));
  const moved = await caller.patch("/Ticket/1", { Ticket: { Queue: "Geheim" } });
  expect(moved).toMatchObject({
    status: 500,
    json: { faultcode: "Server", faultstring: expect.stringContaining("queue") },
  });
});

test("archived tickets are found on request only, once the archive is switched on", async () => {
  const { caller, world, settings } = await start();
  const { TicketID } = world.do("TicketCreate", { Title: "x", State: "closed successful" });
  world.do("TicketArchive", { TicketID });
  const found = { TicketID: [String(TicketID)] };
  expect(await caller.post("/TicketSearch", { TicketID })).toEqual(found);
  settings.archiveSystem = true;
  expect(await caller.post("/TicketSearch", { TicketID })).toEqual({});
  expect(await caller.post("/TicketSearch", { TicketID, SearchInArchive: "AllTickets" })).toEqual(found);
  expect(await caller.post("/TicketSearch", { TicketID: [1, TicketID], SearchInArchive: "ArchivedTickets" })).toEqual(
    found,
  );
});

test("a search without a limit ends after 500", async () => {
  const { caller, world } = await start();
  for (let count = 0; count < 520; count += 1) world.do("TicketCreate", { Title: "x" });
  const found = async (body: object) =>
    ((await caller.post("/TicketSearch", body)) as { TicketID: string[] }).TicketID.length;
  expect(await found({})).toBe(500);
  expect(await found({ Limit: 0 })).toBe(500);
  expect(await found({ Limit: 100_000 })).toBe(521);
});

test("a body over the limit is refused", async () => {
  const { caller } = await start({ maxLength: 100 });
  const reply = await caller.send("POST", "/TicketSearch", JSON.stringify({ Title: "x".repeat(200) }));
  expect(reply).toMatchObject({ status: 413, text: "Payload Too Large" });
});

test("a company's new id moves its contacts and tickets", async () => {
  const { caller, world } = await start();
  world.do("CompanyAdd", { CustomerID: "1", CustomerCompanyName: "Eins" });
  const name = { UserFirstname: "E", UserLastname: "V", UserEmail: "e@v-test.de" };
  world.do("UserAdd", { UserLogin: "eva", UserCustomerID: "1", ...name });
  const { TicketID } = world.do("TicketCreate", { Title: "x", CustomerID: "1", CustomerUser: "eva" });
  world.do("CompanyUpdate", { CustomerID: "1", NewCustomerID: "2" });
  expect(world.do("UserGet", { UserLogin: "eva" })?.UserCustomerID).toBe("2");
  expect(await caller.post("/TicketGet", { TicketID })).toMatchObject({ Ticket: [{ CustomerID: "2" }] });
});

describe("the state file", () => {
  test("keeps everything between runs, sessions and the helpdesk's id too", async () => {
    const stateFile = join(folder, "kept.json");
    const first = await start({ stateFile });
    first.world.do("CompanyAdd", { CustomerID: "1", CustomerCompanyName: "Eins" });
    const before = await first.caller.post("/KivitendoBridge/Info");
    await first.stop();
    const second = await start({ stateFile });
    expect(second.world.counts()).toEqual(first.world.counts());
    const { session } = first.caller;
    const after = await second.caller.post("/KivitendoBridge/Info", { SessionID: session });
    const { HelpdeskId } = (before as { KivitendoBridge: { HelpdeskId: string } }).KivitendoBridge;
    expect(after).toMatchObject({ KivitendoBridge: { HelpdeskId } });
  });

  test("is refused when it is something else", async () => {
    const stateFile = fileURLToPath(new URL("../../package.json", import.meta.url));
    await expect(startSimulatedHelpdesk({ stateFile })).rejects.toThrow("delete it to start over");
  });

  test("is whole at any moment, even when the process is killed while it writes", async () => {
    const stateFile = join(folder, "killed.json");
    const module = new URL("../../src/demo/helpdesk/index.ts", import.meta.url).href;
    const program = `
      import { startSimulatedHelpdesk } from ${JSON.stringify(module)};
      const { world } = await startSimulatedHelpdesk({ stateFile: ${JSON.stringify(stateFile)} });
      for (let id = 1; ; id += 1) {
        world.do("CompanyAdd", { CustomerID: String(id), CustomerCompanyName: "x".repeat(150) + id });
        if (id === 1) console.log("ready");
      }`;
    for (const wait of [20, 90, 230]) {
      rmSync(stateFile, { force: true });
      const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = new Promise((resolve) => child.once("exit", resolve));
      await new Promise((resolve) => child.stdout.once("data", resolve));
      await sleep(wait);
      child.kill("SIGKILL");
      await ended;
      const state = JSON.parse(readFileSync(stateFile, "utf8")) as { companies: object };
      expect(Object.keys(state.companies).length).toBeGreaterThan(0);
    }
  });
});

describe("faults", () => {
  test.each<{ fault: Fault; want: object }>([
    { fault: { kind: "reset" }, want: { status: undefined } },
    { fault: { kind: "lost-answer" }, want: { status: undefined } },
    { fault: { kind: "truncated" }, want: { status: undefined } },
    { fault: { kind: "server-error", text: "kaputt" }, want: { status: 500, text: "kaputt" } },
    { fault: { kind: "auth-fail" }, want: { status: 200, json: operationError("Operation.AuthFail") } },
    { fault: { kind: "oversized", bytes: 5000 }, want: { status: 200, text: expect.stringMatching(/^.{5000,}$/) } },
    { fault: { kind: "redirect", location: "http://127.0.0.2/" }, want: { status: 302, text: "" } },
    { fault: { kind: "not-json" }, want: { status: 200, json: undefined } },
    { fault: { kind: "delay", milliseconds: 1 }, want: { status: 200, json: { TicketID: ["1"] } } },
  ])("$fault.kind is met once, then all is well", async ({ fault, want }) => {
    const { caller, faults } = await start();
    const body = JSON.stringify({ SessionID: caller.session });
    faults.next(fault, 1, "/TicketSearch");
    expect(await caller.post("/TicketGet", { TicketID: 1 })).toHaveProperty("Ticket");
    expect(await caller.send("POST", "/TicketSearch", body)).toMatchObject(want);
    expect(await caller.post("/TicketSearch")).toEqual({ TicketID: ["1"] });
  });
});
