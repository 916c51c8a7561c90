/** Line breaks and other control characters become one blank; the helpdesk's fields are single lines. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ").trim();
}

/** Length as the helpdesk counts: characters, not the halves that some of them take here. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** The beginning with an ellipsis, at most so many characters; a text that fits stays as it is. */
export function cut(text: string, longest: number): string {
  const characters = Array.from(text);
  if (characters.length <= longest) return text;
  return `${characters
    .slice(0, longest - 1)
    .join("")
    .trimEnd()}…`;
}
