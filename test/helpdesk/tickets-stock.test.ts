import { expect, test } from "vitest";
import type { TicketBatch, TicketSearch } from "../../src/billing/ports.ts";
import type { Helpdesk, HelpdeskOptions } from "../../src/helpdesk/index.ts";
import { ConfigError, RefusedError, TicketId } from "../../src/model/index.ts";
import type { Seen, Step } from "./scripted-server.ts";
import {
  answer,
  client as addonClient,
  info,
  infoRoute,
  json,
  operationError,
  plain,
  scripted,
} from "./scripted-server.ts";
import { looseStockTicket, plainOf, stockTicket } from "./ticket-answers.ts";

const searchRoute = "/TicketSearch";
const getRoute = "/TicketGet";
const moment = Temporal.Instant.from("2026-10-31T23:00:00Z");
const ids = (...numbers: number[]): TicketId[] => numbers.map((number) => TicketId.parse(number));
const closed = { stateNames: [], stateTypes: ["closed"], changedSince: null };
const never = new AbortController().signal;
const client = (url: string, options: Partial<HelpdeskOptions> = {}): Helpdesk =>
  addonClient(url, { collect: "stock", ...options });
const addonMissing = answer({ faultstring: "Can't load operation backend module Kernel::X!" }, 500);

test("asks as the helpdesk wants to be asked", async () => {
  const server = await scripted({
    [infoRoute]: answer(info({ TimeZone: "Europe/Berlin" })),
    [searchRoute]: answer({ TicketID: ["3", "2"] }),
    [getRoute]: getFrom(() => false),
  });
  const { tickets } = client(server.url);
  expect(await search(tickets, { ...closed, changedSince: moment })).toEqual([3, 2]);
  expect(server.at(getRoute)[0]?.body).toEqual({
    SessionID: "session-1",
    TicketID: [3, 2],
    AllArticles: 1,
    Extended: 1,
  });
  expect([tickets.detail, tickets.now()]).toEqual(["articles", null]);
  expect(server.at(searchRoute)[0]?.body).toEqual({
    SessionID: "session-1",
    StateType: ["closed"],
    TicketLastChangeTimeNewerDate: "2026-11-01 00:00:00",
    SearchInArchive: "AllTickets",
    SortBy: "Changed",
    OrderBy: "Up",
    Limit: 100_000,
  });
});

test("names of states go as they are, and without a time when there is none", async () => {
  const server = await scripted({ [searchRoute]: answer({}) });
  const wantedStates = { stateNames: ["closed successful"], stateTypes: [], changedSince: null };
  expect(await search(client(server.url).tickets, wantedStates)).toEqual([]);
  const body = server.at(searchRoute)[0]?.body;
  expect(body).toMatchObject({ States: ["closed successful"] });
  expect(body).not.toHaveProperty("StateType");
  expect(body).not.toHaveProperty("TicketLastChangeTimeNewerDate");
});

test("closed before: the bound of the helpdesk is inclusive, ours is not", async () => {
  const server = await scripted({ [searchRoute]: answer({ TicketID: [9] }), [getRoute]: getFrom(() => false) });
  const { tickets } = client(server.url);
  const found = await Array.fromAsync(tickets.closedBefore(moment, moment.subtract({ hours: 24 }), never));
  expect(idsOf(found)).toEqual([9]);
  expect(server.at(searchRoute)[0]?.body).toMatchObject({
    TicketCloseTimeOlderDate: "2026-10-31 22:59:59",
    TicketLastChangeTimeNewerDate: "2026-10-30 23:00:00",
    SearchInArchive: "AllTickets",
  });
});

