import { Big } from "big.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hundredthUnitsOf, minutesOf, quantityOf, unitsText } from "../../src/model/index.ts";
import type { Decimal, HundredthUnits, MinutesPerUnit } from "../../src/model/index.ts";

test.each([
  { from: 1.5, units: 150 },
  { from: "2,25", units: 225 },
  { from: "0.75", units: 75 },
  { from: 0.1 + 0.2, units: 30 },
  { from: -0.5, units: -50 },
  { from: "", units: 0 },
  { from: 1.005, units: 101 },
])("accounted time $from is $units hundredths", ({ from, units }) => {
  expect(hundredthUnitsOf(from)).toBe(units);
});

test.each([
  { units: 2000, perUnit: "1", perPart: "60", quantity: "0.33333" },
  { units: 9000, perUnit: "1", perPart: "60", quantity: "1.50000" },
  { units: 150, perUnit: "60", perPart: "60", quantity: "1.50000" },
  { units: 100, perUnit: "15", perPart: "1", quantity: "15.00000" },
  { units: 100, perUnit: "60", perPart: "480", quantity: "0.12500" },
  { units: 1, perUnit: "1", perPart: "60", quantity: "0.00017" },
])("$units hundredths of $perUnit min are $quantity of $perPart min", ({ units, perUnit, perPart, quantity }) => {
  const rule = { minutesPerUnit: perUnit as MinutesPerUnit, minutesPerPartUnit: perPart as Decimal };
  expect(quantityOf(units as HundredthUnits, rule)).toBe(quantity);
});

test("a quantity is the exact one, rounded once", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.constantFrom("1", "60", "15", "6"), (units, perUnit) => {
      const quantity = quantityOf(units as HundredthUnits, {
        minutesPerUnit: perUnit as MinutesPerUnit,
        minutesPerPartUnit: "60" as Decimal,
      });
      // 6000 hundredth minutes are an hour: compare without any division.
      const error = new Big(quantity).times(6000).minus(new Big(units).times(perUnit)).abs();
      return error.lte(new Big("0.000005").times(6000));
    }),
  );
});

test("minutes and units keep two decimals", () => {
  expect(minutesOf(13_500 as HundredthUnits, "1" as MinutesPerUnit)).toBe("135.00");
  expect(minutesOf(225 as HundredthUnits, "60" as MinutesPerUnit)).toBe("135.00");
  expect(unitsText(-50 as HundredthUnits)).toBe("-0.50");
});
