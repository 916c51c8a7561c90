/** What flow 2 sees of the outside. Adapters in src/kivitendo, src/helpdesk and src/state implement these types. */
import type {
  ArticleId,
  CompanyKey,
  CustomerId,
  CustomerNumber,
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

// ---- the helpdesk ---------------------------------------------------------------------------------------------------

/** Accounted time of one article. An article is its id and its creation time: a restored helpdesk hands out ids again. */
export interface ArticleTime {
  readonly articleId: ArticleId;
  readonly createdAt: Temporal.Instant;
  readonly units: HundredthUnits;
}

/** A ticket as the helpdesk tells it now. */
export interface TicketSnapshot {
  readonly ticketId: TicketId;
  readonly ticketNumber: TicketNumber;
  readonly title: string;
  readonly queue: string;
  readonly state: string;
  readonly stateType: string;
  /** CustomerID on the ticket; empty when it has none. */
  readonly companyKey: CompanyKey | null;
  readonly createdAt: Temporal.Instant;
  readonly changedAt: Temporal.Instant;
  /** The last close; also present on tickets that were opened again. */
  readonly closedAt: Temporal.Instant | null;
  /** Sum of all accounted time of the ticket. */
  readonly totalUnits: HundredthUnits;
  /** Articles that carry time. Their sum is less than the total when time was booked without an article. */
  readonly articles: readonly ArticleTime[];
}

export interface TicketBatch {
  readonly tickets: readonly TicketSnapshot[];
  /** Tickets that were asked for and cannot be read: forbidden, gone meanwhile, or too large for one answer. */
  readonly unreadable: readonly TicketId[];
}

export interface TicketSearch {
  /** State names, or state types, that count as closed; exactly one of the two is not empty. */
  readonly stateNames: readonly string[];
  readonly stateTypes: readonly string[];
  /** Tickets changed at or after this moment; null for all. */
  readonly changedSince: Temporal.Instant | null;
}

export interface HelpdeskTickets {
  info(): Promise<HelpdeskInfo>;
  /** Ids of matching tickets, in the order of their last change. */
  search(search: TicketSearch): Promise<readonly TicketId[]>;
  /** Ids of tickets with any close before the moment, among those changed since the other one. */
  searchClosedBefore(moment: Temporal.Instant, changedSince: Temporal.Instant | null): Promise<readonly TicketId[]>;
  /** Reads tickets in chunks, with their articles' time and without losing the others when one is forbidden. */
  read(ids: readonly TicketId[], signal: AbortSignal): AsyncIterable<TicketBatch>;
}

// ---- kivitendo ------------------------------------------------------------------------------------------------------

/** The part that time is billed as. */
export interface BillingPart {
  readonly partId: number;
  readonly partNumber: PartNumber;
  readonly description: string;
  readonly unit: string;
  readonly unitPrice: Decimal;
  readonly obsolete: boolean;
  /** Minutes in one `unit`; null when the unit is not a unit of time. */
  readonly minutesPerUnit: Decimal | null;
}

/** What a draft needs to know about its customer. */
export interface BillingCustomer {
  readonly customerId: CustomerId;
  readonly customerNumber: CustomerNumber;
  readonly name: string;
  readonly obsolete: boolean;
  readonly taxZoneId: number | null;
  readonly currency: string;
  /** The client's own currency: drafts in another one are refused. */
  readonly isDefaultCurrency: boolean;
  readonly paymentId: number | null;
  readonly languageId: number | null;
  /** ISO-like template code of the customer's language (`de`, `en`), null for the default language. */
  readonly languageCode: string | null;
  readonly deliveryTermId: number | null;
  readonly salesmanId: number | null;
  /** Prices on this customer's records contain the tax. */
  readonly taxIncluded: boolean;
}

/** Settings of the kivitendo client that a draft needs. */
export interface BillingDefaults {
  /** `defaults.ar_chart_id`; a draft without it cannot be posted. */
  readonly arChartId: number | null;
  /** Row id of the employee that is to own the drafts; null when there is none with that login. */
  readonly draftOwnerId: number | null;
}

/** One position of a draft. */
export interface DraftLine {
  readonly partId: number;
  readonly partNumber: PartNumber;
  readonly unit: string;
  readonly unitPrice: Decimal;
  /** Up to five decimals. */
  readonly quantity: Decimal;
  /** Plain text, one line. */
  readonly description: string;
  /** HTML. */
  readonly longDescription: string;
  /** Goes into `serialnumber`, which kivitendo prints and which survives posting: digits only. */
  readonly ticketNumber: TicketNumber;
}

export interface InvoiceDraft {
  /** At most 50 characters, unique, chosen by us. */
  readonly draftId: string;
  readonly ownerId: number;
  readonly description: string;
  readonly transactionDescription: string;
  readonly customer: BillingCustomer;
  readonly arChartId: number;
  readonly periodStart: Temporal.PlainDate;
  /** The last day of the period. */
  readonly periodEnd: Temporal.PlainDate;
  readonly lines: readonly DraftLine[];
}

export interface KivitendoBilling {
  readPart(partNumber: PartNumber): Promise<BillingPart | null>;
  readCustomer(customerId: CustomerId): Promise<BillingCustomer | null>;
  readDefaults(draftOwnerLogin: string): Promise<BillingDefaults>;
}

// ---- our own memory -------------------------------------------------------------------------------------------------

/** What the ledger knows about the time of one article, and to which ticket it belongs now. */
export interface DueArticle {
  readonly articleId: ArticleId;
  readonly createdAt: Temporal.Instant;
  readonly seenUnits: HundredthUnits;
  /** Sum of everything billed for this article, to anyone. */
  readonly billedUnits: HundredthUnits;
}

/** A line that stands in the ledger for this ticket already. */
export interface BilledLine {
  readonly customerId: CustomerId;
  readonly partNumber: PartNumber;
  readonly unitPrice: Decimal;
  readonly workedUnits: HundredthUnits;
  readonly quantity: Decimal;
}

/** A ticket with time that is seen and not billed (or billed and no longer seen), in a billable state as last seen. */
export interface DueTicket {
  readonly ticketId: TicketId;
  readonly ticketNumber: TicketNumber;
  readonly title: string;
  readonly queue: string;
  readonly state: string;
  readonly companyKey: CompanyKey | null;
  /** Resolved through the links; null when the helpdesk's company is not linked to a customer. */
  readonly customerId: CustomerId | null;
  readonly closedAt: Temporal.Instant;
  /** True when some close of this ticket lies before `billing.startDate`. */
  readonly closedBeforeStart: boolean;
  /** Ticket total minus the sum of its articles: time that the stock operations cannot attribute. */
  readonly unattributedUnits: HundredthUnits;
  readonly articles: readonly DueArticle[];
  readonly billedLines: readonly BilledLine[];
}

/** A question for a human. `subject` and `reason` identify it, so that asking again does not add another one. */
export interface InboxItem {
  readonly reason:
    | "unknown-customer"
    | "closed-before-start"
    | "time-without-article"
    | "negative-difference"
    | "customer-not-billable"
    | "draft-refused"
    | "unreadable-ticket";
  readonly subject: string;
  /** Full sentence: what happened. */
  readonly text: string;
  /** Full sentence: what to do. */
  readonly hint: string;
}

/** What a written line says about the time in it. */
export interface LedgerLine {
  readonly ticketId: TicketId;
  readonly ticketNumber: TicketNumber;
  readonly partNumber: PartNumber;
  readonly unitPrice: Decimal;
  readonly quantity: Decimal;
  readonly workedUnits: HundredthUnits;
  readonly netAmount: Decimal;
  readonly position: number;
  /** Dated before the period: closed earlier and billed only now. */
  readonly late: boolean;
  /** Signed differences, with what had been billed when the plan was made: the writer checks it again under a lock. */
  readonly entries: readonly {
    readonly articleId: ArticleId;
    readonly createdAt: Temporal.Instant;
    readonly units: HundredthUnits;
    readonly billedBefore: HundredthUnits;
  }[];
}

export interface DraftRecord {
  readonly run: RunId;
  readonly customerId: CustomerId;
  readonly customerNumber: CustomerNumber;
  readonly periodLabel: string;
  readonly target: "invoice-draft";
  readonly lines: readonly LedgerLine[];
  readonly draft: InvoiceDraft;
}

/** What one run read from the helpdesk, and which due tickets it asks for. */
export interface Settlement {
  readonly batches: readonly TicketBatch[];
  /** Those of the read tickets that had some close before `billing.startDate`. */
  readonly closedBeforeStart: ReadonlySet<TicketId>;
  /** How far the tickets were read; stored only together with what was read. Null leaves the cursor where it is. */
  readonly cursor: Temporal.Instant | null;
  /** What the cursor holds for: the configured states and start date. Stored with it. */
  readonly scope: string;
  readonly stateNames: readonly string[];
  readonly stateTypes: readonly string[];
  readonly closedFrom: Temporal.Instant;
  readonly closedBefore: Temporal.Instant;
  /** Empty lists mean all. */
  readonly customerNumbers: readonly string[];
  readonly ticketNumbers: readonly string[];
  /** True rolls everything back after reading: what `billing plan` does. */
  readonly dryRun: boolean;
}

export interface BillingState {
  /** The last change up to which tickets were read; null before the first run and when the scope is another one. */
  readCursor(scope: string): Promise<Temporal.Instant | null>;
  /**
   * Tickets that are read again whatever the cursor says: those with an open difference or with time without an article
   * as last seen, because a reopened or merged ticket no longer shows up among the closed ones.
   */
  readOpenTickets(): Promise<readonly TicketId[]>;
  /**
   * Takes what was read into the ledger (units seen per article; an article that its ticket no longer has counts zero;
   * rows that did not change are not written) and answers the tickets with a difference between seen and billed that
   * are in a billable state and closed from `closedFrom` (inclusive) to `closedBefore` (exclusive), ordered by customer
   * and ticket number. One transaction.
   */
  settle(settlement: Settlement): Promise<readonly DueTicket[]>;
  /**
   * Writes a draft into kivitendo and its lines into the ledger in one transaction, or nothing: throws RefusedError
   * when the ledger moved since the plan was made. The unit setting is frozen by the first line.
   */
  writeDraft(record: DraftRecord, minutesPerUnit: MinutesPerUnit): Promise<void>;
  /** The unit that was frozen by the first line; null before. */
  readFrozenUnit(): Promise<MinutesPerUnit | null>;
  /**
   * Adds the items that are not open yet. With `complete` it also closes the open items of this flow that are not among
   * `items`: the run looked at everything, so what they ask no longer holds. With `dryRun` nothing is written and the
   * answer is what would be.
   */
  syncInbox(
    items: readonly InboxItem[],
    options: {
      readonly run: RunId | null;
      readonly now: Temporal.Instant;
      readonly complete: boolean;
      readonly dryRun: boolean;
    },
  ): Promise<{ readonly added: number; readonly open: number }>;
  startRun(flow: "billing", startedAt: Temporal.Instant): Promise<RunId>;
  readonly finishRun: (run: RunId, end: RunEnd) => Promise<void>;
}
