import { ConfigError } from "./errors.ts";

/** A span of whole days in the business time zone. `end` is exclusive. */
export interface Period {
  /** How people write it: `2026-10`, `2026-Q3`, `2026-H1`, `2026`, `2026-10-05..2026-10-20`. */
  readonly label: string;
  readonly start: Temporal.PlainDate;
  readonly end: Temporal.PlainDate;
}

/** What people may write for a period, for hints and descriptions. */
export const periodForms =
  "a month (2026-10), quarter (2026-Q3), half-year (2026-H1), year (2026), range of days (2026-10-05..2026-10-20), previous-month, previous-quarter, previous-half-year or previous-year";

const month = /^(\d{4})-(\d{2})$/;
/** A year, alone or with one of its quarters or halves. */
const partOfYear = /^(\d{4})(?:-(Q[1-4]|H[12]))?$/;
const range = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/;
const monthsOfPrevious: Readonly<Record<string, number>> = {
  "previous-month": 1,
  "previous-quarter": 3,
  "previous-half-year": 6,
  "previous-year": 12,
};

/**
 * Reads a period as people write it; see `periodForms`. Both days of a range are included; the previous ones are as seen
 * on `today`. Throws ConfigError.
 */
export function parsePeriod(text: string, today: Temporal.PlainDate): Period {
  const previous = monthsOfPrevious[text];
  if (previous !== undefined) return previousPeriod(previous, today);
  try {
    const byMonth = month.exec(text);
    if (byMonth) return periodOf(Temporal.PlainDate.from(`${text}-01`), 1);
    const byYear = partOfYear.exec(text);
    if (byYear) return yearPeriod(Number(byYear[1]), byYear[2] ?? "");
    const byRange = range.exec(text);
    if (byRange?.[1] && byRange[2]) return rangePeriod(text, byRange[1], byRange[2]);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new ConfigError(`"${text}" is not a period.`, `Write ${periodForms}.`);
}

/** The first moment after the period, in the business time zone. */
export function endOfPeriod(period: Period, timeZone: string): Temporal.Instant {
  return period.end.toZonedDateTime(timeZone).toInstant();
}

/** The last day of the period. */
export function lastDay(period: Period): Temporal.PlainDate {
  return period.end.subtract({ days: 1 });
}

/** The last whole span of so many months (1, 3, 6 or 12) of a calendar year before `today`. */
function previousPeriod(months: number, today: Temporal.PlainDate): Period {
  const firstMonth = today.month - ((today.month - 1) % months);
  return periodOf(today.with({ month: firstMonth, day: 1 }).subtract({ months }), months);
}

function yearPeriod(year: number, part: string): Period {
  const months = part.startsWith("Q") ? 3 : part.startsWith("H") ? 6 : 12;
  const number = Number(part.slice(1) || "1");
  return periodOf(Temporal.PlainDate.from({ year, month: (number - 1) * months + 1, day: 1 }), months);
}

/** A period of the calendar: `months` is 1, 3, 6 or 12. */
function periodOf(start: Temporal.PlainDate, months: number): Period {
  const number = (start.month - 1) / months + 1;
  const year = start.toString().slice(0, -6);
  const labels: Readonly<Record<number, string>> = { 3: `${year}-Q${number}`, 6: `${year}-H${number}`, 12: year };
  return {
    label: labels[months] ?? start.toPlainYearMonth().toString(),
    start,
    end: start.add({ months }),
  };
}

function rangePeriod(label: string, from: string, to: string): Period {
  const start = Temporal.PlainDate.from(from);
  const end = Temporal.PlainDate.from(to).add({ days: 1 });
  if (Temporal.PlainDate.compare(start, end) >= 0) {
    throw new ConfigError(`The period ${label} ends before it starts.`, "Write the earlier day first.");
  }
  return { label, start, end };
}
