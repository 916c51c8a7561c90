import { expect, test } from "vitest";
import type { TicketBatch } from "../../src/billing/ports.ts";
import type { Helpdesk } from "../../src/helpdesk/index.ts";
import { ConfigError, RefusedError, TicketId } from "../../src/model/index.ts";
import type { Seen, Step } from "./scripted-server.ts";
import { answer, client, info, infoRoute, json, operationError, plain, scripted } from "./scripted-server.ts";

const searchRoute = "/TicketSearch";
const getRoute = "/TicketGet";
const moment = Temporal.Instant.from("2026-10-31T23:00:00Z");
const ids = (...numbers: number[]): TicketId[] => numbers.map((number) => TicketId.parse(number));
const closed = { stateNames: [], stateTypes: ["closed"], changedSince: null };
const addonMissing = answer({ faultstring: "Can't load operation backend module Kernel::X!" }, 500);

test("asks as the helpdesk wants to be asked", async () => {
  const server = await scripted({
    [infoRoute]: answer(info({ TimeZone: "Europe/Berlin" })),
    [searchRoute]: answer({ TicketID: ["3", "2"] }),
  });
  const found = await client(server.url).tickets.search({ ...closed, changedSince: moment });
  expect(found).toEqual([3, 2]);
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
  const search = { stateNames: ["closed successful"], stateTypes: [], changedSince: null };
  expect(await client(server.url).tickets.search(search)).toEqual([]);
  const body = server.at(searchRoute)[0]?.body;
  expect(body).toMatchObject({ States: ["closed successful"] });
  expect(body).not.toHaveProperty("StateType");
  expect(body).not.toHaveProperty("TicketLastChangeTimeNewerDate");
});

test("closed before: the bound of the helpdesk is inclusive, ours is not", async () => {
  const server = await scripted({ [searchRoute]: answer({ TicketID: [9] }) });
  const found = await client(server.url).tickets.searchClosedBefore(moment, moment.subtract({ hours: 24 }));
  expect(found).toEqual([9]);
  expect(server.at(searchRoute)[0]?.body).toMatchObject({
    TicketCloseTimeOlderDate: "2026-10-31 22:59:59",
    TicketLastChangeTimeNewerDate: "2026-10-30 23:00:00",
    SearchInArchive: "AllTickets",
  });
});

test.each([
  { search: { ...closed, stateTypes: ["Closed"] }, says: /no state type "Closed"/, hint: /open, closed/ },
  {
    search: { ...closed, stateTypes: [], stateNames: ["Closed Successful"] },
    says: /no ticket state "Closed Successful"/,
    hint: /closed successful/,
  },
])("a name that the helpdesk would silently not find is refused: $says", async ({ search, says, hint }) => {
  const server = await scripted();
  await expect(client(server.url).tickets.search(search)).rejects.toMatchObject({
    name: "ConfigError",
    message: expect.stringMatching(says),
    hint: expect.stringMatching(hint),
  });
  expect(server.at(searchRoute)).toHaveLength(0);
});

test("without the add-on the configured zone is taken; without one nothing is guessed", async () => {
  const server = await scripted({ [infoRoute]: addonMissing, [searchRoute]: answer({ TicketID: ["5"] }) });
  const search = { ...closed, changedSince: moment };
  await client(server.url, { timeZone: "America/New_York" }).tickets.search(search);
  expect(server.at(searchRoute)[0]?.body["TicketLastChangeTimeNewerDate"]).toBe("2026-10-31 19:00:00");
  await expect(client(server.url).tickets.search(search)).rejects.toThrow(/lacks the add-on/);
  await expect(client(server.url, { timeZone: "Neuyork" }).tickets.search(search)).rejects.toThrow(ConfigError);
  expect(server.at(searchRoute)).toHaveLength(1);
});

test("an answer as long as the limit is asked again in windows, and nothing is lost or told twice", async () => {
  // One ticket an hour over 40 days.
  const changes = Array.from({ length: 960 }, (_, index) =>
    Temporal.Instant.from("2026-09-01T00:00:00Z").add({ hours: index }),
  );
  const server = await scripted({ [searchRoute]: searchIn(changes.map((change) => stamp(change))) });
  const found = await client(server.url, { searchLimit: 100 }).tickets.search(closed);
  expect(found).toEqual(changes.map((_, index) => index + 1));
  const since = await client(server.url, { searchLimit: 100 }).tickets.search({
    ...closed,
    changedSince: Temporal.Instant.from("2026-09-10T00:00:00Z"),
  });
  expect(since[0]).toBe(9 * 24 + 1);
  expect(since).toHaveLength(960 - 9 * 24);
});

