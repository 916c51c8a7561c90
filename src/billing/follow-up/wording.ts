import type { StoredDraft, StoredLine, TokenPlace } from "../ports.ts";
import type { Invoice } from "./compare.ts";

const targetNames = { "invoice-draft": "draft", "sales-order": "order", "recurring-order": "recurring order" } as const;

/** `draft 12 (customer K10001)`, `order AU2026… (customer K10001)`. */
export function nameOf({ target, draftId, kivitendoNumber, customerNumber }: StoredDraft): string {
  return `${targetNames[target]} ${kivitendoNumber ?? draftId} (customer ${customerNumber})`;
}

export function numbersOf(invoices: readonly Invoice[]): string {
  const numbers = invoices.map(({ invoiceNumber }) => invoiceNumber);
  return `${numbers.length === 1 ? "invoice" : "invoices"} ${numbers.join(", ")}`;
}

export function unitText({ unit, partNumber }: StoredLine): string {
  return `${unit ?? ""} ${partNumber ?? ""}`.trim();
}

/** `The line of ticket 2026… (1.5 Std ST-STD)`, or by its text where it has no ticket. */
export function lineText(line: StoredLine): string {
  const what = line.ticketNumber === null ? `"${line.description}"` : `of ticket ${line.ticketNumber}`;
  return `The line ${what} (${line.quantity} ${unitText(line)})`;
}

export function placeText({ where, label, id }: TokenPlace): string {
  return `${where} ${label === "" ? id : `"${label}"`}`;
}

/** At most ten of them. */
export function list(texts: readonly string[]): string {
  const shown = texts.slice(0, 10).join(", ");
  return texts.length > 10 ? `${shown} and ${texts.length - 10} more` : shown;
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
