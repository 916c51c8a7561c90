/** What flow 2 sees of the outside. Adapters in src/kivitendo, src/helpdesk and src/state implement these types. */
import type {
  CustomerId,
  Decimal,
  HelpdeskInfo,
  HundredthUnits,
  MinutesPerUnit,
  PartNumber,
  RunEnd,
  RunId,
  TicketId,
  TicketNumber,
} from "../model/index.ts";
import type { Choice, Decided, InboxItem, QuestionReason } from "./records/inbox.ts";
import type {
  BillingCustomer,
  BillingDefaults,
  BillingPart,
  CustomerPrices,
  RecurringOrder,
  TokenPlace,
  WatchedDraft,
  WatchedNow,
} from "./records/kivitendo.ts";
import type { EntryKey } from "./records/kinds.ts";
import type { DraftRecord, DraftStatus, SettlementRecord, StoredDraft } from "./records/lines.ts";
import type { BeforeStart, Settled, TicketBatch } from "./records/tickets.ts";

export type * from "./records/inbox.ts";
export type * from "./records/kinds.ts";
export type * from "./records/kivitendo.ts";
export type * from "./records/lines.ts";
export type * from "./records/tickets.ts";

// ---- the helpdesk ---------------------------------------------------------------------------------------------------

export interface TicketSearch {
  /** State names, or state types, that count as closed; exactly one of the two is not empty. */
  readonly stateNames: readonly string[];
  readonly stateTypes: readonly string[];
  /** Tickets changed at or after this moment; null for all. */
  readonly changedSince: Temporal.Instant | null;
}

export interface HelpdeskTickets {
  info(): Promise<HelpdeskInfo>;
  /** `rows` when it tells rows of accounted time and agents (the add-on), `articles` with the stock operations. */
  readonly detail: "rows" | "articles";
  /** Matching tickets in the order of their last change, page by page; a ticket may come twice when it changes meanwhile. */
  changed(search: TicketSearch, signal: AbortSignal): AsyncIterable<TicketBatch>;
  /** Tickets in any state with some close before the moment, among those changed since the other one. */
  closedBefore(
    moment: Temporal.Instant,
    changedSince: Temporal.Instant | null,
    signal: AbortSignal,
  ): AsyncIterable<TicketBatch>;
  /** These tickets, in any state, without losing the others when one is forbidden. */
  read(ids: readonly TicketId[], signal: AbortSignal): AsyncIterable<TicketBatch>;
  /** The helpdesk's clock; null when it does not tell. Known after the first page. */
  now(): Temporal.Instant | null;
  /** Sets a text dynamic field of a ticket; throws RejectedError when this one cannot be written. */
  writeField(ticketId: TicketId, field: string, value: string): Promise<void>;
}

// ---- kivitendo ------------------------------------------------------------------------------------------------------

export interface KivitendoBilling {
  readParts(partNumbers: readonly PartNumber[]): Promise<ReadonlyMap<string, BillingPart>>;
  /** Rows that cannot be used (no number any more) are missing. */
  readCustomers(customerIds: readonly CustomerId[]): Promise<ReadonlyMap<CustomerId, BillingCustomer>>;
  readDefaults(draftOwnerLogin: string): Promise<BillingDefaults>;
  readPrices(customerIds: readonly CustomerId[]): Promise<ReadonlyMap<CustomerId, CustomerPrices>>;
  /** Orders with a recurring configuration that is not terminated; several are an answer of several. */
  readRecurringOrders(customerIds: readonly CustomerId[]): Promise<ReadonlyMap<CustomerId, readonly RecurringOrder[]>>;
  /**
   * Where these numbers stand as whole words in drafts, orders (no quotations) and invoices (no cancelled ones, no credit
   * notes) that were written since the moment: the creation of the oldest ticket is early enough. Null looks at all.
   */
  findTokens(ticketNumbers: readonly TicketNumber[], since: Temporal.Instant | null): Promise<readonly TokenPlace[]>;
  /** What became of drafts and orders. */
  look(drafts: readonly WatchedDraft[]): Promise<readonly WatchedNow[]>;
  /** The row id of the newest invoice that was made before the moment: later ones have higher ids; 0 for none. */
  lastInvoiceBefore(moment: Temporal.Instant): Promise<number>;
}

// ---- our own memory -------------------------------------------------------------------------------------------------

