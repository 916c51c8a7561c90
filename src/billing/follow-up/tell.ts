import type { BillingState, HelpdeskTickets, StoredDraft } from "../ports.ts";
import { RejectedError } from "../../model/index.ts";
import type { FlowContext, TicketId, TicketNumber } from "../../model/index.ts";

export interface TellPorts {
  readonly state: Pick<BillingState, "readDrafts" | "recordTold">;
  readonly helpdesk: Pick<HelpdeskTickets, "writeField">;
  readonly now: () => Temporal.Instant;
}

/** What came of telling. */
export interface Told {
  /** Tickets whose field was written. */
  readonly told: number;
  readonly untold: readonly Untold[];
}

/** A ticket that could not be told. */
export interface Untold {
  readonly ticketId: TicketId;
  readonly ticketNumber: TicketNumber;
  readonly why: string;
}

/**
 * Writes the numbers of a ticket's invoices, oldest first, into a dynamic field of the ticket, once per posted draft. A
 * ticket that refuses it is tried again in the next run. The ticket's change time moves with it, so the next run reads
 * the ticket once more and finds nothing new.
 */
export async function tellInvoiceNumbers(
  { state, helpdesk, now }: TellPorts,
  field: string,
  context: FlowContext,
): Promise<Told> {
  const drafts = await state.readDrafts({ statuses: ["posted"], untold: true });
  const ticketNumbers = [...new Set(drafts.flatMap(ticketsOf).map(({ ticketNumber }) => ticketNumber))];
  if (ticketNumbers.length === 0) {
    for (const { draftId } of drafts) await state.recordTold(draftId, now());
    return { told: 0, untold: [] };
  }
  const posted = await state.readDrafts({ statuses: ["posted"], ticketNumbers });
  const untold = new Map<TicketId, Untold>();
  const told = new Set<TicketId>();
  for (const draft of drafts) {
    for (const ticket of ticketsOf(draft)) {
      if (context.signal.aborted) return { told: told.size, untold: [...untold.values()] };
      if (told.has(ticket.ticketId) || untold.has(ticket.ticketId)) continue;
      const why = await tell(helpdesk, ticket.ticketId, field, invoiceNumbersOf(ticket.ticketId, posted));
      if (why === null) told.add(ticket.ticketId);
      else untold.set(ticket.ticketId, { ...ticket, why });
    }
    if (ticketsOf(draft).every(({ ticketId }) => told.has(ticketId))) await state.recordTold(draft.draftId, now());
    context.report({ flow: "billing", step: "tickets told their invoice", done: told.size });
  }
  return { told: told.size, untold: [...untold.values()] };
}

async function tell(
  helpdesk: TellPorts["helpdesk"],
  ticketId: TicketId,
  field: string,
  value: string,
): Promise<string | null> {
  try {
    await helpdesk.writeField(ticketId, field, value);
    return null;
  } catch (error) {
    // One ticket, such as one in a closed queue, does not stop the others.
    if (error instanceof RejectedError) return error.message;
    throw error;
  }
}

function ticketsOf(draft: StoredDraft): { ticketId: TicketId; ticketNumber: TicketNumber }[] {
  return draft.lines.flatMap(({ ticketId, ticketNumber, reversed }) =>
    // Tickets that were set aside after a restore of the helpdesk have negative ids and are no longer there.
    ticketId === null || ticketNumber === null || reversed || ticketId < 0 ? [] : [{ ticketId, ticketNumber }],
  );
}

function invoiceNumbersOf(ticketId: TicketId, posted: readonly StoredDraft[]): string {
  const numbers = posted
    .filter((draft) => ticketsOf(draft).some((ticket) => ticket.ticketId === ticketId))
    .toSorted((one, other) => one.draftId - other.draftId)
    .flatMap(({ invoiceNumber }) => (invoiceNumber === null ? [] : invoiceNumber.split(", ")));
  return [...new Set(numbers)].join(", ");
}
