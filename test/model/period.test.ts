import { expect, test } from "vitest";
import { endOfPeriod, lastDay, parsePeriod } from "../../src/model/index.ts";

const today = Temporal.PlainDate.from("2026-03-31");

test.each([
  { text: "previous-month", label: "2026-02", start: "2026-02-01", last: "2026-02-28" },
  { text: "2026-10", label: "2026-10", start: "2026-10-01", last: "2026-10-31" },
  { text: "2026-Q4", label: "2026-Q4", start: "2026-10-01", last: "2026-12-31" },
  { text: "2026-10-05..2026-10-20", label: "2026-10-05..2026-10-20", start: "2026-10-05", last: "2026-10-20" },
])("$text", ({ text, label, start, last }) => {
  const period = parsePeriod(text, today);
  expect({ label: period.label, start: period.start.toString(), last: lastDay(period).toString() }).toEqual({
    label,
    start,
    last,
  });
});

test.each(["2026-13", "October", "2026-10-20..2026-10-05", "2026-02-30..2026-03-01", "2026-Q5", ""])(
  "refuses %j",
  (text) => {
    expect(() => parsePeriod(text, today)).toThrow(/period/);
  },
);

test.each([
  { text: "2026-10", end: "2026-10-31T23:00:00Z" },
  { text: "2026-03", end: "2026-03-31T22:00:00Z" },
  { text: "2026-01", end: "2026-01-31T23:00:00Z" },
])("$text ends in Europe/Berlin at $end", ({ text, end }) => {
  expect(endOfPeriod(parsePeriod(text, today), "Europe/Berlin").toString()).toBe(end);
});
