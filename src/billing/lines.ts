import { Big } from "big.js";
import { lineAmount, quantityOf, unitsText } from "../model/index.ts";
import type { Decimal, HundredthUnits, QuantityRule } from "../model/index.ts";
import type { BillingCustomer, BillingPart, DraftLine, DueTicket, InboxItem, LedgerLine } from "./ports.ts";
import type { BillingRules } from "./rules.ts";
import { lineDescription, longDescription } from "./text.ts";

/** One position: what kivitendo gets and what the ledger keeps of it. */
export interface BilledPosition {
  readonly draftLine: DraftLine;
  readonly ledgerLine: Omit<LedgerLine, "position">;
}

export type TicketDecision =
  | { readonly kind: "bill"; readonly position: BilledPosition }
  | { readonly kind: "ask"; readonly item: InboxItem }
  /** Articles differ, but nothing can be charged for the sum of it (yet). */
  | { readonly kind: "nothing" };

/**
 * Turns one due ticket into a position, or into a question.
 *
 * | ticket                                   | decision                    |
 * |------------------------------------------|-----------------------------|
 * | some close before the start date         | ask: closed-before-start    |
 * | company not linked to a customer         | ask: unknown-customer       |
 * | customer cannot be billed                | ask: customer-not-billable  |
 * | less time than was billed                | ask: negative-difference    |
 * | differences that cancel out              | nothing                     |
 * | a quantity too small for kivitendo       | nothing, until there is more |
 * | otherwise                                | bill the difference         |
 */
export function decideTicket(
  ticket: DueTicket,
  customer: BillingCustomer | null,
  part: BillingPart & { readonly minutesPerUnit: Decimal },
  rules: BillingRules,
): TicketDecision {
  const question = questionBeforeBilling(ticket, customer);
  if (question !== null) return { kind: "ask", item: question };
  const due = ticket.articles.reduce(
    (sum, article) => sum + article.seenUnits - article.billedUnits,
    0,
  ) as HundredthUnits;
  if (due < 0) return { kind: "ask", item: negativeDifference(ticket, due) };
  if (due === 0 || customer === null) return { kind: "nothing" };
  const billed = position(ticket, customer, part, due, rules);
  return new Big(billed.draftLine.quantity).lt(smallestQuantity)
    ? { kind: "nothing" }
    : { kind: "bill", position: billed };
}

/** kivitendo's form shows and posts smaller values as zero (measured on 4.1.0). */
const smallestQuantity = "0.0001";

/** Time on the ticket that belongs to no article: the stock operations cannot say whose or when it is. */
export function unattributedTime(ticket: DueTicket): InboxItem | null {
  if (ticket.unattributedUnits === 0) return null;
  return {
    reason: "time-without-article",
    subject: ticketSubject(ticket),
    text: `${unitsText(ticket.unattributedUnits)} units on ticket ${ticket.ticketNumber} belong to no article; they are not billed.`,
    hint: "Look at the ticket's accounted time in the helpdesk, and bill these units by hand or book them on an article.",
  };
}

function questionBeforeBilling(ticket: DueTicket, customer: BillingCustomer | null): InboxItem | null {
  const subject = ticketSubject(ticket);
  if (ticket.closedBeforeStart) {
    return {
      reason: "closed-before-start",
      subject,
      text: `Ticket ${ticket.ticketNumber} was closed before billing.startDate already, so time on it may have been billed by hand.`,
      hint: "Bill what is missing by hand: without an opening balance the bridge bills nothing on such tickets.",
    };
  }
  if (ticket.customerId === null || customer === null) {
    return {
      reason: "unknown-customer",
      subject,
      text:
        ticket.companyKey === null
          ? `Ticket ${ticket.ticketNumber} has no customer in the helpdesk.`
          : `Ticket ${ticket.ticketNumber} belongs to customer "${ticket.companyKey}" of the helpdesk, which is not linked to a customer in kivitendo.`,
      hint: "Give the ticket the right customer in the helpdesk, or run `kivi-otrs customers sync` when the customer is new.",
    };
  }
  const reason = whyNotBillable(customer);
  if (reason === null) return null;
  return {
    reason: "customer-not-billable",
    subject,
    text: `Ticket ${ticket.ticketNumber} waits: customer ${customer.customerNumber} (${customer.name}) ${reason}.`,
    hint: "Correct the customer in kivitendo; the next run bills the ticket. Or bill it by hand.",
  };
}

