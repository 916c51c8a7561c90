import { Big } from "big.js";
import { minutesOf, roundToStep } from "../../model/index.ts";
import type { Decimal, HundredthUnits, MinutesPerUnit } from "../../model/index.ts";
import type { Rounding } from "../rules.ts";

/** Enough places for a quotient to be rounded like the exact one. */
const Precise = Big();
Precise.DP = 40;

/** What decides how much of the worked time is charged. */
export interface ChargeRule {
  readonly rounding: Rounding | null;
  /** Least minutes charged for a ticket; "0" for none. */
  readonly minimumMinutes: Decimal;
}

/** Worked time as it stands. */
export const asWorked: ChargeRule = { rounding: null, minimumMinutes: "0" as Decimal };

/**
 * Minutes charged for all worked time of one position. `entries` holds the worked units of each of its entries. An entry
 * below zero corrects others and is taken as it is; nothing is charged for nothing. The minimum is laid over what rounding
 * gives. Rounding per draft leaves a position as it is.
 */
export function chargedMinutes(
  entries: readonly HundredthUnits[],
  minutesPerUnit: MinutesPerUnit,
  { rounding, minimumMinutes }: ChargeRule,
): Big {
  const minutes = entries.map((units) => exactMinutes(units, minutesPerUnit));
  const worked = sum(minutes);
  if (worked.lte(0)) return worked;
  const charged = rounded(minutes, worked, rounding);
  return charged.lt(minimumMinutes) ? new Precise(minimumMinutes) : charged;
}

export function exactMinutes(units: HundredthUnits, minutesPerUnit: MinutesPerUnit): Big {
  return new Precise(units).times(minutesPerUnit).div(100);
}

/** Minutes with two decimals, for people. */
export function shownMinutes(units: HundredthUnits, minutesPerUnit: MinutesPerUnit): Decimal {
  return minutesOf(units, minutesPerUnit);
}

function rounded(entries: readonly Big[], worked: Big, rounding: Rounding | null): Big {
  if (rounding === null || rounding.per === "draft") return worked;
  if (rounding.per === "ticket") return roundToStep(worked, rounding);
  return sum(entries.map((minutes) => (minutes.gt(0) ? roundToStep(minutes, rounding) : minutes)));
}

function sum(values: readonly Big[]): Big {
  return values.reduce((total, value) => total.plus(value), new Precise(0));
}
