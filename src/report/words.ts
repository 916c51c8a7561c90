import { lastDay, trimDecimal } from "../model/index.ts";
import type { Decimal, Period } from "../model/index.ts";
import type { ActivityLineKind, Settlement } from "./activity.ts";

const german = {
  locale: "de-DE",
  title: "Tätigkeitsnachweis",
  customer: "Kunde",
  customerNumber: "Kundennummer",
  period: "Zeitraum",
  created: "Erstellt am",
  timeZone: "Zeitzone",
  ticket: "Ticket",
  ticketTitle: "Titel",
  queue: "Queue",
  service: "Service",
  closedOn: "Geschlossen am",
  notClosed: "Noch nicht geschlossen",
  continued: "(Fortsetzung)",
  nothing: "In diesem Zeitraum wurde keine Zeit erfasst.",
  date: "Datum",
  agent: "Bearbeitung",
  subject: "Tätigkeit",
  minutes: "Minuten",
  hours: "Stunden",
  settlement: "Abrechnung",
  document: "Beleg",
  part: "Artikel",
  description: "Bezeichnung",
  quantity: "Menge",
  unit: "Einheit",
  unitPrice: "Einzelpreis",
  discount: "Rabatt %",
  discountOf: (percent: string) => `${percent} % Rabatt`,
  netAmount: "Netto",
  invoice: "Rechnung",
  lineKind: "Art",
  currency: "Währung",
  rowKind: "Zeile",
  rowKinds: { entry: "Zeit", line: "Position" },
  sheets: { totals: "Summen", entries: "Zeiten", lines: "Positionen" },
  furtherLines: "Weitere Positionen",
  totals: "Zusammenfassung",
  total: "Gesamt",
  tickets: "Tickets",
  netTotal: "Nettobetrag der Positionen",
  contingent: "Kontingent",
  included: "Enthalten",
  used: "Verbraucht",
  left: "Rest",
  page: (number: number, of: number) => `Seite ${number} von ${of}`,
  settlements: {
    billed: "abgerechnet",
    goodwill: "Kulanz",
    included: "im Kontingent",
    excluded: "nicht berechnet",
    waived: "erlassen",
    opening: "früher abgerechnet",
    transfer: "ausgeglichen",
    proposed: "vorgeschlagen",
    held: "zurückgestellt",
    due: "offen",
    inbox: "in Klärung",
  } satisfies Record<Settlement, string>,
  lineKinds: {
    billed: "Arbeitszeit",
    goodwill: "Kulanz",
    rounding: "Rundung",
  } satisfies Record<ActivityLineKind, string>,
  decimalPoint: ",",
  groupMark: ".",
  day: (date: Temporal.PlainDate): string =>
    [twoDigits(date.day), twoDigits(date.month), fourDigits(date.year)].join("."),
  dayFormat: "dd.mm.yyyy",
};

/** What differs between the languages of a report: words, and how days and numbers are written. */
export type Words = typeof german;

const english: Words = {
  locale: "en-GB",
  title: "Activity report",
  customer: "Customer",
  customerNumber: "Customer number",
  period: "Period",
  created: "Created on",
  timeZone: "Time zone",
  ticket: "Ticket",
  ticketTitle: "Title",
  queue: "Queue",
  service: "Service",
  closedOn: "Closed on",
  notClosed: "Not closed yet",
  continued: "(continued)",
  nothing: "No time was recorded in this period.",
  date: "Date",
  agent: "Agent",
  subject: "Activity",
  minutes: "Minutes",
  hours: "Hours",
  settlement: "Billing",
  document: "Document",
  part: "Part",
  description: "Description",
  quantity: "Quantity",
  unit: "Unit",
  unitPrice: "Unit price",
  discount: "Discount %",
  discountOf: (percent) => `${percent}% discount`,
  netAmount: "Net",
  invoice: "Invoice",
  lineKind: "Kind",
  currency: "Currency",
  rowKind: "Row",
  rowKinds: { entry: "Time", line: "Line" },
  sheets: { totals: "Totals", entries: "Times", lines: "Lines" },
  furtherLines: "Further lines",
  totals: "Summary",
  total: "Total",
  tickets: "Tickets",
  netTotal: "Net amount of the lines",
  contingent: "Included time",
  included: "Included",
  used: "Used",
  left: "Left",
  page: (number, of) => `Page ${number} of ${of}`,
  settlements: {
    billed: "billed",
    goodwill: "goodwill",
    included: "included",
    excluded: "not charged",
    waived: "waived",
    opening: "billed earlier",
    transfer: "offset",
    proposed: "proposed",
    held: "on hold",
    due: "open",
    inbox: "to be clarified",
  },
  lineKinds: {
    billed: "Work",
    goodwill: "Goodwill",
    rounding: "Rounding",
  },
  decimalPoint: ".",
  groupMark: ",",
  day: (date) => date.toString(),
  dayFormat: "yyyy-mm-dd",
};

const byLanguage = { de: german, en: english } satisfies Record<string, Words>;

export function wordsFor(language: "de" | "en"): Words {
  return byLanguage[language];
}

/** `01.10.2026 – 31.10.2026`, the last day included. */
export function periodText(period: Period, words: Words): string {
  return `${words.day(period.start)} – ${words.day(lastDay(period))}`;
}

/** `22.11.2026, 10:05`, in the zone that the moment carries. */
export function momentText(moment: Temporal.ZonedDateTime, words: Words): string {
  return `${words.day(moment.toPlainDate())}, ${twoDigits(moment.hour)}:${twoDigits(moment.minute)}`;
}

/** A decimal without needless zeros and without group marks: `1234.50` becomes `1234,5`. */
export function plainNumber(value: Decimal, words: Words): string {
  return trimDecimal(value).replace(".", words.decimalPoint);
}

/** Like `plainNumber`, with at least two decimals: `1234.5` becomes `1234,50`. */
export function plainAmount(value: Decimal, words: Words): string {
  return atLeastTwoPlaces(value).replace(".", words.decimalPoint);
}

/** For reading, with group marks: `1.234,5`. */
export function numberText(value: Decimal, words: Words): string {
  return grouped(trimDecimal(value), words);
}

/** For reading, with group marks and at least two decimals: `1.234,50`. */
export function amountText(value: Decimal, words: Words): string {
  return grouped(atLeastTwoPlaces(value), words);
}

function atLeastTwoPlaces(value: Decimal): string {
  const [whole = "0", places = ""] = trimDecimal(value).split(".");
  return `${whole}.${places.padEnd(2, "0")}`;
}

function grouped(value: string, words: Words): string {
  const [whole = "0", places] = value.split(".");
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, words.groupMark);
  return places === undefined ? groups : `${groups}${words.decimalPoint}${places}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}

function fourDigits(number: number): string {
  return String(number).padStart(4, "0");
}
