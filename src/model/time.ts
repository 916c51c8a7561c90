import { Big } from "big.js";
import { z } from "zod";
import { round } from "./decimal.ts";
import type { Decimal } from "./decimal.ts";

/**
 * Accounted time as an integer of hundredths of the helpdesk's own unit. The helpdesk stores `time_unit` with two
 * decimals and without a unit; integers keep sums exact.
 */
export const HundredthUnits = z.number().int().brand<"HundredthUnits">();
export type HundredthUnits = z.infer<typeof HundredthUnits>;

/** What one unit of accounted time means at this site, in minutes (minutes: 1, hours: 60). */
export const MinutesPerUnit = z.string().brand<"MinutesPerUnit">();
export type MinutesPerUnit = z.infer<typeof MinutesPerUnit>;

/** As the helpdesk stores it: its digits are the hundredths. Tickets by the thousand have nothing else. */
const plainUnits = /^(-?)(\d{1,12})(?:\.(\d{1,2}))?$/;

/** Reads a time unit as it comes from the helpdesk: a number, or text with point or comma. */
export function hundredthUnitsOf(timeUnit: number | string): HundredthUnits {
  const text = typeof timeUnit === "number" ? String(timeUnit) : timeUnit.trim().replace(",", ".");
  const [, sign, whole, part = ""] = plainUnits.exec(text) ?? [];
  if (whole !== undefined) {
    const hundredths = Number(whole + part.padEnd(2, "0"));
    return (sign === "-" ? 0 - hundredths : hundredths) as HundredthUnits;
  }
  // The helpdesk sums floats in Perl (OTRS Ticket.pm, TicketAccountedTimeGet): 0.1 + 0.2 arrives as 0.30000000000000004.
  return Number(round(new Big(text === "" ? "0" : text).times(100), 0)) as HundredthUnits;
}

/** Units back as the helpdesk shows them, with two decimals. */
export function unitsText(units: HundredthUnits): string {
  return new Big(units).div(100).toFixed(2);
}

/** Minutes of accounted time, with two decimals. */
export function minutesOf(units: HundredthUnits, minutesPerUnit: MinutesPerUnit): Decimal {
  return round(new Big(units).div(100).times(minutesPerUnit), 2);
}

/** Minutes of a length of time as people write it: `15 minutes`, `1.5 hours`. */
export function minutesOfDuration(text: string): Decimal {
  const [number = "", unit = ""] = text.split(" ");
  return new Big(number).times(unit.startsWith("hour") ? 60 : 1).toFixed() as Decimal;
}
