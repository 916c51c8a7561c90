/**
 * Text from people as one line that every format can hold: control characters (mail subjects bring them, XML and PDF
 * forbid them) and runs of white space become a space, halves of surrogate pairs the replacement character.
 */
export function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\uFFFE\uFFFF\s]+/gu, " ")
    .trim();
}
