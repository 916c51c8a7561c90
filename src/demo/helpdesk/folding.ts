import type { HelpdeskSettings } from "./simulation.ts";

type DatabaseKind = HelpdeskSettings["databaseKind"];

/** Two keys or addresses with one folded form are the same for the helpdesk. */
export function foldedKey(kind: DatabaseKind, key: string): string {
  return kind === "mysql" ? collated(key) : key.toLowerCase();
}

/** Two company names with one folded form cannot stand beside each other. */
export function foldedName(kind: DatabaseKind, name: string): string {
  return kind === "mysql" ? collated(name) : name;
}

// Measured: case, marks, ß and ss, trailing blanks do not count, and all characters beyond the basic plane are one.
function collated(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[\u{10000}-\u{10FFFF}]/gu, "\u{FFFD}")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replace(/ +$/, "");
}
