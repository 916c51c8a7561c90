/** The simulated helpdesk gives the answers that were recorded from a Znuny 6.5.1 (test/fixtures/znuny-captures). */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { startSimulatedHelpdesk, type SimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import { differences, readExchanges, send, type Exchange, type RecordedRequest } from "./capture-replay.ts";

const exchanges = readExchanges();
const folder = mkdtempSync(join(tmpdir(), "kivi-captures-"));
let now = Temporal.Instant.from("2026-11-22T00:37:49Z");
let helpdesk = await startSimulatedHelpdesk({ now: () => now });
const sessions = new Map<string, string>();
const compared: string[] = [];

afterAll(async () => {
  await helpdesk.stop();
  rmSync(folder, { recursive: true });
});

const requestUnknown = "the capture does not say what was asked";
const notReplayed: Record<string, string> = {
  "misc2.txt:14": requestUnknown,
  "misc2.txt:15": requestUnknown,
  "misc2.txt:16": requestUnknown,
  "misc3.txt:2": requestUnknown,
  "misc3.txt:3": requestUnknown,
  "misc3.txt:15": requestUnknown,
  "misc3.txt:16": requestUnknown,
  "misc3.txt:24": "answered by plain CGI, without the web server",
  "misc5.txt:19": requestUnknown,
  "misc5.txt:22": "an operation of another package",
  "misc5.txt:23": "an operation of another package",
};

function at(time: string): void {
  now = Temporal.Instant.from(`2026-11-22T${time}Z`);
}

function recorded(place: string): Exchange {
  const found = exchanges.find((exchange) => exchange.place === place);
  if (found === undefined) throw new Error(`no exchange at ${place}`);
  return found;
}

/** Sends the recorded request, or the one that the capture describes in words, and compares the answers. */
async function replay(place: string, described?: RecordedRequest, service = "KivitendoBridge"): Promise<void> {
  const exchange = recorded(place);
  const request = described ?? exchange.request;
  if (request === undefined) throw new Error(`${place}: no request`);
  const got = await send(helpdesk.baseUrl, service, withSessions(request));
  compared.push(place);
  if (exchange.status !== undefined) expect(got.status, place).toBe(exchange.status);
  if (exchange.answer === "" || exchange.answer.startsWith("rc=")) {
    expect(got, place).toEqual({ status: undefined, answer: "" });
  } else if (isCutOff(exchange.answer)) {
    expect(got.answer.startsWith(exchange.answer), place).toBe(true);
  } else if (exchange.answer.startsWith("{")) {
    const wanted: unknown = JSON.parse(exchange.answer);
    const isLogin = "SessionID" in (wanted as object);
    const answer: unknown = JSON.parse(got.answer);
    if (isLogin) expect(answer, place).toEqual({ SessionID: expect.stringMatching(/^[A-Za-z0-9]{32}$/) });
    else expect(differences(wanted, answer), place).toEqual([]);
  } else {
    expect(got.answer, place).toBe(exchange.answer);
  }
}

/** Whether the capture shows the beginning of the answer only. */
function isCutOff(answer: string): boolean {
  return answer.startsWith("{") && !answer.endsWith("}");
}

/** All exchanges of a file between two lines, in order, each at its time when one is given. */
async function replayAll(file: string, times: Record<number, string> = {}, from = 1, to = Number.MAX_SAFE_INTEGER) {
  for (const { place } of exchanges) {
    const [name, line] = place.split(":");
    if (name !== file || Number(line) < from || Number(line) > to) continue;
    const time = times[Number(line)];
    if (time !== undefined) at(time);
    await replay(place);
  }
}

function replaced(text: string): string {
  let result = text;
  for (const [name, id] of sessions) result = result.replaceAll(name, id);
  return result;
}

function withSessions(request: RecordedRequest): RecordedRequest {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, replaced(value)]);
  const body = typeof request.body === "string" ? replaced(request.body) : request.body;
  return { ...request, path: replaced(request.path), headers: Object.fromEntries(headers), body };
}

async function logIn(name: string, credentials: object): Promise<void> {
  const request = json("POST", "/Session", credentials);
  request.headers["User-Agent"] = "curl/7.88.1";
  const { answer } = await send(helpdesk.baseUrl, "KivitendoBridge", request);
  sessions.set(name, (JSON.parse(answer) as { SessionID: string }).SessionID);
}

const bridge = { UserLogin: "bridge", Password: "bridgepw" };

function json(method: string, path: string, body?: object): RecordedRequest {
  return { method, path, headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body) };
}

