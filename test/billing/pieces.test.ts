import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { piecesOf, total } from "../../src/billing/plan/pieces.ts";
import type { Piece } from "../../src/billing/plan/pieces.ts";
import type { DueEntry, SettledLine } from "../../src/billing/ports.ts";
import { at, bookedAt, entry, entryKey, settledLine, ticket, timeRow, units } from "./samples.ts";

const day = (text: string) => Temporal.PlainDate.from(text);
const on = (stamp: string, agentLogin = "eva") => ({ bookedAt: at(stamp), agentLogin, agentName: agentLogin });

function pieces(of: DueEntry, lines: readonly SettledLine[] = []): readonly Piece[] {
  return piecesOf(ticket(1, [of], { lines }), "Europe/Berlin", new Set());
}

/** `minutes agent day` of each piece. */
function shown(of: DueEntry, lines: readonly SettledLine[] = []): readonly string[] {
  return pieces(of, lines).map(
    (piece) => `${piece.units / 100} ${piece.agentLogin ?? piece.agentName} ${piece.workedOn.toString()}`,
  );
}

const first = timeRow(1, 20, on("2026-10-06T08:00:00Z"));
const second = timeRow(2, 15, on("2026-10-08T08:00:00Z", "jo"));
const third = timeRow(3, 5, on("2026-10-09T08:00:00Z"));

describe("due time belongs to rows", () => {
  test.each([
    { name: "nothing due", of: entry(1, 20, 20, [first]), expected: [] },
    { name: "one row", of: entry(1, 20, 0, [first]), expected: ["20 eva 2026-10-06"] },
    {
      name: "a second row gives its own day and agent",
      of: entry(1, 35, 20, [first, second]),
      expected: ["15 jo 2026-10-08"],
    },
    {
      name: "the oldest count as settled",
      of: entry(1, 40, 25, [third, first, second]),
      expected: ["10 jo 2026-10-08", "5 eva 2026-10-09"],
    },
    {
      name: "a correction takes from the row before it",
      of: entry(1, 25, 0, [first, second, timeRow(3, -10, on("2026-10-09T08:00:00Z"))]),
      expected: ["20 eva 2026-10-06", "5 jo 2026-10-08"],
    },
    {
      name: "a correction of what was settled takes from what is open",
      of: entry(1, 30, 20, [first, second, timeRow(3, -5, on("2026-10-09T08:00:00Z"))]),
      expected: ["10 jo 2026-10-08"],
    },
    {
      name: "what no row accounts for goes to the latest",
      of: entry(1, 40, 0, [first, second]),
      expected: ["20 eva 2026-10-06", "15 jo 2026-10-08", "5 jo 2026-10-08"],
    },
    { name: "no rows at all", of: entry(1, 20, 0, []), expected: ["20 null 2026-10-06"] },
  ])("$name", ({ of, expected }) => {
    expect(shown(of)).toEqual(expected);
  });

  test("a row that the ledger knows by day and agent is settled, though an older one is open", () => {
    const line = settledLine({
      entries: [{ key: entryKey(1), units: units(15), workedOn: day("2026-10-08"), agent: "jo" }],
    });
    expect(shown(entry(1, 35, 15, [first, second]), [line])).toEqual(["20 eva 2026-10-06"]);
  });

  test("the day is that of the business zone, also where summer time ends at the end of a month's Sunday", () => {
    const late = timeRow(1, 20, on("2026-10-31T23:30:00Z"));
    expect(shown(entry(1, 20, 0, [late]))).toEqual(["20 eva 2026-11-01"]);
    const summer = timeRow(1, 20, on("2026-09-30T22:00:00Z"));
    expect(shown(entry(1, 20, 0, [summer]))).toEqual(["20 eva 2026-10-01"]);
  });
});

describe("time that is gone", () => {
  const older = settledLine({
    entries: [{ key: entryKey(1), units: units(20), workedOn: day("2026-10-06"), agent: "eva" }],
  });
  const newer = settledLine({
    entries: [{ key: entryKey(1), units: units(15), workedOn: day("2026-10-08"), agent: "jo" }],
  });

  test("is taken from the latest lines, with their day and agent", () => {
    const gone = pieces(entry(1, 10, 35, []), [older, newer]);
    expect(
      gone.map((piece) => [piece.units / 100, piece.against?.lineId, piece.workedOn.toString(), piece.agentName]),
    ).toEqual([
      [-15, newer.lineId, "2026-10-08", "jo"],
      [-10, older.lineId, "2026-10-06", "eva"],
    ]);
  });

  test("is not taken twice where a line took some back already", () => {
    const less = settledLine({
      kind: "excluded",
      entries: [{ key: entryKey(1), units: units(-15), workedOn: null, agent: null }],
    });
    expect(pieces(entry(1, 0, 20, []), [older, newer, less]).map(({ against }) => against?.lineId)).toEqual([
      older.lineId,
    ]);
  });

  test("stands alone where no line is known", () => {
    expect(pieces(entry(1, 0, 20, []))).toMatchObject([{ units: units(-20), against: null }]);
  });
});

test("lines that are replaced do not count, and time without an article is not asked here", () => {
  const line = settledLine();
  const of = ticket(1, [entry(1, 30, 20), { ...entry(9, 5), key: entryKey(9, "rest") }], { lines: [line] });
  expect(piecesOf(of, "Europe/Berlin", new Set([line.lineId]))).toMatchObject([
    { units: units(30), settledBefore: units(20) },
  ]);
});

test("pieces add up to what is due and have one sign, whatever was booked and settled", () => {
  const row = fc.record({
    minutes: fc.integer({ min: -30, max: 60 }),
    hours: fc.integer({ min: 0, max: 100 }),
    agent: fc.constantFrom("eva", "jo"),
  });
  const part = fc.record({
    minutes: fc.integer({ min: -20, max: 40 }),
    day: fc.integer({ min: 0, max: 4 }),
    agent: fc.constantFrom("eva", "jo"),
  });
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 5 }),
      fc.array(part, { maxLength: 4 }),
      fc.integer({ min: -50, max: 50 }),
      (rows, settled, moved) => {
        const lines = settled.map((each) =>
          settledLine({
            entries: [
              {
                key: entryKey(1),
                units: units(each.minutes),
                workedOn: day("2026-10-06").add({ days: each.day }),
                agent: each.agent,
              },
            ],
          }),
        );
        const booked = rows.map((each, index) =>
          timeRow(index, each.minutes, {
            bookedAt: bookedAt.add({ hours: each.hours }),
            agentLogin: each.agent,
            agentName: each.agent,
          }),
        );
        const seen = rows.reduce((sum, each) => sum + each.minutes, 0);
        // Lines of another ticket can have settled some as well.
        const before = settled.reduce((sum, each) => sum + each.minutes, moved);
        const found = pieces(entry(1, seen, before, booked), lines);
        const due = units(seen - before);
        expect(total(found)).toBe(due);
        expect(found.every((piece) => Math.sign(piece.units) === Math.sign(due))).toBe(true);
      },
    ),
    { seed: 4, numRuns: 500 },
  );
});