export interface Cursor {
  /** The last change up to which tickets were read. */
  readonly changedSince: Temporal.Instant;
  /** The helpdesk's clock at that reading; null when it was not told. */
  readonly helpdeskNow: Temporal.Instant | null;
  /** When the billed tickets of the last time were read again; null for never. */
  readonly rereadAt: Temporal.Instant | null;
}

/** What one run read from the helpdesk. */
export interface Settlement {
  readonly batches: readonly TicketBatch[];
  /** Those of the read tickets that had some close before `billing.startDate`. */
  readonly closedBeforeStart: ReadonlySet<TicketId>;
  /** Stored only together with what was read; null leaves the cursor where it is. */
  readonly cursor: Cursor | null;
  /** What the cursor holds for: the configured states and start date. Stored with it. */
  readonly scope: string;
  /** Billable states; names are compared as the helpdesk spells them. */
  readonly stateNames: readonly string[];
  readonly stateTypes: readonly string[];
  /** Empty list means all. */
  readonly ticketNumbers: readonly string[];
  /** True rolls everything back after reading: what `billing plan` does. */
  readonly dryRun: boolean;
}

/** Included time that was used, by customer and month of the work (`2026-10`). */
export type IncludedUse = ReadonlyMap<CustomerId, ReadonlyMap<string, HundredthUnits>>;

export interface BillingState {
  /** Null before the first run and when the scope is another one. */
  readCursor(scope: string): Promise<Cursor | null>;
  /**
   * Tickets that are read again whatever the cursor says: those with an open difference as last seen (a reopened or
   * merged ticket no longer shows up among the closed ones) that are neither held nor in one of these unbilled states,
   * those that were billed since the moment (an article can be deleted or restored without its ticket's change time
   * moving), those with these numbers, and those of which an open question says that they could not be read (nothing else
   * leads back to them).
   */
  readOpenTickets(which: {
    readonly billedSince: Temporal.Instant | null;
    readonly ticketNumbers: readonly string[];
    readonly unbilledStates: readonly string[];
  }): Promise<readonly TicketId[]>;
  /** What was settled and stands on these tickets, as last seen. */
  readSettledEntries(
    ticketIds: readonly TicketId[],
  ): Promise<readonly { readonly ticketId: TicketId; readonly key: EntryKey }[]>;
  /**
   * Takes what was read into the ledger (units seen per entry; an entry that its ticket no longer has counts zero; rows
   * that did not change are not written) and answers all tickets in a billable state that have an open difference,
   * billed time of another customer, or an open proposal, and those merged or removed that lack time which was settled;
   * ordered by customer and ticket number. One transaction.
   * Throws RefusedError when the helpdesk tells other creation times than before, as after a change of its zone: they are
   * part of what an entry is known by.
   */
  settle(settlement: Settlement): Promise<Settled>;
  /**
   * Tickets with time that were closed before the start and that nobody decided about, in whatever state, by number: what
   * they would be if this was settled. Nothing of it is kept.
   */
  readBeforeStart(settlement: Settlement): Promise<readonly BeforeStart[]>;
  readIncludedUse(customerIds: readonly CustomerId[]): Promise<IncludedUse>;
  /**
   * Writes a draft or order into kivitendo and its lines into the ledger in one transaction, or nothing: throws
   * MovedError when the ledger moved since the plan was made. A proposal goes into the ledger only. The unit setting is
   * frozen by the first line.
   */
  writeDraft(record: DraftRecord, minutesPerUnit: MinutesPerUnit): Promise<StoredDraft>;
  /** Lines without a draft, with the same checks. */
  writeSettlement(record: SettlementRecord, minutesPerUnit: MinutesPerUnit): Promise<void>;
  /**
   * Takes lines back: negated entries under the same kind. Throws RefusedError for a line that was taken back already.
   * Draft lines of a proposal leave it; a proposal without lines is dropped.
   */
  reverseLines(lineIds: readonly number[], decided: Decided): Promise<void>;
  /** The unit that was frozen by the first line; null before. */
  readFrozenUnit(): Promise<MinutesPerUnit | null>;

