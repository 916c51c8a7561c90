/** An invoice draft for the sample company, with one line unless others are given. */
import type { BillingCustomer, DraftLine, InvoiceDraft } from "../../src/billing/ports.ts";
import type { CustomerId, CustomerNumber, Decimal, PartNumber, TicketNumber } from "../../src/model/index.ts";

export const sampleCustomer: BillingCustomer = {
  customerId: 1150 as CustomerId,
  customerNumber: "K10001" as CustomerNumber,
  name: "Müller & Söhne GmbH",
  obsolete: false,
  taxZoneId: 4,
  currency: "EUR",
  isDefaultCurrency: true,
  paymentId: 1126,
  languageId: 1101,
  languageCode: "de",
  deliveryTermId: null,
  salesmanId: 1119,
  taxIncluded: false,
};

export function sampleLine(changes: Partial<DraftLine> = {}): DraftLine {
  return {
    partId: 1140,
    partNumber: "ST-STD" as PartNumber,
    unit: "Std",
    unitPrice: "95.00" as Decimal,
    quantity: "1.50000" as Decimal,
    description: "Ticket#2026112210000017 – Drucker druckt nicht",
    longDescription: "<p>22.11.2026, 1,50 h</p>",
    ticketNumber: "2026112210000017" as TicketNumber,
    ...changes,
  };
}

export function sampleDraft(changes: Partial<InvoiceDraft> = {}): InvoiceDraft {
  return {
    draftId: "is-invoice-otrs-1795312086-1-1150",
    ownerId: 1119,
    description: "Tickets 2026-10 – Müller & Söhne GmbH",
    transactionDescription: "Tickets 2026-10",
    customer: sampleCustomer,
    arChartId: 14,
    periodStart: Temporal.PlainDate.from("2026-10-01"),
    periodEnd: Temporal.PlainDate.from("2026-10-31"),
    lines: [sampleLine()],
    ...changes,
  };
}
