import { unitsText } from "../../model/index.ts";
import type { CustomerId, HundredthUnits, TicketId } from "../../model/index.ts";
import type { BillingCustomer, Choice, DueTicket, InboxItem, SetAsideTicket, SettledLine } from "../ports.ts";
import type { CustomerSettings } from "../rules.ts";
import { isMerged } from "../states.ts";
import type { Piece } from "./pieces.ts";
import { total } from "./pieces.ts";

type Offered = InboxItem["choices"][number];

const effects: Readonly<Record<"waive" | "hold" | "opening" | "bill" | "due-again" | "keep" | "move", string>> = {
  waive: "What is open on the ticket counts as settled; nothing is charged or credited.",
  hold: "The ticket is not billed until it is released.",
  opening: "What is open on the ticket counts as billed by hand; only time that is added later is billed.",
  bill: "Nothing on the ticket was billed by hand: all its time is billed.",
  "due-again":
    "The lines are taken back in the ledger: their time is due again and billed anew. Delete or cancel them in kivitendo yourself: as long as they stand there, the next run asks first.",
  keep: "The time stays billed to the customer who had the ticket; only new time is billed to the one who has it now.",
  move: "The lines are taken back in the ledger, and their time is billed to the customer who has the ticket now. Delete or cancel them in kivitendo yourself: as long as they stand there, the next run asks first.",
};

function choices(...offered: readonly (keyof typeof effects)[]): readonly Offered[] {
  return offered.map((choice): Offered => ({ choice: choice satisfies Choice, effect: effects[choice] }));
}

/** With other time that is open on the ticket: an answer that settles what is open settles that, too. */
export function besides(item: InboxItem, others: HundredthUnits): InboxItem {
  const { about: asked } = item;
  if (others === 0 || item.reason === "billed-elsewhere" || asked.units === undefined) return item;
  return { ...item, about: { ...asked, openUnits: (asked.units + others) as HundredthUnits } };
}

function subjectOf(ticket: DueTicket): string {
  return `ticket ${ticket.ticketNumber}`;
}

function about(ticket: DueTicket, units: HundredthUnits): InboxItem["about"] {
  return { ticketId: ticket.ticketId, units, ...(ticket.customerId === null ? {} : { customerId: ticket.customerId }) };
}

export function closedBeforeStart(ticket: DueTicket, units: HundredthUnits): InboxItem {
  return {
    reason: "closed-before-start",
    subject: subjectOf(ticket),
    text: `Ticket ${ticket.ticketNumber} was closed before billing.startDate already, so the ${unitsText(units)} units that are open on it may have been billed by hand.`,
    hint: "Say what holds for this ticket, or run `kivi-otrs billing opening` for all of them.",
    about: about(ticket, units),
    choices: choices("opening", "bill", "hold"),
  };
}

/** The ticket may well be linked: a customer without a number, or one that is gone, cannot be billed. */
export function unknownCustomer(ticket: DueTicket, units: HundredthUnits): InboxItem {
  return {
    reason: "unknown-customer",
    subject: subjectOf(ticket),
    ...unknownCustomerText(ticket),
    about: about(ticket, units),
    choices: choices("waive", "hold"),
  };
}

function unknownCustomerText({ ticketNumber, companyKey, customerId }: DueTicket): Pick<InboxItem, "text" | "hint"> {
  if (customerId !== null) {
    return {
      text: `Ticket ${ticketNumber} waits: its customer in kivitendo (database id ${customerId}) has no customer number, or is gone.`,
      hint: "Give that customer a number in kivitendo, or the ticket the right customer in the helpdesk; the next run bills the ticket.",
    };
  }
  return {
    text:
      companyKey === null
        ? `Ticket ${ticketNumber} has no customer in the helpdesk.`
        : `Ticket ${ticketNumber} belongs to customer "${companyKey}" of the helpdesk, which is not linked to a customer in kivitendo.`,
    hint: "Give the ticket the right customer in the helpdesk, or run `kivi-otrs customers sync` when the customer is new.",
  };
}

export function notBillable(
  ticket: DueTicket,
  customer: BillingCustomer,
  reason: string,
  units: HundredthUnits,
): InboxItem {
  return {
    reason: "customer-not-billable",
    subject: subjectOf(ticket),
    text: `Ticket ${ticket.ticketNumber} waits: customer ${customer.customerNumber} (${customer.name}) ${reason}.`,
    hint: "Correct the customer in kivitendo; the next run bills the ticket. Or bill it by hand.",
    about: about(ticket, units),
    choices: choices("waive", "hold"),
  };
}

/** Why nothing can be written for a customer; null when it can. Goes on from "customer K10001 (Müller) …". */
export function whyNotBillable(customer: BillingCustomer, { target }: CustomerSettings): string | null {
  if (customer.obsolete) return "is marked as obsolete";
  if (customer.orderLock && target !== "invoice-draft") return "has an order lock (Auftragssperre)";
  if (customer.taxZoneId === null) return "has no tax zone";
  if (!customer.isDefaultCurrency) return `is billed in ${customer.currency}, not in the client's own currency`;
  if (customer.taxIncluded) return "has prices that include the tax, which the bridge does not write";
  return null;
}

/** Time on the ticket that belongs to no article: the stock operations cannot say whose or when it is. */
export function timeWithoutArticle(ticket: DueTicket, units: HundredthUnits): InboxItem {
  return {
    reason: "time-without-article",
    subject: subjectOf(ticket),
    text: `${unitsText(units)} units on ticket ${ticket.ticketNumber} belong to no article; they are not billed.`,
    hint: "Look at the ticket's accounted time in the helpdesk, and bill these units by hand or book them on an article. Read through the add-on (billing.collect: add-on) they are billed.",
    about: about(ticket, units),
    choices: choices("waive", "opening"),
  };
}

