import { expect, test } from "vitest";
import type { TicketBatch } from "../../src/billing/ports.ts";
import { ConfigError, TicketId, UnavailableError } from "../../src/model/index.ts";
import {
  answer,
  client,
  info,
  infoRoute,
  json,
  operationError,
  plain,
  scripted,
  ticketsRoute,
} from "./scripted-server.ts";
import { bare, full, page, plainOf, ticket } from "./ticket-answers.ts";

const never = new AbortController().signal;
const ids = (...numbers: number[]): TicketId[] => numbers.map((number) => TicketId.parse(number));
const berlin = { TimeZone: "Europe/Berlin" };
const closed = { stateNames: [], stateTypes: ["closed"], changedSince: null };
const idsOf = (batches: readonly TicketBatch[]): number[] =>
  batches.flatMap((batch) => batch.tickets.map((one) => one.ticketId));

test("asks as the add-on wants to be asked, and follows its pages", async () => {
  const server = await scripted({
    [infoRoute]: answer(info(berlin)),
    [ticketsRoute]: [
      answer(page([ticket(3), ticket(2)], { ...berlin, Next: { Changed: "2026-11-01 10:00:00", TicketID: 2 } })),
      answer(page([ticket(9)], { ...berlin, Now: 1795307999 })),
    ],
  });
  const { tickets } = client(server.url, { ticketDynamicFields: ["Contract"] });
  const search = { ...closed, changedSince: Temporal.Instant.from("2026-10-31T23:00:00Z") };
  const batches = await Array.fromAsync(tickets.changed(search, never));
  expect(batches.map((batch) => batch.tickets.map((one) => one.ticketId))).toEqual([[3, 2], [9]]);
  const asked = {
    SessionID: "session-1",
    StateTypes: ["closed"],
    ChangedSince: "2026-11-01 00:00:00",
    DynamicFields: ["Contract"],
    Limit: 5000,
  };
  expect(server.at(ticketsRoute).map(({ body }) => body)).toEqual([
    asked,
    { ...asked, After: { Changed: "2026-11-01 10:00:00", TicketID: 2 } },
  ]);
  expect(tickets.detail).toBe("rows");
  expect(String(tickets.now())).toBe(String(Temporal.Instant.fromEpochMilliseconds(1795307938_000)));
});

test("names of states go as they are, and without a time when there is none", async () => {
  const server = await scripted({ [ticketsRoute]: answer(page([])) });
  const search = { stateNames: ["closed successful"], stateTypes: [], changedSince: null };
  expect(await Array.fromAsync(client(server.url).tickets.changed(search, never))).toEqual([]);
  const body = server.at(ticketsRoute)[0]?.body;
  expect(body).toMatchObject({ States: ["closed successful"] });
  expect(body).not.toHaveProperty("StateTypes");
  expect(body).not.toHaveProperty("ChangedSince");
});

test.each([
  { at: "2026-10-25T00:30:00Z", since: "2026-10-25 02:00:00", what: "02:30 for the first time: 02:00 comes again" },
  { at: "2026-10-25T01:30:00Z", since: "2026-10-25 02:30:00", what: "02:30 for the second time" },
])("changed since, in the hour that Berlin has twice: $what", async ({ at, since }) => {
  const server = await scripted({
    [infoRoute]: answer(info(berlin)),
    [ticketsRoute]: answer(page([], berlin)),
  });
  const changedSince = Temporal.Instant.from(at);
  await Array.fromAsync(client(server.url).tickets.changed({ ...closed, changedSince }, never));
  expect(server.at(ticketsRoute)[0]?.body["ChangedSince"]).toBe(since);
});

test("closed before: a bound that is not included, on both sides", async () => {
  const server = await scripted({ [ticketsRoute]: answer(page([ticket(9)])) });
  const moment = Temporal.Instant.from("2026-10-31T23:00:00Z");
  const found = client(server.url).tickets.closedBefore(moment, moment.subtract({ hours: 24 }), never);
  expect(idsOf(await Array.fromAsync(found))).toEqual([9]);
  const body = server.at(ticketsRoute)[0]?.body;
  expect(body).toMatchObject({ ClosedBefore: "2026-10-31 23:00:00", ChangedSince: "2026-10-30 23:00:00" });
  expect(body).not.toHaveProperty("StateTypes");
});

