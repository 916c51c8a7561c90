import type { CellStyle, CellValue, ColumnDef, WriteSheet } from "hucre";
import { hoursOf, minutesLeft, percentOf, totalsOf } from "./activity.ts";
import type { ActivityLine, ActivityReport, ActivityTicket } from "./activity.ts";
import type { Decimal } from "../model/index.ts";
import { oneLine } from "./text.ts";
import { momentText, periodText, wordsFor } from "./words.ts";
import type { Words } from "./words.ts";

/** A workbook of three sheets: totals, a row for each time, a row for each line. Numbers and days are real ones. */
export async function activityXlsx(report: ActivityReport): Promise<Buffer> {
  // Loaded when needed: it takes a tenth of a second, which no other command should wait for.
  const { writeXlsx } = await import("hucre/xlsx");
  const words = wordsFor(report.language);
  const createdAt = new Date(report.createdAt.epochMilliseconds);
  const bytes = await writeXlsx({
    properties: {
      title: cell(`${words.title} ${report.customer.name}, ${periodText(report.period, words)}`),
      creator: "kivitendo-otrs-bridge",
      created: createdAt,
      modified: createdAt,
    },
    sheets: [totalsSheet(report, words), entriesSheet(report, words), linesSheet(report, words)],
  });
  return Buffer.from(bytes);
}

const hoursFormat = "#,##0.00";
const amountFormat = "#,##0.00";
const priceFormat = "#,##0.00###";
// For minutes and quantities: with optional places (`0.##`) a whole number would end in a bare comma.
const plainFormat = "General";
const bold: CellStyle = { font: { bold: true } };
const headerStyle: CellStyle = {
  font: { bold: true },
  fill: { type: "pattern", pattern: "solid", fgColor: { rgb: "E8ECF1" } },
  border: { bottom: { style: "thin" } },
  alignment: { vertical: "center" },
};

function entriesSheet(report: ActivityReport, words: Words): WriteSheet {
  const rows = report.tickets.flatMap((ticket) =>
    ticket.entries.map((entry) => [
      cell(ticket.ticketNumber),
      cell(ticket.title),
      cell(ticket.queue),
      cell(ticket.service),
      day(ticket.closedOn),
      day(entry.date),
      cell(entry.agent),
      cell(entry.subject),
      Number(entry.minutes),
      Number(hoursOf(entry.minutes)),
      words.settlements[entry.settled],
      cell(entry.where),
    ]),
  );
  return tableSheet(words.sheets.entries, rows, [
    { header: words.ticket, width: 20 },
    { header: words.ticketTitle, width: 45 },
    { header: words.queue, width: 20 },
    { header: words.service, width: 20 },
    { header: words.closedOn, width: 16, numFmt: words.dayFormat },
    { header: words.date, width: 12, numFmt: words.dayFormat },
    { header: words.agent, width: 22 },
    { header: words.subject, width: 45 },
    { header: words.minutes, width: 11, numFmt: plainFormat },
    { header: words.hours, width: 11, numFmt: hoursFormat },
    { header: words.settlement, width: 20 },
    { header: words.document, width: 16 },
  ]);
}

function linesSheet(report: ActivityReport, words: Words): WriteSheet {
  const rowOf = (line: ActivityLine, ticket: ActivityTicket | null): CellValue[] => [
    cell(ticket?.ticketNumber ?? null),
    cell(ticket?.title ?? null),
    cell(line.partNumber),
    cell(line.description),
    Number(line.quantity),
    cell(line.unit),
    Number(line.unitPrice),
    Number(percentOf(line.discount)),
    Number(line.netAmount),
    cell(report.currency),
    words.lineKinds[line.kind],
    cell(line.invoice),
  ];
  const rows = [
    ...report.tickets.flatMap((ticket) => ticket.lines.map((line) => rowOf(line, ticket))),
    ...report.furtherLines.map((line) => rowOf(line, null)),
  ];
  return tableSheet(words.sheets.lines, rows, [
    { header: words.ticket, width: 20 },
    { header: words.ticketTitle, width: 45 },
    { header: words.part, width: 16 },
    { header: words.description, width: 50 },
    { header: words.quantity, width: 11, numFmt: plainFormat },
    { header: words.unit, width: 9 },
    { header: words.unitPrice, width: 13, numFmt: priceFormat },
    { header: words.discount, width: 12, numFmt: plainFormat },
    { header: words.netAmount, width: 13, numFmt: amountFormat },
    { header: words.currency, width: 10 },
    { header: words.lineKind, width: 15 },
    { header: words.invoice, width: 16 },
  ]);
}

