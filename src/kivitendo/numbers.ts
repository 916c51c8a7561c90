import { Big } from "big.js";
import { type Decimal, RejectedError } from "../model/index.ts";

/** kivitendo shows and posts smaller values as 0. */
const smallest = new Big("0.0001");
/** Perl computes with floats: 15 digits are exact. */
const mostDigits = 15;

/**
 * A number as kivitendo reads it alike in each of its five number formats: an integer, or a fraction of integers such
 * as `150000/100000`. With hundreds for prices in cents, else hundred-thousands, which are the places that it stores.
 */
export function numberExpression(value: Decimal, what: string): string {
  const number = storableNumber(value, what);
  if (!number.eq(0) && number.abs().lt(smallest)) {
    throw new RejectedError(`${what}, ${value}, is so small that kivitendo takes it for 0.`, "Bill a larger unit.");
  }
  const { numerator, denominator } = fractionOf(number);
  return denominator === 1 ? numerator : `${numerator}/${denominator}`;
}

/** Throws RejectedError for a number with more places than kivitendo keeps, or more digits than it computes with. */
export function storableNumber(value: Decimal, what: string): Big {
  const number = new Big(value);
  if (number.round(5).cmp(number) !== 0) {
    throw new RejectedError(`${what}, ${value}, has more than five decimals.`, "Round it to five decimals.");
  }
  if (fractionOf(number).numerator.replace("-", "").length > mostDigits) {
    throw new RejectedError(`${what}, ${value}, is too large for kivitendo.`, "Check the part's price and the time.");
  }
  return number;
}

function fractionOf(number: Big): { numerator: string; denominator: number } {
  const denominator = [1, 100, 100_000].find((each) => number.times(each).round(0).eq(number.times(each))) ?? 1;
  return { numerator: number.times(denominator).toFixed(0), denominator };
}
