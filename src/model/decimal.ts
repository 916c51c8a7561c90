import { Big } from "big.js";
import { z } from "zod";

/** A decimal number as text, the way `numeric` leaves PostgreSQL; never a JavaScript number. */
export const Decimal = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/, "expected a decimal number such as 95.00")
  .brand<"Decimal">();
export type Decimal = z.infer<typeof Decimal>;

/** Rounds half away from zero, as kivitendo and PostgreSQL's `numeric` do. */
export function round(value: Big, places: number): Decimal {
  return value.round(places, Big.roundHalfUp).toFixed(places) as Decimal;
}

/** A number of the configuration as a decimal, without an exponent. */
export function decimalOf(value: number): Decimal {
  return new Big(value).toFixed() as Decimal;
}

/** Sum of decimals, with two places. */
export function sumAmounts(amounts: readonly Decimal[]): Decimal {
  return round(
    amounts.reduce((sum, amount) => sum.plus(amount), new Big(0)),
    2,
  );
}

/** Writes a decimal without an exponent and without trailing zeros after the point. */
export function trimDecimal(value: Decimal): Decimal {
  return (value.includes(".") ? value.replace(/\.?0+$/, "") : value) as Decimal;
}