/** `missing` are the pieces below zero, `short` the lines that settled more than there is; `units` is all that is open. */
export function negativeDifference(
  ticket: DueTicket,
  missing: readonly Piece[],
  short: readonly SettledLine[],
  units: HundredthUnits,
): InboxItem {
  const lines = [...new Map(short.map((line) => [line.lineId, line])).values()];
  const where = lines.map(lineText).join("; ");
  return {
    reason: "negative-difference",
    subject: subjectOf(ticket),
    text: `Ticket ${ticket.ticketNumber} has ${unitsText((0 - total(missing)) as HundredthUnits)} units less than were settled${where === "" ? "" : ` (${where})`}.${isMerged(ticket) ? " It was merged, and no other ticket that can be read has its articles." : ""}`,
    hint: "Decide about a credit note in kivitendo: the bridge writes no negative lines.",
    about: { ...about(ticket, units), lineIds: lines.map(({ lineId }) => lineId) },
    choices: choices("waive", ...(lines.length === 0 ? [] : (["due-again"] as const)), "hold"),
  };
}

export function billedElsewhere(ticket: DueTicket, lines: readonly SettledLine[]): InboxItem {
  return {
    reason: "billed-elsewhere",
    subject: subjectOf(ticket),
    text: `Time of ticket ${ticket.ticketNumber} was billed to another customer than the one it has now: ${lines.map(lineText).join("; ")}.`,
    hint: "Say whether that time stays billed as it is or moves to the customer who has the ticket now. New time is billed meanwhile.",
    about: {
      ...about(ticket, total(lines.flatMap(({ entries }) => entries))),
      lineIds: lines.map(({ lineId }) => lineId),
    },
    choices: choices("keep", "move"),
  };
}

/** `problem` is a sentence. */
export function ruleNotUsable(
  ticket: DueTicket,
  problem: string,
  rule: string | null,
  units: HundredthUnits,
): InboxItem {
  return {
    reason: "rule-not-usable",
    subject: subjectOf(ticket),
    text: `Ticket ${ticket.ticketNumber} has no price${rule === null ? "" : ` by the rule "${rule}"`}: ${problem}`,
    hint: "Correct the part or the price in kivitendo, or billing.rules and billing.prices in the configuration.",
    about: about(ticket, units),
    choices: choices("waive", "hold"),
  };
}

/** A draft, or lines, that cannot be written stop themselves only; null when nobody knows whose; `units` is the time. */
export function draftRefused(
  customer: { readonly customerNumber: string | null; readonly customerId: CustomerId | null },
  problem: { readonly message: string; readonly hint: string },
  units: HundredthUnits,
): InboxItem {
  const { customerNumber, customerId } = customer;
  return {
    reason: "draft-refused",
    subject: customerNumber === null ? "tickets without a known customer" : `customer ${customerNumber}`,
    text: problem.message,
    hint: problem.hint,
    about: { ...(customerId === null ? {} : { customerId }), units },
    choices: [],
  };
}

/**
 * `due` is the ticket as last seen, when something is open on it. An answer holds for so much open time: more that comes
 * back to the ticket, as when its lines are taken back, is asked about again.
 */
export function unreadableTicket(ticketId: TicketId, due: DueTicket | undefined): InboxItem {
  const units = due === undefined ? 0 : total(due.entries) - settledUnits(due);
  return {
    reason: "unreadable-ticket",
    subject: `ticket id ${ticketId}`,
    text: `The ticket with the id ${ticketId} cannot be read: it is gone, its queue is closed to the bridge's agent, or it is too large for one answer.`,
    hint: "Give the agent read access (ro) to the queue of this ticket, or raise helpdesk.maxResponseMegabytes.",
    about: {
      ticketId,
      fingerprint: units === 0 ? "unreadable" : `unreadable ${units}`,
      ...(due === undefined ? {} : { units: units as HundredthUnits }),
    },
    choices: [
      { choice: "accept", effect: "Time on the ticket stays as it was last seen; this is not asked again." },
      ...choices("waive"),
    ],
  };
}

/** The helpdesk hands out ids again, as a restored one does: what stood under the id before is over. */
export function ticketReplaced(ticket: SetAsideTicket): InboxItem {
  const { ticketId, ticketNumber, title, setAsideAt, billedUnits, givenUpUnits } = ticket;
  return {
    reason: "ticket-replaced",
    subject: `ticket ${ticketNumber}`,
    text: `The helpdesk has given the id ${ticketId} of ticket ${ticketNumber} (${title}) to another ticket, as after a restore: ${unitsText(billedUnits)} units of the old one were billed, ${unitsText(givenUpUnits)} were seen and never will be.`,
    hint: "Compare with the helpdesk: if the ticket came back under another id, its time may be due a second time there.",
    about: { ticketId, units: givenUpUnits, fingerprint: setAsideAt.toString() },
    choices: [{ choice: "accept", effect: "It stays as it is; this is not asked again." }],
  };
}

function settledUnits({ entries }: DueTicket): number {
  return entries.reduce((sum, entry) => sum + entry.settledUnits, 0);
}

function lineText(line: SettledLine): string {
  const time = `${unitsText(line.workedUnits)} units`;
  if (line.partNumber === null) return `${time} ${line.kind}`;
  const place = line.draftId === null ? "" : ` on draft ${line.draftId}`;
  return `${time} ${line.kind} as ${line.quantity} ${line.unit ?? ""} of ${line.partNumber} at ${line.unitPrice}${place}`;
}
