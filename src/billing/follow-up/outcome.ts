import { Big } from "big.js";
import type { DraftStatus, StoredDraft, StoredLine, WatchedNow } from "../ports.ts";
import { type Claims, isOf } from "./claims.ts";
import {
  type ChangedLines,
  type Comparison,
  compareByRow,
  compareByTicket,
  countedLines,
  gather,
  type Invoice,
  isWhole,
  sameQuantity,
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
  readonly goneFromOrder: readonly StoredLine[];
  /** The order was closed without an invoice. */
  readonly closed: boolean;
  /** What it was found posted as before and that counts no longer, where other invoices do not have all its lines. */
  readonly withdrawn: WatchedNow["withdrawn"];
  /** Credit notes over its lines. */
  readonly credits: readonly { readonly creditNote: Credit; readonly lines: readonly StoredLine[] }[];
  /** An invoice with lines that were taken back in the ledger. */
  readonly takenBack: { readonly invoices: readonly Invoice[]; readonly lines: readonly TokenLine[] } | null;
  /** An invoice with all its lines, although it still stands. */
  readonly alsoInvoiced: Invoice | null;
}

export type Credit = WatchedNow["credits"][number];

const nothing: Comparison = { found: [], removed: [], changed: [] };

/**
 * Says what became of each draft. kivitendo links orders to their invoices; for a draft, whose row is deleted in the
 * transaction that posts it, an invoice is found by the ticket numbers in its lines, and belongs to one draft only: first
 * to one whose lines it has all, with their quantities, then to one with some of them. `stillTakenBack` are posted drafts
 * with lines that had been taken back before, as long as nobody has answered that question, or because of a credit note.
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
  const live = watched.filter(isLive);
  const linked = live.filter(({ draft, now }) => isOrder(draft) && now.row !== "missing");
  const missing = live.filter(({ now }) => now.row === "missing");
  const standing = live.filter(({ draft, now }) => !isOrder(draft) && now.row !== "missing");
  const superseded = watched.filter(({ draft }) => draft.status === "superseded");
  const posted = watched.filter((each) => each.draft.status === "posted" && !isLive(each));

  for (const { now } of linked) claims.take(now.invoices);
  const asked = (each: Outcome): Outcome =>
    each.draft.status !== "posted" || stillTakenBack.has(each.draft.draftId) ? each : { ...each, takenBack: null };
  const outcomes = [...posted.map(postedOutcome), ...linked.map(orderOutcome), ...missingOutcomes(missing, claims)];
  outcomes.push(...superseded.map((each) => supersededOutcome(each, claims)));
  outcomes.push(...standing.map((each) => standingOutcome(each, claims)));
  return withCredits(
    outcomes.map(asked).toSorted((one, other) => one.draft.draftId - other.draft.draftId),
    byId,
  );
}

interface Watched {
  readonly draft: StoredDraft;
  readonly now: WatchedNow;
}

/** Its lines stand in no invoice, or no longer in all that it was found posted as. */
function isLive({ draft: { status }, now }: Watched): boolean {
  if (status === "posted") return now.withdrawn.length > 0;
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
    withdrawn: [],
    credits: [],
    takenBack: null,
    alsoInvoiced: null,
    ...more,
  };
}

/** A standing order is invoiced whether it is closed or not; another one is done with when it is closed. */
function orderOutcome({ draft, now }: Watched): Outcome {
  const lines = countedLines(draft);
  const posted = now.invoices.flatMap((invoice) => invoice.lines);
  const comparison = compareByRow(lines, posted);
  const rows = new Set(now.orderRows.map(({ row }) => row));
  const goneFromOrder = comparison.removed.filter(
    ({ kivitendoRow }) => kivitendoRow !== null && !rows.has(kivitendoRow),
  );
  const closed = now.closed && draft.target !== "recurring-order";
  const takenBack = takenBackIn(draft, now.invoices);
  const withdrawn = lost(now, comparison);
  if (tokenLines(draft).length === 0) return outcome(draft, draft.status, { takenBack });
  if (now.invoices.length > 0 && (isAllInvoiced(draft, now, comparison) || closed)) {
    return outcome(draft, "posted", { invoices: now.invoices, comparison, takenBack, withdrawn });
  }
  if (closed) return outcome(draft, "gone", { closed: true, withdrawn });
  const status = now.row === "changed" ? "changed" : "waiting";
  return outcome(draft, status, { goneFromOrder, takenBack, withdrawn });
}