test("reads rows, agents and everything that rules ask for", async () => {
  const server = await scripted({ [ticketsRoute]: answer(page([full, bare], { ...berlin, Unreadable: ["4"] })) });
  const [batch] = await Array.fromAsync(client(server.url).tickets.read(ids(2, 3, 4), never));
  expect(server.at(ticketsRoute)[0]?.body).toMatchObject({ TicketIDs: [2, 3, 4] });
  expect(batch?.unreadable).toEqual([4]);
  expect(plainOf(batch?.tickets)).toEqual([
    {
      ticketId: 2,
      ticketNumber: "2026112210000013",
      title: "Drucker geht nicht äöü",
      queue: "Support::L2",
      service: "Wartung",
      sla: "Gold",
      type: "Incident",
      priority: "5 very high",
      state: "closed successful",
      stateType: "closed",
      companyKey: "10001",
      customerUser: "eva@mueller-test.de",
      dynamicFields: { Contract: "Gold, Silber" },
      createdAt: "2026-11-22T00:38:58Z",
      changedAt: "2026-11-22T00:40:00Z",
      closedAt: "2026-11-22T00:39:30Z",
      firstClosedAt: "2026-11-22T00:39:00Z",
      entries: [
        {
          key: { kind: "article", sourceId: 21, createdAt: "2026-11-22T00:38:58Z" },
          units: 125,
          rows: [
            row(5, 150, "2026-11-22T00:38:58Z", ["eva", "Eva Müller", "Arbeit"]),
            row(8, -25, "2026-11-23T09:00:00Z", ["max", "Max Weg", "Arbeit"]),
          ],
        },
        {
          key: { kind: "row", sourceId: 6, createdAt: "2026-11-22T00:39:00Z" },
          units: 30,
          rows: [row(6, 30, "2026-11-22T00:39:00Z", ["eva", "Eva Müller", null])],
        },
      ],
    },
    expect.objectContaining({
      ticketId: 3,
      ticketNumber: "3",
      companyKey: null,
      service: "",
      closedAt: null,
      firstClosedAt: null,
      dynamicFields: {},
      entries: [],
    }),
  ]);
});

test.each([null, ""])(
  "time whose article is gone, told with %j as its time, is time without an article",
  async (gone) => {
    const time = { RowID: 5, ArticleID: 8, ArticleCreated: gone, Subject: null, Units: "1.50", AgentID: 2 };
    const left = ticket(3, { Times: [{ ...time, Booked: "2026-11-22 01:39:00" }] });
    const server = await scripted({ [ticketsRoute]: answer(page([left])) });
    const [batch] = await Array.fromAsync(client(server.url).tickets.read(ids(3), never));
    expect(plainOf(batch?.tickets[0]?.entries)).toMatchObject([
      { key: { kind: "row", sourceId: 5, createdAt: "2026-11-22T01:39:00Z" }, units: 150 },
    ]);
  },
);

test("a page too large is asked for in smaller ones, from where it was", async () => {
  const tooLarge = plain(200, "x".repeat(50_000));
  const changed = (id: number): string => `2026-11-01 10:00:0${id}`;
  const stored = [1, 2, 3, 4, 5, 6, 7];
  const server = await scripted({
    [ticketsRoute]: (seen, response) => {
      const { After, Limit } = seen.body as { After?: { TicketID: number }; Limit: number };
      const left = stored.filter((id) => id > (After?.TicketID ?? 0));
      const told = left.slice(0, Limit);
      if (told.includes(4) && told.length > 2) return tooLarge(seen, response);
      const last = told.at(-1) ?? 0;
      const Next = told.length < left.length ? { Changed: changed(last), TicketID: last } : null;
      return json(
        response,
        page(
          told.map((id) => ticket(id, { Changed: changed(id) })),
          { Next },
        ),
      );
    },
  });
  const { tickets } = client(server.url, { ticketPage: 3, maxResponseBytes: 20_000 });
  await expect(Array.fromAsync(tickets.changed(closed, never))).resolves.toHaveLength(3);
  expect(
    server
      .at(ticketsRoute)
      .map(({ body }) => [(body["After"] as { TicketID: number } | undefined)?.TicketID, body["Limit"]]),
  ).toEqual([
    [undefined, 3],
    [3, 3],
    [3, 2],
    [5, 2],
  ]);
});

