import { hoursOf, minutesLeft, percentOf, totalsOf } from "./activity.ts";
import type { ActivityLine, ActivityReport, ActivityTicket } from "./activity.ts";
import type { Decimal } from "../model/index.ts";
import { colours, lineSpace, margin, newPaper } from "./pdf-paper.ts";
import type { Paper } from "./pdf-paper.ts";
import { drawTable, headHeight, tableHeight } from "./pdf-table.ts";
import type { PdfTable } from "./pdf-table.ts";
import { amountText, momentText, numberText, periodText, wordsFor } from "./words.ts";
import type { Words } from "./words.ts";

/** The report as people read it: A4, a block for each ticket, the sums at the end, page numbers. */
export async function activityPdf(report: ActivityReport): Promise<Buffer> {
  const words = wordsFor(report.language);
  const about = `${report.customer.number} ${report.customer.name}, ${periodText(report.period, words)}`;
  const created = momentText(report.createdAt.withTimeZone(report.timeZone), words);
  const paper = await newPaper({
    title: `${words.title} ${about}`,
    locale: words.locale,
    createdAt: report.createdAt,
    runningHead: `${words.title}: ${about}`,
    foot: (page, of) => [`${words.created} ${created} (${report.timeZone})`, words.page(page, of)],
  });
  drawTitle(paper, report, words);
  if (report.tickets.length === 0) {
    paper.text(words.nothing, { x: margin, y: paper.y, width: paper.width });
    paper.y += 2 * lineSpace;
  }
  for (const ticket of report.tickets) drawTicket(paper, ticket, report, words);
  drawFurtherLines(paper, report, words);
  drawTotals(paper, report, words);
  return paper.finish();
}

function drawTitle(paper: Paper, report: ActivityReport, words: Words): void {
  paper.text(words.title, { x: margin, y: paper.y, width: paper.width, font: "bold", size: 18, lines: 1 });
  paper.y += 32;
  const facts: readonly (readonly [string, string])[] = [
    [words.customer, report.customer.name],
    [words.customerNumber, report.customer.number],
    [words.period, periodText(report.period, words)],
  ];
  for (const [label, value] of facts) {
    const box = { y: paper.y, size: 10, width: paper.width - 110, lines: 3 };
    paper.text(label, { ...box, x: margin, width: 105, colour: colours.faint });
    paper.text(value, { ...box, x: margin + 110, font: "bold" });
    paper.y += paper.heightOf(value, { ...box, font: "bold" }) + 3;
  }
  paper.y += lineSpace;
}

/** A ticket's head stands on the same page as the first row of its first table. */
function drawTicket(paper: Paper, ticket: ActivityTicket, report: ActivityReport, words: Words): void {
  const tables = [
    ...(ticket.entries.length > 0 ? [entriesTable(ticket, words)] : []),
    ...(ticket.lines.length > 0 ? [linesTable(ticket.lines, report, words)] : []),
  ];
  const head = ticketHead(paper, ticket, words);
  const [first] = tables;
  paper.room(head.height + (first ? headHeight(paper, first) : 0));
  head.draw();
  const again = (): void => {
    const text = `Ticket#${ticket.ticketNumber} ${words.continued}`;
    paper.text(text, { x: margin, y: paper.y, width: paper.width, font: "bold", lines: 1 });
    paper.y += lineSpace + 2;
  };
  for (const [index, table] of tables.entries()) {
    if (index > 0) {
      paper.y += 6;
      if (paper.room(headHeight(paper, table))) again();
    }
    drawTable(paper, table, again);
  }
  paper.y += 18;
}

function ticketHead(paper: Paper, ticket: ActivityTicket, words: Words) {
  const { minutes } = totalsOf({ tickets: [ticket], furtherLines: [] });
  const inner = paper.width - 12;
  const timeWidth = 110;
  const title = `Ticket#${ticket.ticketNumber} – ${ticket.title}`;
  const titleBox = { width: inner - timeWidth, font: "bold" as const, size: 9.5, lines: 3 };
  const details = [
    `${words.queue}: ${ticket.queue}`,
    ...(ticket.service === null ? [] : [`${words.service}: ${ticket.service}`]),
    ticket.closedOn === null ? words.notClosed : `${words.closedOn} ${words.day(ticket.closedOn)}`,
  ].join("  ·  ");
  const detailsBox = { width: inner, lines: 2, size: 8, colour: colours.faint };
  const titleHeight = paper.heightOf(title, titleBox);
  const shaded = titleHeight + paper.heightOf(details, detailsBox) + 12;
  return {
    height: shaded + 3,
    draw: (): void => {
      paper.shade(paper.y, shaded);
      const x = margin + 6;
      paper.text(title, { ...titleBox, x, y: paper.y + 5 });
      const time = { x: x + inner - timeWidth, y: paper.y + 5, width: timeWidth, size: 9.5, lines: 1 };
      paper.text(`${numberText(minutes, words)} min`, { ...time, font: "bold", align: "right" });
      paper.text(details, { ...detailsBox, x, y: paper.y + titleHeight + 7 });
      paper.y += shaded + 3;
    },
  };
}

