import { minutesOf } from "../model/index.ts";
import type { Decimal, HundredthUnits, MinutesPerUnit } from "../model/index.ts";
import type { DueTicket } from "./ports.ts";

interface Wording {
  readonly ticket: string;
  readonly time: string;
  readonly closed: string;
  readonly later: string;
  readonly late: string;
  readonly date: (day: Temporal.PlainDate) => string;
  readonly decimal: string;
}

const german: Wording = {
  ticket: "Ticket",
  time: "Erfasste Zeit",
  closed: "Geschlossen am",
  later: "Nachtrag zu einem bereits abgerechneten Ticket",
  late: "Nachgereicht aus einem früheren Zeitraum",
  date: (day) => [twoDigits(day.day), twoDigits(day.month), day.year].join("."),
  decimal: ",",
};

const english: Wording = {
  ticket: "Ticket",
  time: "Accounted time",
  closed: "Closed on",
  later: "Addition to a ticket that was billed before",
  late: "From an earlier period",
  date: (day) => day.toString(),
  decimal: ".",
};

/** German unless the customer's language is English. */
export function wordingFor(languageCode: string | null): Wording {
  return languageCode !== null && /^en/i.test(languageCode) ? english : german;
}

/** One line: `Ticket#2026102210000017 – Drucker druckt nicht`. */
export function lineDescription(ticket: Pick<DueTicket, "ticketNumber" | "title">): string {
  return oneLine(`Ticket#${ticket.ticketNumber} – ${ticket.title}`);
}

/** HTML paragraph with number, title, time and closing day. */
export function longDescription(
  ticket: DueTicket,
  units: HundredthUnits,
  options: {
    readonly minutesPerUnit: MinutesPerUnit;
    readonly timeZone: string;
    readonly languageCode: string | null;
    readonly late: boolean;
  },
): string {
  const words = wordingFor(options.languageCode);
  const closedOn = ticket.closedAt.toZonedDateTimeISO(options.timeZone).toPlainDate();
  const parts = [
    `${words.ticket}: ${ticket.ticketNumber}`,
    ticket.title,
    `${words.time}: ${durationText(minutesOf(units, options.minutesPerUnit), words)}`,
    `${words.closed} ${words.date(closedOn)}`,
    ...(ticket.billedLines.length > 0 ? [words.later] : []),
    ...(options.late ? [words.late] : []),
  ];
  return `<p>${parts.map((part) => escapeHtml(oneLine(part))).join("<br />")}</p>`;
}

/** `95 min`, or `95,5 min` when minutes are not whole. */
function durationText(minutes: Decimal, words: Wording): string {
  return `${minutes.replace(/\.?0+$/, "").replace(".", words.decimal)} min`;
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ").trim();
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
