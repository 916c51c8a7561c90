/** A draft or order for the sample company, with one line unless others are given. */
import type { BillingCustomer, DraftContent, PlannedLine } from "../../src/billing/ports.ts";
import type {
  CustomerId,
  CustomerNumber,
  Decimal,
  HundredthUnits,
  PartNumber,
  TicketId,
  TicketNumber,
} from "../../src/model/index.ts";

export const sampleCustomer: BillingCustomer = {
  customerId: 1150 as CustomerId,
  customerNumber: "K10001" as CustomerNumber,
  name: "Müller & Söhne GmbH",
  obsolete: false,
  orderLock: false,
  taxZoneId: 4,
  currency: "EUR",
  currencyId: 1,
  isDefaultCurrency: true,
  paymentId: 1126,
  languageId: 1101,
  languageCode: "de",
  deliveryTermId: null,
  salesmanId: 1119,
  taxIncluded: false,
  hourlyRate: null,
};

export const sampleTicket: NonNullable<PlannedLine["ticket"]> = {
  ticketId: 17 as TicketId,
  ticketNumber: "2026112210000017" as TicketNumber,
};

export function sampleLine(changes: Partial<PlannedLine> = {}): PlannedLine {
  return {
    kind: "billed",
    ticket: sampleTicket,
    part: { partId: 1140, partNumber: "ST-STD" as PartNumber, unit: "Std" },
    unitPrice: "95.00" as Decimal,
    discount: "0" as Decimal,
    quantity: "1.50000" as Decimal,
    netAmount: "142.50" as Decimal,
    projectId: null,
    description: "Ticket#2026112210000017 – Drucker druckt nicht",
    longDescription: "<p>22.11.2026, 1,50 h</p>",
    workedUnits: 9000 as HundredthUnits,
    late: false,
    service: { start: Temporal.PlainDate.from("2026-10-05"), end: Temporal.PlainDate.from("2026-10-07") },
    rule: null,
    priceSource: "part",
    entries: [],
    ...changes,
  };
}

export function sampleContent(changes: Partial<DraftContent> = {}): DraftContent {
  return {
    target: "invoice-draft",
    customer: sampleCustomer,
    ownerId: 1119,
    arChartId: 14,
    description: "Tickets 2026-10 – Müller & Söhne GmbH",
    transactionDescription: "Tickets 2026-10",
    periodStart: Temporal.PlainDate.from("2026-10-01"),
    periodEnd: Temporal.PlainDate.from("2026-10-31"),
    today: Temporal.PlainDate.from("2026-11-22"),
    recurring: null,
    lines: [sampleLine()],
    ...changes,
  };
}