test("one ticket that is too large for itself is refused in a search, and told alone when asked for", async () => {
  const tooLarge = plain(200, "x".repeat(50_000));
  const server = await scripted({
    [ticketsRoute]: (seen, response) => {
      const wanted = (seen.body["TicketIDs"] as number[] | undefined) ?? [2];
      return wanted.includes(2) ? tooLarge(seen, response) : json(response, page(wanted.map((id) => ticket(id))));
    },
  });
  const { tickets } = client(server.url, { maxResponseBytes: 20_000, ticketPage: 4 });
  await expect(Array.fromAsync(tickets.changed(closed, never))).rejects.toMatchObject({
    name: "ConfigError",
    hint: expect.stringContaining("helpdesk.maxResponseMegabytes"),
  });
  expect(server.at(ticketsRoute)).toHaveLength(3);
  const batches = await Array.fromAsync(tickets.read(ids(1, 2, 3, 4, 5), never));
  expect(idsOf(batches)).toEqual([1, 3, 4, 5]);
  expect(batches.map((batch) => batch.unreadable)).toEqual([[2], []]);
});

test("a zone that moves between two answers is not read over", async () => {
  const server = await scripted({
    [infoRoute]: [answer(info()), answer(info(berlin))],
    [ticketsRoute]: answer(page([ticket(2)], berlin)),
  });
  const { tickets } = client(server.url);
  await expect(Array.fromAsync(tickets.changed(closed, never))).rejects.toThrow(UnavailableError);
  expect(idsOf(await Array.fromAsync(tickets.changed(closed, never)))).toEqual([2]);
});

test("pages that do not go on are a fault, not an endless run", async () => {
  const Next = { Changed: "2026-11-01 10:00:00", TicketID: 2 };
  const server = await scripted({ [ticketsRoute]: answer(page([ticket(2)], { Next })) });
  await expect(Array.fromAsync(client(server.url).tickets.changed(closed, never))).rejects.toThrow(/does not go on/);
});

test.each([
  {
    name: "a state type",
    search: { ...closed, stateTypes: ["Closed"] },
    says: /no state type "Closed"/,
    hint: /open, closed/,
  },
  {
    name: "a state",
    search: { ...closed, stateTypes: [], stateNames: ["Closed Successful"] },
    says: /no ticket state "Closed Successful"/,
    hint: /closed successful/,
  },
  {
    name: "a dynamic field",
    fields: ["Vertrag"],
    search: closed,
    says: /no valid dynamic field "Vertrag"/,
    hint: /Contract/,
  },
])("$name that the helpdesk does not have is refused before a search", async ({ search, fields = [], says, hint }) => {
  const server = await scripted();
  const { tickets } = client(server.url, { ticketDynamicFields: fields });
  await expect(Array.fromAsync(tickets.changed(search, never))).rejects.toMatchObject({
    name: "ConfigError",
    message: expect.stringMatching(says),
    hint: expect.stringMatching(hint),
  });
  expect(server.at(ticketsRoute)).toHaveLength(0);
});

test("an agent without the group, and a helpdesk without the add-on", async () => {
  const denied = await scripted({
    [ticketsRoute]: operationError("KivitendoBridgeTickets.AccessDenied", "bridge lacks rw"),
  });
  await expect(Array.fromAsync(client(denied.url).tickets.changed(closed, never))).rejects.toThrow(
    /may not call .*lacks rw/,
  );
  const addonMissing = answer({ faultstring: "Can't load operation backend module Kernel::X!" }, 500);
  const without = await scripted({ [infoRoute]: addonMissing, [ticketsRoute]: addonMissing });
  const { tickets } = client(without.url, { timeZone: "UTC" });
  await expect(Array.fromAsync(tickets.changed(closed, never))).rejects.toThrow(ConfigError);
  expect(without.at(ticketsRoute)).toHaveLength(0);
});

test("the next page is on its way while this one is looked at; the signal stops all that come later", async () => {
  const places = [2, 3, 4].map((TicketID) => ({ Changed: "2026-11-01 10:00:00", TicketID }));
  const server = await scripted({
    [ticketsRoute]: places.map((Next) => answer(page([ticket(Next.TicketID)], { Next }))),
  });
  const controller = new AbortController();
  const read: TicketBatch[] = [];
  const reading = async (): Promise<void> => {
    for await (const batch of client(server.url).tickets.changed(closed, controller.signal)) {
      read.push(batch);
      while (server.at(ticketsRoute).length < 2) await new Promise((again) => setTimeout(again, 5));
      controller.abort(new Error("stop"));
    }
  };
  await expect(reading()).rejects.toThrow("stop");
  expect(idsOf(read)).toEqual([2]);
  expect(server.at(ticketsRoute)).toHaveLength(2);
});

function row(
  rowId: number,
  units: number,
  bookedAt: string,
  [login, name, subject]: readonly (string | null)[],
): object {
  return { rowId, units, bookedAt, agentLogin: login, agentName: name, subject };
}
