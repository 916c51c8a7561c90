import type { FlowContext, HelpdeskIdentity, HelpdeskInfo, TicketId } from "../model/index.ts";
import { readBasis, readCustomerFacts } from "./basis.ts";
import type { BillingBasis } from "./basis.ts";
import { collectTickets } from "./collect.ts";
import type { CollectRules } from "./collect.ts";
import { followUp } from "./follow-up/index.ts";
import type { FollowUp } from "./follow-up/index.ts";
import { assertRulesKnown } from "./known-rules.ts";
import { planBilling, ticketReplaced, unreadableTicket } from "./plan/index.ts";
import type { BillingPlan } from "./plan/index.ts";
import type { BillingState, DueTicket, HelpdeskTickets, KivitendoBilling, Settled } from "./ports.ts";
import { billingReport } from "./report.ts";
import type { BillingReport } from "./report.ts";
import { scopeOf } from "./rules.ts";
import type { BillingRules } from "./rules.ts";
import { otherStates, withKnownStates } from "./states.ts";
import { createTexts } from "./texts.ts";
import type { WriteTexts } from "./texts.ts";
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
  given: BillingRules,
  mode: "plan" | "draft",
  context: FlowContext,
): Promise<BillingReport> {
  const texts = createTexts(given.texts);
  const info = await ports.helpdesk.info();
  await ports.checkIdentity(info, mode === "plan" ? "look" : "bind");
  const rules = withKnownStates(info, given);
  assertRulesKnown(info, rules, ports.helpdesk.detail);
  const basis = await readBasis(ports, rules);
  const { settled, unreadable, asked } = await collectAndSettle(ports, rules, info, mode, context);
  const followed = await followUp(
    ports,
    {
      mode,
      due: billable(settled.due, rules),
      invoiceNumberField: rules.invoiceNumberField,
      watchDays: rules.watchDays,
    },
    context,
  );
  const after = { ...followed, asked: followed.asked + asked };
  const plan = await planAll(ports, { rules, basis, texts, settled, unreadable, after });
  if (mode === "draft") return writePlan(ports, rules, plan, after, context);
  const inbox = await syncInbox(ports, rules, plan, { run: null, dryRun: true });
  return billingReport({ plan, rules, after, written: new Map(), inbox, moved: 0 });
}

/**
 * Reads tickets into the ledger as each run does first, and plans nothing: for what is to be decided about tickets that no
 * run has seen yet.
 */
export async function readTickets(ports: BillingPorts, given: BillingRules, context: FlowContext): Promise<void> {
  const info = await ports.helpdesk.info();
  await ports.checkIdentity(info, "bind");
  const rules = withKnownStates(info, given);
  assertRulesKnown(info, rules, ports.helpdesk.detail);
  await collectAndSettle(ports, rules, info, "draft", context);
}

/** What collecting needs of the rules. */
function collectRules(
  rules: BillingRules,
  { states, timeZone }: Pick<HelpdeskInfo, "states" | "timeZone">,
  now: Temporal.Instant,
): CollectRules {
  return {
    start: rules.startDate.toZonedDateTime(rules.timeZone).toInstant(),
    scope: scopeOf(rules, timeZone),
    stateNames: rules.stateNames,
    stateTypes: rules.stateTypes,
    unbilledStates: rules.unbilledStates,
    otherStates: otherStates(rules, states),
    overlap: Temporal.Duration.from({ minutes: rules.overlapMinutes }),
    reread: rules.reread,
    ticketNumbers: rules.ticketNumbers,
    now,
  };
}

async function collectAndSettle(
  ports: BillingPorts,
  rules: BillingRules,
  info: HelpdeskInfo,
  mode: "plan" | "draft",
  context: FlowContext,
): Promise<{ readonly settled: Settled; readonly unreadable: ReadonlySet<TicketId>; readonly asked: number }> {
  const collecting = collectRules(rules, info, ports.now());
  // A plan may look at billed tickets each time: it moves nothing.
  const reread = mode === "plan" ? { ...rules.reread, everyHours: 0 } : rules.reread;
  const collected = await collectTickets(ports, { ...collecting, reread }, context);
  const unreadable = new Set(collected.batches.flatMap((batch) => batch.unreadable));
  const asked = mode === "plan" ? 0 : await askAboutUnreadable(ports, unreadable);
  const settled = await ports.state.settle({
    ...collected,
    scope: collecting.scope,
    stateNames: rules.stateNames,
    stateTypes: rules.stateTypes,
    ticketNumbers: rules.ticketNumbers,
    dryRun: mode === "plan",
  });
  return { settled, unreadable, asked };
}

/**
 * The cursor leaves them behind, and a ticket that was never read is kept nowhere else: so they are asked about before the
 * cursor moves. Answers how many of these questions are new.
 */
async function askAboutUnreadable(ports: BillingPorts, unreadable: ReadonlySet<TicketId>): Promise<number> {
  if (unreadable.size === 0) return 0;
  const items = [...unreadable].map((ticketId) => unreadableTicket(ticketId, undefined));
  const options = { run: null, now: ports.now(), complete: false, dryRun: false, onlyNew: true } as const;
  return (await ports.state.syncInbox(items, options)).added;
}

/** Tickets of which something may go on a draft: not those whose time is only told. */
function billable(due: readonly DueTicket[], { unbilledStates }: BillingRules): readonly DueTicket[] {
  return due.filter(({ state }) => !unbilledStates.includes(state));
}

interface Known {
  readonly rules: BillingRules;
  readonly basis: BillingBasis;
  readonly texts: WriteTexts;
  readonly settled: Settled;
  readonly unreadable: ReadonlySet<TicketId>;
  readonly after: FollowUp;
}

async function planAll(ports: BillingPorts, known: Known): Promise<BillingPlan> {
  const { rules, basis, texts, settled, unreadable, after } = known;
  const stopped = settled.due.filter(
    ({ ticketId, ticketNumber }) => unreadable.has(ticketId) || after.stopped.has(ticketNumber),
  );
  const due = settled.due.filter((ticket) => !stopped.includes(ticket));
  const facts = await readCustomerFacts(ports, due, rules, basis);
  const plan = planBilling(due, { rules, texts, now: ports.now(), ...basis, ...facts });
  const questions = [
    ...after.questions,
    ...plan.questions,
    ...[...unreadable].map((ticketId) =>
      unreadableTicket(
        ticketId,
        stopped.find((ticket) => ticket.ticketId === ticketId),
      ),
    ),
    ...settled.setAside.map(ticketReplaced),
  ];
  return { ...plan, questions };
}
