/** Texts as the helpdesk has them. */

/** One line without blanks around it. */
export function line(text: string): string {
  // Tabs and line breaks are the only control characters of a history.
  return text
    .split(/\s+/u)
    .filter((word) => word !== "")
    .join(" ");
}

/** One line, cut to so many characters with an ellipsis. */
export function shortened(text: string, longest: number): string {
  const characters = Array.from(line(text));
  return characters.length <= longest
    ? line(text)
    : `${characters
        .slice(0, longest - 1)
        .join("")
        .trimEnd()}…`;
}

/** Equal for the most tolerant database: case, accents, ß, trailing blanks and which emoji it is do not count. */
export function sameFold(one: string, other: string): boolean {
  const folded = (text: string): string =>
    text
      .replaceAll("ß", "ss")
      .normalize("NFD")
      .replace(/\p{M}|\p{Emoji_Presentation}/gu, (sign) => (/\p{M}/u.test(sign) ? "" : "?"))
      .toLowerCase()
      .trimEnd();
  return folded(one) === folded(other);
}
