/** Flow 2 on real parts: which month a ticket belongs to, and what is older or later than billing may touch. */
import { afterEach, describe, expect, test } from "vitest";
import { createWorld, type World, type WorldOptions } from "../support/bridge.ts";
import { billedUnits, openQuestions, readDrafts } from "../support/evidence.ts";

let world: World;
afterEach(() => world.end());

async function begin(options: WorldOptions = {}): Promise<void> {
  world = await createWorld({ now: "2026-09-01T08:00:00Z", ...options });
  await world.sync();
}

const nothingBilled = { ticketsBilled: 0, linesWritten: 0, minutesBilled: "0.00", drafts: [] };

describe("end of the period", () => {
  test("what was closed after it waits for its own period", async () => {
    await begin();
    const october = world.ticket({ units: [10], closedAt: "2026-10-31T12:00:00Z" });
    const november = world.ticket({ units: [20], closedAt: "2026-11-01T12:00:00Z" });
    expect(await world.draft()).toMatchObject({ period: "2026-10", minutesBilled: "10.00" });
    expect(await world.draft()).toMatchObject(nothingBilled);
    expect(await world.draft({ period: "2026-11" })).toMatchObject({ period: "2026-11", minutesBilled: "20.00" });
    expect(await billedUnits(world)).toEqual({
      [october.number]: { K10001: 1000 },
      [november.number]: { K10001: 2000 },
    });
  });

  test("what was held back is billed later and marked as late", async () => {
    await begin();
    const ticket = world.ticket({ customer: "FREMD", units: [30], closedAt: "2026-10-05T10:00:00Z" });
    world.ticket({ units: [10], closedAt: "2026-11-05T10:00:00Z" });
    await world.draft();
    world.at("2026-11-06T10:00:00Z");
    world.helpdesk.world.do("TicketCustomer", { TicketID: ticket.id, CustomerID: "K10001", CustomerUser: "" });
    const report = await world.draft({ period: "2026-11" });
    expect(report.drafts[0]?.lines.map(({ ticketNumber, late }) => [ticketNumber === ticket.number, late])).toEqual([
      [true, true],
      [false, false],
    ]);
    const [draft] = await readDrafts(world);
    expect(draft?.lines[0]?.["longdescription"]).toContain("Nachgereicht aus einem früheren Zeitraum");
    expect(draft?.lines[1]?.["longdescription"]).not.toContain("Nachgereicht");
  });

  test("a quarter and a range of days take what lies up to their end", async () => {
    await begin();
    world.ticket({ units: [1], closedAt: "2026-10-20T21:59:59Z" });
    world.ticket({ units: [2], closedAt: "2026-10-20T23:30:00Z" });
    world.ticket({ units: [4], closedAt: "2026-12-31T22:30:00Z" });
    world.ticket({ units: [8], closedAt: "2026-12-31T23:30:00Z" });
    expect(await world.draft({ period: "2026-10-05..2026-10-20" })).toMatchObject({ minutesBilled: "1.00" });
    expect(await world.draft({ period: "2026-Q4" })).toMatchObject({ minutesBilled: "6.00" });
    expect(await world.draft({ period: "2027-01" })).toMatchObject({ minutesBilled: "8.00" });
  });

  test("choosing customers or tickets bills these and leaves the rest due, questions included", async () => {
    await begin();
    const first = world.ticket({ units: [1], closedAt: "2026-10-05T10:00:00Z" });
    world.ticket({ units: [2], closedAt: "2026-10-06T10:00:00Z" });
    world.ticket({ customer: "K10002", units: [4], closedAt: "2026-10-07T10:00:00Z" });
    const asked = world.ticket({ customer: "FREMD", units: [8], closedAt: "2026-10-08T10:00:00Z" });
    expect(await world.draft({ customerNumbers: ["K10002"] })).toMatchObject({ minutesBilled: "4.00" });
    expect(await world.draft({ ticketNumbers: [first.number] })).toMatchObject({ minutesBilled: "1.00" });
    expect(await world.draft()).toMatchObject({ minutesBilled: "2.00", inbox: { added: 1 } });
    await world.draft({ ticketNumbers: [first.number] });
    expect(await openQuestions(world)).toEqual([`unknown-customer ticket ${asked.number}`]);
  });
});

