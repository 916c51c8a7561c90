import type { CustomerId } from "../../model/index.ts";
import type { DueTicket, IncludedUse, InboxItem, PlannedLine } from "../ports.ts";
import type { WriteTexts } from "../texts.ts";
import { contingentOf, coverPieces, monthOf } from "./contingents.ts";
import { planCustomer } from "./drafts.ts";
import type { DraftFacts, PlannedDraft, PlannedSettlement, TicketLines } from "./drafts.ts";
import type { Group } from "./groups.ts";
import { isPaidFor, resultOf, settlementLine } from "./lines.ts";
import type { GroupResult } from "./lines.ts";
import { total } from "./pieces.ts";
import { roundedTogether } from "./proposals.ts";
import { planTicket } from "./ticket.ts";
import type { PlanFacts, SettledPieces, TicketPlan } from "./ticket.ts";
import type { WaitingTime } from "./waiting.ts";

export { entryName } from "./pieces.ts";
export type { PlannedDraft, PlannedSettlement } from "./drafts.ts";
export type { TimePart } from "./pricing.ts";
export { draftRefused, ticketReplaced, unreadableTicket } from "./questions.ts";
export type { WaitingTime, WaitReason } from "./waiting.ts";

/** What one run is to do. Every due unit stands in exactly one of these: a line, a question, or what waits. */
export interface BillingPlan {
  /** Ordered by customer number. */
  readonly drafts: readonly PlannedDraft[];
  /** Lines of customers without a draft. */
  readonly settlements: readonly PlannedSettlement[];
  readonly questions: readonly InboxItem[];
  /** What is not due yet, and why. */
  readonly waiting: readonly WaitingTime[];
}

export interface BillingFacts extends PlanFacts, DraftFacts {
  readonly texts: WriteTexts;
  /** Included time that was used, as the ledger has it. */
  readonly includedUse: IncludedUse;
}

/** Pure: due tickets and master data in, drafts, lines and questions out. */
export function planBilling(due: readonly DueTicket[], facts: BillingFacts): BillingPlan {
  const tickets = planTickets(chosenTickets(due, facts), facts);
  const covered = coverTickets(tickets, facts);
  const results = covered.map((plan) => ({ plan, groups: plan.groups.map((group) => resultOf(group, plan, facts)) }));
  const byCustomer = Map.groupBy(results, ({ plan }) => plan.ticket.customerId);
  const plans = [...byCustomer.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const { customer, settings } = first.plan;
    const lines = members.map(({ plan, groups }) => ticketLines(plan, groups, facts));
    const others = members.flatMap(({ plan }) => linesOfOthers(plan, facts));
    if (customer === null) return [{ draft: null, settlements: others, questions: [] }];
    const planned = planCustomer(customer, settings, lines, facts);
    return [{ ...planned, settlements: [...planned.settlements, ...others] }];
  });
  const drafts = plans.flatMap(({ draft }) => draft ?? []);
  return {
    drafts: drafts.toSorted((a, b) => (a.customer.customerNumber < b.customer.customerNumber ? -1 : 1)),
    settlements: plans.flatMap(({ settlements }) => settlements),
    questions: [...tickets.flatMap(({ questions }) => questions), ...plans.flatMap(({ questions }) => questions)],
    waiting: results.flatMap(({ plan, groups }) => waitingOf(plan, groups)),
  };
}

function planTickets(due: readonly DueTicket[], facts: BillingFacts): readonly TicketPlan[] {
  const plans = due.map((ticket) => planTicket(ticket, facts));
  const rounded = roundedTogether(plans, facts.rules);
  return plans.map((plan) => {
    const also = rounded.get(plan);
    return also === undefined ? plan : planTicket(plan.ticket, facts, also);
  });
}

function chosenTickets(due: readonly DueTicket[], { rules, customers }: BillingFacts): readonly DueTicket[] {
  if (rules.customerNumbers.length === 0) return due;
  return due.filter(({ customerId }) => {
    const customer = customerId === null ? undefined : customers.get(customerId);
    return customer !== undefined && rules.customerNumbers.includes(customer.customerNumber);
  });
}

