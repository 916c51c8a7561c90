import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Settled, Settlement, TicketSnapshot } from "../../src/billing/ports.ts";
import type { CompanyKey, CustomerId } from "../../src/model/index.ts";
import { readCursor, readIncludedUse, readOpenTickets } from "../../src/state/collecting.ts";
import { readBeforeStart, settle } from "../../src/state/settle.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { addLine, articleKey, emptyLedger } from "../support/settled-lines.ts";
import { articleTime, rowEntry, settlementOf, ticket, ticketId, timeRow } from "../support/tickets.ts";

let bridge: BridgeDatabase;
beforeAll(async () => {
  bridge = await createBridgeDatabase();
});
afterAll(() => bridge.drop());
beforeEach(() => emptyLedger(bridge));

function settled(tickets: readonly TicketSnapshot[], changes: Partial<Settlement> = {}): Promise<Settled> {
  return settle(bridge.pool, settlementOf(tickets, changes));
}

async function dueIds(tickets: readonly TicketSnapshot[], changes: Partial<Settlement> = {}): Promise<number[]> {
  return (await settled(tickets, changes)).due.map((each) => each.ticketId);
}

/** Version and place of every row: changes whenever a row is written, even with the same values. */
async function versions(): Promise<unknown> {
  return bridge.admin(`
    select 'ticket' as what, ticket_id as id, xmin::text, ctid::text from otrs_bridge.tickets
    union all
    select 'entry', source_id, xmin::text, ctid::text from otrs_bridge.time_entries
    union all
    select 'cursor', 0, xmin::text, ctid::text from otrs_bridge.cursor
    order by 1, 2`);
}

const nothingMore = { billedSince: null, ticketNumbers: [], unbilledStates: [] };
const at = (text: string): Temporal.Instant => Temporal.Instant.from(text);
const company = (key: string | null): Pick<TicketSnapshot, "companyKey"> => ({ companyKey: key as CompanyKey | null });

