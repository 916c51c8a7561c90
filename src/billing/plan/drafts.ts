import { lastDay, sumAmounts } from "../../model/index.ts";
import type { CustomerId, Decimal, HundredthUnits } from "../../model/index.ts";
import type {
  BillingCustomer,
  DraftContent,
  DraftRecord,
  InboxItem,
  PlannedLine,
  RecurringOrder,
  SettlementRecord,
} from "../ports.ts";
import type { BillingRules, CustomerSettings } from "../rules.ts";
import { draftRoundings, roundingLines } from "./draft-rounding.ts";
import type { Position } from "./lines.ts";
import { draftRefused } from "./questions.ts";
import { chooseOrder } from "./recurring.ts";
import { shownMinutes } from "./rounding.ts";

/** A draft or order that is to be written. */
export interface PlannedDraft {
  readonly customer: BillingCustomer;
  readonly record: Omit<DraftRecord, "run">;
  readonly netAmount: Decimal;
  /** Worked minutes on it. */
  readonly minutes: Decimal;
}

/** Lines that stand on no draft and belong to none. */
export interface PlannedSettlement extends Omit<SettlementRecord, "run"> {
  /** For people; null when nobody is known. */
  readonly customerNumber: string | null;
}

/** What one ticket brings to its customer's draft. */
export interface TicketLines {
  readonly positions: readonly Position[];
  /** Under the draft's customer. */
  readonly settlement: readonly PlannedLine[];
  readonly replaces: readonly number[];
}

export interface DraftFacts {
  readonly rules: BillingRules;
  readonly now: Temporal.Instant;
  readonly ownerId: number;
  readonly arChartId: number;
  readonly recurring: ReadonlyMap<CustomerId, readonly RecurringOrder[]>;
}

export interface CustomerPlan {
  readonly draft: PlannedDraft | null;
  readonly settlements: readonly PlannedSettlement[];
  readonly questions: readonly InboxItem[];
}

/** Everything of one customer: one draft, or lines without one, or a question. */
export function planCustomer(
  customer: BillingCustomer,
  settings: CustomerSettings,
  tickets: readonly TicketLines[],
  facts: DraftFacts,
): CustomerPlan {
  const positions = tickets.flatMap((ticket) => ticket.positions);
  if (positions.length === 0) {
    return { draft: null, settlements: settlementOf(customer, tickets), questions: [] };
  }
  const recurring =
    settings.target === "recurring-order"
      ? chooseOrder(facts.recurring.get(customer.customerId) ?? [], customer, settings)
      : null;
  if (recurring !== null && "message" in recurring) return refused(customer, tickets, recurring);
  const roundings = draftRoundings(positions, facts.rules.minutesPerUnit, customer.languageCode);
  const lines = [...positions.map(({ line }) => line), ...roundingLines(positions, roundings)];
  const record: PlannedDraft["record"] = {
    customerId: customer.customerId,
    customerNumber: customer.customerNumber,
    periodLabel: settings.period.label,
    content: contentOf(customer, settings, lines, recurring, facts),
    roundings,
    propose: settings.release === "after-review",
    settlement: tickets.flatMap(({ settlement }) => settlement),
    replaces: replacesOf(tickets),
  };
  const draft = {
    customer,
    record,
    netAmount: sumAmounts(lines.map(({ netAmount }) => netAmount)),
    minutes: shownMinutes(unitsOf(lines), facts.rules.minutesPerUnit),
  };
  return { draft, settlements: [], questions: [] };
}

/** Without the draft, a ticket whose proposal would be replaced keeps it: its other lines wait, too. */
function refused(
  customer: BillingCustomer,
  tickets: readonly TicketLines[],
  problem: { readonly message: string; readonly hint: string },
): CustomerPlan {
  const untouched = tickets.filter(({ replaces }) => replaces.length === 0);
  const stopped = tickets.flatMap(({ positions, settlement, replaces }) => [
    ...positions.map(({ line }) => line),
    ...(replaces.length === 0 ? [] : settlement),
  ]);
  return {
    draft: null,
    settlements: settlementOf(customer, untouched),
    questions: [draftRefused(customer, problem, unitsOf(stopped))],
  };
}

function settlementOf(
  { customerId, customerNumber }: BillingCustomer,
  tickets: readonly TicketLines[],
): readonly PlannedSettlement[] {
  const lines = tickets.flatMap(({ settlement }) => settlement);
  const replaces = replacesOf(tickets);
  return lines.length === 0 && replaces.length === 0 ? [] : [{ customerId, customerNumber, lines, replaces }];
}

function contentOf(
  customer: BillingCustomer,
  { target, period }: CustomerSettings,
  lines: readonly PlannedLine[],
  recurring: DraftContent["recurring"],
  { rules, now, ownerId, arChartId }: DraftFacts,
): DraftContent {
  const title = `Tickets ${period.label}`;
  return {
    target,
    customer,
    ownerId,
    arChartId,
    description: `${title} – ${customer.name}`,
    transactionDescription: title,
    periodStart: period.start,
    periodEnd: lastDay(period),
    today: now.toZonedDateTimeISO(rules.timeZone).toPlainDate(),
    recurring,
    lines,
  };
}

function replacesOf(tickets: readonly TicketLines[]): readonly number[] {
  return [...new Set(tickets.flatMap(({ replaces }) => replaces))];
}

function unitsOf(lines: readonly PlannedLine[]): HundredthUnits {
  return lines.reduce((sum, { workedUnits }) => sum + workedUnits, 0) as HundredthUnits;
}
