import { beforeEach, expect, test } from "vitest";
import type { SetAsideTicket, StoredDraft } from "../../src/billing/ports.ts";
import type { TicketNumber } from "../../src/model/index.ts";
import { byKind, decided, minutes, useLedger } from "../support/ledger.ts";
import { lineOf, recordOf } from "../support/lines.ts";
import { settlementOf, ticket } from "../support/tickets.ts";

const moment = Temporal.Instant.from("2026-11-22T08:00:00Z");

const world = useLedger();
let draft: StoredDraft;

/** 1.00 of 1.30 on a ticket is proposed; then the helpdesk tells another ticket under its id. */
beforeEach(async () => {
  await world.state.settle(settlementOf([ticket(11, { 101: 100, 102: 30 })]));
  const lines = [lineOf(11, [[101, 100]])];
  draft = await world.state.writeDraft(recordOf(world.run, lines, { propose: true }), minutes);
  expect(await setAside([ticket(11, {}, { ticketNumber: "2026110110000011" as TicketNumber })])).toMatchObject([
    { ticketId: 11, billedUnits: 100, givenUpUnits: 30 },
  ]);
});

async function setAside(read: Parameters<typeof settlementOf>[0] = []): Promise<readonly SetAsideTicket[]> {
  const { setAside: tickets, due } = await world.state.settle(settlementOf(read));
  expect(due.flatMap(({ entries }) => entries)).toEqual([]);
  return tickets;
}

const openEntries = () => world.bridge.admin("select from otrs_bridge.time_entries where open");

test("a proposal for a ticket that was set aside is given up when it is taken back", async () => {
  await world.desk.redo(draft.draftId, decided);
  expect(await setAside()).toMatchObject([{ ticketId: 11, billedUnits: 0, givenUpUnits: 130 }]);
  expect(await openEntries()).toEqual([]);
  expect(await byKind(world)).toEqual({});
});

test("a line of it that is waived is settled", async () => {
  const [lineId = 0] = (await world.state.readDrafts({ draftIds: [draft.draftId] })).flatMap(({ lines }) =>
    lines.map((line) => line.lineId),
  );
  await world.desk.edit(lineId, { kind: "leave-out", time: "waive" }, decided);
  expect(await setAside()).toMatchObject([{ ticketId: 11, billedUnits: 0, givenUpUnits: 30 }]);
  expect(await openEntries()).toEqual([]);
  expect(await byKind(world)).toEqual({ waived: 100 });
});

test("a helpdesk that gives an id away again is read from the start by the next run", async () => {
  const cursor = { changedSince: moment, helpdeskNow: moment, rereadAt: null };
  const read = (number: string) => [ticket(11, {}, { ticketNumber: number as TicketNumber })];
  await world.state.settle(settlementOf(read("2026110110000011"), { cursor, scope: "closed" }));
  expect(await world.state.readCursor("closed")).toEqual(cursor);
  await world.state.settle(settlementOf(read("2026110110000012"), { cursor, scope: "closed" }));
  expect(await world.state.readCursor("closed")).toBeNull();
});
