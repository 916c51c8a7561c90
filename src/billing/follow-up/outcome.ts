import type { DraftStatus, StoredDraft, WatchedNow } from "../ports.ts";
import {
  type Comparison,
  compareByRow,
  compareByTicket,
  type Invoice,
  isWhole,
  type TokenLine,
  tokenLines,
} from "./compare.ts";

/** What became of a draft or order. */
export interface Outcome {
  readonly draft: StoredDraft;
  readonly status: DraftStatus;
  /** Its invoices; empty unless it was posted. */
  readonly invoices: readonly Invoice[];
  /** Posted, or closed without an invoice: what is missing or differs. */
  readonly comparison: Comparison;
  /** recurring-order and sales-order: lines that left the order and stand in no invoice. */
  readonly goneFromOrder: readonly TokenLine[];
  /** The order was closed without an invoice. */
  readonly closed: boolean;
  /** An invoice with lines that were taken back in the ledger. */
  readonly takenBack: { readonly invoices: readonly Invoice[]; readonly lines: readonly TokenLine[] } | null;
  /** An invoice with all its lines, although it still stands. */
  readonly alsoInvoiced: Invoice | null;
}

/** Ticket numbers of invoices that belong to a draft; `takenBy` says whose. */
export class Claims {
  readonly #claimed: Set<string>;
  constructor(known: Iterable<{ readonly invoiceId: number | string; readonly ticketNumber: string }>) {
    this.#claimed = new Set([...known].map(keyOf));
  }
  /** The invoices without the lines that belong to somebody; those without any other are left out. */
  open(invoices: readonly Invoice[]): readonly Invoice[] {
    return invoices
      .map((invoice) => ({
        ...invoice,
        lines: invoice.lines.filter(({ ticketNumber }) => !this.#claimed.has(keyOf({ ...invoice, ticketNumber }))),
      }))
      .filter(({ lines }) => lines.length > 0);
  }
  take(invoices: readonly Invoice[]): void {
    for (const { invoiceId, lines } of invoices) {
      for (const { ticketNumber } of lines) this.#claimed.add(keyOf({ invoiceId, ticketNumber }));
    }
  }
}

function keyOf({
  invoiceId,
  ticketNumber,
}: {
  readonly invoiceId: number | string;
  readonly ticketNumber: string;
}): string {
  return `${invoiceId} ${ticketNumber}`;
}

const nothing: Comparison = { found: [], removed: [], changed: [] };

/**
 * Says what became of each draft. kivitendo links orders to their invoices; for a draft, whose row is deleted in the
 * transaction that posts it, an invoice is found by the ticket numbers in its lines, and belongs to one draft only: first
 * to one whose lines it has all, with their quantities, then to one with some of them. `stillTakenBack` are posted drafts
 * with lines that had been taken back before, as long as nobody has answered that question.
 */
export function outcomesOf(
  drafts: readonly StoredDraft[],
  nows: readonly WatchedNow[],
  claims: Claims,
  stillTakenBack: ReadonlySet<number> = new Set(),
): readonly Outcome[] {
  const byId = new Map(nows.map((now) => [now.draftId, now]));
  const watched = drafts
    .toSorted((one, other) => one.draftId - other.draftId)
    .flatMap((draft) => {
      const now = byId.get(draft.draftId);
      return now === undefined ? [] : [{ draft, now }];
    });
  const linked = watched.filter(({ draft, now }) => isLive(draft) && isOrder(draft) && now.row !== "missing");
  const missing = watched.filter(({ draft, now }) => isLive(draft) && now.row === "missing");
  const standing = watched.filter(({ draft, now }) => isLive(draft) && !isOrder(draft) && now.row !== "missing");
  const superseded = watched.filter(({ draft }) => draft.status === "superseded");
  const posted = watched.filter(({ draft }) => draft.status === "posted");

  for (const { now } of linked) claims.take(now.invoices);
  const outcomes = [
    ...posted.map((each) => postedOutcome(each, stillTakenBack.has(each.draft.draftId))),
    ...linked.map(orderOutcome),
  ];
  outcomes.push(...missingOutcomes(missing, claims));
  outcomes.push(...superseded.map((each) => supersededOutcome(each, claims)));
  outcomes.push(...standing.map((each) => standingOutcome(each, claims)));
  return outcomes.toSorted((one, other) => one.draft.draftId - other.draft.draftId);
}

interface Watched {
  readonly draft: StoredDraft;
  readonly now: WatchedNow;
}

function isLive({ status }: StoredDraft): boolean {
  return status === "waiting" || status === "changed" || status === "gone";
}

function isOrder({ target }: StoredDraft): boolean {
  return target !== "invoice-draft";
}

function outcome(draft: StoredDraft, status: DraftStatus, more: Partial<Outcome> = {}): Outcome {
  return {
    draft,
    status,
    invoices: [],
    comparison: nothing,
    goneFromOrder: [],
    closed: false,
    takenBack: null,
    alsoInvoiced: null,
    ...more,
  };
}

/** A standing order is invoiced whether it is closed or not; another one is done with when it is closed. */
function orderOutcome({ draft, now }: Watched): Outcome {
  const lines = tokenLines(draft);
  const posted = now.invoices.flatMap((invoice) => invoice.lines);
  const comparison = compareByRow(lines, posted);
  const rows = new Set(now.orderRows.map(({ row }) => row));
  const goneFromOrder = comparison.removed.filter(
    ({ kivitendoRow }) => kivitendoRow !== null && !rows.has(kivitendoRow),
  );
  const closed = now.closed && draft.target !== "recurring-order";
  const takenBack = takenBackIn(draft, now.invoices);
  if (lines.length === 0) return outcome(draft, draft.status, { takenBack });
  if (now.invoices.length > 0 && (isWhole(comparison) || closed)) {
    return outcome(draft, "posted", { invoices: now.invoices, comparison, takenBack });
  }
  if (closed) return outcome(draft, "gone", { closed: true });
  const status = now.row === "changed" ? "changed" : "waiting";
  return outcome(draft, status, { goneFromOrder, takenBack });
}

/** Looked at once more because of an open question: its invoice may have been corrected, or cancelled. */
function postedOutcome({ draft, now }: Watched, withTakenBack: boolean): Outcome {
  const numbers = draft.invoiceNumber?.split(", ") ?? [];
  const invoices = now.invoices.filter(
    ({ invoiceId, invoiceNumber }) => invoiceId === draft.invoiceId || numbers.includes(invoiceNumber),
  );
  if (invoices.length === 0) return outcome(draft, "gone");
  const lines = invoices.flatMap((invoice) => invoice.lines);
  const byRow = lines.some(({ fromRow }) => fromRow !== null);
  const comparison = byRow ? compareByRow(tokenLines(draft), lines) : compareByTicket(tokenLines(draft), lines);
  const taken = byRow ? takenBackIn(draft, invoices) : takenBackOnPosting(draft, invoices);
  return outcome(draft, "posted", { invoices, comparison, takenBack: withTakenBack ? taken : null });
}

function takenBackIn(draft: StoredDraft, invoices: readonly Invoice[]): Outcome["takenBack"] {
  const taken = tokenLines(draft, "taken-back");
  const lines = taken.filter((line) => invoices.some((invoice) => holds(invoice, line)));
  if (lines.length === 0) return null;
  return { lines, invoices: invoices.filter((invoice) => lines.some((line) => holds(invoice, line))) };
}

function holds(invoice: Invoice, line: TokenLine): boolean {
  return invoice.lines.some(({ ticketNumber, fromRow }) =>
    fromRow === null ? ticketNumber === line.ticketNumber : fromRow === line.kivitendoRow,
  );
}

function missingOutcomes(missing: readonly Watched[], claims: Claims): Outcome[] {
  const whole = new Map<StoredDraft, Invoice>();
  for (const { draft, now } of missing) {
    const lines = tokenLines(draft);
    const invoice =
      lines.length === 0
        ? undefined
        : claims.open(now.invoices).find((each) => isWhole(compareByTicket(lines, each.lines)));
    if (invoice === undefined) continue;
    whole.set(draft, invoice);
    claims.take([invoice]);
  }
  const posted = [...whole].map(([draft, invoice]) => {
    const comparison = compareByTicket(tokenLines(draft), invoice.lines);
    const takenBack = takenBackOnPosting(draft, [invoice]);
    return outcome(draft, "posted", { invoices: [invoice], comparison, takenBack });
  });
  // Two drafts of one ticket: an invoice belongs to the one that it has more lines of, whichever is older.
  const partly = missing
    .filter(({ draft }) => !whole.has(draft))
    .map((each) => ({ ...each, score: bestScore(tokenLines(each.draft), claims.open(each.now.invoices)) }))
    .toSorted((one, other) => other.score - one.score);
  return [...posted, ...partly.map(({ draft, now }) => partlyOutcome(draft, claims.open(now.invoices), claims))];
}

/** How much an invoice has of some lines: the same quantity counts for more than another one. */
function scoreOf(lines: readonly TokenLine[], invoice: Invoice): number {
  const { found, changed } = compareByTicket(lines, invoice.lines);
  return found.length * 2 + changed.length;
}

function bestScore(lines: readonly TokenLine[], invoices: readonly Invoice[]): number {
  return Math.max(0, ...invoices.map((invoice) => scoreOf(lines, invoice)));
}

/** One invoice with most of the lines, and others only for tickets that it lacks: somebody split the draft. */
function partlyOutcome(draft: StoredDraft, candidates: readonly Invoice[], claims: Claims): Outcome {
  const lines = tokenLines(draft);
  if (lines.length === 0) return outcome(draft, "superseded");
  const invoices: Invoice[] = [];
  const covered = new Set<string>();
  for (const candidate of candidates.toSorted((one, other) => scoreOf(lines, other) - scoreOf(lines, one))) {
    const own = candidate.lines.filter(
      ({ ticketNumber }) => !covered.has(ticketNumber) && lines.some((line) => line.ticketNumber === ticketNumber),
    );
    if (own.length === 0) continue;
    invoices.push({ ...candidate, lines: own });
    for (const { ticketNumber } of own) covered.add(ticketNumber);
  }
  if (invoices.length === 0) return outcome(draft, "gone");
  claims.take(invoices);
  const comparison = compareByTicket(
    lines,
    invoices.flatMap((invoice) => invoice.lines),
  );
  return outcome(draft, "posted", { invoices, comparison, takenBack: takenBackOnPosting(draft, candidates) });
}

/** Lines that were taken back while the draft stood, of tickets that have no other line on it. */
function takenBackOnPosting(draft: StoredDraft, invoices: readonly Invoice[]): Outcome["takenBack"] {
  const counted = new Set(tokenLines(draft).map(({ ticketNumber }) => ticketNumber));
  const found = takenBackIn(draft, invoices);
  const lines = found?.lines.filter(({ ticketNumber }) => !counted.has(ticketNumber)) ?? [];
  return found === null || lines.length === 0 ? null : { ...found, lines };
}

function supersededOutcome({ draft, now }: Watched, claims: Claims): Outcome {
  return outcome(draft, draft.status, { takenBack: takenBackIn(draft, claims.open(now.invoices)) });
}

function standingOutcome({ draft, now }: Watched, claims: Claims): Outcome {
  const status = now.row === "changed" ? "changed" : "waiting";
  const lines = tokenLines(draft);
  const invoice = claims.open(now.invoices).find((each) => isWhole(compareByTicket(lines, each.lines)));
  return outcome(draft, status, { alsoInvoiced: lines.length === 0 ? null : (invoice ?? null) });
}
