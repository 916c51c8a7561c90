/** Tickets and their accounted time, as the helpdesk tells them and as the ledger keeps them. */
import type {
  CompanyKey,
  CustomerId,
  Decimal,
  HundredthUnits,
  PartNumber,
  TicketId,
  TicketNumber,
} from "../../model/index.ts";
import type { EntryKey, LineKind } from "./kinds.ts";

/** One booking. The stock operations know one per article: row id 0, no agent, dated as the article. */
export interface TimeRow {
  readonly rowId: number;
  /** Negative for a correction. */
  readonly units: HundredthUnits;
  readonly bookedAt: Temporal.Instant;
  readonly agentLogin: string | null;
  readonly agentName: string | null;
  /** Subject of the article. */
  readonly subject: string | null;
}

/** Time of one entry now; `rows` sum up to `units`. */
export interface EntryTime {
  readonly key: EntryKey;
  readonly units: HundredthUnits;
  readonly rows: readonly TimeRow[];
}

/** What rules and texts may ask of a ticket. */
export interface TicketFields {
  readonly ticketId: TicketId;
  readonly ticketNumber: TicketNumber;
  readonly title: string;
  readonly queue: string;
  /** Empty when it has none; with the stock operations too. */
  readonly service: string;
  readonly sla: string;
  readonly type: string;
  readonly priority: string;
  readonly state: string;
  readonly stateType: string;
  /** CustomerID on the ticket; null when it has none. */
  readonly companyKey: CompanyKey | null;
  readonly customerUser: string;
  readonly dynamicFields: Readonly<Record<string, string>>;
}

/** A ticket as the helpdesk tells it now. */
export interface TicketSnapshot extends TicketFields {
  readonly createdAt: Temporal.Instant;
  readonly changedAt: Temporal.Instant;
  /** The last close; also present on tickets that were opened again. */
  readonly closedAt: Temporal.Instant | null;
  /** Null when never closed, and when the stock operations were asked. */
  readonly firstClosedAt: Temporal.Instant | null;
  /** Entries that carry time; their sum is all accounted time of the ticket. */
  readonly entries: readonly EntryTime[];
}

export interface TicketBatch {
  readonly tickets: readonly TicketSnapshot[];
  /** Tickets that were asked for and cannot be read: forbidden, gone meanwhile, or too large for one answer. */
  readonly unreadable: readonly TicketId[];
}

/** An entry of a due ticket, with what the ledger holds for it. */
export interface DueEntry extends EntryTime {
  /** Sum of the ledger for this entry, in whatever way it was settled. */
  readonly settledUnits: HundredthUnits;
}

/** A line of the ledger for this ticket that was not taken back. */
export interface SettledLine {
  readonly lineId: number;
  /** The ticket that it was made for: another one when a merge moved its time here. */
  readonly ticketId: TicketId | null;
  readonly kind: LineKind;
  /** Null when it stands on no draft. */
  readonly draftId: number | null;
  /** True while its draft is a proposal, and `edited` when somebody changed the line. */
  readonly proposed: boolean;
  readonly edited: boolean;
  readonly customerId: CustomerId | null;
  readonly partNumber: PartNumber | null;
  readonly unit: string | null;
  readonly unitPrice: Decimal;
  readonly discount: Decimal;
  readonly quantity: Decimal;
  readonly workedUnits: HundredthUnits;
  readonly rule: string | null;
  readonly priceSource: string | null;
  readonly projectId: number | null;
  readonly entries: readonly {
    readonly key: EntryKey;
    readonly units: HundredthUnits;
    readonly workedOn: Temporal.PlainDate | null;
    readonly agent: string | null;
  }[];
}

/** A ticket with something to settle or to ask, in a billable state as last seen. */
export interface DueTicket extends TicketFields {
  /** Resolved through the links; null when the helpdesk's company is not linked to exactly one customer. */
  readonly customerId: CustomerId | null;
  readonly createdAt: Temporal.Instant | null;
  readonly closedAt: Temporal.Instant;
  /** True when some close of this ticket lies before `billing.startDate`. */
  readonly closedBeforeStart: boolean;
  /** What was decided about such a ticket. */
  readonly opening: "booked" | "bill" | null;
  readonly held: boolean;
  /** Some of its time was billed to another customer, and nobody has said yet that it may stay so. */
  readonly billedElsewhere: boolean;
  /** All entries of the ticket that carry time or stand in the ledger. */
  readonly entries: readonly DueEntry[];
  /** Oldest first. */
  readonly lines: readonly SettledLine[];
}

/** What one settlement came to. */
export interface Settled {
  readonly due: readonly DueTicket[];
  /**
   * Tickets whose id the helpdesk has handed out again, as a restored one does: what was settled stays settled, the rest
   * was given up. Told as long as they are kept; the answer `accept` ends the question.
   */
  readonly setAside: readonly SetAsideTicket[];
}

export interface SetAsideTicket {
  /** The id that another ticket has now. */
  readonly ticketId: TicketId;
  readonly ticketNumber: TicketNumber;
  readonly title: string;
  readonly setAsideAt: Temporal.Instant;
  /** What was billed to customers, in all. */
  readonly billedUnits: HundredthUnits;
  /** What was seen, not settled, and never will be. */
  readonly givenUpUnits: HundredthUnits;
}

/** A ticket that was closed before `billing.startDate`, with what stands on it. */
export interface BeforeStart {
  readonly ticketId: TicketId;
  readonly ticketNumber: TicketNumber;
  readonly title: string;
  readonly state: string;
  readonly customerId: CustomerId | null;
  readonly closedAt: Temporal.Instant | null;
  readonly openUnits: HundredthUnits;
}
