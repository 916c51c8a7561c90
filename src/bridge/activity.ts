import { minutesOf, sumAmounts } from "../model/index.ts";
import type { HundredthUnits, MinutesPerUnit, Period } from "../model/index.ts";
import type { ActivityEntry, ActivityLine, ActivityTicket, Settlement } from "../report/index.ts";
import type { TicketStory } from "../state/index.ts";

export interface ActivityScope {
  readonly customerId: number;
  readonly period: Period;
  /** Business time zone. */
  readonly timeZone: string;
  readonly minutesPerUnit: MinutesPerUnit;
  /** `closing` takes all time of tickets closed in the period, `booking` the time booked in it. */
  readonly dateBy: "closing" | "booking";
}

type Line = TicketStory["lines"][number];
type Entry = TicketStory["entries"][number];

/** What was done for one customer, from the ledger's point of view; tickets without any time are left out. */
export function activityTickets(stories: readonly TicketStory[], scope: ActivityScope): readonly ActivityTicket[] {
  return stories
    .map((story) => activityTicket(story, scope))
    .filter((ticket) => ticket.entries.length > 0 || ticket.lines.length > 0)
    .sort((a, b) => (a.ticketNumber < b.ticketNumber ? -1 : 1));
}

function activityTicket(story: TicketStory, scope: ActivityScope): ActivityTicket {
  const { ticket } = story;
  const lines = new Map(story.lines.filter(isActive).map((line) => [line.lineId, line]));
  const mine = ticket.customerId === scope.customerId;
  const entries = story.entries
    .flatMap((entry) => [
      ...settledEntries(entry, lines, scope),
      ...(mine ? openEntries(entry, settlementOfOpen(story), scope) : []),
    ])
    .filter(({ date }) => scope.dateBy === "closing" || isWithin(date, scope.period))
    .sort((a, b) => Temporal.PlainDate.compare(a.date, b.date));
  return {
    ticketNumber: ticket.ticketNumber,
    title: ticket.title,
    queue: ticket.queue,
    service: ticket.service === "" ? null : ticket.service,
    closedOn: ticket.closedAt?.toZonedDateTimeISO(scope.timeZone).toPlainDate() ?? null,
    entries,
    // Amounts of lines cannot be divided among periods: with dateBy booking they stand with the ticket's first day of work.
    lines: [...lines.values()].filter((line) => isLineOf(line, scope, story)).map(activityLine),
  };
}

function isActive(line: Line): boolean {
  return line.reverses === null && line.reversedBy === null;
}

function isLineOf(line: Line, scope: ActivityScope, story: TicketStory): boolean {
  if (line.customerId !== scope.customerId || line.draft === null) return false;
  if (scope.dateBy === "closing") return true;
  const days = story.entries
    .flatMap((entry) => entry.ledger)
    .flatMap((each) => (each.lineId === line.lineId && each.workedOn !== null ? [each.workedOn] : []))
    .sort((a, b) => Temporal.PlainDate.compare(a, b));
  return days[0] !== undefined && isWithin(days[0], scope.period);
}

function settledEntries(entry: Entry, lines: ReadonlyMap<number, Line>, scope: ActivityScope): ActivityEntry[] {
  return entry.ledger.flatMap(({ lineId, units, workedOn, agent }) => {
    const line = lines.get(lineId);
    if (line === undefined || (line.kind === "transfer" && line.workedUnits === 0)) return [];
    if (line.customerId !== null && line.customerId !== scope.customerId) return [];
    const date = workedOn ?? dayOf(entry.createdAt, scope);
    return [
      {
        date,
        agent,
        subject: subjectOn(entry, date, scope),
        minutes: minutesOf(units, scope.minutesPerUnit),
        settled: settlementOf(line),
        where: whereOf(line),
      },
    ];
  });
}

function settlementOf(line: Line): Settlement {
  if (line.draft?.status === "proposed") return "proposed";
  return line.kind === "rounding" ? "billed" : line.kind;
}

/** The report goes to the customer, whom the id of a draft tells nothing. */
function whereOf(line: Line): string | null {
  return invoiceOf(line.draft) ?? line.draft?.kivitendoNumber ?? null;
}

/** A draft whose invoice was cancelled still knows its number. */
export function invoiceOf(
  draft: { readonly status: string; readonly invoiceNumber: string | null } | null,
): string | null {
  return draft?.status === "posted" ? draft.invoiceNumber : null;
}

function settlementOfOpen({ ticket, questions }: TicketStory): Settlement {
  if (ticket.held) return "held";
  return questions.length > 0 ? "inbox" : "due";
}

/** What nobody has settled yet: the newest bookings, up to what is open. */
function openEntries(entry: Entry, settled: Settlement, scope: ActivityScope): ActivityEntry[] {
  let open = entry.seenUnits - entry.settledUnits;
  const found: ActivityEntry[] = [];
  const newestFirst = [...entry.rows].sort((a, b) => Temporal.Instant.compare(b.bookedAt, a.bookedAt));
  const add = (units: number, at: Temporal.Instant, agent: string | null, subject: string | null): void => {
    const minutes = minutesOf(units as HundredthUnits, scope.minutesPerUnit);
    found.push({ date: dayOf(at, scope), agent, subject, minutes, settled, where: null });
    open -= units;
  };
  for (const row of newestFirst) {
    if (open === 0) break;
    if (Math.sign(row.units) !== Math.sign(open)) continue;
    const units = Math.abs(row.units) < Math.abs(open) ? row.units : open;
    add(units, row.bookedAt, row.agentName ?? row.agentLogin, row.subject);
  }
  const [newest] = newestFirst;
  if (open !== 0) add(open, newest?.bookedAt ?? entry.createdAt, null, newest?.subject ?? null);
  return found;
}

function subjectOn(entry: Entry, day: Temporal.PlainDate, scope: ActivityScope): string | null {
  const same = entry.rows.find((row) => dayOf(row.bookedAt, scope).equals(day));
  return (same ?? entry.rows[0])?.subject ?? null;
}

function activityLine(line: Line): ActivityLine {
  return {
    partNumber: line.partNumber ?? "",
    description: line.description,
    quantity: line.quantity,
    unit: line.unit ?? "",
    unitPrice: line.unitPrice,
    discount: line.discount,
    netAmount: sumAmounts([line.netAmount]),
    kind: line.kind === "goodwill" || line.kind === "rounding" ? line.kind : "billed",
    invoice: invoiceOf(line.draft),
  };
}

function dayOf(moment: Temporal.Instant, { timeZone }: ActivityScope): Temporal.PlainDate {
  return moment.toZonedDateTimeISO(timeZone).toPlainDate();
}

function isWithin(day: Temporal.PlainDate, { start, end }: Period): boolean {
  return Temporal.PlainDate.compare(day, start) >= 0 && Temporal.PlainDate.compare(day, end) < 0;
}
