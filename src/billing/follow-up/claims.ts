import type { StoredDraft } from "../ports.ts";
import type { Invoice } from "./compare.ts";

/** Ticket numbers of invoices that belong to a draft. */
export class Claims {
  readonly #claimed: Set<string>;

  constructor(known: Iterable<{ readonly invoiceId: number | string; readonly ticketNumber: string }>) {
    this.#claimed = new Set([...known].map(keyOf));
  }

  /**
   * The invoices without the lines that belong to another draft; those without any other line of a ticket are left out.
   * What the draft itself was found posted as is its own.
   */
  open(invoices: readonly Invoice[], draft: StoredDraft): readonly Invoice[] {
    return invoices
      .map((invoice) => ({
        ...invoice,
        lines: isOf(draft, invoice)
          ? invoice.lines
          : invoice.lines.filter(
              ({ ticketNumber }) =>
                ticketNumber === null || !this.#claimed.has(keyOf({ invoiceId: invoice.invoiceId, ticketNumber })),
            ),
      }))
      .filter(({ lines }) => lines.some(({ ticketNumber }) => ticketNumber !== null));
  }

  take(invoices: readonly Invoice[]): void {
    for (const { invoiceId, lines } of invoices) {
      for (const { ticketNumber } of lines) {
        if (ticketNumber !== null) this.#claimed.add(keyOf({ invoiceId, ticketNumber }));
      }
    }
  }
}

/** The numbers of the invoices that a draft was found posted as. */
export function recordedNumbers({ invoiceNumber }: Pick<StoredDraft, "invoiceNumber">): readonly string[] {
  return invoiceNumber?.split(", ") ?? [];
}

/** Whether a draft was found posted as this invoice. */
export function isOf(draft: StoredDraft, { invoiceId, invoiceNumber }: Omit<Invoice, "lines">): boolean {
  return invoiceId === draft.invoiceId || recordedNumbers(draft).includes(invoiceNumber);
}

function keyOf({
  invoiceId,
  ticketNumber,
}: {
  readonly invoiceId: number | string;
  readonly ticketNumber: string;
}): string {
  return `${invoiceId} ${ticketNumber}`;
}
