import { Big } from "big.js";
import { round, sumAmounts } from "../model/index.ts";
import type { Decimal, Period } from "../model/index.ts";

/** What became of a piece of time, in the order in which reports list it. */
export const settlements = [
  "billed",
  "goodwill",
  "included",
  "excluded",
  "waived",
  "opening",
  "transfer",
  "proposed",
  "held",
  "due",
  "inbox",
] as const;
export type Settlement = (typeof settlements)[number];

/** Time worked on a ticket. An entry that was settled in several ways stands there once for each. */
export interface ActivityEntry {
  readonly date: Temporal.PlainDate;
  /** Who worked, as the helpdesk names them; null when it does not say. */
  readonly agent: string | null;
  /** The article's subject; null for time without an article. */
  readonly subject: string | null;
  /** Worked time; negative for a correction. */
  readonly minutes: Decimal;
  readonly settled: Settlement;
  /** Invoice number or draft; null when there is none. */
  readonly where: string | null;
}

/** The kinds of lines that stand on drafts and invoices. */
export type ActivityLineKind = "billed" | "goodwill" | "rounding";

/** A line that was written, or is proposed. */
export interface ActivityLine {
  readonly partNumber: string;
  readonly description: string;
  readonly quantity: Decimal;
  readonly unit: string;
  /** Before the discount. */
  readonly unitPrice: Decimal;
  /** As a fraction: "0.1" is 10 %. */
  readonly discount: Decimal;
  readonly netAmount: Decimal;
  readonly kind: ActivityLineKind;
  /** The posted invoice; null as long as there is none. */
  readonly invoice: string | null;
}

export interface ActivityTicket {
  readonly ticketNumber: string;
  readonly title: string;
  readonly queue: string;
  readonly service: string | null;
  readonly closedOn: Temporal.PlainDate | null;
  readonly entries: readonly ActivityEntry[];
  readonly lines: readonly ActivityLine[];
}

/** What was done for a customer in a period (Tätigkeitsnachweis), and what of it is billed. */
export interface ActivityReport {
  readonly customer: { readonly number: string; readonly name: string };
  readonly period: Period;
  readonly language: "de" | "en";
  /** Also the creation date inside the files: the same report gives the same bytes. */
  readonly createdAt: Temporal.ZonedDateTime;
  /** The business time zone, in which the days of entries count. */
  readonly timeZone: string;
  /** ISO code or sign, as it stands behind amounts. */
  readonly currency: string;
  readonly tickets: readonly ActivityTicket[];
  /** Lines that belong to no ticket, as those that round a whole draft. */
  readonly furtherLines: readonly ActivityLine[];
  /** Included time of the period and how much of it is used up; null for customers without. */
  readonly contingent: { readonly includedMinutes: Decimal; readonly usedMinutes: Decimal } | null;
}

export interface ActivityTotals {
  readonly minutes: Decimal;
  /** In the order of `settlements`, only those that occur. */
  readonly bySettlement: readonly { readonly settled: Settlement; readonly minutes: Decimal }[];
  readonly netAmount: Decimal;
}

/** Sums over tickets and lines that belong to none: worked minutes, the same by what became of them, and the net amount of the lines. */
export function totalsOf({ tickets, furtherLines }: Pick<ActivityReport, "tickets" | "furtherLines">): ActivityTotals {
  const entries = tickets.flatMap((ticket) => ticket.entries);
  const bySettlement = settlements.flatMap((settled) => {
    const minutes = entries.filter((entry) => entry.settled === settled).map((entry) => entry.minutes);
    return minutes.length > 0 ? [{ settled, minutes: sumAmounts(minutes) }] : [];
  });
  return {
    minutes: sumAmounts(entries.map((entry) => entry.minutes)),
    bySettlement,
    netAmount: sumAmounts([...tickets.flatMap(({ lines }) => lines), ...furtherLines].map((line) => line.netAmount)),
  };
}

/** Minutes as hours with two decimals, for reading only: 95 minutes are 1.58 hours. */
export function hoursOf(minutes: Decimal): Decimal {
  return round(new Big(minutes).div(60), 2);
}

/** A discount in percent: the fraction 0.125 is 12.5. */
export function percentOf(discount: Decimal): Decimal {
  return round(new Big(discount).times(100), 3);
}

/** What is left of the included time; negative when more was used. */
export function minutesLeft(contingent: NonNullable<ActivityReport["contingent"]>): Decimal {
  return round(new Big(contingent.includedMinutes).minus(contingent.usedMinutes), 2);
}
