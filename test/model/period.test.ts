import { expect, test } from "vitest";
import { endOfPeriod, lastDay, parsePeriod } from "../../src/model/index.ts";

const today = Temporal.PlainDate.from("2026-03-31");

test.each([
  { text: "previous-month", label: "2026-02", start: "2026-02-01", last: "2026-02-28" },
  { text: "2026-10", label: "2026-10", start: "2026-10-01", last: "2026-10-31" },
  { text: "2026-Q4", label: "2026-Q4", start: "2026-10-01", last: "2026-12-31" },
  { text: "2026-H1", label: "2026-H1", start: "2026-01-01", last: "2026-06-30" },
  { text: "2026-H2", label: "2026-H2", start: "2026-07-01", last: "2026-12-31" },
  { text: "2028", label: "2028", start: "2028-01-01", last: "2028-12-31" },
  { text: "previous-quarter", label: "2025-Q4", start: "2025-10-01", last: "2025-12-31" },
  { text: "previous-half-year", label: "2025-H2", start: "2025-07-01", last: "2025-12-31" },
  { text: "previous-year", label: "2025", start: "2025-01-01", last: "2025-12-31" },
  { text: "2026-10-05..2026-10-20", label: "2026-10-05..2026-10-20", start: "2026-10-05", last: "2026-10-20" },
])("$text", ({ text, label, start, last }) => {
  const period = parsePeriod(text, today);
  expect({ label: period.label, start: period.start.toString(), last: lastDay(period).toString() }).toEqual({
    label,
    start,
    last,
  });
});

test.each([
  "2026-13",
  "October",
  "2026-10-20..2026-10-05",
  "2026-02-30..2026-03-01",
  "2026-Q5",
  "2026-H3",
  "26",
  "previous-week",
  "",
])("refuses %j", (text) => {
  expect(() => parsePeriod(text, today)).toThrow(/period/);
});

test.each([
  { on: "2026-01-31", text: "previous-month", label: "2025-12" },
  { on: "2026-12-31", text: "previous-quarter", label: "2026-Q3" },
  { on: "2026-04-01", text: "previous-quarter", label: "2026-Q1" },
  { on: "2026-07-01", text: "previous-half-year", label: "2026-H1" },
  { on: "2026-06-30", text: "previous-half-year", label: "2025-H2" },
  { on: "2024-02-29", text: "previous-year", label: "2023" },
])("$text on $on is $label", ({ on, text, label }) => {
  expect(parsePeriod(text, Temporal.PlainDate.from(on)).label).toBe(label);
});

test.each([
  { text: "2026-10", end: "2026-10-31T23:00:00Z" },
  { text: "2026-03", end: "2026-03-31T22:00:00Z" },
  { text: "2026-01", end: "2026-01-31T23:00:00Z" },
])("$text ends in Europe/Berlin at $end", ({ text, end }) => {
  expect(endOfPeriod(parsePeriod(text, today), "Europe/Berlin").toString()).toBe(end);
});
