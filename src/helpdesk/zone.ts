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
  const known = knownOf(timeZone);
  const met = known.moments.get(stamp);
  if (met !== undefined) return met;
  const moment = momentOf(stamp, timeZone, known.hourStarts);
  keep(known.moments, stamp, moment);
  return moment;
}

function momentOf(stamp: string, timeZone: string, hourStarts: Known["hourStarts"]): Temporal.Instant {
  const start = hourStart(stamp.slice(0, 13), timeZone, hourStarts);
  const minutes = Number(stamp.slice(14, 16));
  const seconds = Number(stamp.slice(17));
  if (start === null || minutes > 59 || seconds > 59) return exactInstantOf(stamp, timeZone);
  return Temporal.Instant.fromEpochMilliseconds(start + (60 * minutes + seconds) * 1000);
}

function exactInstantOf(stamp: string, timeZone: string): Temporal.Instant {
  const local = Temporal.PlainDateTime.from(stamp.replace(" ", "T"));
  return local.toZonedDateTime(timeZone, { disambiguation: "compatible" }).toInstant();
}

/**
 * What was found out about a zone. Tickets by the thousand have some hundred thousand stamps in some thousand hours; the
 * same stamp stands there several times, and a moment costs more to make than to find.
 */
interface Known {
  /** By hour (`2026-11-22 08`), in milliseconds since 1970; null when its clock was changed in the middle. */
  readonly hourStarts: Map<string, number | null>;
  readonly moments: Map<string, Temporal.Instant>;
}

const zones = new Map<string, Known>();
const mostKept = 20_000;

function knownOf(timeZone: string): Known {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  const fresh: Known = { hourStarts: new Map(), moments: new Map() };
  zones.set(timeZone, fresh);
  return fresh;
}

function keep<T>(found: Map<string, T>, name: string, value: T): void {
  if (found.size >= mostKept) found.clear();
  found.set(name, value);
}

function hourStart(hour: string, timeZone: string, hourStarts: Known["hourStarts"]): number | null {
  const known = hourStarts.get(hour);
  if (known !== undefined) return known;
  const first = exactInstantOf(`${hour}:00:00`, timeZone).epochMilliseconds;
  const last = exactInstantOf(`${hour}:59:59`, timeZone).epochMilliseconds;
  const start = last - first === 3_599_000 ? first : null;
  keep(hourStarts, hour, start);
  return start;
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