describe("before the start date", () => {
  test("a ticket is never billed, not even when time is added to it", async () => {
    await begin();
    const ticket = world.ticket({ units: [30], closedAt: "2026-09-20T10:00:00Z" });
    expect(await world.draft()).toMatchObject(nothingBilled);
    world.book(ticket, 10, "2026-10-05T10:00:00Z");
    expect(await world.draft()).toMatchObject(nothingBilled);
    expect(await billedUnits(world)).toEqual({});
  });

  test("a ticket that is opened and closed again later is a question, and stays one", async () => {
    await begin();
    const ticket = world.ticket({ units: [30], closedAt: "2026-09-20T10:00:00Z" });
    world.state(ticket, "open", "2026-10-05T10:00:00Z");
    world.book(ticket, 10, "2026-10-05T11:00:00Z");
    world.state(ticket, "closed successful", "2026-10-05T12:00:00Z");
    world.ticket({ units: [5], closedAt: "2026-10-06T12:00:00Z" });
    expect(await world.draft()).toMatchObject({ minutesBilled: "5.00", inbox: { added: 1, open: 1 } });
    world.ticket({ units: [7], closedAt: "2026-10-20T12:00:00Z" });
    expect(await world.draft()).toMatchObject({ minutesBilled: "7.00", inbox: { added: 0, open: 1 } });
    expect(await openQuestions(world)).toEqual([`closed-before-start ticket ${ticket.number}`]);
  });
});

describe.each(["UTC", "Europe/Berlin", "America/New_York"])("a helpdesk that keeps %s", (timeZone) => {
  test("months begin and end at midnight in Berlin", async () => {
    await begin({ helpdesk: { timeZone } });
    const closes = {
      september: "2026-09-30T21:59:59Z",
      firstOfOctober: "2026-09-30T22:00:00Z",
      october: "2026-10-31T22:59:59Z",
      november: "2026-10-31T23:00:00Z",
      halfAnHourLater: "2026-10-31T23:30:00Z",
    };
    const numbers = Object.fromEntries(
      Object.entries(closes).map(([name, closedAt], index) => [
        name,
        world.ticket({ units: [2 ** index], closedAt }).number,
      ]),
    );
    expect(await world.draft()).toMatchObject({ ticketsBilled: 2, minutesBilled: "6.00" });
    expect(new Set(Object.keys(await billedUnits(world)))).toEqual(
      new Set([numbers["firstOfOctober"], numbers["october"]]),
    );
    const [draft] = await readDrafts(world);
    expect(draft?.lines.map((line) => /Geschlossen am ([\d.]+)/.exec(line["longdescription"] ?? "")?.[1])).toEqual([
      "01.10.2026",
      "31.10.2026",
    ]);
    const later = await world.draft({ period: "2026-11" });
    expect(later).toMatchObject({ ticketsBilled: 2, minutesBilled: "24.00" });
    expect(later.drafts[0]?.lines.every(({ late }) => !late)).toBe(true);
  });

  test("the hour that comes twice bills every ticket once, also when a run lies between", async () => {
    await begin({ helpdesk: { timeZone } });
    const before = world.ticket({ units: [1], closedAt: "2026-10-25T00:50:00Z" });
    expect(await world.draft()).toMatchObject({ minutesBilled: "1.00" });
    // In Berlin it is 02:05 for the second time, forty-five minutes before the stamp of the first ticket.
    const after = world.ticket({ units: [2], closedAt: "2026-10-25T01:05:00Z" });
    expect(await world.draft()).toMatchObject({ minutesBilled: "2.00" });
    world.book(before, 4, "2026-10-25T01:40:00Z");
    expect(await world.draft()).toMatchObject({ minutesBilled: "4.00" });
    world.at("2026-10-25T12:00:00Z");
    expect(await world.draft()).toMatchObject(nothingBilled);
    expect(await billedUnits(world)).toEqual({ [before.number]: { K10001: 500 }, [after.number]: { K10001: 200 } });
  });
});

test("a helpdesk that changed its zone is refused before anything new is taken from it", async () => {
  await begin();
  const before = world.ticket({ units: [1], closedAt: "2026-10-05T02:00:00Z" });
  expect(await world.draft()).toMatchObject({ minutesBilled: "1.00" });
  world.helpdesk.settings.timeZone = "Europe/Berlin";
  world.ticket({ units: [2], closedAt: "2026-10-05T18:00:00Z" });
  await expect(world.draft()).rejects.toThrow(`ticket ${before.number} and its articles were created at another hour`);
  expect(await billedUnits(world)).toEqual({ [before.number]: { K10001: 100 } });
});
