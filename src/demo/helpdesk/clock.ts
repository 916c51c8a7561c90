/** The helpdesk's clock: seconds since 1970 on one side, zone-less local time stamps on the other. */
export interface Clock {
  timeZone: string;
  /** Seconds since 1970, whole. */
  epoch(): number;
  /** `YYYY-MM-DD hh:mm:ss` in the helpdesk's zone, of now or of the given epoch second. */
  stamp(epochSeconds?: number): string;
  /** Epoch second of a stamp in the helpdesk's zone; undefined when it is not a possible date. */
  epochOf(stamp: string): number | undefined;
  /** Whole minutes of working time (Monday to Friday, 8 to 21 o'clock, as shipped) between two stamps. */
  workingMinutes(from: string, to: string): number;
}

const stampPattern = /^(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})$/;
// TimeWorkingHours lists the hours 8 … 20, each of them whole.
const workdayStart = 8;
const workdayEnd = 21;

/** A clock in a named zone over an injected source of instants. */
export function createClock(timeZone: string, now: () => Temporal.Instant): Clock {
  const epoch = () => Math.floor(now().epochMilliseconds / 1000);
  return {
    timeZone,
    epoch,
    stamp: (epochSeconds = epoch()) => stampOf(epochSeconds, timeZone),
    epochOf: (stamp) => epochSecondOf(stamp, timeZone),
    workingMinutes: (from, to) => workingMinutes(from, to),
  };
}

function stampOf(epochSeconds: number, timeZone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(epochSeconds * 1000).toZonedDateTimeISO(timeZone);
  return local.toPlainDateTime().toString({ smallestUnit: "second" }).replace("T", " ");
}

function epochSecondOf(stamp: string, timeZone: string): number | undefined {
  const local = plainOf(stamp);
  return local && Math.floor(local.toZonedDateTime(timeZone).epochMilliseconds / 1000);
}

function plainOf(stamp: string): Temporal.PlainDateTime | undefined {
  const parts = stampPattern.exec(stamp)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  try {
    return Temporal.PlainDateTime.from({ year, month, day, hour, minute, second }, { overflow: "reject" });
  } catch {
    return undefined;
  }
}

function workingMinutes(from: string, to: string): number {
  const start = plainOf(from);
  const end = plainOf(to);
  if (start === undefined || end === undefined) return 0;
  let seconds = 0;
  let day = start.toPlainDate();
  while (Temporal.PlainDate.compare(day, end.toPlainDate()) <= 0) {
    if (day.dayOfWeek <= 5) {
      const opens = day.toPlainDateTime({ hour: workdayStart });
      const closes = day.toPlainDateTime({ hour: workdayEnd });
      const lower = Temporal.PlainDateTime.compare(start, opens) > 0 ? start : opens;
      const upper = Temporal.PlainDateTime.compare(end, closes) < 0 ? end : closes;
      seconds += Math.max(0, lower.until(upper, { largestUnit: "second" }).seconds);
    }
    day = day.add({ days: 1 });
  }
  return Math.floor(seconds / 60);
}