function search(body: object): RecordedRequest {
  return json("POST", "/TicketSearch", { SessionID: "SESSION", ...body });
}

function raw(body: string | Buffer, headers: Record<string, string>): RecordedRequest {
  return { method: "POST", path: "/TicketSearch", headers, body };
}

test("logins and what the transport refuses", async () => {
  const { world } = helpdesk;
  world.queueAdd({ Name: "Geheim", Group: "geheim" });
  world.agentGroup({ UserLogin: "root@localhost", Group: "geheim", Permission: "rw" });
  world.agentAdd({ UserLogin: "agent2", Password: "agent2pw", Groups: { users: "rw" } });
  const people: [login: string, first: string, last: string, email: string, customer: string, password?: string][] = [
    ["kd10001-1", "Eva", "Müller", "eva@mueller-test.de", "10001", "evapw"],
    ["kd10002-1", "Max", "Beta", "max@beta-test.de", "10002"],
    ["kd999", "Bob", "Beta2", "x@y-test.de", "99999"],
  ];
  for (const [UserLogin, UserFirstname, UserLastname, UserEmail, UserCustomerID, UserPassword] of people)
    world.do("UserAdd", { UserLogin, UserFirstname, UserLastname, UserEmail, UserCustomerID, UserPassword });
  await replayAll("auth.txt");
});

test("tickets are created, read, updated and found", async () => {
  at("00:38:58");
  await logIn("SESSION", bridge);
  const second = { 11: "00:38:59" };
  await replayAll("ticketcreate.txt", second);
  await replayAll("ticketget.txt");
  await replayAll("ticketupdate.txt", { 2: "00:39:26", 11: "00:39:28", 17: "00:39:30" });
  at("00:39:31");
  await replayAll("ticketsearch.txt");
  await replayAll("history.txt");
});

test("late time, reopening, and the odd ways to ask", async () => {
  at("00:40:55");
  await replayAll("misc.txt", {}, 1, 3);
  await replay("misc.txt:5", json("POST", "/TicketGet", { SessionID: "SESSION", TicketID: 4, Extended: 1 }));
  await replayAll("misc.txt", {}, 9, 15);
  await replay("misc.txt:18", {
    ...json("POST", "/TicketSearch?TicketID=5", { TicketID: 3 }),
    headers: { "Content-Type": "application/json", "X-OTRS-Header-SessionID": "SESSION" },
  });
  await replay("misc.txt:20", json("GET", "/TicketSearch?SessionID=SESSION&StateType=closed"));
  await replay("misc.txt:21", json("GET", "/TicketSearch?SessionID=SESSION&TicketID=2&TicketID=4;TicketID=8"));
  await replay("misc.txt:23", { ...search({ TicketID: 5 }), method: "GET" });
  const form = { "Content-Type": "application/x-www-form-urlencoded" };
  await replay("misc.txt:25", raw('{"SessionID":"SESSION"}', form));
  const latin = Buffer.from('{"SessionID":"SESSION","Title":"ä"}', "latin1");
  await replay("misc.txt:27", raw(latin, { "Content-Type": "application/json; charset=ISO-8859-1" }));
  await replay("misc.txt:34", raw(latin, { "Content-Type": "application/json" }));
  const gzip = { "Content-Type": "application/json", "Content-Encoding": "gzip" };
  await replay("misc.txt:47", raw(gzipSync('{"SessionID":"SESSION"}'), gzip));
  helpdesk.settings.maxLength = 1000;
  await replay("misc.txt:56", search({ Title: "x".repeat(2000) }));
  helpdesk.settings.maxLength = 25_000_000;
  const chunked = { "Content-Type": "application/json", "Transfer-Encoding": "chunked" };
  await replay("misc.txt:63", raw('{"SessionID":"SESSION"}', chunked));
  await replayAll("misc.txt", {}, 65, 76);
  await replay("misc.txt:77", search({}), "NoSuchService");
  await replay("misc.txt:79", { ...search({ TicketID: 5 }) }, "KivitendoBridge");
});

test("sessions are read and removed; a customer sees his own tickets", async () => {
  await replayAll("misc.txt", {}, 80, 96);
  await logIn("ArOevDMGscGNJNDuEtAfnkCplWsewnXw", bridge);
  await replayAll("misc.txt", {}, 97, 112);
  at("00:41:12");
  await logIn("Gg6liNvObMmsJq4aiaRMkgFvP2e11P04", { CustomerUserLogin: "kd10001-1", Password: "evapw" });
  await replayAll("misc.txt", {}, 114, 137);
  at("00:41:30");
  await replayAll("timeaccounting.txt");
});

