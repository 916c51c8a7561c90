/**
 * A text as the most tolerant database of a helpdesk compares it (utf8mb4_unicode_ci of MySQL and MariaDB, measured): case,
 * accents, ß, trailing blanks and which of the characters beyond the first plane it is do not count. The same fold is in
 * `otrs_bridge.fold` and in the add-on.
 */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .toLowerCase()
    .replace(/ß/g, "ss")
    .replace(/ +$/, "");
}
