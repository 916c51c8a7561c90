import { expect, test } from "vitest";
import { entriesInOrder, lastReadings } from "../../src/state/take.ts";
import { rowEntry, settlementOf, ticket } from "../support/tickets.ts";

test("whatever the helpdesk's order, tickets are taken by id and entries by key", () => {
  const moved = { ...ticket(9, { 103: 20 }), entries: [rowEntry(5, 10), ...ticket(9, { 103: 20 }).entries] };
  const batches = [ticket(12, { 101: 10, 110: 5 }), ticket(700, { 102: 30 }), moved].map((each) => ({
    tickets: [each],
    unreadable: [],
  }));
  const read = lastReadings(settlementOf([], { batches }));
  expect(read.map(({ ticketId }) => ticketId)).toEqual([9, 12, 700]);
  expect(
    entriesInOrder(read).flatMap(({ ticketId, entries }) =>
      entries.map(({ key, units }) => [ticketId, key.kind, key.sourceId, units]),
    ),
  ).toEqual([
    [12, "article", 101, 10],
    [700, "article", 102, 30],
    [9, "article", 103, 20],
    [12, "article", 110, 5],
    [9, "row", 5, 10],
  ]);
});
