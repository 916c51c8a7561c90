/** Questions for people, and their answers. */
import type { CustomerId, HundredthUnits, TicketId } from "../../model/index.ts";

export type QuestionReason =
  | "unknown-customer"
  | "closed-before-start"
  | "time-without-article"
  | "negative-difference"
  | "customer-not-billable"
  | "draft-refused"
  | "unreadable-ticket"
  /** Time was billed to one customer and stands under another now. */
  | "billed-elsewhere"
  /** The ticket's number stands in a record that the ledger does not know. */
  | "unknown-token"
  /** A rule names a part or price that this ticket cannot have. */
  | "rule-not-usable"
  /** A draft left kivitendo, and no invoice has its lines. */
  | "draft-gone"
  /** A line was taken out before posting. */
  | "line-removed"
  /** A line was posted with another quantity. */
  | "line-changed"
  /** A draft that was taken back was posted after all. */
  | "superseded-posted"
  /** What a draft was posted as was cancelled, deleted or emptied later. */
  | "invoice-cancelled"
  /** A credit note takes back lines that a draft was posted with. */
  | "invoice-credited"
  /** A line of a standing order is no longer there. */
  | "order-line-gone"
  /** People could not be told by mail what runs brought; the next run tries again. */
  | "mail-not-sent"
  /** A draft still stands although an invoice has its lines. */
  | "also-invoiced"
  /** The helpdesk has handed out the id of a ticket with settled time again. */
  | "ticket-replaced";

/**
 * | choice     | effect                                                                              |
 * |------------|-------------------------------------------------------------------------------------|
 * | waive      | what is open on the ticket counts as settled, without a line                         |
 * | opening    | what is open on the ticket counts as billed by hand before                           |
 * | bill       | the reason holds no longer: bill what is open (unknown-token: acknowledged like accept) |
 * | due-again  | the lines are taken back in the ledger: their time is due again                      |
 * | accept     | it stays as it is; asked again only when something changes                           |
 * | keep       | stays billed to the old customer                                                     |
 * | move       | lines of the old customer are taken back, the time is due for the new one            |
 * | hold       | the ticket is not billed until it is released                                        |
 */
export type Choice = "waive" | "opening" | "bill" | "due-again" | "accept" | "keep" | "move" | "hold";

/** A question for a human. `subject` and `reason` identify it, so that asking again does not add another one. */
export interface InboxItem {
  readonly reason: QuestionReason;
  readonly subject: string;
  /** Full sentence: what happened. */
  readonly text: string;
  /** Full sentence: what to do. */
  readonly hint: string;
  readonly about: {
    readonly ticketId?: TicketId;
    readonly lineIds?: readonly number[];
    readonly draftId?: number;
    readonly customerId?: CustomerId;
    /** Time that the question is about, signed. */
    readonly units?: HundredthUnits;
    /** All that an answer about the ticket settles, where more than that is open. */
    readonly openUnits?: HundredthUnits;
    /** What the answer `accept` holds for. */
    readonly fingerprint?: string;
  };
  /** What may be decided, each with its effect as a sentence. */
  readonly choices: readonly { readonly choice: Choice; readonly effect: string }[];
}

/** Who decided, and why. */
export interface Decided {
  readonly by: string;
  readonly why: string;
  readonly at: Temporal.Instant;
}
