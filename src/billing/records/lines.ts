/** Lines: what becomes of time, in the ledger and on a draft or order in kivitendo. */
import type {
  CustomerId,
  CustomerNumber,
  Decimal,
  HundredthUnits,
  MinutesPerUnit,
  PartNumber,
  RoundingStep,
  RunId,
  TicketId,
  TicketNumber,
} from "../../model/index.ts";
import type { EntryKey, LineKind, Target } from "./kinds.ts";
import type { BillingCustomer } from "./kivitendo.ts";

/** Signed time of one entry in a line. */
export interface LineEntry {
  readonly key: EntryKey;
  readonly units: HundredthUnits;
  /** What the ledger held for this entry when the plan was made: the writer checks it again under a lock. */
  readonly settledBefore: HundredthUnits;
  /** Day of the work in the business zone. */
  readonly workedOn: Temporal.PlainDate;
  readonly agent: string | null;
}

export interface PlannedLine {
  readonly kind: LineKind;
  /** Null for rounding. */
  readonly ticket: { readonly ticketId: TicketId; readonly ticketNumber: TicketNumber } | null;
  /** Null where nothing goes on a draft. */
  readonly part: { readonly partId: number; readonly partNumber: PartNumber; readonly unit: string } | null;
  /** Per `part.unit`, before discount; "0" without a part. */
  readonly unitPrice: Decimal;
  /** As a fraction: "0.1" is 10 %. */
  readonly discount: Decimal;
  /** Charged quantity, up to five decimals; may be negative only for rounding. */
  readonly quantity: Decimal;
  readonly netAmount: Decimal;
  readonly projectId: number | null;
  /** Plain text, one line. */
  readonly description: string;
  /** HTML. */
  readonly longDescription: string;
  readonly workedUnits: HundredthUnits;
  /** Dated before the period: closed (or booked) earlier and settled only now. */
  readonly late: boolean;
  /** First and last day of the work; null for rounding. */
  readonly service: { readonly start: Temporal.PlainDate; readonly end: Temporal.PlainDate } | null;
  /** Name of the rule in the configuration, null when none matched. */
  readonly rule: string | null;
  /** `rule`, `open-order AU2026…`, `customer-price`, `customer-hourly-rate`, `part`, `first-line`, `edited`. */
  readonly priceSource: string | null;
  readonly entries: readonly LineEntry[];
}

/** What one draft or order is made of. */
export interface DraftContent {
  readonly target: Target;
  readonly customer: BillingCustomer;
  /** Employee that owns it. */
  readonly ownerId: number;
  readonly arChartId: number;
  /** Name in kivitendo's list of drafts. */
  readonly description: string;
  readonly transactionDescription: string;
  readonly periodStart: Temporal.PlainDate;
  /** The last day of the period. */
  readonly periodEnd: Temporal.PlainDate;
  readonly today: Temporal.PlainDate;
  /** recurring-order: the order to add to, and by what prices are multiplied beforehand ("1" when periods match). */
  readonly recurring: { readonly orderId: number; readonly orderNumber: string; readonly priceFactor: Decimal } | null;
  readonly lines: readonly PlannedLine[];
}

/** What kivitendo made of it. */
export interface WrittenTarget {
  /** `drafts.id`, or the row id of the order. */
  readonly kivitendoId: string;
  /** Number of the order; null for drafts. */
  readonly number: string | null;
  /** md5 of the draft's form; null for orders. */
  readonly formMd5: string | null;
  /** `orderitems.id` of each line, in order; empty for drafts. */
  readonly rowIds: readonly number[];
}

/** How positions of one part and price are rounded together, now and when a proposal changes. */
export interface DraftRounding extends RoundingStep {
  /** Of the lines that are rounded: 1, 2, 3 … on the draft. */
  readonly positions: readonly number[];
  readonly minutesPerPartUnit: Decimal;
  readonly minutesPerUnit: MinutesPerUnit;
  /** What its line is like. */
  readonly line: Pick<
    PlannedLine,
    "part" | "unitPrice" | "discount" | "projectId" | "description" | "rule" | "priceSource"
  >;
}

export interface DraftRecord {
  readonly run: RunId;
  readonly customerId: CustomerId;
  readonly customerNumber: CustomerNumber;
  readonly periodLabel: string;
  readonly content: DraftContent;
  /** Its rounding lines are among those of the content, as far as there is something to round. */
  readonly roundings: readonly DraftRounding[];
  /** True keeps it as a proposal: in the ledger, not in kivitendo. */
  readonly propose: boolean;
  /** Lines of the same plan that stand on no draft (included, excluded, transfer), written in the same transaction. */
  readonly settlement: readonly PlannedLine[];
  /**
   * Row ids of lines that this plan takes the place of, unedited ones of proposals and those that moved or covered time
   * without charging (`transfer`): taken back in the same transaction.
   * `settledBefore` is what the ledger held before that, so everything that one plan made can be compared at once.
   */
  readonly replaces: readonly number[];
}

/** Lines without a draft: included, excluded, transfer. */
export interface SettlementRecord {
  readonly run: RunId;
  readonly customerId: CustomerId | null;
  readonly lines: readonly PlannedLine[];
  /** As in DraftRecord. */
  readonly replaces: readonly number[];
}

/** A draft as the bridge keeps it. */
export interface StoredDraft {
  readonly draftId: number;
  readonly target: Target;
  readonly status: DraftStatus;
  readonly kivitendoId: string | null;
  readonly kivitendoNumber: string | null;
  readonly customerId: CustomerId;
  readonly customerNumber: CustomerNumber;
  readonly period: string;
  readonly netAmount: Decimal;
  readonly formMd5: string | null;
  readonly invoiceId: number | null;
  readonly invoiceNumber: string | null;
  readonly createdAt: Temporal.Instant;
  readonly lines: readonly StoredLine[];
}

export type DraftStatus = "proposed" | "waiting" | "changed" | "posted" | "gone" | "superseded" | "dropped";

export interface StoredLine {
  readonly lineId: number;
  readonly position: number;
  readonly kind: LineKind;
  readonly ticketId: TicketId | null;
  readonly ticketNumber: TicketNumber | null;
  readonly partNumber: PartNumber | null;
  readonly unit: string | null;
  readonly unitPrice: Decimal;
  readonly discount: Decimal;
  readonly quantity: Decimal;
  readonly netAmount: Decimal;
  readonly workedUnits: HundredthUnits;
  readonly description: string;
  readonly rule: string | null;
  readonly priceSource: string | null;
  readonly late: boolean;
  /** `orderitems.id`. */
  readonly kivitendoRow: number | null;
  readonly reversed: boolean;
  readonly edits: readonly LineEdit[];
}

/** One change of a proposal. */
export interface LineEdit {
  readonly change: Readonly<Record<string, { readonly from: string; readonly to: string }>>;
  readonly by: string;
  readonly why: string;
  readonly at: Temporal.Instant;
}
