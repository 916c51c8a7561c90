/** Units become a quantity of the part's unit, exactly and rounded once. */
import { Big } from "big.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { exactMinutes } from "../../src/billing/plan/rounding.ts";
import { quantityFor } from "../../src/model/index.ts";
import type { Decimal, HundredthUnits, MinutesPerUnit } from "../../src/model/index.ts";

function quantityOf(units: number, perUnit: string, perPart: string): Decimal {
  return quantityFor(exactMinutes(units as HundredthUnits, perUnit as MinutesPerUnit), perPart as Decimal);
}

test.each([
  { units: 2000, perUnit: "1", perPart: "60", quantity: "0.33333" },
  { units: 9000, perUnit: "1", perPart: "60", quantity: "1.50000" },
  { units: 150, perUnit: "60", perPart: "60", quantity: "1.50000" },
  { units: 100, perUnit: "15", perPart: "1", quantity: "15.00000" },
  { units: 100, perUnit: "60", perPart: "480", quantity: "0.12500" },
  { units: 1, perUnit: "1", perPart: "60", quantity: "0.00017" },
])("$units hundredths of $perUnit min are $quantity of $perPart min", ({ units, perUnit, perPart, quantity }) => {
  expect(quantityOf(units, perUnit, perPart)).toBe(quantity);
});

test("a quantity is the exact one, rounded once", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.constantFrom("1", "60", "15", "6"), (units, perUnit) => {
      const quantity = quantityOf(units, perUnit, "60");
      // 6000 hundredth minutes are an hour: compare without any division.
      const error = new Big(quantity).times(6000).minus(new Big(units).times(perUnit)).abs();
      return error.lte(new Big("0.000005").times(6000));
    }),
  );
});