test("more tickets in one second than the helpdesk tells: refused, not cut", async () => {
  const server = await scripted({ [searchRoute]: searchIn(Array.from({ length: 12 }, () => "2026-09-01 00:00:00")) });
  await expect(client(server.url, { searchLimit: 10 }).tickets.search(closed)).rejects.toThrow(RefusedError);
});

test("reads tickets as they are, whatever Perl makes of numbers", async () => {
  const server = await scripted({
    [infoRoute]: answer(info({ TimeZone: "Europe/Berlin" })),
    [getRoute]: answer({ Ticket: [ticket(2), loose] }),
  });
  const [batch] = await read(client(server.url), ids(2, 3));
  expect(server.at(getRoute)[0]?.body).toMatchObject({ TicketID: [2, 3], AllArticles: 1, Extended: 1 });
  expect(batch?.tickets).toMatchObject([
    {
      ticketId: 2,
      ticketNumber: "2026112210000013",
      title: "Drucker geht nicht",
      queue: "Support",
      state: "closed successful",
      stateType: "closed",
      companyKey: "10001",
      totalUnits: 325,
      articles: [
        { articleId: 21, units: 150 },
        { articleId: 23, units: -25 },
      ],
    },
    { ticketId: 3, ticketNumber: "3", title: "123", companyKey: null, closedAt: null, totalUnits: 30, articles: [] },
  ]);
  expect(String(batch?.tickets[0]?.closedAt)).toBe("2026-11-22T00:39:30Z");
  expect(String(batch?.tickets[0]?.articles[0]?.createdAt)).toBe("2026-11-22T00:38:58Z");
  expect(batch?.unreadable).toEqual([]);
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
  const server = await scripted({ [getRoute]: answer({ Ticket: [ticket(1)] }) });
  expect((await read(client(server.url), ids(1, 2)))[0]?.unreadable).toEqual([2]);
});

test("a ticket too large to be read stands alone in the end", async () => {
  const server = await scripted({ [getRoute]: hugeSecond });
  const [batch] = await read(client(server.url, { maxResponseBytes: 20_000 }), ids(1, 2, 3, 4));
  expect(batch?.tickets.map((one) => one.ticketId)).toEqual([1, 3, 4]);
  expect(batch?.unreadable).toEqual([2]);
});

test("a helpdesk that does not tell accounted time is not taken for one without any", async () => {
  const { TimeUnit: _, ...rest } = ticket(2);
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

async function read(helpdesk: Helpdesk, wantedIds: readonly TicketId[]): Promise<TicketBatch[]> {
  return Array.fromAsync(helpdesk.tickets.read(wantedIds, new AbortController().signal));
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
      : json(response, { Ticket: wanted(seen).map((id) => ticket(id)) });
}

/** Ticket 2 makes every answer with it too large. */
const hugeSecond: Step = (seen, response) =>
  wanted(seen).includes(2)
    ? plain(200, "x".repeat(50_000))(seen, response)
    : json(response, { Ticket: wanted(seen).map((id) => ticket(id)) });

function ticket(id: number): Record<string, unknown> {
  return {
    TicketID: id,
    TicketNumber: "2026112210000013",
    Title: "Drucker geht nicht",
    Queue: "Support",
    State: "closed successful",
    StateType: "closed",
    CustomerID: "10001",
    Created: "2026-11-22 01:38:58",
    Changed: "2026-11-22 01:40:00",
    Closed: "2026-11-22 01:39:30",
    TimeUnit: 3.25,
    Article: [
      { ArticleID: 21, CreateTime: "2026-11-22 01:38:58", TimeUnit: 1.5, Body: "Text" },
      { ArticleID: 22, CreateTime: "2026-11-22 01:39:00", TimeUnit: 0 },
      { ArticleID: 23, CreateTime: "2026-11-22 01:39:10", TimeUnit: "-0.25" },
    ],
  };
}

const loose = {
  TicketID: "3",
  TicketNumber: 3,
  Title: 123,
  Queue: "Raw",
  State: "open",
  StateType: "open",
  CustomerID: null,
  Created: "2026-11-22 01:38:58",
  Changed: "2026-11-22 01:38:58",
  Closed: "",
  TimeUnit: 0.1 + 0.2,
};
