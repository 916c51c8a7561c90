import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { BillingState, DueTicket, Settlement, TicketSnapshot } from "../../src/billing/ports.ts";
import { insertDraft } from "../../src/kivitendo/index.ts";
import type { CompanyKey, HundredthUnits } from "../../src/model/index.ts";
import { createBillingState } from "../../src/state/billing.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { articleTime, settlementOf, ticket, ticketId } from "../support/tickets.ts";

let bridge: BridgeDatabase;
let state: BillingState;
beforeAll(async () => {
  bridge = await createBridgeDatabase();
  state = createBillingState(bridge.pool, insertDraft);
});
afterAll(() => bridge.drop());
beforeEach(async () => {
  await bridge.admin(`
    truncate otrs_bridge.ledger, otrs_bridge.draft_lines, otrs_bridge.drafts, otrs_bridge.articles, otrs_bridge.tickets,
             otrs_bridge.cursor, otrs_bridge.links;
    insert into otrs_bridge.links (kind, row_id, helpdesk_key, status, confirmed)
    values ('company', 1150, 'K10001', 'linked', true), ('company', 1151, 'K10002', 'rejected', true),
           ('company', 1152, 'K10003', 'writing', false)`);
});

function settle(tickets: readonly TicketSnapshot[], changes: Partial<Settlement> = {}): Promise<readonly DueTicket[]> {
  return state.settle(settlementOf(tickets, changes));
}

/** Ticket → article → units seen, as it stands in the ledger. */
async function seen(): Promise<Record<string, Record<string, number>>> {
  const rows = await bridge.admin(
    "select ticket_id, article_id, seen_units::integer as units from otrs_bridge.articles order by ticket_id, article_id",
  );
  const all: Record<string, Record<string, number>> = {};
  for (const row of rows) (all[String(row["ticket_id"])] ??= {})[String(row["article_id"])] = Number(row["units"]);
  return all;
}

/** As if everything seen had been billed; the ledger's trigger keeps the sums. */
async function billEverything(): Promise<void> {
  await bridge.admin("update otrs_bridge.articles set billed_units = seen_units");
}

/** Version and place of every row: changes whenever a row is written, even with the same values. */
async function versions(): Promise<unknown> {
  return bridge.admin(`
    select 'ticket' as what, ticket_id as id, xmin::text, ctid::text from otrs_bridge.tickets
    union all
    select 'article', article_id, xmin::text, ctid::text from otrs_bridge.articles
    union all
    select 'cursor', 0, xmin::text, ctid::text from otrs_bridge.cursor
    union all
    select 'inbox', id, xmin::text, ctid::text from otrs_bridge.inbox
    order by 1, 2`);
}

const numbers = (due: readonly DueTicket[]): number[] => due.map((each) => each.ticketId);

function company(key: string | null): Pick<TicketSnapshot, "companyKey"> {
  return { companyKey: key as CompanyKey | null };
}