interface TableColumn extends ColumnDef {
  readonly header: string;
}

function tableSheet(name: string, rows: CellValue[][], columns: readonly TableColumn[]): WriteSheet {
  const headers = columns.map(({ header }) => header);
  return {
    name,
    rows: [headers, ...rows],
    // Without the headers: the writer would add a row of its own for them.
    columns: columns.map(({ width, numFmt }) => ({
      ...(width === undefined ? {} : { width }),
      ...(numFmt === undefined ? {} : { numFmt }),
    })),
    cells: new Map(headers.map((value, column) => [`0,${column}`, { value, style: headerStyle }])),
    freezePane: { rows: 1 },
    autoFilter: { range: `A1:${columnName(columns.length - 1)}${rows.length + 1}` },
    pageSetup: {
      paperSize: "a4",
      orientation: "landscape",
      fitToPage: true,
      fitToWidth: 1,
      fitToHeight: 0,
      printTitlesRow: "$1:$1",
    },
  };
}

function totalsSheet(report: ActivityReport, words: Words): WriteSheet {
  const { minutes, bySettlement, netAmount } = totalsOf(report);
  const rows: CellValue[][] = [];
  const styles = new Map<string, CellStyle>();
  const add = (values: CellValue[], ...cellStyles: (CellStyle | undefined)[]): void => {
    for (const [column, style] of cellStyles.entries()) if (style) styles.set(`${rows.length},${column}`, style);
    rows.push(values);
  };
  const timeRow = (label: string, value: Decimal, style: CellStyle = {}): void =>
    add(
      [label, Number(value), Number(hoursOf(value))],
      style,
      { ...style, numFmt: plainFormat },
      { ...style, numFmt: hoursFormat },
    );
  add([words.title], { font: { bold: true, size: 16 } });
  add([words.customer, cell(`${report.customer.number} ${report.customer.name}`)], bold);
  add([words.period, periodText(report.period, words)], bold);
  add([words.created, momentText(report.createdAt.withTimeZone(report.timeZone), words)], bold);
  add([words.timeZone, report.timeZone], bold);
  add([words.tickets, report.tickets.length], bold, { alignment: { horizontal: "left" } });
  add([]);
  add([words.settlement, words.minutes, words.hours], headerStyle, headerStyle, headerStyle);
  for (const each of bySettlement) timeRow(words.settlements[each.settled], each.minutes);
  timeRow(words.total, minutes, bold);
  if (report.contingent) {
    add([]);
    add([words.contingent, words.minutes, words.hours], headerStyle, headerStyle, headerStyle);
    timeRow(words.included, report.contingent.includedMinutes);
    timeRow(words.used, report.contingent.usedMinutes);
    timeRow(words.left, minutesLeft(report.contingent), bold);
  }
  add([]);
  add([words.netTotal, Number(netAmount), cell(report.currency)], bold, { ...bold, numFmt: amountFormat });
  return {
    name: words.sheets.totals,
    rows,
    columns: [{ width: 30 }, { width: 24 }, { width: 14 }],
    cells: new Map(
      [...styles].map(([key, style]) => {
        const [row = 0, column = 0] = key.split(",").map(Number);
        return [key, { value: rows[row]?.[column] ?? null, style }];
      }),
    ),
    pageSetup: { paperSize: "a4", orientation: "portrait" },
  };
}

/**
 * Text as a cell holds it. Spreadsheets read `_x0041_` inside text as the character with that number (ECMA-376, part 1,
 * 22.9.2.19), so the underscore is written in that way itself. Cells are typed: a text with `=` stays text.
 */
function cell(text: string | null): string {
  return oneLine(text ?? "").replace(/_(?=x[0-9a-f]{4}_)/gi, "_x005F_");
}

/** Midnight UTC of the day, which the workbook keeps as a day without a zone. */
function day(date: Temporal.PlainDate | null): Date | null {
  return date && new Date(date.toZonedDateTime("UTC").epochMilliseconds);
}

function columnName(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}
