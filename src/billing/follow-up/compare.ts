import { Big } from "big.js";
import type { StoredDraft, StoredLine, WatchedNow } from "../ports.ts";
import type { Decimal, TicketNumber } from "../../model/index.ts";

export type Invoice = WatchedNow["invoices"][number];
export type InvoiceLine = Invoice["lines"][number];

/** A line that carries a ticket's number, by which it is found again. */
export type TokenLine = StoredLine & { readonly ticketNumber: TicketNumber };

/** Lines of one ticket and part (or one line of an order) that were posted with another quantity. */
export interface ChangedLines {
  readonly lines: readonly TokenLine[];
  readonly planned: Decimal;
  readonly posted: Decimal;
}

export interface Comparison {
  /** Lines with the planned quantity. */
  readonly found: readonly TokenLine[];
  readonly removed: readonly TokenLine[];
  readonly changed: readonly ChangedLines[];
}

/** Lines that the ledger counts and that can be found again: those that round a draft carry no ticket. */
export function tokenLines(draft: StoredDraft, which: "counted" | "taken-back" = "counted"): readonly TokenLine[] {
  return draft.lines.filter(
    (line): line is TokenLine => line.ticketNumber !== null && line.reversed === (which === "taken-back"),
  );
}

export function isWhole({ removed, changed }: Comparison): boolean {
  return removed.length === 0 && changed.length === 0;
}

/**
 * Compares lines with posted ones by their ticket: quantities summed per ticket and part. A part that was replaced by
 * another one is a changed line, since its quantity may be in another unit.
 */
export function compareByTicket(lines: readonly TokenLine[], posted: readonly InvoiceLine[]): Comparison {
  const comparisons = [...Map.groupBy(lines, ({ ticketNumber }) => ticketNumber)].map(([ticketNumber, own]) =>
    compareTicket(
      own,
      posted.filter((line) => line.ticketNumber === ticketNumber),
    ),
  );
  return merged(comparisons);
}

function compareTicket(lines: readonly TokenLine[], posted: readonly InvoiceLine[]): Comparison {
  const parts = Map.groupBy(lines, ({ partNumber }) => partNumber);
  const other = posted.filter(({ partNumber }) => !parts.has(partNumber));
  return merged(
    [...parts].map(([partNumber, own]) => {
      const same = posted.filter((line) => line.partNumber === partNumber);
      return compareQuantity(own, same.length > 0 ? same : other, same.length > 0);
    }),
  );
}

/** Compares lines of an order, each with the invoice lines that were made from it. */
export function compareByRow(lines: readonly TokenLine[], posted: readonly InvoiceLine[]): Comparison {
  return merged(
    lines.map((line) =>
      compareQuantity(
        [line],
        posted.filter(({ fromRow }) => fromRow !== null && fromRow === line.kivitendoRow),
        true,
      ),
    ),
  );
}

function compareQuantity(lines: readonly TokenLine[], posted: readonly InvoiceLine[], samePart: boolean): Comparison {
  if (posted.length === 0) return { found: [], removed: lines, changed: [] };
  const planned = sum(lines);
  const now = sum(posted);
  if (samePart && sameQuantity(planned, now)) return { found: lines, removed: [], changed: [] };
  return { found: [], removed: [], changed: [{ lines, planned, posted: now }] };
}

/** kivitendo keeps five decimals, and up to 3.6.0 a `real` of six digits. */
export function sameQuantity(one: Decimal, other: Decimal): boolean {
  const difference = new Big(one).minus(other).abs();
  return difference.lt("0.00001") || difference.lt(new Big(one).abs().times("0.000005"));
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
