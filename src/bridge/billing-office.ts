import type { openDatabase } from "../kivitendo/index.ts";
import { createKivitendoBilling, findCustomer, insertTarget } from "../kivitendo/index.ts";
import type { Config } from "../config/index.ts";
import type { ActivityReport } from "../report/index.ts";
import type { HelpdeskTickets } from "../billing/ports.ts";
import type { FlowContext, HelpdeskIdentity } from "../model/index.ts";
import { createBillingDesk, readCustomerStories } from "../state/index.ts";
import type { State } from "../state/index.ts";
import { readActivity } from "./activity-report.ts";
import type { ActivityChoice } from "./activity-report.ts";
import { createBillingActions } from "./billing-actions.ts";
import type { BillingActions } from "./billing-actions.ts";
import { billingRules, everythingDue } from "./billing-rules.ts";

/** What people do with billing, and what they can ask of it. */
export interface BillingOffice extends BillingActions {
  activity(choice: ActivityChoice): Promise<ActivityReport>;
}

export interface OfficeParts {
  readonly config: Config;
  readonly pool: ReturnType<typeof openDatabase>;
  readonly state: State;
  readonly helpdesk: HelpdeskTickets;
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
  });
  const { helpdesk, checkIdentity, exclusively } = parts;
  const acting = { desk, state: state.billing, kivitendo, helpdesk, rules, checkIdentity, exclusively, now };
  const reading = {
    kivitendo,
    state: state.billing,
    findCustomer: (number: string) => findCustomer(pool, number),
    readStories: (...asked: Parameters<Reading>) => readCustomerStories(pool, ...asked),
    now,
  };
  return {
    ...createBillingActions(acting),
    activity: (choice) => readActivity(reading, rules, choice),
  };
}

type Reading = Parameters<typeof readActivity>[0]["readStories"];
