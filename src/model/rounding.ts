import { Big } from "big.js";
import { type Decimal, round } from "./decimal.ts";

/** Enough places for a quotient to be rounded like the exact one. */
const Precise = Big();
Precise.DP = 40;

/** kivitendo keeps five decimals of a quantity (`numeric(25,5)`). */
const quantityPlaces = 5;

/** kivitendo's form shows and posts smaller values as zero (measured on 4.1.0). */
const smallestQuantity = "0.0001";

/** Minutes go to a multiple of the step. */
export interface RoundingStep {
  readonly stepMinutes: Decimal;
  readonly direction: "up" | "nearest" | "down";
}

/** The next multiple of the rounding's step. */
export function roundToStep(minutes: Big, { stepMinutes, direction }: RoundingStep): Big {
  const modes = { up: Big.roundUp, nearest: Big.roundHalfUp, down: Big.roundDown };
  return new Precise(minutes).div(stepMinutes).round(0, modes[direction]).times(stepMinutes);
}

/** Minutes as a quantity of the part's unit, five decimals; the only place where time becomes a quantity. */
export function quantityFor(minutes: Big, minutesPerPartUnit: Decimal): Decimal {
  return round(new Precise(minutes).div(minutesPerPartUnit), quantityPlaces);
}

/** True when kivitendo would show and post it as nothing. */
export function isTooSmall(quantity: Decimal): boolean {
  return new Big(quantity).lt(smallestQuantity);
}

/** A position of a draft that is rounded as a whole. */
export interface RoundedPosition {
  readonly quantity: Decimal;
  readonly workedMinutes: Big;
}

/**
 * Quantity, below zero too, that rounds positions of one part and price together; null where nothing is to be rounded. A
 * position counts with what it charges: the exact time where its quantity is that time with five decimals.
 */
export function roundingQuantity(
  positions: readonly RoundedPosition[],
  minutesPerPartUnit: Decimal,
  step: RoundingStep,
): Decimal | null {
  const minutes = sum(positions.map((position) => chargedMinutes(position, minutesPerPartUnit)));
  const wanted = quantityFor(roundToStep(minutes.round(2, Big.roundHalfUp), step), minutesPerPartUnit);
  const quantity = round(new Big(wanted).minus(sum(positions.map((each) => new Big(each.quantity)))), quantityPlaces);
  return new Big(quantity).abs().lt(smallestQuantity) ? null : quantity;
}

function sum(values: readonly Big[]): Big {
  return values.reduce((total, value) => total.plus(value), new Precise(0));
}

/** A quantity is the worked time when it differs by no more than what rounding twice to five decimals makes. */
function chargedMinutes({ quantity, workedMinutes }: RoundedPosition, minutesPerPartUnit: Decimal): Big {
  const charged = new Precise(quantity).times(minutesPerPartUnit);
  const tolerance = new Precise(minutesPerPartUnit).times("0.00002");
  return charged.minus(workedMinutes).abs().lte(tolerance) ? workedMinutes : charged.round(2, Big.roundHalfUp);
}
