/** Drafts as the ledger keeps them, and what kivitendo has of them. */
import type { StoredDraft, StoredLine, WatchedNow } from "../../../src/billing/ports.ts";
import type {
  CustomerId,
  CustomerNumber,
  Decimal,
  HundredthUnits,
  PartNumber,
  TicketId,
  TicketNumber,
} from "../../../src/model/index.ts";

export const createdAt = Temporal.Instant.from("2026-11-22T03:00:00Z");

/** Ticket `A` has the id 65 and the number 65, and so on. */
export function ticketNumber(letter: string): TicketNumber {
  return String(letter.charCodeAt(0)) as TicketNumber;
}

export function storedLine(
  lineId: number,
  letter: string | null,
  quantity: string,
  changes: Partial<StoredLine> = {},
): StoredLine {
  return {
    lineId,
    position: lineId,
    kind: letter === null ? "rounding" : "billed",
    ticketId: letter === null ? null : (letter.charCodeAt(0) as TicketId),
    ticketNumber: letter === null ? null : ticketNumber(letter),
    partNumber: "ST-STD" as PartNumber,
    unit: "Std",
    unitPrice: "95.00" as Decimal,
    discount: "0" as Decimal,
    quantity: quantity as Decimal,
    netAmount: "142.50" as Decimal,
    workedUnits: 9000 as HundredthUnits,
    description: "",
    rule: null,
    priceSource: null,
    late: false,
    kivitendoRow: null,
    reversed: false,
    edits: [],
    ...changes,
  };
}

export function storedDraft(
  draftId: number,
  lines: readonly StoredLine[],
  changes: Partial<StoredDraft> = {},
): StoredDraft {
  return {
    draftId,
    target: "invoice-draft",
    status: "waiting",
    kivitendoId: `is-${draftId}`,
    kivitendoNumber: null,
    customerId: 1150 as CustomerId,
    customerNumber: "K10001" as CustomerNumber,
    period: "2026-10",
    netAmount: "142.50" as Decimal,
    formMd5: "",
    invoiceId: null,
    invoiceNumber: null,
    createdAt,
    lines,
    ...changes,
  };
}

/**
 * An invoice with lines such as `["A", "1.5"]`, `["A", "90", "ST-MIN"]`, of order lines: `["A", "1.5", "ST-STD", 7]`, or
 * without a ticket: `["Rundung", "0.25"]`.
 */
export function invoice(
  invoiceId: number,
  ...lines: readonly (readonly [string, string, string?, number?])[]
): WatchedNow["invoices"][number] {
  return { invoiceId, invoiceNumber: `RE${invoiceId}`, lines: lines.map(postedLine) };
}

/** A credit note over an invoice, with lines as above. */
export function credit(
  creditNoteId: number,
  invoiceId: number,
  ...lines: readonly (readonly [string, string, string?])[]
): WatchedNow["credits"][number] {
  return { creditNoteId, creditNoteNumber: `GU${creditNoteId}`, invoiceId, lines: lines.map(postedLine) };
}

function postedLine([name, quantity, partNumber = "ST-STD", fromRow = null]: readonly [
  string,
  string,
  string?,
  (number | null)?,
]): WatchedNow["invoices"][number]["lines"][number] {
  const hasTicket = name.length === 1;
  return {
    ticketNumber: hasTicket ? ticketNumber(name) : null,
    partNumber: partNumber as PartNumber,
    quantity: quantity as Decimal,
    description: hasTicket ? "" : name,
    fromRow,
  };
}

export function watchedNow(draftId: number, row: WatchedNow["row"], changes: Partial<WatchedNow> = {}): WatchedNow {
  const nothing = { invoices: [], withdrawn: [], credits: [], orderRows: [], otherOrders: [] };
  return { draftId, row, closed: false, ...nothing, ...changes };
}
