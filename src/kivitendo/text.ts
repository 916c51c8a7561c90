import { RejectedError } from "../model/index.ts";
import type { DraftContent, PlannedLine } from "../billing/ports.ts";

/** Text on one line, as in a one-line field of the form. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, " ").trim();
}

/**
 * Without what stops a draft from loading: control characters other than tab and line feed, lone halves of pairs, and
 * code points that are no characters, which Perl's strict UTF-8 refuses.
 */
export function printable(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(/\r\n?/g, "\n")
      // oxlint-disable-next-line no-control-regex -- these are the characters to remove
      .replace(/[\u0000-\u0008\u000B-\u001F]|\p{Noncharacter_Code_Point}/gu, "")
  );
}

/** How messages name a line. */
export function nameOf({ ticket, description }: PlannedLine): string {
  return ticket === null ? `the line "${oneLine(description)}"` : `ticket ${ticket.ticketNumber}`;
}

/** The ticket's number, which a posted line keeps as its serial number; empty on lines without a ticket. */
export function serialNumberOf({ ticket }: PlannedLine): string {
  if (ticket === null || /^\d+$/.test(ticket.ticketNumber)) return ticket?.ticketNumber ?? "";
  // kivitendo puts the serial number into the page without escaping it.
  throw new RejectedError(
    `Ticket number "${ticket.ticketNumber}" is not made of digits only and cannot stand in kivitendo.`,
    "Use a ticket number generator of the helpdesk that makes numbers (Ticket::NumberGenerator).",
  );
}

interface Period {
  readonly periodStart: Temporal.PlainDate;
  readonly periodEnd: Temporal.PlainDate;
}

/** The period of a record, longer where its lines begin before it or end after it: what was settled late stands on it, too. */
export function servicePeriod({ periodStart, periodEnd, lines }: Period & Pick<DraftContent, "lines">): Period {
  const starts = [periodStart, ...lines.flatMap(({ service }) => service?.start ?? [])].toSorted((a, b) =>
    Temporal.PlainDate.compare(a, b),
  );
  const ends = [periodEnd, ...lines.flatMap(({ service }) => service?.end ?? [])].toSorted((a, b) =>
    Temporal.PlainDate.compare(a, b),
  );
  return { periodStart: starts[0] ?? periodStart, periodEnd: ends.at(-1) ?? periodEnd };
}

/**
 * What stands over the record, with the service period as text: dates in a draft are read in the format of whoever opens
 * it, and only 4.1.0 has fields for it in orders.
 */
export function transactionText(
  text: string,
  { periodStart, periodEnd, languageCode }: Period & { readonly languageCode: string | null },
): string {
  const english = languageCode !== null && /^en/i.test(languageCode);
  const [label, locale] = english ? (["service period", "en-GB"] as const) : (["Leistungszeitraum", "de-DE"] as const);
  return oneLine(`${text}, ${label}: ${dayText(periodStart, locale)} – ${dayText(periodEnd, locale)}`);
}

function dayText(day: Temporal.PlainDate, locale: string): string {
  return day.toLocaleString(locale, { day: "2-digit", month: "2-digit", year: "numeric" });
}
