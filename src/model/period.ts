import { ConfigError } from "./errors.ts";

/** A span of whole days in the business time zone. `end` is exclusive. */
export interface Period {
  /** How people write it: `2026-10`, `2026-Q3`, `2026-10-05..2026-10-20`. */
  readonly label: string;
  readonly start: Temporal.PlainDate;
  readonly end: Temporal.PlainDate;
}

const month = /^(\d{4})-(\d{2})$/;
const quarter = /^(\d{4})-Q([1-4])$/;
const range = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/;

/**
 * Reads a period as people write it: a month `2026-10`, a quarter `2026-Q3`, a range of days `2026-10-05..2026-10-20`
 * (both days included), or `previous-month` as seen on `today`.
 */
export function parsePeriod(text: string, today: Temporal.PlainDate): Period {
  if (text === "previous-month") return monthPeriod(today.with({ day: 1 }).subtract({ months: 1 }));
  try {
    const byMonth = month.exec(text);
    if (byMonth) return monthPeriod(Temporal.PlainDate.from(`${text}-01`));
    const byQuarter = quarter.exec(text);
    if (byQuarter) return quarterPeriod(text, Number(byQuarter[1]), Number(byQuarter[2]));
    const byRange = range.exec(text);
    if (byRange?.[1] && byRange[2]) return rangePeriod(text, byRange[1], byRange[2]);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new ConfigError(
    `"${text}" is not a period.`,
    "Write a month (2026-10), a quarter (2026-Q3), a range of days (2026-10-05..2026-10-20) or previous-month.",
  );
}

/** The first moment after the period, in the business time zone. */
export function endOfPeriod(period: Period, timeZone: string): Temporal.Instant {
  return period.end.toZonedDateTime(timeZone).toInstant();
}

/** The last day of the period. */
export function lastDay(period: Period): Temporal.PlainDate {
  return period.end.subtract({ days: 1 });
}

function monthPeriod(start: Temporal.PlainDate): Period {
  return { label: start.toPlainYearMonth().toString(), start, end: start.add({ months: 1 }) };
}

function quarterPeriod(label: string, year: number, number: number): Period {
  const start = Temporal.PlainDate.from({ year, month: number * 3 - 2, day: 1 });
  return { label, start, end: start.add({ months: 3 }) };
}

function rangePeriod(label: string, from: string, to: string): Period {
  const start = Temporal.PlainDate.from(from);
  const end = Temporal.PlainDate.from(to).add({ days: 1 });
  if (Temporal.PlainDate.compare(start, end) >= 0) {
    throw new ConfigError(`The period ${label} ends before it starts.`, "Write the earlier day first.");
  }
  return { label, start, end };
}