/**
 * Every line is in an invoice, with all that stands in the order: more or less than was planned is then no part that waits
 * for the rest. A standing order bills each line once, whatever was left of it.
 */
function isAllInvoiced({ target }: StoredDraft, { orderRows }: WatchedNow, { removed, changed }: Comparison): boolean {
  const isLeft = ({ lines, posted }: ChangedLines): boolean =>
    orderRows.some(
      ({ row, quantity }) =>
        lines.some(({ kivitendoRow }) => kivitendoRow === row) &&
        new Big(posted).lt(quantity) &&
        !sameQuantity(posted, quantity),
    );
  return removed.length === 0 && (target === "recurring-order" || !changed.some(isLeft));
}

/** What was withdrawn matters as long as other invoices do not have all the lines. */
function lost({ withdrawn }: WatchedNow, { removed }: Comparison): WatchedNow["withdrawn"] {
  return removed.length > 0 ? withdrawn : [];
}

/** Everything that it was found posted as counts: looked at again, because an invoice can be changed afterwards. */
function postedOutcome({ draft, now }: Watched): Outcome {
  const own = now.invoices.filter((invoice) => isOf(draft, invoice));
  if (own.length === 0) return outcome(draft, "gone");
  const byRow = own.some(({ lines }) => lines.some(({ fromRow }) => fromRow !== null));
  const invoices = byRow ? own : gather(countedLines(draft), own);
  const lines = invoices.flatMap((invoice) => invoice.lines);
  const comparison = byRow ? compareByRow(countedLines(draft), lines) : compareByTicket(countedLines(draft), lines);
  const takenBack = byRow ? takenBackIn(draft, own) : takenBackOnPosting(draft, own);
  return outcome(draft, "posted", { invoices: own, comparison, takenBack });
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
        : claims.open(now.invoices, draft).find((each) => isWhole(compareByTicket(lines, each.lines)));
    if (invoice === undefined) continue;
    whole.set(draft, invoice);
    claims.take([invoice]);
  }
  const posted = [...whole].map(([draft, invoice]) => {
    const comparison = compareByTicket(countedLines(draft), invoice.lines);
    const takenBack = takenBackOnPosting(draft, [invoice]);
    return outcome(draft, "posted", { invoices: [invoice], comparison, takenBack });
  });
  // Two drafts of one ticket: an invoice belongs to the one that it has more lines of, whichever is older.
  const partly = missing
    .filter(({ draft }) => !whole.has(draft))
    .map((each) => ({
      ...each,
      score: bestScore(tokenLines(each.draft), claims.open(each.now.invoices, each.draft)),
    }))
    .toSorted((one, other) => other.score - one.score);
  return [...posted, ...partly.map((each) => partlyOutcome(each, claims))];
}

/** How much an invoice has of some lines: the same quantity counts for more than another one. */
function scoreOf(lines: readonly TokenLine[], invoice: Invoice): number {
  const { found, changed } = compareByTicket(lines, invoice.lines);
  return found.length * 2 + changed.length;
}

function bestScore(lines: readonly TokenLine[], invoices: readonly Invoice[]): number {
  return Math.max(0, ...invoices.map((invoice) => scoreOf(lines, invoice)));
}

/** One invoice with most of the lines, and others for what it lacks: somebody split the draft. */
function partlyOutcome({ draft, now }: Watched, claims: Claims): Outcome {
  const lines = tokenLines(draft);
  if (lines.length === 0) return outcome(draft, "superseded");
  const candidates = claims
    .open(now.invoices, draft)
    .toSorted((one, other) => scoreOf(lines, other) - scoreOf(lines, one));
  const invoices = gather(lines, candidates);
  if (invoices.length === 0) return outcome(draft, "gone", { withdrawn: now.withdrawn });
  claims.take(invoices);
  const comparison = compareByTicket(
    countedLines(draft),
    invoices.flatMap((invoice) => invoice.lines),
  );
  const takenBack = takenBackOnPosting(draft, candidates);
  return outcome(draft, "posted", { invoices, comparison, takenBack, withdrawn: lost(now, comparison) });
}