test.each([
  { states: { ...closed, stateTypes: ["Closed"] }, says: /no state type "Closed"/, hint: /open, closed/ },
  {
    states: { ...closed, stateTypes: [], stateNames: ["Closed Successful"] },
    says: /no ticket state "Closed Successful"/,
    hint: /closed successful/,
  },
])("a name that the helpdesk would silently not find is refused: $says", async ({ states, says, hint }) => {
  const server = await scripted();
  await expect(search(client(server.url).tickets, states)).rejects.toMatchObject({
    name: "ConfigError",
    message: expect.stringMatching(says),
    hint: expect.stringMatching(hint),
  });
  expect(server.at(searchRoute)).toHaveLength(0);
});

test("without the add-on the configured zone is taken; without one nothing is guessed", async () => {
  const server = await scripted({ [infoRoute]: addonMissing, [searchRoute]: answer({}) });
  const since = { ...closed, changedSince: moment };
  await search(client(server.url, { timeZone: "America/New_York" }).tickets, since);
  expect(server.at(searchRoute)[0]?.body["TicketLastChangeTimeNewerDate"]).toBe("2026-10-31 19:00:00");
  await expect(search(client(server.url).tickets, since)).rejects.toThrow(/lacks the add-on/);
  await expect(search(client(server.url, { timeZone: "Neuyork" }).tickets, since)).rejects.toThrow(ConfigError);
  expect(server.at(searchRoute)).toHaveLength(1);
});

test("an answer as long as the limit is asked again in windows, and nothing is lost or told twice", async () => {
  // One ticket an hour over 40 days.
  const changes = Array.from({ length: 960 }, (_, index) =>
    Temporal.Instant.from("2026-09-01T00:00:00Z").add({ hours: index }),
  );
  const found = searchIn(changes.map((change) => stamp(change)));
  const server = await scripted({ [searchRoute]: found, [getRoute]: getFrom(() => false) });
  const { tickets } = client(server.url, { searchLimit: 100 });
  expect(await search(tickets, closed)).toEqual(changes.map((_, index) => index + 1));
  const changedSince = Temporal.Instant.from("2026-09-10T00:00:00Z");
  const since = await search(tickets, { ...closed, changedSince });
  expect(since[0]).toBe(9 * 24 + 1);
  expect(since).toHaveLength(960 - 9 * 24);
});

test("more tickets in one second than the helpdesk tells: refused, not cut", async () => {
  const server = await scripted({ [searchRoute]: searchIn(Array.from({ length: 12 }, () => "2026-09-01 00:00:00")) });
  await expect(search(client(server.url, { searchLimit: 10 }).tickets, closed)).rejects.toThrow(RefusedError);
});

test("reads tickets as they are, whatever Perl makes of numbers", async () => {
  const server = await scripted({
    [infoRoute]: answer(info({ TimeZone: "Europe/Berlin" })),
    [getRoute]: answer({ Ticket: [stockTicket(2), looseStockTicket] }),
  });
  const [batch] = await read(client(server.url), ids(2, 3));
  expect(batch?.unreadable).toEqual([]);
  const row = { rowId: 0, agentLogin: null, agentName: null };
  const [first, second] = ["2026-11-22T00:38:58Z", "2026-11-22T00:39:10Z"];
  expect(plainOf(batch?.tickets)).toEqual([
    {
      ticketId: 2,
      ticketNumber: "2026112210000013",
      title: "Drucker geht nicht",
      queue: "Support",
      service: "Wartung",
      sla: "",
      type: "Unclassified",
      priority: "3 normal",
      state: "closed successful",
      stateType: "closed",
      companyKey: "10001",
      customerUser: "eva@mueller-test.de",
      dynamicFields: {},
      createdAt: first,
      changedAt: "2026-11-22T00:40:00Z",
      closedAt: "2026-11-22T00:39:30Z",
      firstClosedAt: null,
      entries: [
        {
          key: { kind: "article", sourceId: 21, createdAt: first },
          units: 150,
          rows: [{ ...row, units: 150, bookedAt: first, subject: "Arbeit" }],
        },
        {
          key: { kind: "article", sourceId: 23, createdAt: second },
          units: -25,
          rows: [{ ...row, units: -25, bookedAt: second, subject: "" }],
        },
        {
          key: { kind: "rest", sourceId: 2, createdAt: first },
          units: 200,
          rows: [{ ...row, units: 200, bookedAt: "2026-11-22T00:39:30Z", subject: null }],
        },
      ],
    },
    expect.objectContaining({
      ticketId: 3,
      ticketNumber: "3",
      title: "123",
      companyKey: null,
      closedAt: null,
      entries: [expect.objectContaining({ key: { kind: "rest", sourceId: 3, createdAt: first }, units: 30 })],
    }),
  ]);
});