describe("what is due", () => {
  test("a closed ticket with time, with everything that billing needs", async () => {
    expect(await settle([ticket(11, { 101: 1500, 102: 25 }, { totalUnits: 1600 as HundredthUnits })])).toEqual([
      {
        ticketId: 11,
        ticketNumber: "2026102210000011",
        title: "Drucker 11 druckt nicht",
        queue: "Raw",
        state: "closed successful",
        companyKey: "K10001",
        customerId: 1150,
        closedAt: Temporal.Instant.from("2026-10-22T10:00:00Z"),
        closedBeforeStart: false,
        unattributedUnits: 75,
        articles: [
          { articleId: 101, createdAt: articleTime(101), seenUnits: 1500, billedUnits: 0 },
          { articleId: 102, createdAt: articleTime(102), seenUnits: 25, billedUnits: 0 },
        ],
        billedLines: [],
      },
    ]);
    expect(await seen()).toEqual({ 11: { 101: 1500, 102: 25 } });
  });

  test.each<[string, Partial<TicketSnapshot>, Partial<Settlement>, boolean]>([
    ["in a billable state type", {}, {}, true],
    ["in another state type", { stateType: "merged" }, {}, false],
    ["in a state type written otherwise", { stateType: "Closed" }, {}, true],
    ["in a named state", {}, { stateTypes: [], stateNames: ["closed successful"] }, true],
    ["in a state that is not named", {}, { stateTypes: [], stateNames: ["closed"] }, false],
    ["never closed", { closedAt: null }, {}, false],
    ["closed at the first moment", { closedAt: Temporal.Instant.from("2026-10-01T00:00:00Z") }, {}, true],
    ["closed just before", { closedAt: Temporal.Instant.from("2026-09-30T23:59:59Z") }, {}, false],
    ["closed in the last second", { closedAt: Temporal.Instant.from("2026-10-31T23:59:59Z") }, {}, true],
    ["closed after the period", { closedAt: Temporal.Instant.from("2026-11-01T00:00:00Z") }, {}, false],
    ["of the wanted customer", {}, { customerNumbers: ["K10001"] }, true],
    ["of another customer", {}, { customerNumbers: ["K10002"] }, false],
    ["with the wanted number", {}, { ticketNumbers: ["2026102210000011"] }, true],
    ["with another number", {}, { ticketNumbers: ["2026102210000012"] }, false],
  ])("a ticket %s", async (_, ticketChanges, changes, isDue) => {
    expect(numbers(await settle([ticket(11, { 101: 1500 }, ticketChanges)], changes))).toEqual(isDue ? [11] : []);
  });

  test("nothing when everything is billed, the difference after a correction", async () => {
    await settle([ticket(11, { 101: 1500, 102: 25 })]);
    await billEverything();
    expect(await settle([ticket(11, { 101: 1500, 102: 25 })])).toEqual([]);
    const due = await settle([ticket(11, { 101: 1000, 102: 25, 103: 50 })]);
    expect(due[0]?.articles.map((each) => [each.articleId, each.seenUnits - each.billedUnits])).toEqual([
      [101, -500],
      [103, 50],
    ]);
  });

  test("time without an article is told as long as it is there", async () => {
    const unclear = ticket(11, { 101: 1500 }, { totalUnits: 1600 as HundredthUnits });
    await settle([unclear]);
    await billEverything();
    expect(await settle([])).toMatchObject([{ ticketId: 11, articles: [], unattributedUnits: 100 }]);
    expect(await settle([ticket(11, { 101: 1500 })])).toEqual([]);
  });

  test("customers come through confirmed links only, to the letter", async () => {
    const due = await settle([
      ticket(11, { 101: 100 }, company("K10001")),
      ticket(12, { 102: 100 }, company("K10002")),
      ticket(13, { 103: 100 }, company("K10003")),
      ticket(14, { 104: 100 }, company("k10001")),
      ticket(15, { 105: 100 }, company(null)),
    ]);
    expect(due.map((each) => [each.ticketId, each.customerId])).toEqual([
      [11, 1150],
      [12, 1151],
      [13, null],
      [14, null],
      [15, null],
    ]);
  });

  test("a company that two customers are linked to is nobody's", async () => {
    await bridge.admin(
      "insert into otrs_bridge.links (kind, row_id, helpdesk_key, status, confirmed) values ('company', 1154, 'K10001', 'linked', true)",
    );
    expect(await settle([ticket(11, { 101: 100 })])).toMatchObject([{ customerId: null }]);
  });
});

