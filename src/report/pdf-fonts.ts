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
  return (text, font) => Array.from(oneLine(text.normalize("NFC")), (character) => shown(character, font)).join("");
}

/** Joiners, variation selectors, skin tones, marks: what only changes a neighbour is left out, not drawn as a box. */
const onlyWithNeighbour = /[\p{Cf}\p{Mn}\p{Me}\p{Emoji_Modifier}]/u;

/** The font's own box for "no glyph" would come out of a copied text as any other missing character; `□` stays itself. */
function drawn(character: string, font: FontInUse["font"]): string {
  if (font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0)) return character;
  return onlyWithNeighbour.test(character) ? "" : "□";
}
