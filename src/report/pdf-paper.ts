import { registerFonts } from "./pdf-fonts.ts";
import type { FontName } from "./pdf-fonts.ts";
import { oneLine } from "./text.ts";

/** Points (1/72 inch). */
export const margin = 48;
export const lineSpace = 12;
export const bodySize = 8.5;
export const colours = { text: "#1a202c", faint: "#5a6676", rule: "#c3cad4", shade: "#eef1f5" };

export interface TextBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Lines that fit; more is cut off with an ellipsis. */
  readonly lines?: number;
  readonly font?: FontName;
  readonly size?: number;
  readonly colour?: string;
  readonly align?: "left" | "right";
}

/** An A4 document that is filled from top to bottom. `y` is where the next block begins. */
export interface Paper {
  readonly width: number;
  y: number;
  /** Makes sure that a block of this height stands on one page; says whether a new page was begun. */
  readonly room: (height: number) => boolean;
  readonly text: (text: string, box: TextBox) => void;
  /** Height that the text takes, at most that of `lines`. */
  readonly heightOf: (text: string, box: Omit<TextBox, "x" | "y">) => number;
  readonly shade: (y: number, height: number) => void;
  readonly rule: (y: number, colour?: string) => void;
  readonly finish: () => Promise<Buffer>;
}

export interface PaperOptions {
  readonly title: string;
  readonly locale: string;
  readonly createdAt: Temporal.ZonedDateTime;
  /** At the head of every page but the first. */
  readonly runningHead: string;
  /** At the left and the right of every page's foot. */
  readonly foot: (page: number, of: number) => readonly [string, string];
}

/**
 * An empty document. Its fonts are DejaVu Sans Condensed, embedded with the glyphs that occur: Latin with all its accents,
 * Greek, Cyrillic, signs, some emoji. Other characters are drawn as a box.
 */
export async function newPaper(options: PaperOptions): Promise<Paper> {
  // Loaded when needed: it takes a fifth of a second, which no other command should wait for.
  const { default: PdfDocument } = await import("pdfkit");
  const createdAt = new Date(options.createdAt.epochMilliseconds);
  const doc = new PdfDocument({
    size: "A4",
    // No margins for pdfkit: it would begin pages on its own when a text comes near them.
    margin: 0,
    bufferPages: true,
    lang: options.locale,
    displayTitle: true,
    info: {
      Title: oneLine(options.title),
      Creator: "kivitendo-otrs-bridge",
      CreationDate: createdAt,
      ModDate: createdAt,
    },
  });
  const width = doc.page.width - 2 * margin;
  const bottom = doc.page.height - margin - 24;

  const { place, heightOf } = typesetter(doc);
  const paper: Paper = {
    width,
    y: margin,
    room: (height) => {
      if (paper.y + height <= bottom) return false;
      doc.addPage();
      paper.y = margin + 2 * lineSpace;
      return true;
    },
    text: place,
    heightOf,
    shade: (y, height) => void doc.rect(margin, y, width, height).fill(colours.shade),
    rule: (y, colour = colours.rule) =>
      void doc
        .moveTo(margin, y)
        .lineTo(margin + width, y)
        .lineWidth(0.5)
        .stroke(colour),
    finish: () => {
      drawHeadsAndFeet(doc, paper, options);
      return bytesOf(doc);
    },
  };
  return paper;
}

function typesetter(doc: PDFKit.PDFDocument): Pick<Paper, "heightOf"> & { readonly place: Paper["text"] } {
  const drawable = registerFonts(doc);
  const prepare = (text: string, box: Omit<TextBox, "x" | "y">) => {
    const font = box.font ?? "regular";
    doc.font(font).fontSize(box.size ?? bodySize);
    const lineHeight = doc.currentLineHeight(true);
    const settings = {
      width: box.width,
      align: box.align ?? "left",
      // A little more than the lines take, because pdfkit compares rounded sums.
      ...(box.lines === undefined ? {} : { height: box.lines * lineHeight + 0.5, ellipsis: true }),
    };
    return { line: cutTo(box, drawable(text, font)), settings, lineHeight };
  };
  return {
    place: (text, box) => {
      const { line, settings } = prepare(text, box);
      doc.fillColor(box.colour ?? colours.text).text(line, box.x, box.y, settings);
    },
    heightOf: (text, box) => {
      const { line, settings, lineHeight } = prepare(text, box);
      const height = Math.max(doc.heightOfString(line, { width: settings.width }), lineHeight);
      return box.lines === undefined ? height : Math.min(height, box.lines * lineHeight);
    },
  };
}

/** Cut where no font would still fit: pdfkit takes long to find the end of a line in words of thousands of characters. */
function cutTo({ lines, width }: Omit<TextBox, "x" | "y">, text: string): string {
  const most = (lines ?? Infinity) * Math.ceil(width);
  return text.length <= most ? text : `${text.slice(0, most).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

function drawHeadsAndFeet(doc: PDFKit.PDFDocument, paper: Paper, { runningHead, foot }: PaperOptions): void {
  const { count } = doc.bufferedPageRange();
  for (let index = 0; index < count; index += 1) {
    doc.switchToPage(index);
    const half = {
      y: doc.page.height - margin - 8,
      width: paper.width / 2,
      lines: 1,
      size: 7.5,
      colour: colours.faint,
    };
    const [left, right] = foot(index + 1, count);
    paper.rule(half.y - 4);
    paper.text(left, { ...half, x: margin });
    paper.text(right, { ...half, x: margin + paper.width / 2, align: "right" });
    if (index > 0) {
      paper.text(runningHead, { ...half, x: margin, y: margin - 4, width: paper.width });
      paper.rule(margin + 8);
    }
  }
}

function bytesOf(doc: PDFKit.PDFDocument): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    doc.on("data", (chunk: Buffer) => chunks.push(chunk));
    doc.on("end", () => resolve(Buffer.concat(chunks)));
    doc.on("error", reject);
    doc.end();
  });
}