describe("what is taken into the ledger", () => {
  test("an article that moved with a merge is counted once, at its new ticket", async () => {
    await settle([ticket(11, { 101: 1500 }), ticket(12, { 102: 25 })]);
    await billEverything();
    const due = await settle([
      ticket(11, {}, { stateType: "merged", totalUnits: 0 as HundredthUnits }),
      ticket(12, { 101: 1500, 102: 25 }),
    ]);
    expect(due).toEqual([]);
    expect(await seen()).toEqual({ 12: { 101: 1500, 102: 25 } });
  });

  test("also when the old ticket is not read again, or was read before the merge", async () => {
    await settle([ticket(11, { 101: 1500, 103: 5 }), ticket(12, { 102: 25 })]);
    await billEverything();
    expect(await settle([ticket(12, { 101: 1500, 102: 25 })])).toEqual([]);
    expect(await seen()).toEqual({ 11: { 103: 5 }, 12: { 101: 1500, 102: 25 } });
    expect(await settle([ticket(11, { 103: 5 }), ticket(12, { 101: 1500, 102: 25, 103: 5 })])).toEqual([]);
    expect(await seen()).toEqual({ 12: { 101: 1500, 102: 25, 103: 5 } });
  });

  test("a deleted article counts zero; a ticket that was not read keeps its articles", async () => {
    await settle([ticket(11, { 101: 1500, 102: 25 }), ticket(12, { 103: 70 })]);
    await settle([ticket(11, { 102: 25 })]);
    expect(await seen()).toEqual({ 11: { 101: 0, 102: 25 }, 12: { 103: 70 } });
  });

  test("the same row id with another creation time is another article", async () => {
    await settle([ticket(11, { 101: 1500 })]);
    await billEverything();
    const again = ticket(12, { 101: 30 });
    const [article] = again.articles;
    if (article === undefined) throw new Error("no article");
    const restored = { ...again, articles: [{ ...article, createdAt: articleTime(5000) }] };
    expect(numbers(await settle([restored]))).toEqual([12]);
    const rows = await bridge.admin(
      "select ticket_id::integer as t, seen_units::integer as u from otrs_bridge.articles order by 1",
    );
    expect(rows).toEqual([
      { t: 11, u: 1500 },
      { t: 12, u: 30 },
    ]);
  });

  test("'closed before the start' stays until the scope changes", async () => {
    const early = { closedBeforeStart: new Set([ticketId(11)]) };
    expect(await settle([ticket(11, { 101: 100 })], early)).toMatchObject([{ closedBeforeStart: true }]);
    expect(await settle([ticket(11, { 101: 100 })])).toMatchObject([{ closedBeforeStart: true }]);
    expect(await settle([ticket(11, { 101: 100 })], { scope: "closed from 2026-09-01" })).toMatchObject([
      { closedBeforeStart: false },
    ]);
  });

  test("nothing is written when nothing changed", async () => {
    const read = [ticket(11, { 101: 1500, 102: 25 }), ticket(12, { 103: 70 }, { companyKey: null }), ticket(13, {})];
    await settle(read, { closedBeforeStart: new Set([ticketId(12)]) });
    const before = await versions();
    await settle(read, { closedBeforeStart: new Set([ticketId(12)]) });
    await settle([]);
    expect(await versions()).toEqual(before);
  });

  test("a dry run answers the same and leaves nothing behind", async () => {
    const read = [ticket(11, { 101: 1500 })];
    const due = await settle(read, { dryRun: true });
    expect(await versions()).toEqual([]);
    expect(await state.readCursor("closed from 2026-10-01")).toBeNull();
    expect(await settle(read)).toEqual(due);
  });

  test("a thousand tickets in several batches", async () => {
    const many = Array.from({ length: 1200 }, (_, index) => ticket(index + 1, { [index + 5000]: 100 }));
    const batches = [0, 400, 800].map((from) => ({ tickets: many.slice(from, from + 400), unreadable: [] }));
    expect((await settle([], { batches })).length).toBe(1200);
    expect((await state.readOpenTickets()).length).toBe(1200);
  });
});

describe("cursor and open tickets", () => {
  test("the cursor holds for its scope", async () => {
    const cursor = Temporal.Instant.from("2026-10-22T10:00:00.5Z");
    expect(await state.readCursor("a")).toBeNull();
    await settle([], { cursor, scope: "a" });
    expect((await state.readCursor("a"))?.toString()).toBe("2026-10-22T10:00:00.5Z");
    expect(await state.readCursor("b")).toBeNull();
    await settle([], { cursor: null, scope: "a" });
    expect((await state.readCursor("a"))?.toString()).toBe("2026-10-22T10:00:00.5Z");
    await settle([], { cursor, scope: "b" });
    expect(await state.readCursor("a")).toBeNull();
    expect((await state.readCursor("b"))?.toString()).toBe("2026-10-22T10:00:00.5Z");
  });

  test("open tickets are those with a difference, whatever their state", async () => {
    await settle([ticket(11, { 101: 10 }), ticket(12, { 102: 20 }, { stateType: "open" }), ticket(13, { 103: 30 })]);
    expect(await state.readOpenTickets()).toEqual([11, 12, 13]);
    await bridge.admin("update otrs_bridge.articles set billed_units = seen_units where ticket_id = 13");
    expect(await state.readOpenTickets()).toEqual([11, 12]);
  });
});