test("a rest below zero stands beside its articles", async () => {
  const server = await scripted({ [getRoute]: answer({ Ticket: [{ ...stockTicket(2), TimeUnit: 0.5 }] }) });
  const [batch] = await read(client(server.url), ids(2));
  expect(batch?.tickets[0]?.entries.map(({ key, units }) => [key.kind, units])).toEqual([
    ["article", 150],
    ["article", -25],
    ["rest", -75],
  ]);
});

test("dynamic fields are asked for when rules want them, and one that does not exist is named", async () => {
  const DynamicField = [
    { Name: "Contract", Value: "Gold" },
    { Name: "Site", Value: ["Nord", "Süd"] },
    { Name: "Empty", Value: null },
    { Name: "Other", Value: "x" },
  ];
  const TicketDynamicFields = ["Contract", "Site", "Empty"].map((Name) => ({ Name, Type: "Text" }));
  // Znuny 7.1.7 tells of a ticket only the fields that it has a value of, others tell all.
  const answered = [{ ...stockTicket(2), DynamicField }, stockTicket(3)];
  const server = await scripted({
    [infoRoute]: answer(info({ TicketDynamicFields })),
    [getRoute]: answer({ Ticket: answered }),
  });
  const wants = (...ticketDynamicFields: string[]): Helpdesk => client(server.url, { ticketDynamicFields });
  const [batch] = await read(wants("Contract", "Site", "Empty"), ids(2, 3));
  expect(server.at(getRoute)[0]?.body).toMatchObject({ DynamicFields: 1 });
  expect(batch?.tickets.map((ticket) => ticket.dynamicFields)).toEqual([{ Contract: "Gold", Site: "Nord, Süd" }, {}]);
  await expect(read(wants("Vertrag"), ids(2))).rejects.toThrow(/no valid dynamic field "Vertrag"/);
  expect(server.at(getRoute)).toHaveLength(1);
});

test("without the add-on nobody tells which dynamic fields there are", async () => {
  const server = await scripted({ [infoRoute]: addonMissing, [getRoute]: answer({ Ticket: [stockTicket(2)] }) });
  const [batch] = await read(client(server.url, { timeZone: "UTC", ticketDynamicFields: ["Vertrag"] }), ids(2));
  expect(batch?.tickets[0]?.dynamicFields).toEqual({});
});

test("chunks, in order", async () => {
  const server = await scripted({ [getRoute]: getFrom(() => false) });
  const batches = await read(client(server.url, { ticketChunk: 3 }), ids(1, 2, 3, 4, 5, 6, 7));
  expect(batches.map((batch) => batch.tickets.map((one) => one.ticketId))).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
});

