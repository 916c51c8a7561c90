import { stringify } from "csv-stringify/sync";
import { hoursOf, percentOf } from "./activity.ts";
import type { ActivityEntry, ActivityLine, ActivityReport, ActivityTicket } from "./activity.ts";
import { oneLine } from "./text.ts";
import { plainAmount, plainNumber, wordsFor } from "./words.ts";
import type { Words } from "./words.ts";

/**
 * The report as one table, ticket by ticket its times and then its lines, last the lines of no ticket: a row fills either the columns of a time or
 * those of a line, so that every column can be summed. Semicolons, UTF-8 with byte order mark, CRLF; days and numbers as
 * the report's language writes them.
 */
export function activityCsv(report: ActivityReport): Buffer {
  const words = wordsFor(report.language);
  const rows = report.tickets.flatMap((ticket) => [
    ...ticket.entries.map((entry) => [...leading(report, ticket, words, "entry"), ...entryCells(entry, words)]),
    ...ticket.lines.map((line) => [...leading(report, ticket, words, "line"), ...lineCells(line, report, words)]),
  ]);
  const further = report.furtherLines.map((line) => [
    ...leading(report, null, words, "line"),
    ...lineCells(line, report, words),
  ]);
  const text = stringify([headers(words), ...rows, ...further], {
    delimiter: ";",
    record_delimiter: "windows",
    bom: true,
  });
  return Buffer.from(text, "utf8");
}

function headers(words: Words): string[] {
  return [
    words.rowKind,
    words.customerNumber,
    words.customer,
    words.ticket,
    words.ticketTitle,
    words.queue,
    words.service,
    words.closedOn,
    words.date,
    words.agent,
    words.subject,
    words.minutes,
    words.hours,
    words.settlement,
    words.part,
    words.description,
    words.quantity,
    words.unit,
    words.unitPrice,
    words.discount,
    words.netAmount,
    words.currency,
    words.lineKind,
    words.document,
  ];
}

function leading(
  { customer }: ActivityReport,
  ticket: ActivityTicket | null,
  words: Words,
  kind: keyof Words["rowKinds"],
): string[] {
  return [
    words.rowKinds[kind],
    harmless(customer.number),
    harmless(customer.name),
    // A number of 16 digits alone would lose its last one in a spreadsheet.
    ticket ? harmless(`Ticket#${ticket.ticketNumber}`) : "",
    harmless(ticket?.title ?? ""),
    harmless(ticket?.queue ?? ""),
    harmless(ticket?.service ?? ""),
    ticket?.closedOn ? words.day(ticket.closedOn) : "",
  ];
}

function entryCells(entry: ActivityEntry, words: Words): string[] {
  return [
    words.day(entry.date),
    harmless(entry.agent ?? ""),
    harmless(entry.subject ?? ""),
    plainNumber(entry.minutes, words),
    plainAmount(hoursOf(entry.minutes), words),
    words.settlements[entry.settled],
    ...Array.from({ length: 9 }, () => ""),
    harmless(entry.where ?? ""),
  ];
}

function lineCells(line: ActivityLine, { currency }: ActivityReport, words: Words): string[] {
  return [
    ...Array.from({ length: 6 }, () => ""),
    harmless(line.partNumber),
    harmless(line.description),
    plainNumber(line.quantity, words),
    harmless(line.unit),
    plainAmount(line.unitPrice, words),
    plainNumber(percentOf(line.discount), words),
    plainAmount(line.netAmount, words),
    harmless(currency),
    words.lineKinds[line.kind],
    harmless(line.invoice ?? ""),
  ];
}

/**
 * Text that no spreadsheet calculates: an apostrophe before what begins like a formula, wide forms included. Only for
 * text: a negative number begins with a minus and has to stay one.
 */
function harmless(text: string): string {
  const line = oneLine(text);
  return /^[=+\-@＝＋－＠]/u.test(line) ? `'${line}` : line;
}
