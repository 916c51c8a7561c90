import { expect, test } from "vitest";
import { hoursOf, minutesLeft, percentOf, totalsOf } from "../../src/report/index.ts";
import { decimal, entry, line, richReport, ticket } from "./samples.ts";

test("minutes are summed by what became of them, in the order of the reports, and only what occurs is named", () => {
  const totals = totalsOf({
    furtherLines: [line({ netAmount: decimal("10.00") })],
    tickets: [
      ticket({ entries: [entry({ settled: "due", minutes: decimal("7.25") }), entry({ minutes: decimal("95.00") })] }),
      ticket({ entries: [entry({ minutes: decimal("-5.50") })], lines: [line({ netAmount: decimal("-0.42") })] }),
    ],
  });
  expect(totals).toEqual({
    minutes: "96.75",
    bySettlement: [
      { settled: "billed", minutes: "89.50" },
      { settled: "due", minutes: "7.25" },
    ],
    netAmount: "160.00",
  });
});

test("the sums by what became of time add up to all of it", () => {
  const { minutes, bySettlement } = totalsOf(richReport());
  expect(bySettlement).toHaveLength(11);
  expect(bySettlement.reduce((sum, each) => sum + Number(each.minutes), 0)).toBe(Number(minutes));
});

test("nothing sums up to zero", () => {
  expect(totalsOf({ tickets: [], furtherLines: [] })).toEqual({ minutes: "0.00", bySettlement: [], netAmount: "0.00" });
});

test.each([
  ["95.00", "1.58"],
  ["-30", "-0.50"],
  ["0.30", "0.01"],
])("%s minutes read as %s hours", (minutes, hours) => {
  expect(hoursOf(decimal(minutes))).toBe(hours);
});

test("more used than included leaves less than nothing", () => {
  expect(minutesLeft({ includedMinutes: decimal("60"), usedMinutes: decimal("75.5") })).toBe("-15.50");
});

test("a discount is a fraction and reads as percent", () => {
  expect(percentOf(decimal("0.125"))).toBe("12.500");
});