test("a forbidden ticket does not hide the others, and is named", async () => {
  const server = await scripted({ [getRoute]: getFrom((id) => id === 4 || id === 9) });
  const batches = await read(client(server.url, { ticketChunk: 8 }), ids(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  expect(batches.flatMap((batch) => batch.tickets.map((one) => one.ticketId))).toEqual([1, 2, 3, 5, 6, 7, 8, 10]);
  expect(batches.flatMap((batch) => batch.unreadable)).toEqual([4, 9]);
});

test("all forbidden", async () => {
  const server = await scripted({ [getRoute]: getFrom(() => true) });
  expect(await read(client(server.url), ids(1, 2, 3))).toEqual([{ tickets: [], unreadable: [1, 2, 3] }]);
});

test("a ticket that the helpdesk leaves out without a word is named as well", async () => {
  const server = await scripted({ [getRoute]: answer({ Ticket: [stockTicket(1)] }) });
  expect((await read(client(server.url), ids(1, 2)))[0]?.unreadable).toEqual([2]);
});

test("a ticket too large to be read stands alone in the end", async () => {
  const server = await scripted({ [getRoute]: hugeSecond });
  const [batch] = await read(client(server.url, { maxResponseBytes: 20_000 }), ids(1, 2, 3, 4));
  expect(batch?.tickets.map((one) => one.ticketId)).toEqual([1, 3, 4]);
  expect(batch?.unreadable).toEqual([2]);
});

test("a helpdesk that does not tell accounted time is not taken for one without any", async () => {
  const { TimeUnit: _, ...rest } = stockTicket(2);
  const server = await scripted({ [getRoute]: answer({ Ticket: [rest] }) });
  await expect(read(client(server.url), ids(2))).rejects.toThrow(/without their accounted time/);
});

test("reading stops at the signal, before the next chunk", async () => {
  const server = await scripted({ [getRoute]: getFrom(() => false) });
  const controller = new AbortController();
  const seen: unknown[] = [];
  const reading = async (): Promise<void> => {
    for await (const batch of client(server.url, { ticketChunk: 1 }).tickets.read(ids(1, 2, 3), controller.signal)) {
      seen.push(batch);
      controller.abort(new Error("stop"));
    }
  };
  await expect(reading()).rejects.toThrow("stop");
  expect(seen).toHaveLength(1);
  expect(server.at(getRoute)).toHaveLength(1);
});

function idsOf(batches: readonly TicketBatch[]): number[] {
  return batches.flatMap((batch) => batch.tickets.map((one) => one.ticketId));
}

async function search(tickets: Helpdesk["tickets"], what: TicketSearch): Promise<number[]> {
  return idsOf(await Array.fromAsync(tickets.changed(what, never)));
}

async function read(helpdesk: Helpdesk, wantedIds: readonly TicketId[]): Promise<TicketBatch[]> {
  return Array.fromAsync(helpdesk.tickets.read(wantedIds, never));
}

function stamp(instant: Temporal.Instant): string {
  return instant.toString({ smallestUnit: "second" }).replace("T", " ").replace("Z", "");
}

/** TicketSearch over tickets 1, 2, 3 … with these stamps of their last change: inclusive bounds, cut at the limit. */
function searchIn(stamps: readonly string[]): Step {
  return (seen, response) => {
    const newer = (seen.body["TicketLastChangeTimeNewerDate"] ?? "") as string;
    const older = (seen.body["TicketLastChangeTimeOlderDate"] ?? "9") as string;
    const hits = stamps.flatMap((one, index) => (one >= newer && one <= older ? [String(index + 1)] : []));
    const told = hits.slice(0, Number(seen.body["Limit"]));
    json(response, told.length === 0 ? {} : { TicketID: told });
  };
}

function wanted(seen: Seen): number[] {
  return (seen.body["TicketID"] as number[]).map(Number);
}

/** TicketGet that refuses a list with a forbidden ticket in it. */
function getFrom(forbidden: (id: number) => boolean): Step {
  const denied = operationError("TicketGet.AccessDenied", "User does not have access to the ticket!");
  return (seen, response) =>
    wanted(seen).some(forbidden)
      ? denied(seen, response)
      : json(response, { Ticket: wanted(seen).map((id) => stockTicket(id)) });
}

/** Ticket 2 makes every answer with it too large. */
const hugeSecond: Step = (seen, response) =>
  wanted(seen).includes(2)
    ? plain(200, "x".repeat(50_000))(seen, response)
    : json(response, { Ticket: wanted(seen).map((id) => stockTicket(id)) });
