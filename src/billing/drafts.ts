import { lastDay, minutesOf, sumAmounts } from "../model/index.ts";
import type { CustomerId, Decimal, HundredthUnits, RunId } from "../model/index.ts";
import { decideTicket, unattributedTime } from "./lines.ts";
import type { BilledPosition } from "./lines.ts";
import type { BillingCustomer, BillingPart, DraftRecord, DueTicket, InboxItem } from "./ports.ts";
import type { BillingRules } from "./rules.ts";

/** All positions of one customer. */
export interface PlannedDraft {
  readonly customer: BillingCustomer;
  readonly positions: readonly BilledPosition[];
  readonly netAmount: Decimal;
  readonly minutes: Decimal;
}

export interface BillingPlan {
  /** Ordered by customer number. */
  readonly drafts: readonly PlannedDraft[];
  readonly questions: readonly InboxItem[];
}

/** What billing knows of kivitendo before it plans. */
export interface BillingBasis {
  readonly part: BillingPart & { readonly minutesPerUnit: Decimal };
  readonly arChartId: number;
  readonly draftOwnerId: number;
}

/** Pure: due tickets and master data in, drafts and questions out. */
export function planDrafts(
  due: readonly DueTicket[],
  customers: ReadonlyMap<CustomerId, BillingCustomer>,
  basis: BillingBasis,
  rules: BillingRules,
): BillingPlan {
  const questions: InboxItem[] = [];
  const byCustomer = new Map<CustomerId, BilledPosition[]>();
  for (const ticket of due) {
    const customer = ticket.customerId === null ? null : (customers.get(ticket.customerId) ?? null);
    const decision = decideTicket(ticket, customer, basis.part, rules);
    const unattributed = unattributedTime(ticket);
    if (unattributed !== null) questions.push(unattributed);
    if (decision.kind === "ask") questions.push(decision.item);
    if (decision.kind === "bill" && customer !== null) {
      byCustomer.set(customer.customerId, [...(byCustomer.get(customer.customerId) ?? []), decision.position]);
    }
  }
  const drafts = [...byCustomer].flatMap(([customerId, positions]) => {
    const customer = customers.get(customerId);
    return customer ? [plannedDraft(customer, positions, rules)] : [];
  });
  drafts.sort((a, b) => (a.customer.customerNumber < b.customer.customerNumber ? -1 : 1));
  return { drafts, questions };
}

/** A planned draft as it is written into kivitendo and the ledger. */
export function draftRecord(
  planned: PlannedDraft,
  basis: BillingBasis,
  rules: BillingRules,
  run: RunId,
  now: Temporal.Instant,
): DraftRecord {
  const { customer, positions } = planned;
  const title = `Tickets ${rules.period.label}`;
  return {
    run,
    customerId: customer.customerId,
    customerNumber: customer.customerNumber,
    periodLabel: rules.period.label,
    target: "invoice-draft",
    lines: positions.map(({ ledgerLine }, index) => ({ ...ledgerLine, position: index + 1 })),
    draft: {
      // kivitendo's own ids begin the same way; the second keeps them apart from those of an earlier installation.
      draftId: `is-invoice-otrs-${Math.floor(now.epochMilliseconds / 1000)}-${run}-${customer.customerId}`,
      ownerId: basis.draftOwnerId,
      description: `${title} – ${customer.name}`,
      transactionDescription: title,
      customer,
      arChartId: basis.arChartId,
      periodStart: rules.period.start,
      periodEnd: lastDay(rules.period),
      lines: positions.map(({ draftLine }) => draftLine),
    },
  };
}

function plannedDraft(
  customer: BillingCustomer,
  positions: readonly BilledPosition[],
  rules: BillingRules,
): PlannedDraft {
  const units = positions.reduce((sum, { ledgerLine }) => sum + ledgerLine.workedUnits, 0) as HundredthUnits;
  return {
    customer,
    positions,
    netAmount: sumAmounts(positions.map(({ ledgerLine }) => ledgerLine.netAmount)),
    minutes: minutesOf(units, rules.minutesPerUnit),
  };
}