test("merging moves articles and time", async () => {
  const { world } = helpdesk;
  world.dynamicFieldAdd({ Name: "KiviTicket", ObjectType: "Ticket" });
  world.dynamicFieldAdd({ Name: "KiviArticle", ObjectType: "Article" });
  at("00:43:00");
  for (let id = 9; id <= 2008; id += 1) {
    if (id === 1998) at("00:48:50");
    if (id === 2006) at("00:48:51");
    const State = "closed successful";
    world.do("TicketCreate", { Title: `Seed ${id}`, State, Articles: [{ TimeUnit: 0.25 }, { TimeUnit: 0.5 }] });
  }
  at("00:48:58");
  world.do("TicketMerge", { MainTicketID: 2, MergeTicketID: 8 }, "root@localhost");
  at("00:48:59");
  const all = { SessionID: "SESSION", AllArticles: 1, Extended: 1 };
  await replay("merge.txt:2", json("POST", "/TicketGet", { ...all, TicketID: 8 }));
  await replay("merge.txt:4", json("POST", "/TicketGet", { ...all, TicketID: 2, DynamicFields: 1 }));
  await replayAll("merge.txt", {}, 5);
});

test("queues without permission, conditions in ids, dead sessions", async () => {
  at("00:52:38");
  await replayAll("misc2.txt", {}, 1, 9);
  await replay("misc2.txt:11", json("POST", "/TicketGet", { SessionID: "SESSION", TicketID: 2, DynamicFields: 1 }));
  helpdesk.world.do("TicketCustomer", { TicketID: 4, CustomerID: "A+B (C)", CustomerUser: "kd10001-1" });
  await replayAll("misc2.txt", {}, 17, 25);
  const changed = "2026-11-22 00:48:59";
  const bothBounds = { TicketLastChangeTimeNewerDate: changed, TicketLastChangeTimeOlderDate: changed };
  await replay("misc3.txt:6", search({ TicketID: 2, ...bothBounds }));
  const closed = "2026-11-22 00:39:26";
  await replay(
    "misc3.txt:8",
    search({ TicketID: 2, TicketCloseTimeNewerDate: closed, TicketCloseTimeOlderDate: closed }),
  );
});

test("another time zone: every stamp goes in and out in it", async () => {
  at("00:52:44");
  const stateFile = join(folder, "state.json");
  writeFileSync(stateFile, JSON.stringify(helpdesk.world.snapshot()));
  const berlin = await startSimulatedHelpdesk({ now: () => now, stateFile, timeZone: "Europe/Berlin" });
  const utc: SimulatedHelpdesk = helpdesk;
  helpdesk = berlin;
  await logIn("N9Ox5XMHT0Coj0vU8Jt5rYYGFC9ktKET", bridge);
  await replayAll("timezone.txt");
  await berlin.stop();
  helpdesk = utc;
});

test("the rest", async () => {
  at("01:09:00");
  await replayAll("misc4.txt");
  await replayAll("misc5.txt", {}, 12, 14);
  const wrong = { "Content-Type": "application/json", "X-OTRS-Header-SessionID": "nope" };
  await replay("misc5.txt:16", { ...search({}), headers: wrong });
  await replay("misc5.txt:17", { ...search({}), path: "/TicketSearch?SessionID=nope" });
  await replay("misc5.txt:20", json("POST", "/CustomerUser", { SessionID: "SESSION" }));
  helpdesk.settings.addon = "missing";
  const { status, answer } = await send(
    helpdesk.baseUrl,
    "KivitendoBridge",
    json("POST", "/KivitendoBridge/Info", { a: 1 }),
  );
  compared.push("misc5.txt:8");
  expect(status).toBe(recorded("misc5.txt:8").status);
  const module = "KivitendoBridge::Info";
  expect(answer).toBe(recorded("misc5.txt:8").answer.replace("CustomerUser::CustomerUserCreate", module));
  helpdesk.settings.addon = "installed";
  at("02:40:00");
  await replay("misc2.txt:33");
});

test("every recorded exchange was compared, or says why not", () => {
  const places = exchanges.map((exchange) => exchange.place);
  console.log(
    `${compared.length} of ${places.length} recorded exchanges compared, ${Object.keys(notReplayed).length} cannot be`,
  );
  expect([...compared, ...Object.keys(notReplayed)].sort()).toEqual(places.sort());
});