/** Lines that were taken back while the draft stood, of tickets that have no other line on it. */
function takenBackOnPosting(draft: StoredDraft, invoices: readonly Invoice[]): Outcome["takenBack"] {
  const counted = new Set(tokenLines(draft).map(({ ticketNumber }) => ticketNumber));
  const found = takenBackIn(draft, invoices);
  const lines = found?.lines.filter(({ ticketNumber }) => !counted.has(ticketNumber)) ?? [];
  return found === null || lines.length === 0 ? null : { ...found, lines };
}

function supersededOutcome({ draft, now }: Watched, claims: Claims): Outcome {
  return outcome(draft, draft.status, { takenBack: takenBackIn(draft, claims.open(now.invoices, draft)) });
}

function standingOutcome({ draft, now }: Watched, claims: Claims): Outcome {
  const status = now.row === "changed" ? "changed" : "waiting";
  const lines = tokenLines(draft);
  const invoice = claims.open(now.invoices, draft).find((each) => isWhole(compareByTicket(lines, each.lines)));
  return outcome(draft, status, { alsoInvoiced: lines.length === 0 ? null : (invoice ?? null) });
}

/** A credit note takes back the lines of one draft: of the one with the latest invoice before it. */
function withCredits(outcomes: readonly Outcome[], nows: ReadonlyMap<number, WatchedNow>): readonly Outcome[] {
  const latest = new Map<string, number>();
  const all = outcomes.flatMap(({ draft }) => nows.get(draft.draftId)?.credits ?? []);
  for (const credit of all) {
    for (const { ticketNumber } of credit.lines) {
      const key = creditKey(credit, ticketNumber);
      latest.set(key, Math.max(latest.get(key) ?? 0, credit.invoiceId));
    }
  }
  return outcomes.map((each) => {
    if (each.status !== "posted") return each;
    const creditNotes = (nows.get(each.draft.draftId)?.credits ?? []).map((given) => ({
      ...given,
      lines: given.lines.filter(({ ticketNumber }) => latest.get(creditKey(given, ticketNumber)) === given.invoiceId),
    }));
    const credits = creditNotes.flatMap((creditNote) => {
      const lines = tokenLines(each.draft).filter((line) => isCredited(line, creditNote));
      return lines.length === 0 ? [] : [{ creditNote, lines }];
    });
    const standing = each.takenBack?.lines.filter((line) => !creditNotes.some((note) => isCredited(line, note))) ?? [];
    const takenBack = each.takenBack === null || standing.length === 0 ? null : { ...each.takenBack, lines: standing };
    return { ...each, credits: withRounding(each.draft, credits), takenBack };
  });
}

/** What rounds a draft goes with its tickets: with the last credit note, once they are credited all. */
function withRounding(draft: StoredDraft, credits: Outcome["credits"]): Outcome["credits"] {
  const [last, ...others] = credits.toSorted(
    (one, other) => other.creditNote.creditNoteId - one.creditNote.creditNoteId,
  );
  const credited = new Set(credits.flatMap(({ lines }) => lines));
  if (last === undefined || !tokenLines(draft).every((line) => credited.has(line))) return credits;
  const rounding = countedLines(draft).filter(({ ticketNumber }) => ticketNumber === null);
  return [...others.toReversed(), { ...last, lines: [...last.lines, ...rounding] }];
}

function isCredited({ ticketNumber }: TokenLine, { lines }: Credit): boolean {
  return lines.some((line) => line.ticketNumber === ticketNumber);
}

function creditKey({ creditNoteId }: Credit, ticketNumber: string | null): string {
  return `${creditNoteId} ${ticketNumber ?? ""}`;
}