function entriesTable(ticket: ActivityTicket, words: Words): PdfTable {
  return {
    columns: [
      { header: words.date, share: 0.11 },
      { header: words.agent, share: 0.18 },
      { header: words.subject, share: 0.36 },
      { header: words.minutes, share: 0.1, align: "right" },
      { header: words.settlement, share: 0.25 },
    ],
    rows: ticket.entries.map((entry) => [
      words.day(entry.date),
      entry.agent ?? "",
      entry.subject ?? "",
      numberText(entry.minutes, words),
      [words.settlements[entry.settled], ...(entry.where === null ? [] : [entry.where])].join(", "),
    ]),
  };
}

function linesTable(lines: readonly ActivityLine[], report: ActivityReport, words: Words): PdfTable {
  return {
    columns: [
      { header: words.part, share: 0.12 },
      { header: words.description, share: 0.29 },
      { header: words.quantity, share: 0.1, align: "right" },
      { header: words.unit, share: 0.09 },
      { header: words.unitPrice, share: 0.12, align: "right" },
      { header: `${words.netAmount} ${report.currency}`, share: 0.12, align: "right" },
      { header: words.invoice, share: 0.16 },
    ],
    rows: lines.map((line) => [
      line.partNumber,
      descriptionOf(line, words),
      numberText(line.quantity, words),
      line.unit,
      amountText(line.unitPrice, words),
      amountText(line.netAmount, words),
      line.invoice ?? "",
    ]),
  };
}

function descriptionOf(line: ActivityLine, words: Words): string {
  const percent = percentOf(line.discount);
  const remarks = [
    ...(line.kind === "goodwill" ? [words.lineKinds.goodwill] : []),
    ...(Number(percent) === 0 ? [] : [words.discountOf(numberText(percent, words))]),
  ];
  return remarks.length === 0 ? line.description : `${line.description} (${remarks.join(", ")})`;
}

function drawFurtherLines(paper: Paper, report: ActivityReport, words: Words): void {
  if (report.furtherLines.length === 0) return;
  const table = linesTable(report.furtherLines, report, words);
  const heading = { width: paper.width, font: "bold" as const, size: 9.5, lines: 1 };
  paper.room(lineSpace + 4 + headHeight(paper, table));
  paper.text(words.furtherLines, { ...heading, x: margin, y: paper.y });
  paper.y += lineSpace + 4;
  drawTable(paper, table, () => undefined);
  paper.y += 18;
}

/** The sums stay together: on a page of their own when they do not fit under the last ticket. */
function drawTotals(paper: Paper, report: ActivityReport, words: Words): void {
  const { minutes, bySettlement, netAmount } = totalsOf(report);
  const times = timeTable(
    words.settlement,
    [
      ...bySettlement.map((each) => [words.settlements[each.settled], each.minutes] as const),
      [words.total, minutes] as const,
    ],
    words,
  );
  const contingent =
    report.contingent &&
    timeTable(
      words.contingent,
      [
        [words.included, report.contingent.includedMinutes],
        [words.used, report.contingent.usedMinutes],
        [words.left, minutesLeft(report.contingent)],
      ],
      words,
    );
  const tables = contingent ? [times, contingent] : [times];
  const gap = 14;
  paper.room(tables.reduce((sum, table) => sum + tableHeight(paper, table) + gap, 24 + 2 * lineSpace));
  paper.text(words.totals, { x: margin, y: paper.y, width: paper.width, font: "bold", size: 13, lines: 1 });
  paper.y += 24;
  for (const table of tables) {
    drawTable(paper, table, () => undefined);
    paper.y += gap;
  }
  const net = { y: paper.y, width: paper.width / 2 - 3, font: "bold" as const, size: 10, lines: 1 };
  paper.text(words.netTotal, { ...net, x: margin + 3 });
  paper.text(`${amountText(netAmount, words)} ${report.currency}`, {
    ...net,
    x: margin + paper.width / 2,
    align: "right",
  });
  paper.y += 2 * lineSpace;
}

function timeTable(about: string, rows: readonly (readonly [string, Decimal])[], words: Words): PdfTable {
  return {
    columns: [
      { header: about, share: 0.6 },
      { header: words.minutes, share: 0.2, align: "right" },
      { header: words.hours, share: 0.2, align: "right" },
    ],
    rows: rows.map(([label, minutes]) => [label, numberText(minutes, words), amountText(hoursOf(minutes), words)]),
    lastRowIsSum: true,
  };
}
