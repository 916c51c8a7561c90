import type { openDatabase } from "../kivitendo/index.ts";
import { createKivitendoBilling, findCustomer, insertTarget } from "../kivitendo/index.ts";
import type { Config } from "../config/index.ts";
import type { ActivityReport } from "../report/index.ts";
import { readTickets } from "../billing/index.ts";
import type { BillingReport, BillingRules } from "../billing/index.ts";
import type { HelpdeskTickets } from "../billing/ports.ts";
import type { FlowContext, HelpdeskIdentity, MinutesPerUnit } from "../model/index.ts";
import { createBillingDesk, readCustomerStories, readTicketStories } from "../state/index.ts";
import type { State } from "../state/index.ts";
import { readActivity } from "./activity-report.ts";
import type { ActivityChoice } from "./activity-report.ts";
import { createBillingActions } from "./billing-actions.ts";
import type { BillingActions } from "./billing-actions.ts";
import { billingRules, everythingDue } from "./billing-rules.ts";
import type { BillingOptions } from "./billing-rules.ts";
import { readContingents } from "./contingents.ts";
import type { ContingentBalance } from "./contingents.ts";
import { explainTicket } from "./explain-ticket.ts";
import type { ExplainedTicket } from "./explain-ticket.ts";

/** What people do with billing, and what they can ask of it. */
export interface BillingOffice extends BillingActions {
  readonly minutesPerUnit: MinutesPerUnit;
  /** Business time zone. */
  readonly timeZone: string;
  /** What is known of a ticket, and what the next run would do with it. */
  explain(ticketNumber: string, context: FlowContext): Promise<ExplainedTicket>;
  /** Included hours of the customers (empty: of all that have some) in the months of their period. */
  contingents(customerNumbers: readonly string[]): Promise<readonly ContingentBalance[]>;
  activity(choice: ActivityChoice): Promise<ActivityReport>;
}

export interface OfficeParts {
  readonly config: Config;
  readonly pool: ReturnType<typeof openDatabase>;
  readonly state: State;
  readonly helpdesk: HelpdeskTickets;
  readonly bill: (mode: "plan", options: BillingOptions, context: FlowContext) => Promise<BillingReport>;
  /** Tells people what came new; see newsTeller. */
  readonly teller: () => () => Promise<void>;
  readonly checkIdentity: (helpdesk: HelpdeskIdentity | null, mode: "look" | "bind") => Promise<void>;
  readonly exclusively: <T>(context: FlowContext, run: (guarded: FlowContext) => Promise<T>) => Promise<T>;
  readonly now: () => Temporal.Instant;
}

/** Throws ConfigError when billing is not configured. */
export function openBillingOffice(parts: OfficeParts): BillingOffice {
  const { config, pool, state, now } = parts;
  const rules = billingRules(config.billing, everythingDue, now());
  const kivitendo = createKivitendoBilling(pool);
  const desk = createBillingDesk(pool, {
    insertTarget,
    readCustomer: async (customerId) => (await kivitendo.readCustomers([customerId])).get(customerId) ?? null,
    timeZone: rules.timeZone,
    minutesPerUnit: rules.minutesPerUnit,
  });
  const { helpdesk, checkIdentity, exclusively } = parts;
  const knows = async (number: string): Promise<boolean> =>
    (await readTicketStories(pool, number)).some(({ ticket }) => ticket.ticketId > 0);
  const read = (context: FlowContext): Promise<void> =>
    readTickets({ helpdesk, kivitendo, state: state.billing, checkIdentity, now }, rules, context);
  const acting = {
    desk,
    state: state.billing,
    kivitendo,
    helpdesk,
    rules,
    checkIdentity,
    exclusively,
    knows,
    read,
    teller: parts.teller,
    now,
  };
  const reading = {
    kivitendo,
    state: state.billing,
    findCustomer: (number: string) => findCustomer(pool, number),
    readStories: (...asked: Parameters<Reading>) => readCustomerStories(pool, ...asked),
    now,
  };
  return {
    ...createBillingActions(acting),
    minutesPerUnit: rules.minutesPerUnit,
    timeZone: rules.timeZone,
    explain: (ticketNumber, context) =>
      explainTicket(
        {
          rules,
          readStories: (number) => readTicketStories(pool, number),
          plan: (number) => parts.bill("plan", { ...everythingDue, ticketNumbers: [number] }, context),
        },
        ticketNumber,
      ),
    contingents: (customerNumbers) => readContingents(reading, rules, withContingent(rules, customerNumbers), null),
    activity: (choice) => readActivity(reading, rules, choice),
  };
}

/** Those of the customers (empty: of all) that have included hours. */
function withContingent({ contingents }: BillingRules, customerNumbers: readonly string[]): readonly string[] {
  const all = [...new Set(contingents.flatMap(({ customers }) => customers))];
  return customerNumbers.length === 0 ? all : all.filter((number) => customerNumbers.includes(number));
}

type Reading = Parameters<typeof readActivity>[0]["readStories"];