  // ---- drafts afterwards
  readDrafts(filter: {
    readonly statuses?: readonly DraftStatus[];
    readonly draftIds?: readonly number[];
    readonly customerNumbers?: readonly string[];
    /** Those with a line for one of these tickets. */
    readonly ticketNumbers?: readonly TicketNumber[];
    /** Posted ones whose invoice number the helpdesk was not told yet. */
    readonly untold?: true;
    /** Those that an open question of the inbox is about (`about.draftId`), any or one for this reason. */
    readonly asked?: true | QuestionReason;
    /** Those with lines that were taken back by an answer to a question for this reason. */
    readonly takenBackFor?: QuestionReason;
    /** Those that were found posted as an invoice with a higher row id. */
    readonly invoicedAfter?: number;
    /** Those with a line that was taken back since. */
    readonly takenBackSince?: Temporal.Instant;
  }): Promise<readonly StoredDraft[]>;
  /**
   * `invoiceNumber` holds several, joined by ", ", when somebody split it; `invoiceId` is then the first. A draft whose
   * invoice was cancelled keeps it until another one shows. Another number is told to the tickets again.
   */
  recordStatus(
    draftId: number,
    status: DraftStatus,
    invoice: { readonly invoiceId: number; readonly invoiceNumber: string } | null,
  ): Promise<void>;
  /** Remembers that the tickets of a posted draft were told their invoice number. */
  recordTold(draftId: number, at: Temporal.Instant): Promise<void>;
  /**
   * Those of the places where the ledger knows of the ticket: a draft or order on which it has a line for that ticket
   * that was not taken back, or an invoice that is recorded, by id or among the joined numbers, for a draft with any line
   * for that ticket.
   */
  knownPlaces(places: readonly TokenPlace[]): Promise<readonly TokenPlace[]>;

  // ---- the inbox
  /** Those of the items that nobody has answered for good (by their fingerprint): what they ask holds nothing up. */
  readUnanswered(items: readonly InboxItem[]): Promise<readonly InboxItem[]>;
  /**
   * Adds the items that are not open yet and not acknowledged. With `complete` it also closes the open items of this
   * flow that are not among `items`: the run looked at everything, so what they ask no longer holds; a list of reasons
   * says that of those only. With `dryRun` nothing is written and the answer is what would be. With `onlyNew` open items
   * keep their wording.
   */
  syncInbox(
    items: readonly InboxItem[],
    options: {
      readonly run: RunId | null;
      readonly now: Temporal.Instant;
      readonly complete: boolean | readonly QuestionReason[];
      readonly dryRun: boolean;
      readonly onlyNew?: true;
    },
  ): Promise<{ readonly added: number; readonly open: number }>;
  startRun(flow: "billing", startedAt: Temporal.Instant): Promise<RunId>;
  readonly finishRun: (run: RunId, end: RunEnd) => Promise<void>;
}

/** What people do, outside a run. Each is one transaction, kept with who and why. */
export interface BillingDesk {
  /** Answers an open question of the inbox and carries the answer out. Throws ConfigError for a choice it does not offer. */
  decide(itemId: number, choice: Choice, decided: Decided): Promise<void>;
  hold(ticketNumber: TicketNumber, held: boolean, decided: Decided): Promise<void>;
  /**
   * Books what is open on tickets that were first closed before the start as billed by hand before, and marks those of them
   * on which nothing is open: time that is added later is due on both.
   */
  book(ticketIds: readonly TicketId[], decided: Decided): Promise<void>;
  /** Changes a line of a proposal; the original is kept. */
  edit(lineId: number, edit: ProposalEdit, decided: Decided): Promise<void>;
  /** Writes a proposal into kivitendo. */
  release(draftId: number, decided: Decided): Promise<StoredDraft>;
  /** Deletes a draft that nobody touched and takes its lines back; throws RefusedError when somebody did. */
  redo(draftId: number, decided: Decided): Promise<void>;
}

export type ProposalEdit =
  /** Out of this proposal, and its time is not billed: `waive` for good, `hold` until the ticket is released. */
  | { readonly kind: "leave-out"; readonly time: "waive" | "hold" }
  | { readonly kind: "goodwill" }
  | {
      readonly kind: "part";
      readonly partId: number;
      readonly partNumber: PartNumber;
      readonly unit: string;
      readonly unitPrice: Decimal;
      readonly quantity: Decimal;
    }
  | { readonly kind: "quantity"; readonly quantity: Decimal }
  | { readonly kind: "text"; readonly description: string | null; readonly longDescription: string | null };
