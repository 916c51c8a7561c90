import { bodySize, colours, margin } from "./pdf-paper.ts";
import type { Paper } from "./pdf-paper.ts";

export interface PdfColumn {
  readonly header: string;
  /** Share of the page's width; all shares of a table add up to 1. */
  readonly share: number;
  readonly align?: "left" | "right";
}

export interface PdfTable {
  readonly columns: readonly PdfColumn[];
  readonly rows: readonly (readonly string[])[];
  /** Written in bold under a rule. */
  readonly lastRowIsSum?: boolean;
}

const padding = 3;
const linesPerCell = 6;

/** Height of the table's head with its first row, which stay together. */
export function headHeight(paper: Paper, table: PdfTable): number {
  const [first] = table.rows;
  return rowHeight(paper, table, headersOf(table), true) + (first ? rowHeight(paper, table, first, false) : 0);
}

/** Height of the whole table. */
export function tableHeight(paper: Paper, table: PdfTable): number {
  const rows = table.rows.map((row, index) => rowHeight(paper, table, row, isSum(table, index)));
  return rows.reduce((sum, height) => sum + height, rowHeight(paper, table, headersOf(table), true));
}

/** Draws the table from `paper.y` on; a new page repeats its head, after what `onNewPage` draws. */
export function drawTable(paper: Paper, table: PdfTable, onNewPage: () => void): void {
  drawHead(paper, table);
  for (const [index, row] of table.rows.entries()) {
    const bold = isSum(table, index);
    const height = rowHeight(paper, table, row, bold);
    // The last row before a sum takes the sum along.
    const next = isSum(table, index + 1) ? table.rows[index + 1] : undefined;
    if (paper.room(height + (next ? rowHeight(paper, table, next, true) : 0))) {
      onNewPage();
      drawHead(paper, table);
    }
    if (bold) paper.rule(paper.y, colours.faint);
    drawRow(paper, table, row, { bold, colour: colours.text });
    paper.y += height;
    if (!bold) paper.rule(paper.y);
  }
}

function drawHead(paper: Paper, table: PdfTable): void {
  const headers = headersOf(table);
  drawRow(paper, table, headers, { bold: true, colour: colours.faint });
  paper.y += rowHeight(paper, table, headers, true);
  paper.rule(paper.y, colours.faint);
}

function drawRow(
  paper: Paper,
  table: PdfTable,
  row: readonly string[],
  { bold, colour }: { readonly bold: boolean; readonly colour: string },
): void {
  let x = margin;
  for (const [index, column] of table.columns.entries()) {
    const width = paper.width * column.share;
    paper.text(row[index] ?? "", {
      ...cellBox(width, bold),
      x: x + padding,
      y: paper.y + padding,
      colour,
      align: column.align ?? "left",
    });
    x += width;
  }
}

function rowHeight(paper: Paper, table: PdfTable, row: readonly string[], bold: boolean): number {
  const heights = table.columns.map((column, index) =>
    paper.heightOf(row[index] ?? "", cellBox(paper.width * column.share, bold)),
  );
  return Math.max(...heights) + 2 * padding;
}

function cellBox(width: number, bold: boolean) {
  return {
    width: width - 2 * padding,
    lines: linesPerCell,
    size: bodySize,
    font: bold ? ("bold" as const) : ("regular" as const),
  };
}

function isSum(table: PdfTable, index: number): boolean {
  return table.lastRowIsSum === true && index === table.rows.length - 1;
}

function headersOf(table: PdfTable): readonly string[] {
  return table.columns.map(({ header }) => header);
}
