import { ConfigError } from "../model/index.ts";
import { timeZoneSettings } from "./products.ts";

/**
 * Throws ConfigError when the name of a zone (as the helpdesk or an operator wrote it) is unknown here. `setting` is where
 * it is set in the helpdesk.
 */
export function assertZone(timeZone: string, setting = timeZoneSettings.join(" or ")): string {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone);
    return timeZone;
  } catch {
    throw new ConfigError(
      `The time zone ${timeZone} is unknown.`,
      `Set ${setting} in the helpdesk to a name of the IANA list, such as Europe/Berlin or UTC.`,
    );
  }
}

/**
 * The moment a stored stamp means. In the hour that occurs twice at the end of summer time the earlier one; in the hour that
 * does not occur, as if summer time had not begun.
 */
export function instantOf(stamp: string, timeZone: string): Temporal.Instant {
  const local = Temporal.PlainDateTime.from(stamp.replace(" ", "T"));
  return local.toZonedDateTime(timeZone, { disambiguation: "compatible" }).toInstant();
}

/**
 * The lowest stamp that the helpdesk can have written at this moment or later: a filter "…NewerDate" (inclusive) with it
 * skips nothing. Stamps run backwards once a year when the helpdesk keeps local time.
 */
export function lowerStamp(moment: Temporal.Instant, timeZone: string): string {
  const here = moment.round({ smallestUnit: "second", roundingMode: "floor" }).toZonedDateTimeISO(timeZone);
  const next = here.getTimeZoneTransition("next");
  const local = here.toPlainDateTime();
  return text(next ? earlier(local, next.toPlainDateTime()) : local);
}

/**
 * The highest stamp that the helpdesk can have written before this moment: a filter "…OlderDate" (inclusive) with it skips
 * nothing that happened before.
 */
export function upperStampBefore(moment: Temporal.Instant, timeZone: string): string {
  return text(highestBefore(moment, timeZone));
}

/** The same for a bound that is not included: the lowest stamp above all that the helpdesk can have written before. */
export function stampAfterAllBefore(moment: Temporal.Instant, timeZone: string): string {
  return text(highestBefore(moment, timeZone).add({ seconds: 1 }));
}

function highestBefore(moment: Temporal.Instant, timeZone: string): Temporal.PlainDateTime {
  const lastSecond = moment.round({ smallestUnit: "second", roundingMode: "ceil" }).subtract({ seconds: 1 });
  const here = lastSecond.toZonedDateTimeISO(timeZone);
  // The transition itself is the first moment of the new offset; the second before has the highest old stamp.
  const previous = here.add({ nanoseconds: 1 }).getTimeZoneTransition("previous");
  const local = here.toPlainDateTime();
  return previous ? later(local, previous.subtract({ seconds: 1 }).toPlainDateTime()) : local;
}

function earlier(a: Temporal.PlainDateTime, b: Temporal.PlainDateTime): Temporal.PlainDateTime {
  return Temporal.PlainDateTime.compare(a, b) <= 0 ? a : b;
}

function later(a: Temporal.PlainDateTime, b: Temporal.PlainDateTime): Temporal.PlainDateTime {
  return Temporal.PlainDateTime.compare(a, b) >= 0 ? a : b;
}

function text(local: Temporal.PlainDateTime): string {
  return local.toString({ smallestUnit: "second" }).replace("T", " ");
}
