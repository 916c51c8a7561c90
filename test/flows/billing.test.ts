/** Flow 2 on real parts: what becomes due when, and that it becomes so once. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createWorld, type World } from "../support/bridge.ts";
import { allRowVersions, billedUnits, helpdeskRecords, openQuestions, readDrafts } from "../support/evidence.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
  await world.sync();
});
afterEach(() => world.end());

const nothingBilled = { ticketsBilled: 0, linesWritten: 0, minutesBilled: "0.00", drafts: [] };
const questionAbout = (reason: string, ticket: { number: string }) => `${reason} ticket ${ticket.number}`;

describe("a closed ticket", () => {
  test("is billed once; the next run writes no row and changes nothing in the helpdesk", async () => {
    const ticket = world.ticket({ units: [20, "45.50"], closedAt: "2026-10-05T10:00:00Z" });
    const report = await world.draft();
    expect(report).toMatchObject({ ticketsBilled: 1, linesWritten: 1, minutesBilled: "65.50" });
    expect(await billedUnits(world)).toEqual({ [ticket.number]: { K10001: 6550 } });

    const [rows, records] = [await allRowVersions(world), helpdeskRecords(world)];
    expect(await world.draft()).toMatchObject(nothingBilled);
    expect(await world.draft({ period: "2026-11" })).toMatchObject(nothingBilled);
    expect(await allRowVersions(world)).toEqual(rows);
    expect(helpdeskRecords(world)).toEqual(records);
  });

  test("with time that comes later brings only the difference, at the price of its first line", async () => {
    const ticket = world.ticket({ units: [20], closedAt: "2026-10-05T10:00:00Z" });
    await world.draft();
    await world.erp.query("update parts set sellprice = 120 where partnumber = 'ST-STD'");
    world.book(ticket, 40, "2026-10-06T10:00:00Z");
    const report = await world.draft();
    // A third of an hour was charged as 0.33333, so the rest of the hour is 0.66667.
    expect(report.drafts[0]?.lines).toMatchObject([{ quantity: "0.66667", unitPrice: "95.00000", netAmount: "63.33" }]);
    expect(await billedUnits(world)).toEqual({ [ticket.number]: { K10001: 6000 } });
    const [, later] = await readDrafts(world);
    expect(later?.lines[0]?.["longdescription"]).toContain("Nachtrag zu einem bereits abgerechneten Ticket");
    expect(await world.draft()).toMatchObject(nothingBilled);
  });

  test("that is opened again waits, and brings the difference when it is closed again", async () => {
    const ticket = world.ticket({ units: [30], closedAt: "2026-10-05T10:00:00Z" });
    await world.draft();
    world.state(ticket, "open", "2026-10-06T10:00:00Z");
    world.book(ticket, 15, "2026-10-06T11:00:00Z");
    expect(await world.draft()).toMatchObject(nothingBilled);
    world.state(ticket, "closed successful", "2026-10-07T10:00:00Z");
    expect(await world.draft()).toMatchObject({ linesWritten: 1, minutesBilled: "15.00" });
    expect(await billedUnits(world)).toEqual({ [ticket.number]: { K10001: 4500 } });
  });

  test("that was seen, not billed, and is opened again waits as well", async () => {
    const ticket = world.ticket({ customer: "FREMD", units: [30], closedAt: "2026-10-05T10:00:00Z" });
    await world.draft();
    world.state(ticket, "open", "2026-10-06T10:00:00Z");
    world.helpdesk.world.do("TicketCustomer", { TicketID: ticket.id, CustomerID: "K10001", CustomerUser: "" });
    expect(await world.draft()).toMatchObject(nothingBilled);
    expect(await openQuestions(world)).toEqual([]);
    world.state(ticket, "closed successful", "2026-10-07T10:00:00Z");
    expect(await world.draft()).toMatchObject({ minutesBilled: "30.00" });
  });

  test("with less time than was billed is a question, and no line", async () => {
    const ticket = world.ticket({ units: [30, 20], closedAt: "2026-10-05T10:00:00Z" });
    await world.draft();
    world.book(ticket, -10, "2026-10-06T10:00:00Z");
    expect(await world.draft()).toMatchObject({ ...nothingBilled, inbox: { added: 1, open: 1 } });
    expect(await openQuestions(world)).toEqual([questionAbout("negative-difference", ticket)]);
    // Time that fills the gap again answers it.
    world.book(ticket, 25, "2026-10-07T10:00:00Z");
    expect(await world.draft()).toMatchObject({ minutesBilled: "15.00", inbox: { open: 0 } });
    expect(await billedUnits(world)).toEqual({ [ticket.number]: { K10001: 6500 } });
  });

  test("with an article that was deleted is a question as soon as the ticket changes", async () => {
    const ticket = world.ticket({ units: [30, 20], closedAt: "2026-10-05T10:00:00Z" });
    await world.draft();
    world.helpdesk.world.do("ArticleDelete", { TicketID: ticket.id, ArticleID: ticket.articles[1] ?? 0 });
    world.book(ticket, 5, "2026-10-06T10:00:00Z");
    expect(await world.draft()).toMatchObject(nothingBilled);
    expect(await openQuestions(world)).toEqual([questionAbout("negative-difference", ticket)]);
  });

  test("with time on no article bills that as well, by its row", async () => {
    const ticket = world.ticket({ units: [30], closedAt: "2026-10-05T10:00:00Z" });
    world.at("2026-10-05T11:00:00Z");
    world.helpdesk.world.do("TicketBook", { TicketID: ticket.id, TimeUnit: 12, WithoutArticle: 1 });
    expect(await world.draft()).toMatchObject({ minutesBilled: "42.00", linesWritten: 1, inbox: { open: 0 } });
    expect(await world.draft()).toMatchObject(nothingBilled);
  });

  test("with time on no article, asked through the stock operations, bills the rest and asks about it", async () => {
    await world.configure({ billing: { collect: "stock" } });
    const ticket = world.ticket({ units: [30], closedAt: "2026-10-05T10:00:00Z" });
    world.at("2026-10-05T11:00:00Z");
    world.helpdesk.world.do("TicketBook", { TicketID: ticket.id, TimeUnit: 12, WithoutArticle: 1 });
    expect(await world.draft()).toMatchObject({ minutesBilled: "30.00", inbox: { added: 1, open: 1 } });
    expect(await openQuestions(world)).toEqual([questionAbout("time-without-article", ticket)]);
    expect(await world.draft()).toMatchObject({ ...nothingBilled, inbox: { added: 0, open: 1 } });
  });

  test("in a state that is not billable is left alone, and one in a state that is named is not", async () => {
    const good = world.ticket({ units: [10], closedAt: "2026-10-05T10:00:00Z" });
    world.ticket({ units: [20], closedAt: "2026-10-05T11:00:00Z", state: "closed unsuccessful" });
    world.ticket({ units: [40], closedAt: "2026-10-05T12:00:00Z", state: "removed" });
    await world.configure({ billing: { states: { names: ["closed successful"] } } });
    expect(await world.draft()).toMatchObject({ ticketsBilled: 1, minutesBilled: "10.00" });
    expect(Object.keys(await billedUnits(world))).toEqual([good.number]);
    await world.configure({ billing: { states: { types: ["closed"] } } });
    expect(await world.draft()).toMatchObject({ ticketsBilled: 1, minutesBilled: "20.00" });
  });
});

describe("merging", () => {
  test("before billing brings everything on the ticket that remains", async () => {
    const main = world.ticket({ units: [30], closedAt: "2026-10-05T10:00:00Z" });
    const merged = world.ticket({ units: [20], closedAt: "2026-10-06T10:00:00Z" });
    world.at("2026-10-07T10:00:00Z");
    world.helpdesk.world.do("TicketMerge", { MainTicketID: main.id, MergeTicketID: merged.id });
    expect(await world.draft()).toMatchObject({ ticketsBilled: 1, minutesBilled: "50.00" });
    expect(await billedUnits(world)).toEqual({ [main.number]: { K10001: 5000 } });
  });

  test("after billing brings nothing again, and what comes later once", async () => {
    const main = world.ticket({ units: [30], closedAt: "2026-10-05T10:00:00Z" });
    const merged = world.ticket({ units: [20], closedAt: "2026-10-06T10:00:00Z" });
    await world.draft();
    world.at("2026-10-07T10:00:00Z");
    world.helpdesk.world.do("TicketMerge", { MainTicketID: main.id, MergeTicketID: merged.id });
    expect(await world.draft()).toMatchObject({ ...nothingBilled, inbox: { open: 0 } });
    world.book(main, 5, "2026-10-08T10:00:00Z");
    expect(await world.draft()).toMatchObject({ minutesBilled: "5.00", inbox: { open: 0 } });
    expect(await billedUnits(world)).toEqual({ [main.number]: { K10001: 3500 }, [merged.number]: { K10001: 2000 } });
  });

  test("time without article is asked about on the ticket that has it, not on the emptied one", async () => {
    await world.configure({ billing: { collect: "stock" } });
    const main = world.ticket({ units: [30], closedAt: "2026-10-05T10:00:00Z" });
    const merged = world.ticket({ units: [20], closedAt: "2026-10-06T10:00:00Z" });
    world.helpdesk.world.do("TicketBook", { TicketID: merged.id, TimeUnit: 7, WithoutArticle: 1 });
    await world.draft();
    expect(await openQuestions(world)).toEqual([questionAbout("time-without-article", merged)]);
    world.at("2026-10-07T10:00:00Z");
    world.helpdesk.world.do("TicketMerge", { MainTicketID: main.id, MergeTicketID: merged.id });
    await world.draft();
    expect(await openQuestions(world)).toEqual([questionAbout("time-without-article", main)]);
  });
});

describe("whose time it is", () => {
  test("a ticket of an unknown customer is a question, and billed when it has the right one", async () => {
    const ticket = world.ticket({ customer: "FREMD", units: [30], closedAt: "2026-10-05T10:00:00Z" });
    const nobody = world.ticket({ customer: "", units: [5], closedAt: "2026-10-05T12:00:00Z" });
    const known = world.ticket({ customer: "K10002", units: [15], closedAt: "2026-10-05T14:00:00Z" });
    expect(await world.draft()).toMatchObject({ ticketsBilled: 1, inbox: { added: 2, open: 2 } });
    expect(await openQuestions(world)).toEqual(
      [questionAbout("unknown-customer", ticket), questionAbout("unknown-customer", nobody)].sort(),
    );
    expect(await world.draft()).toMatchObject({ ...nothingBilled, inbox: { added: 0, open: 2 } });
    world.at("2026-10-06T10:00:00Z");
    world.helpdesk.world.do("TicketCustomer", { TicketID: ticket.id, CustomerID: "K10001", CustomerUser: "" });
    expect(await world.draft()).toMatchObject({ minutesBilled: "30.00", inbox: { open: 1 } });
    expect(await billedUnits(world)).toEqual({ [ticket.number]: { K10001: 3000 }, [known.number]: { K10002: 1500 } });
  });

  test("a ticket that was there before its customer is billed once the customer is linked", async () => {
    const ticket = world.ticket({ customer: "K10009", units: [30], closedAt: "2026-10-05T10:00:00Z" });
    await world.erp.addCustomer({ number: "K10009", name: "Neue Werft GmbH" });
    expect(await world.draft()).toMatchObject({ ...nothingBilled, inbox: { added: 1 } });
    await world.sync();
    expect(await world.draft()).toMatchObject({ minutesBilled: "30.00", inbox: { open: 0 } });
    expect(await billedUnits(world)).toEqual({ [ticket.number]: { K10009: 3000 } });
  });

  test("two customers get a draft each, and a ticket that moves is billed to either for its own part", async () => {
    const ticket = world.ticket({ units: [30], closedAt: "2026-10-05T10:00:00Z" });
    const other = world.ticket({ customer: "K10006", units: [12], closedAt: "2026-10-05T12:00:00Z" });
    const report = await world.draft();
    expect(report.drafts.map(({ customerNumber, minutes }) => [customerNumber, minutes])).toEqual([
      ["K10001", "30.00"],
      ["K10006", "12.00"],
    ]);
    world.at("2026-10-06T10:00:00Z");
    world.helpdesk.world.do("TicketCustomer", { TicketID: ticket.id, CustomerID: "K10002", CustomerUser: "" });
    expect(await world.draft()).toMatchObject(nothingBilled);
    world.book(ticket, 18, "2026-10-07T10:00:00Z");
    expect(await world.draft()).toMatchObject({ minutesBilled: "18.00" });
    expect(await billedUnits(world)).toEqual({
      [ticket.number]: { K10001: 3000, K10002: 1800 },
      [other.number]: { K10006: 1200 },
    });
  });

  test("a customer that became obsolete is a question; the others are billed", async () => {
    const ticket = world.ticket({ customer: "K10002", units: [30], closedAt: "2026-10-05T10:00:00Z" });
    world.ticket({ units: [10], closedAt: "2026-10-05T12:00:00Z" });
    await world.erp.setObsolete(1151, true);
    expect(await world.draft()).toMatchObject({ minutesBilled: "10.00" });
    expect(await openQuestions(world)).toEqual([questionAbout("customer-not-billable", ticket)]);
    await world.erp.setObsolete(1151, false);
    expect(await world.draft()).toMatchObject({ minutesBilled: "30.00", inbox: { open: 0 } });
  });

  test("a ticket that can no longer be read hides no other one and is not billed from memory", async () => {
    world.helpdesk.world.queueAdd({ Name: "Geheim", Group: "secret" });
    const hidden = world.ticket({ customer: "FREMD", units: [30], closedAt: "2026-10-05T10:00:00Z" });
    await world.draft();
    world.at("2026-10-06T08:00:00Z");
    world.helpdesk.world.do("TicketCustomer", { TicketID: hidden.id, CustomerID: "K10001", CustomerUser: "" });
    world.helpdesk.world.do("TicketQueue", { TicketID: hidden.id, Queue: "Geheim" });
    for (const hour of [10, 12, 14]) world.ticket({ units: [hour], closedAt: `2026-10-06T${hour}:00:00Z` });
    expect(await world.draft()).toMatchObject({ ticketsBilled: 3, minutesBilled: "36.00" });
    expect(await openQuestions(world)).toEqual([`unreadable-ticket ticket id ${hidden.id}`]);
    world.helpdesk.world.agentGroup({ UserLogin: "bridge", Group: "secret", Permission: "ro" });
    expect(await world.draft()).toMatchObject({ minutesBilled: "30.00", inbox: { open: 0 } });
  });

  test("a billed ticket that can no longer be read is asked about until somebody answers", async () => {
    world.helpdesk.world.queueAdd({ Name: "Geheim", Group: "secret" });
    const hidden = world.ticket({ units: [30], closedAt: "2026-10-05T10:00:00Z" });
    await world.draft();
    world.at("2026-10-06T08:00:00Z");
    world.helpdesk.world.do("TicketQueue", { TicketID: hidden.id, Queue: "Geheim" });
    await world.configure({ billing: { reread: { everyHours: 0 } } });
    await world.admin.query("alter table ar rename to elsewhere");
    await expect(world.draft()).rejects.toThrow();
    await world.admin.query("alter table elsewhere rename to ar");
    // From now on billed tickets are not read again for a day.
    await world.configure({ billing: { reread: { everyHours: 24 } } });
    for (const run of [1, 2]) expect([run, await world.draft()]).toMatchObject([run, { inbox: { added: 0, open: 1 } }]);
    world.helpdesk.world.agentGroup({ UserLogin: "bridge", Group: "secret", Permission: "ro" });
    expect(await world.draft()).toMatchObject({ inbox: { open: 0 } });
  });
});