function whyNotBillable(customer: BillingCustomer): string | null {
  if (customer.obsolete) return "is marked as obsolete";
  if (customer.taxZoneId === null) return "has no tax zone";
  if (!customer.isDefaultCurrency) return `is billed in ${customer.currency}, not in the client's own currency`;
  if (customer.taxIncluded) return "has prices that include the tax, which the bridge does not write";
  return null;
}

function negativeDifference(ticket: DueTicket, due: number): InboxItem {
  return {
    reason: "negative-difference",
    subject: ticketSubject(ticket),
    text: `Ticket ${ticket.ticketNumber} has ${unitsText(-due as HundredthUnits)} units less than were billed.`,
    hint: "Decide about a credit note in kivitendo: the bridge writes no negative lines.",
  };
}

function position(
  ticket: DueTicket,
  customer: BillingCustomer,
  part: BillingPart & { readonly minutesPerUnit: Decimal },
  due: HundredthUnits,
  rules: BillingRules,
): BilledPosition {
  const earlier = ticket.billedLines.filter(
    (line) => line.customerId === customer.customerId && line.partNumber === part.partNumber,
  );
  // A later difference is priced as its ticket's first line was, so that one ticket has one price.
  const unitPrice = earlier[0]?.unitPrice ?? part.unitPrice;
  const quantity = chargedQuantity(earlier, due, {
    minutesPerUnit: rules.minutesPerUnit,
    minutesPerPartUnit: part.minutesPerUnit,
  });
  const closedOn = ticket.closedAt.toZonedDateTimeISO(rules.timeZone).toPlainDate();
  const late = Temporal.PlainDate.compare(closedOn, rules.period.start) < 0;
  return {
    draftLine: {
      partId: part.partId,
      partNumber: part.partNumber,
      unit: part.unit,
      unitPrice,
      quantity,
      description: lineDescription(ticket),
      longDescription: longDescription(ticket, due, {
        minutesPerUnit: rules.minutesPerUnit,
        timeZone: rules.timeZone,
        languageCode: customer.languageCode,
        late,
      }),
      ticketNumber: ticket.ticketNumber,
    },
    ledgerLine: {
      ticketId: ticket.ticketId,
      ticketNumber: ticket.ticketNumber,
      partNumber: part.partNumber,
      unitPrice,
      quantity,
      workedUnits: due,
      netAmount: lineAmount(unitPrice, quantity),
      late,
      entries: ticket.articles
        .filter((article) => article.seenUnits !== article.billedUnits)
        .map((article) => ({
          articleId: article.articleId,
          createdAt: article.createdAt,
          units: (article.seenUnits - article.billedUnits) as HundredthUnits,
          billedBefore: article.billedUnits,
        })),
    },
  };
}

/** rounded(all worked time of this ticket, customer and part) − what was charged for it already. */
function chargedQuantity(earlier: DueTicket["billedLines"], due: HundredthUnits, rule: QuantityRule): Decimal {
  const worked = earlier.reduce((sum, line) => sum + line.workedUnits, due as number) as HundredthUnits;
  const charged = earlier.reduce((sum, line) => sum.plus(line.quantity), new Big(0));
  return new Big(quantityOf(worked, rule)).minus(charged).toFixed(5) as Decimal;
}

function ticketSubject(ticket: DueTicket): string {
  return `ticket ${ticket.ticketNumber}`;
}