describe("what is due", () => {
  test("a closed ticket with time, with everything that billing needs", async () => {
    const told = ticket(11, { 101: 1500 }, { service: "Wartung", sla: "Gold", dynamicFields: { Vertrag: "A\u0000" } });
    const read = { ...told, entries: [...told.entries, rowEntry(7, -25)] };
    expect(await settled([read], { closedBeforeStart: new Set([ticketId(11)]) })).toEqual({
      setAside: [],
      due: [
        {
          ticketId: 11,
          ticketNumber: "2026102210000011",
          title: "Drucker 11 druckt nicht",
          queue: "Raw",
          service: "Wartung",
          sla: "Gold",
          type: "Unclassified",
          priority: "3 normal",
          state: "closed successful",
          stateType: "closed",
          companyKey: "K10001",
          customerUser: "eva@mueller-test.de",
          dynamicFields: { Vertrag: "A" },
          customerId: 1150,
          createdAt: at("2026-10-01T08:00:00Z"),
          closedAt: at("2026-10-22T10:00:00Z"),
          closedBeforeStart: true,
          opening: null,
          held: false,
          billedElsewhere: false,
          entries: [
            { ...rowEntry(7, -25), settledUnits: 0 },
            { key: articleKey(101), units: 1500, settledUnits: 0, rows: [timeRow(101, 1500)] },
          ],
          lines: [],
        },
      ],
    });
  });

  test.each<[string, Partial<TicketSnapshot>, Partial<Settlement>, boolean]>([
    ["in a billable state type", {}, {}, true],
    ["in another state type", { stateType: "merged" }, {}, false],
    ["in a state type written otherwise", { stateType: "Closed" }, {}, true],
    ["in a named state", {}, { stateTypes: [], stateNames: ["closed successful"] }, true],
    ["in a state that is not named", {}, { stateTypes: [], stateNames: ["closed"] }, false],
    ["never closed", { closedAt: null, firstClosedAt: null }, {}, false],
    ["with the wanted number", {}, { ticketNumbers: ["2026102210000011"] }, true],
    ["with another number", {}, { ticketNumbers: ["2026102210000012"] }, false],
    ["without time", { entries: [] }, {}, false],
  ])("a ticket %s", async (_, ticketChanges, changes, isDue) => {
    expect(await dueIds([ticket(11, { 101: 1500 }, ticketChanges)], changes)).toEqual(isDue ? [11] : []);
  });

  test("customers come through confirmed links only, to the letter; the unknown last", async () => {
    const { due } = await settled([
      ticket(13, { 103: 100 }, company("K10003")),
      ticket(14, { 104: 100 }, company("k10001")),
      ticket(15, { 105: 100 }, company(null)),
      ticket(12, { 102: 100 }, company("K10002")),
      ticket(11, { 101: 100 }, company("K10001")),
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
    expect((await settled([ticket(11, { 101: 100 })])).due).toMatchObject([{ customerId: null }]);
  });

  test("what people decided about a ticket goes along", async () => {
    await settled([ticket(11, { 101: 100 })]);
    await bridge.admin("update otrs_bridge.tickets set held = true, opening = 'bill'");
    expect((await settled([ticket(11, { 101: 130 })])).due).toMatchObject([{ held: true, opening: "bill" }]);
  });
});

describe("what is taken into the ledger", () => {
  test("'closed before the start' stays until the scope changes", async () => {
    const flag = async (changes: Partial<Settlement>): Promise<boolean | undefined> =>
      (await settled([ticket(11, { 101: 100 })], changes)).due[0]?.closedBeforeStart;
    expect(await flag({ closedBeforeStart: new Set([ticketId(11)]) })).toBe(true);
    expect(await flag({})).toBe(true);
    expect(await flag({ scope: "closed from 2026-09-01" })).toBe(false);
  });

  test("nothing is written when nothing changed", async () => {
    const read = [ticket(11, { 101: 1500, 102: 25 }), ticket(12, { 103: 70 }, { companyKey: null }), ticket(13, {})];
    await settled(read, { closedBeforeStart: new Set([ticketId(12)]) });
    await addLine(bridge, { ticketId: 11, entries: [{ key: articleKey(101), units: 1500 }] });
    const before = await versions();
    await settled(read, { closedBeforeStart: new Set([ticketId(12)]) });
    await settled([]);
    expect(await versions()).toEqual(before);
  });

  test("a dry run answers the same and leaves nothing behind", async () => {
    const read = [ticket(11, { 101: 1500 })];
    const trial = await settled(read, { dryRun: true });
    expect(await versions()).toEqual([]);
    expect(await settled(read)).toEqual(trial);
  });

  test("a thousand tickets in several batches", async () => {
    const many = Array.from({ length: 1200 }, (_, index) => ticket(index + 1, { [index + 5000]: 100 }));
    const batches = [0, 400, 800].map((from) => ({ tickets: many.slice(from, from + 400), unreadable: [] }));
    const { due } = await settled([], { batches });
    expect(due.length).toBe(1200);
    expect(due.every((each) => each.entries.length === 1)).toBe(true);
    expect((await readOpenTickets(bridge.pool, nothingMore)).length).toBe(1200);
  });

  test("a ticket that was read twice, and an article that moved in between, count as read last", async () => {
    const source = ticket(11, { 101: 100 });
    const before = ticket(12, { 102: 20 });
    const after = ticket(12, { 101: 100, 102: 20 });
    const batches = [before, source, after].map((each) => ({ tickets: [each], unreadable: [] }));
    expect((await settled([], { batches })).due).toMatchObject([
      { ticketId: 12, entries: [{ key: articleKey(101) }, { key: articleKey(102) }] },
    ]);
  });
});

describe("cursor and open tickets", () => {
  test("the cursor holds for its scope", async () => {
    const cursor = {
      changedSince: at("2026-10-22T10:00:00.5Z"),
      helpdeskNow: at("2026-10-22T10:05:00Z"),
      rereadAt: at("2026-10-22T10:06:00Z"),
    };
    expect(await readCursor(bridge.pool, "a")).toBeNull();
    await settled([], { cursor, scope: "a" });
    expect(await readCursor(bridge.pool, "a")).toEqual(cursor);
    expect(await readCursor(bridge.pool, "b")).toBeNull();
    await settled([], { cursor: null, scope: "a" });
    expect(await readCursor(bridge.pool, "a")).toEqual(cursor);
    await settled([], { cursor: { ...cursor, helpdeskNow: null, rereadAt: null }, scope: "b" });
    expect(await readCursor(bridge.pool, "a")).toBeNull();
    expect(await readCursor(bridge.pool, "b")).toEqual({ ...cursor, helpdeskNow: null, rereadAt: null });
  });

  test("read again are those with a difference, those billed lately, and those that were named", async () => {
    const read = [
      ticket(11, { 101: 10 }),
      ticket(12, { 102: 20 }, { stateType: "open" }),
      ticket(13, { 103: 30 }),
      ticket(14, { 104: 40 }),
      ticket(15, { 105: 50 }),
      ticket(16, {}),
    ];
    await settled(read, { closedBeforeStart: new Set([ticketId(15)]) });
    expect(await readOpenTickets(bridge.pool, nothingMore)).toEqual([11, 12, 13, 14]);
    const bill = (id: number, units: number, madeAt: string): Promise<number> =>
      addLine(bridge, { ticketId: id, entries: [{ key: articleKey(id + 90), units }], madeAt });
    await bill(13, 30, "2026-10-01T00:00:00Z");
    await bill(14, 40, "2026-08-01T00:00:00Z");
    const billedSince = at("2026-09-01T00:00:00Z");
    expect(await readOpenTickets(bridge.pool, nothingMore)).toEqual([11, 12]);
    expect(await readOpenTickets(bridge.pool, { ...nothingMore, billedSince })).toEqual([11, 12, 13]);
    const ticketNumbers = ["2026102210000014", "2026102210000016"];
    expect(await readOpenTickets(bridge.pool, { ...nothingMore, ticketNumbers })).toEqual([11, 12, 14, 16]);
    await bridge.admin("update otrs_bridge.tickets set opening = 'booked' where ticket_id = 15");
    expect(await readOpenTickets(bridge.pool, nothingMore)).toEqual([11, 12, 15]);
  });

  test("held and cancelled tickets are not read again for each run", async () => {
    const cancelled = { state: "canceled" };
    await settled([ticket(11, { 101: 10 }), ticket(12, { 102: 20 }, cancelled), ticket(13, { 103: 30 })]);
    await bridge.admin("update otrs_bridge.tickets set held = true where ticket_id = 11");
    const which = { ...nothingMore, unbilledStates: ["canceled"] };
    expect(await readOpenTickets(bridge.pool, which)).toEqual([13]);
    const ticketNumbers = ["2026102210000011", "2026102210000012"];
    expect(await readOpenTickets(bridge.pool, { ...which, ticketNumbers })).toEqual([11, 12, 13]);
    await bridge.admin("update otrs_bridge.tickets set held = false where ticket_id = 11");
    expect(await readOpenTickets(bridge.pool, which)).toEqual([11, 13]);
  });

  test("tickets from before the start wait for a decision, in whatever state", async () => {
    const early = new Set([ticketId(11), ticketId(12), ticketId(13)]);
    const read = [ticket(11, { 101: 10 }), ticket(12, { 102: 20, 103: 5 }, { stateType: "open" }), ticket(13, {})];
    await settled([...read, ticket(14, { 104: 40 })], { closedBeforeStart: early });
    expect(await readBeforeStart(bridge.pool, settlementOf([]))).toMatchObject([
      { ticketId: 11, customerId: 1150, openUnits: 10 },
      { ticketId: 12, customerId: 1150, openUnits: 25 },
    ]);
    await bridge.admin("update otrs_bridge.tickets set opening = 'booked' where ticket_id = 12");
    expect(await readBeforeStart(bridge.pool, settlementOf([]))).toMatchObject([{ ticketId: 11 }]);
  });

  test("tickets from before the start that somebody only looked at are none that a run asks about", async () => {
    const old = settlementOf([ticket(15, { 105: 30 })], { closedBeforeStart: new Set([ticketId(15)]) });
    expect(await readBeforeStart(bridge.pool, old)).toMatchObject([{ ticketId: 15, openUnits: 30 }]);
    expect(await settle(bridge.pool, settlementOf([]))).toMatchObject({ due: [] });
  });

  test("included time is summed by the month of the work; what was taken back counts no more", async () => {
    await settled([ticket(11, { 101: 60, 102: 40, 103: 15 })]);
    const included = (id: number, units: number, workedOn: string, reverses?: number): Promise<number> =>
      addLine(bridge, {
        ticketId: 11,
        kind: "included",
        entries: [{ key: articleKey(id), units, workedOn }],
        ...(reverses === undefined ? {} : { reverses }),
      });
    await included(101, 60, "2026-09-30");
    await included(102, 40, "2026-10-01");
    const wrong = await included(103, 15, "2026-11-02");
    await included(103, -15, "2026-11-02", wrong);
    const use = await readIncludedUse(bridge.pool, [1150 as CustomerId, 1151 as CustomerId]);
    expect(use).toEqual(
      new Map([
        [
          1150,
          new Map([
            ["2026-09", 60],
            ["2026-10", 40],
          ]),
        ],
      ]),
    );
  });
});

test("a helpdesk whose zone changed is refused before anything is taken for another article", async () => {
  await settled([ticket(11, { 101: 1500 }), ticket(12, { 102: 20 })]);
  const later = ticket(11, { 101: 1500 });
  const shifted = {
    ...later,
    createdAt: later.createdAt.add({ hours: 2 }),
    entries: later.entries.map((entry) => ({
      ...entry,
      key: { ...entry.key, createdAt: articleTime(101).add({ hours: 2 }) },
    })),
  };
  await expect(settled([shifted])).rejects.toThrow(
    /ticket 2026102210000011 and its articles were created at another hour \(2026-10-01T08:00:00Z before, 2026-10-01T10:00:00Z now\)/,
  );
  expect((await settled([])).due).toMatchObject([{ ticketId: 11, createdAt: later.createdAt }, { ticketId: 12 }]);
});
