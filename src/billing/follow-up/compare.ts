import { Big } from "big.js";
import type { StoredDraft, StoredLine, WatchedNow } from "../ports.ts";
import type { Decimal, TicketNumber } from "../../model/index.ts";

export type Invoice = WatchedNow["invoices"][number];
export type InvoiceLine = Invoice["lines"][number];

/** A line that carries a ticket's number, by which it is found again. */
export type TokenLine = StoredLine & { readonly ticketNumber: TicketNumber };

/** Lines of one ticket and part (or one line of an order) that were posted with another quantity. */
export interface ChangedLines {
  readonly lines: readonly StoredLine[];
  readonly planned: Decimal;
  readonly posted: Decimal;
}

export interface Comparison {
  /** Lines with the planned quantity. */
  readonly found: readonly StoredLine[];
  readonly removed: readonly StoredLine[];
  readonly changed: readonly ChangedLines[];
}

/** Lines that the ledger counts. */
export function countedLines(draft: StoredDraft): readonly StoredLine[] {
  return draft.lines.filter(({ reversed }) => !reversed);
}

/** Those of the lines that the ledger counts by which an invoice is known: what rounds a draft carries no ticket. */
export function tokenLines(draft: StoredDraft, which: "counted" | "taken-back" = "counted"): readonly TokenLine[] {
  return draft.lines.filter((line): line is TokenLine => isToken(line) && line.reversed === (which === "taken-back"));
}

function isToken(line: StoredLine): line is TokenLine {
  return line.ticketNumber !== null;
}

export function isWhole({ removed, changed }: Comparison): boolean {
  return removed.length === 0 && changed.length === 0;
}

/**
 * Compares lines with posted ones by their ticket: quantities summed per ticket and part. A part that was replaced by
 * another one is a changed line, since its quantity may be in another unit. Lines without a ticket are compared by their
 * part and text, else by part and quantity.
 */
export function compareByTicket(lines: readonly StoredLine[], posted: readonly InvoiceLine[]): Comparison {
  const byTicket = Map.groupBy(lines.filter(isToken), ({ ticketNumber }) => ticketNumber);
  return merged([
    ...[...byTicket].map(([ticketNumber, own]) =>
      compareTicket(
        own,
        posted.filter((line) => line.ticketNumber === ticketNumber),
      ),
    ),
    compareWithoutTicket(
      lines.filter((line) => !isToken(line)),
      posted.filter((line) => line.ticketNumber === null),
    ),
  ]);
}

function compareTicket(lines: readonly StoredLine[], posted: readonly InvoiceLine[]): Comparison {
  const parts = Map.groupBy(lines, ({ partNumber }) => partNumber);
  const other = posted.filter(({ partNumber }) => !parts.has(partNumber));
  return merged(
    [...parts].map(([partNumber, own]) => {
      const same = posted.filter((line) => line.partNumber === partNumber);
      return compareQuantity(own, same.length > 0 ? same : other, same.length > 0);
    }),
  );
}

function compareWithoutTicket(lines: readonly StoredLine[], posted: readonly InvoiceLine[]): Comparison {
  const groups = Map.groupBy(lines, (line) => JSON.stringify([line.partNumber, words(line.description)]));
  return merged(
    [...groups.values()].map((own) => {
      const [{ partNumber, description } = { partNumber: null, description: "" }] = own;
      const samePart = posted.filter((line) => line.partNumber === partNumber);
      const sameText = samePart.filter((line) => words(line.description) === words(description));
      const sameSum = samePart.filter((line) => sameQuantity(sum(own), line.quantity)).slice(0, 1);
      return compareQuantity(own, sameText.length > 0 ? sameText : sameSum, true);
    }),
  );
}

function words(text: string): string {
  return text.trim().replace(/\s+/g, " ").toLowerCase();
}

/** Compares lines of an order, each with the invoice lines that were made from it. */
export function compareByRow(lines: readonly StoredLine[], posted: readonly InvoiceLine[]): Comparison {
  return merged(
    lines.map((line) =>
      compareQuantity(
        [line],
        posted.filter(({ fromRow }) => fromRow !== null && fromRow === line.kivitendoRow),
        true,
        // What takes something off stands in an order with its price below 0.
        new Big(line.quantity).abs().toFixed() as Decimal,
      ),
    ),
  );
}

function compareQuantity(
  lines: readonly StoredLine[],
  posted: readonly InvoiceLine[],
  samePart: boolean,
  planned = sum(lines),
): Comparison {
  if (posted.length === 0) return { found: [], removed: lines, changed: [] };
  const now = sum(posted);
  if (samePart && sameQuantity(planned, now)) return { found: lines, removed: [], changed: [] };
  return { found: [], removed: [], changed: [{ lines, planned, posted: now }] };
}

/** kivitendo keeps five decimals, and up to 3.6.0 a `real` of six digits. */
export function sameQuantity(one: Decimal, other: Decimal): boolean {
  const difference = new Big(one).minus(other).abs();
  return difference.lt("0.00001") || difference.lt(new Big(one).abs().times("0.000005"));
}

/**
 * The lines of several invoices that a draft was split over: those of the first, and of each further one the tickets that
 * are not there yet with their whole quantity, unless that made them more than was planned. `invoices` stand in the order
 * in which they fit. Invoices without such lines are left out, unless no line has a ticket.
 */
export function gather(lines: readonly StoredLine[], invoices: readonly Invoice[]): readonly Invoice[] {
  const byTicket = Map.groupBy(lines.filter(isToken), ({ ticketNumber }) => ticketNumber);
  if (byTicket.size === 0) return invoices;
  const gathered = new Map<TicketNumber, readonly InvoiceLine[]>();
  return invoices.flatMap((invoice) => {
    const tickets = new Set<TicketNumber | null>([null]);
    for (const [ticketNumber, own] of byTicket) {
      const before = gathered.get(ticketNumber) ?? [];
      const here = invoice.lines.filter((line) => line.ticketNumber === ticketNumber);
      if (here.length === 0 || !fits(own, before, here)) continue;
      gathered.set(ticketNumber, [...before, ...here]);
      tickets.add(ticketNumber);
    }
    if (tickets.size === 1) return [];
    return [{ ...invoice, lines: invoice.lines.filter(({ ticketNumber }) => tickets.has(ticketNumber)) }];
  });
}

function fits(lines: readonly StoredLine[], before: readonly InvoiceLine[], here: readonly InvoiceLine[]): boolean {
  if (before.length === 0) return true;
  if (isWhole(compareTicket(lines, before))) return false;
  const { changed } = compareTicket(lines, [...before, ...here]);
  return changed.every(({ planned, posted }) => new Big(posted).lte(planned));
}

function sum(lines: readonly { readonly quantity: Decimal }[]): Decimal {
  return lines.reduce((total, { quantity }) => total.plus(quantity), new Big(0)).toFixed() as Decimal;
}

function merged(comparisons: readonly Comparison[]): Comparison {
  return {
    found: comparisons.flatMap(({ found }) => found),
    removed: comparisons.flatMap(({ removed }) => removed),
    changed: comparisons.flatMap(({ changed }) => changed),
  };
}
