import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { CustomerId } from "../../src/model/index.ts";
import { settle } from "../../src/state/settle.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { addLine, articleKey, emptyLedger } from "../support/settled-lines.ts";
import { articleTime, settlementOf, ticket } from "../support/tickets.ts";
import { merged, ofSecond, ofThird } from "./settle-bookings.ts";

let bridge: BridgeDatabase;
beforeAll(async () => {
  bridge = await createBridgeDatabase();
});
afterAll(() => bridge.drop());
beforeEach(() => emptyLedger(bridge));

test("billed time under an unknown company is asked about once its customer is linked", async () => {
  await settle(bridge.pool, settlementOf([ticket(11, { 101: 100 })]));
  await addLine(bridge, { ticketId: 11, entries: [{ key: articleKey(101), units: 100 }] });
  expect(await settle(bridge.pool, settlementOf([ticket(11, { 101: 100 }, ofThird)]))).toMatchObject({ due: [] });
  await bridge.admin("update otrs_bridge.links set helpdesk_key = 'K10009' where row_id = 1151");
  expect((await settle(bridge.pool, settlementOf([]))).due).toMatchObject([
    { ticketId: 11, customerId: 1151, billedElsewhere: true },
  ]);
});

test.each<[string, { readonly status?: "proposed"; readonly back?: true }, boolean]>([
  ["of a draft", {}, true],
  ["of a proposal", { status: "proposed" }, false],
  ["that was taken back", { back: true }, false],
])("a line %s counts as billed to another customer: %s", async (_, { back, ...line }, isElsewhere) => {
  await settle(bridge.pool, settlementOf([ticket(11, { 101: 100 }, ofSecond)]));
  const entries = [{ key: articleKey(101), units: 100 }];
  const lineId = await addLine(bridge, { ticketId: 11, entries, ...line });
  if (back) await addLine(bridge, { ticketId: 11, entries: [{ key: articleKey(101), units: -100 }], reverses: lineId });
  const { due } = await settle(bridge.pool, settlementOf([ticket(11, { 101: 100 }, ofSecond)]));
  expect(due.some((each) => each.billedElsewhere)).toBe(isElsewhere);
});

test("active lines go along: proposed, edited, and those that a merge brought", async () => {
  await settle(bridge.pool, settlementOf([ticket(11, { 101: 100 }), ticket(12, { 102: 20, 103: 30, 104: 1 })]));
  const moved = await addLine(bridge, { ticketId: 11, entries: [{ key: articleKey(101), units: 100 }] });
  const wrong = await addLine(bridge, { ticketId: 12, entries: [{ key: articleKey(102), units: 20 }] });
  await addLine(bridge, { ticketId: 12, entries: [{ key: articleKey(102), units: -20 }], reverses: wrong });
  const proposed = await addLine(bridge, {
    ticketId: 12,
    status: "proposed",
    entries: [{ key: articleKey(103), units: 30, workedOn: "2026-10-07" }],
  });
  await bridge.admin(
    `insert into otrs_bridge.line_edits (line_id, change, edited_by, edited_why, edited_at) values ($1, '{}', 'x', 'y', now())`,
    [proposed],
  );
  const waived = await addLine(bridge, {
    ticketId: 12,
    kind: "waived",
    entries: [{ key: articleKey(104), units: 1 }],
  });
  const { due } = await settle(
    bridge.pool,
    settlementOf([ticket(11, {}, merged), ticket(12, { 101: 100, 102: 20, 103: 30, 104: 1 })]),
  );
  expect(due).toMatchObject([
    {
      ticketId: 12,
      lines: [
        { lineId: moved, ticketId: 11, kind: "billed", proposed: false, edited: false, workedUnits: 100 },
        {
          lineId: proposed,
          ticketId: 12,
          proposed: true,
          edited: true,
          customerId: 1150 as CustomerId,
          partNumber: "ST-STD",
          unitPrice: "95.00000",
          quantity: "0.30000",
          entries: [
            {
              key: articleKey(103),
              units: 30,
              workedOn: Temporal.PlainDate.from("2026-10-07"),
              agent: "Eva Müller",
            },
          ],
        },
        { lineId: waived, kind: "waived", draftId: null },
      ],
    },
  ]);
});

test("a ticket with nothing but an open proposal is answered", async () => {
  await settle(bridge.pool, settlementOf([ticket(11, { 101: 100 })]));
  const line = { ticketId: 11, status: "proposed", entries: [{ key: articleKey(101), units: 100 }] } as const;
  const lineId = await addLine(bridge, line);
  expect((await settle(bridge.pool, settlementOf([]))).due).toMatchObject([{ ticketId: 11, lines: [{ lineId }] }]);
});

test("lines and decisions follow a ticket that is set aside; what was open is given up", async () => {
  await settle(bridge.pool, settlementOf([ticket(11, { 101: 100, 102: 5 })]));
  const lineId = await addLine(bridge, { ticketId: 11, entries: [{ key: articleKey(101), units: 100 }] });
  await bridge.admin("update otrs_bridge.tickets set held = true");
  const { due, setAside } = await settle(
    bridge.pool,
    settlementOf([ticket(11, { 103: 30 }, { createdAt: articleTime(77) })]),
  );
  expect(due).toMatchObject([{ ticketId: 11, held: false, lines: [] }]);
  expect(setAside).toMatchObject([{ ticketId: 11, billedUnits: 100, givenUpUnits: 5 }]);
  expect(await bridge.admin("select id, ticket_id::integer from otrs_bridge.lines")).toEqual([
    { id: lineId, ticket_id: -1 },
  ]);
});
