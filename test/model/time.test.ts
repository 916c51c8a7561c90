import { expect, test } from "vitest";
import { hundredthUnitsOf, minutesOf, unitsText } from "../../src/model/index.ts";
import type { HundredthUnits, MinutesPerUnit } from "../../src/model/index.ts";

test.each([
  { from: 1.5, units: 150 },
  { from: "2,25", units: 225 },
  { from: "0.75", units: 75 },
  { from: 0.1 + 0.2, units: 30 },
  { from: -0.5, units: -50 },
  { from: "", units: 0 },
  { from: 1.005, units: 101 },
  { from: "1.50", units: 150 },
  { from: "-12.5", units: -1250 },
  { from: "-0.00", units: 0 },
  { from: "1e2", units: 10_000 },
])("accounted time $from is $units hundredths", ({ from, units }) => {
  expect(hundredthUnitsOf(from)).toBe(units);
});

test("minutes and units keep two decimals", () => {
  expect(minutesOf(13_500 as HundredthUnits, "1" as MinutesPerUnit)).toBe("135.00");
  expect(minutesOf(225 as HundredthUnits, "60" as MinutesPerUnit)).toBe("135.00");
  expect(unitsText(-50 as HundredthUnits)).toBe("-0.50");
});
