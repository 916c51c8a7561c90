import { createRequire } from "node:module";
import { oneLine } from "./text.ts";

export type FontName = "regular" | "bold";

const fontFiles: Readonly<Record<FontName, string>> = {
  regular: "dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf",
  bold: "dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf",
};

/** What pdfkit keeps of the font in use, an object of fontkit; its types leave it out. */
interface FontInUse {
  readonly font: { hasGlyphForCodePoint(codePoint: number): boolean };
}

/** Registers both fonts, and answers how a text becomes one that they can draw. */
export function registerFonts(doc: PDFKit.PDFDocument): (text: string, font: FontName) => string {
  const { resolve } = createRequire(import.meta.url);
  for (const [name, file] of Object.entries(fontFiles)) doc.registerFont(name, resolve(file));
  const known: Readonly<Record<FontName, Map<string, string>>> = { regular: new Map(), bold: new Map() };
  const shown = (character: string, font: FontName): string => {
    const before = known[font].get(character);
    if (before !== undefined) return before;
    doc.font(font);
    const answer = drawn(character, (Reflect.get(doc, "_font") as FontInUse).font);
    known[font].set(character, answer);
    return answer;
  };
  return (text, font) => {
    const line = oneLine(text.normalize("NFC"));
    if (/^[\x20-\x7e]*$/.test(line)) return line;
    return Array.from(characters.segment(line), ({ segment }) => shown(segment, font)).join("");
  };
}

/** Into what people see as one: an emoji of several code points gets one box. */
const characters = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * The character, or `□` when the font lacks it: the font's own sign for "no glyph" would come out of a copied text as any
 * other missing character. A mark or skin tone that the font lacks is left out.
 */
function drawn(character: string, font: FontInUse["font"]): string {
  const [base = "", ...marks] = character;
  const has = (part: string): boolean => font.hasGlyphForCodePoint(part.codePointAt(0) ?? 0);
  return has(base) ? [base, ...marks.filter(has)].join("") : "□";
}