/** Takes included hours out, customer by customer. */
function coverTickets(tickets: readonly TicketPlan[], facts: BillingFacts): readonly TicketPlan[] {
  const result = new Map(tickets.map((plan) => [plan, plan]));
  for (const [customerId, members] of Map.groupBy(tickets, ({ ticket }) => ticket.customerId)) {
    const number = members[0]?.customer?.customerNumber;
    const contingent = number === undefined ? null : contingentOf(facts.rules, number);
    if (customerId === null || contingent === null) continue;
    const positions = members.flatMap((plan) =>
      plan.groups
        .filter((group) => group.kind === "billed" && group.customerId === customerId)
        .filter((group) => !isPaidFor(group, plan, facts.rules))
        .map((group) => ({ plan, group, queue: plan.ticket.queue, pieces: group.pieces })),
    );
    const used = usedUnits(customerId, tickets, facts.includedUse);
    for (const { of, included, charged } of coverPieces(positions, contingent, used, facts.rules.minutesPerUnit)) {
      if (included.length === 0) continue;
      const plan = result.get(of.plan) ?? of.plan;
      result.set(of.plan, withIncluded(plan, of.group, included, charged));
    }
  }
  return tickets.map((plan) => result.get(plan) ?? plan);
}

function withIncluded(plan: TicketPlan, group: Group, included: Group["pieces"], charged: Group["pieces"]): TicketPlan {
  const rule = group.rules[0] ?? null;
  const settled: SettledPieces = { customerId: group.customerId, kind: "included", rule, pieces: included };
  const groups = plan.groups.flatMap((each) => {
    if (each !== group) return [each];
    return charged.length === 0 ? [] : [{ ...each, pieces: charged }];
  });
  return { ...plan, settled: [...plan.settled, settled], groups };
}

/** By month of the work; what this plan takes back of included time is free again. */
function usedUnits(
  customerId: CustomerId,
  tickets: readonly TicketPlan[],
  use: IncludedUse,
): ReadonlyMap<string, number> {
  const used = new Map<string, number>(use.get(customerId));
  const replaced = tickets.flatMap(({ settled }) =>
    settled
      .filter((each) => each.kind === "included" && each.customerId === customerId)
      .flatMap(({ pieces }) => pieces),
  );
  for (const piece of replaced) used.set(monthOf(piece), (used.get(monthOf(piece)) ?? 0) + piece.units);
  return used;
}

function ticketLines(plan: TicketPlan, groups: readonly GroupResult[], facts: BillingFacts): TicketLines {
  const own = plan.settled.filter(({ customerId }) => customerId === (plan.customer?.customerId ?? null));
  const transfers = groups.flatMap((result) => (result.kind === "transfer" ? [result.line] : []));
  return {
    positions: groups.flatMap((result) => (result.kind === "position" ? [result.position] : [])),
    settlement: [...own.map((settled) => settlementLine(settled, plan, facts)), ...transfers],
    replaces: plan.replaces,
  };
}

/** Lines for somebody else than the ticket's customer, and for tickets of which nobody is known. */
function linesOfOthers(plan: TicketPlan, facts: BillingFacts): readonly PlannedSettlement[] {
  const others =
    plan.customer === null
      ? plan.settled
      : plan.settled.filter(({ customerId }) => customerId !== plan.customer?.customerId);
  const lines = Map.groupBy(others, ({ customerId }) => customerId);
  // A proposal for time that is gone is taken back, whoever the customer was.
  const replaces = plan.customer === null ? plan.replaces : [];
  if (replaces.length > 0 && !lines.has(null)) lines.set(null, []);
  return [...lines].map(([customerId, settled]) => ({
    customerId,
    customerNumber: customerId === null ? null : (facts.customers.get(customerId)?.customerNumber ?? null),
    lines: settled.map((each): PlannedLine => settlementLine(each, plan, facts)),
    replaces: customerId === null ? replaces : [],
  }));
}

function waitingOf(plan: TicketPlan, groups: readonly GroupResult[]): readonly WaitingTime[] {
  const { ticketId, ticketNumber, title, state } = plan.ticket;
  const customerNumber = plan.customer?.customerNumber ?? null;
  const small = plan.groups.filter((_group, index) => groups[index]?.kind === "too-small");
  return [...plan.waiting, ...small.map(({ pieces }) => ({ why: "too-small" as const, units: total(pieces) }))].map(
    (waiting) => ({ ticketId, ticketNumber, title, state, customerNumber, ...waiting }),
  );
}
