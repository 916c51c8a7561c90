import { endOfPeriod, RejectedError } from "../model/index.ts";
import type { CustomerId, FlowContext, HelpdeskIdentity, TicketId } from "../model/index.ts";
import { assertStatesKnown, readBasis } from "./basis.ts";
import { collectTickets, startOf } from "./collect.ts";
import type { Collected } from "./collect.ts";
import { planDrafts } from "./drafts.ts";
import type {
  BillingCustomer,
  BillingState,
  DueTicket,
  HelpdeskTickets,
  InboxItem,
  KivitendoBilling,
} from "./ports.ts";
import { billingReport } from "./report.ts";
import type { BillingReport } from "./report.ts";
import { scopeOf } from "./rules.ts";
import type { BillingRules } from "./rules.ts";
import { syncInbox, writePlan } from "./write.ts";

export interface BillingPorts {
  readonly helpdesk: HelpdeskTickets;
  readonly kivitendo: KivitendoBilling;
  readonly state: BillingState;
  /**
   * Throws RefusedError when database or helpdesk is not the one that the state belongs to. The first writing run binds
   * the helpdesk; a plan only looks.
   */
  readonly checkIdentity: (helpdesk: HelpdeskIdentity, mode: "look" | "bind") => Promise<void>;
  readonly now: () => Temporal.Instant;
}

/** Flow 2: collect, settle, price, draft, record. `plan` does the same and writes nothing. */
export async function billTickets(
  ports: BillingPorts,
  rules: BillingRules,
  mode: "plan" | "draft",
  context: FlowContext,
): Promise<BillingReport> {
  const info = await ports.helpdesk.info();
  await ports.checkIdentity(info, mode === "plan" ? "look" : "bind");
  assertStatesKnown(info, rules);
  const basis = await readBasis(ports, rules);
  const collected = await collectTickets(ports, rules, context);
  const due = await settle(ports, rules, collected, mode);
  const unreadable = new Set(collected.batches.flatMap((batch) => batch.unreadable));
  const readable = due.filter((ticket) => !unreadable.has(ticket.ticketId));
  const planned = planDrafts(readable, await readCustomers(ports, readable), basis, rules);
  const plan = { ...planned, questions: [...planned.questions, ...[...unreadable].map(unreadableTicket)] };
  if (mode === "plan") {
    const inbox = await syncInbox(ports, rules, plan, { run: null, dryRun: true });
    return billingReport(plan, rules.period.label, new Map(), inbox);
  }
  return writePlan(ports, rules, basis, plan, context);
}

async function settle(
  ports: BillingPorts,
  rules: BillingRules,
  collected: Collected,
  mode: "plan" | "draft",
): Promise<readonly DueTicket[]> {
  return ports.state.settle({
    ...collected,
    scope: scopeOf(rules),
    stateNames: rules.stateNames,
    stateTypes: rules.stateTypes,
    closedFrom: startOf(rules),
    closedBefore: endOfPeriod(rules.period, rules.timeZone),
    customerNumbers: rules.customerNumbers,
    ticketNumbers: rules.ticketNumbers,
    dryRun: mode === "plan",
  });
}

async function readCustomers(
  ports: BillingPorts,
  due: readonly DueTicket[],
): Promise<ReadonlyMap<CustomerId, BillingCustomer>> {
  const customers = new Map<CustomerId, BillingCustomer>();
  for (const { customerId } of due) {
    if (customerId === null || customers.has(customerId)) continue;
    const customer = await ports.kivitendo.readCustomer(customerId).catch(unusableCustomer);
    if (customer) customers.set(customerId, customer);
  }
  return customers;
}

/** A customer whose row cannot be used (no number any more) stops its own tickets only: they become questions. */
function unusableCustomer(error: unknown): null {
  if (error instanceof RejectedError) return null;
  throw error;
}

function unreadableTicket(ticketId: TicketId): InboxItem {
  return {
    reason: "unreadable-ticket",
    subject: `ticket id ${ticketId}`,
    text: `The ticket with the id ${ticketId} cannot be read: it is gone, its queue is closed to the bridge's agent, or it is too large for one answer.`,
    hint: "Give the agent read access (ro) to the queue of this ticket, or raise helpdesk.maxResponseMegabytes.",
  };
}
