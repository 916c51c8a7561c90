/** What billing knows of kivitendo. */
import type { CustomerId, CustomerNumber, Decimal, PartNumber, TicketNumber } from "../../model/index.ts";
import type { Target } from "./kinds.ts";

/** A part that time can be billed as. */
export interface BillingPart {
  readonly partId: number;
  readonly partNumber: PartNumber;
  readonly description: string;
  readonly unit: string;
  readonly unitPrice: Decimal;
  readonly obsolete: boolean;
  /** Minutes in one `unit`; null when the unit is not a unit of time. */
  readonly minutesPerUnit: Decimal | null;
  /** Its price is for a multiple of its unit: time cannot be billed as such a part. */
  readonly hasPriceFactor: boolean;
}

/** What a draft needs to know about its customer. */
export interface BillingCustomer {
  readonly customerId: CustomerId;
  readonly customerNumber: CustomerNumber;
  readonly name: string;
  readonly obsolete: boolean;
  /** "Auftragssperre": no orders for this customer. */
  readonly orderLock: boolean;
  readonly taxZoneId: number | null;
  readonly currency: string;
  readonly currencyId: number;
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
  /** `customer.hourly_rate`; null when empty or 0. */
  readonly hourlyRate: Decimal | null;
}

/** Settings of the kivitendo client that a draft needs. */
export interface BillingDefaults {
  /** `defaults.ar_chart_id`; a draft without it cannot be posted. */
  readonly arChartId: number | null;
  /** Row id of the employee that is to own the drafts; null when there is none with that login. */
  readonly draftOwnerId: number | null;
}

/** A price that a customer has for a part. */
export interface PriceOffer {
  readonly source: "open-order" | "customer-price" | "customer-hourly-rate" | "part";
  /** For people: the order's number; null elsewhere. */
  readonly detail: string | null;
  /** Per the part's unit. */
  readonly unitPrice: Decimal;
  /** As a fraction. */
  readonly discount: Decimal;
  readonly projectId: number | null;
}

/** An open sales order's line of a part of time, newest order first: the part can be taken from here too. */
export interface OpenOrderLine {
  readonly orderNumber: string;
  readonly partNumber: PartNumber;
  readonly offer: PriceOffer;
}

/** An open sales order's line of a part of time that gives no price: a ticket whose price it would be asks. */
export interface UnusableOrderLine {
  readonly orderNumber: string;
  readonly partNumber: PartNumber;
  /** Goes on from "The order's line …": `is in a foreign currency`. */
  readonly reason: string;
}

/** Everything that prices for one customer may come from. */
export interface CustomerPrices {
  readonly openOrders: readonly OpenOrderLine[];
  readonly unusableOrders?: readonly UnusableOrderLine[];
  /** `part_customer_prices`, by part number, per the part's unit. */
  readonly customerPrices: ReadonlyMap<string, Decimal>;
}

/** The order that carries a customer's recurring invoice. */
export interface RecurringOrder {
  readonly orderId: number;
  readonly orderNumber: string;
  /** Months between invoices, and months that the prices are meant for; null when kivitendo's letter is unknown. */
  readonly billingMonths: number | null;
  readonly valueMonths: number | null;
  /** The job posts, and may mail, without anybody looking. */
  readonly active: boolean;
  readonly closed: boolean;
}

/** Where a ticket's number stands in kivitendo. */
export interface TokenPlace {
  readonly ticketNumber: TicketNumber;
  readonly where: "draft" | "order" | "invoice";
  /** `drafts.id`, or the row id of the order or invoice. */
  readonly id: string;
  /** Number of the record, or name of the draft. */
  readonly label: string;
  readonly customerId: CustomerId | null;
}

/** A draft or order of ours to look after. */
export interface WatchedDraft {
  readonly draftId: number;
  readonly target: Target;
  readonly kivitendoId: string;
  readonly formMd5: string | null;
  readonly customerId: CustomerId;
  readonly createdAt: Temporal.Instant;
  /** The invoices that it was found posted as: row id of the first (null: none), and the numbers of all. */
  readonly invoiceId: number | null;
  readonly invoiceNumbers: readonly string[];
  readonly lines: readonly {
    readonly lineId: number;
    readonly ticketNumber: TicketNumber | null;
    readonly partNumber: PartNumber | null;
    readonly quantity: Decimal;
    readonly kivitendoRow: number | null;
  }[];
}

/** A line of an invoice or credit note. */
export interface PostedLine {
  /** Null where no ticket of the draft is named: such a line may be what rounds it. */
  readonly ticketNumber: TicketNumber | null;
  readonly partNumber: PartNumber | null;
  readonly quantity: Decimal;
  /** Only where no ticket is named. */
  readonly description: string;
  /** Orders: the line it was made from, through record_links. */
  readonly fromRow: number | null;
}

/** What kivitendo has of a watched draft now. */
export interface WatchedNow {
  readonly draftId: number;
  /** The row itself: as written, touched, or no longer there. */
  readonly row: "untouched" | "changed" | "missing";
  /** Orders: somebody closed it, or it was invoiced. */
  readonly closed: boolean;
  /**
   * Invoices that its lines stand in; several when somebody split it. Cancelled ones and credit notes left out. While all
   * that it was found posted as still count, only those.
   */
  readonly invoices: readonly {
    readonly invoiceId: number;
    readonly invoiceNumber: string;
    readonly lines: readonly PostedLine[];
  }[];
  /**
   * Invoices that it was found posted as and that count no longer: Storno, deleted, or none of its lines is left there.
   * Of orders also those that were made and cancelled between two looks.
   */
  readonly withdrawn: readonly { readonly invoiceNumber: string; readonly how: "cancelled" | "deleted" | "emptied" }[];
  /** Credit notes that were made after an invoice that it was found posted as, with lines of its tickets. */
  readonly credits: readonly {
    readonly creditNoteId: number;
    readonly creditNoteNumber: string;
    /** The latest of those invoices. */
    readonly invoiceId: number;
    readonly lines: readonly PostedLine[];
  }[];
  /** Orders: lines of ours that are still in the order, with their quantity now. */
  readonly orderRows: readonly { readonly row: number; readonly quantity: Decimal }[];
  /** Orders: other orders that lines of ours were taken over into, as a collective order. */
  readonly otherOrders: readonly { readonly orderId: number; readonly fromRow: number }[];
}
