import { billTickets, checkBilling } from "../billing/index.ts";
import type { BillingReport } from "../billing/index.ts";
import { createKivitendoBilling, findCustomer } from "../kivitendo/index.ts";
import { findingsOf } from "../model/index.ts";
import type { Finding, FlowContext } from "../model/index.ts";
import { openBillingOffice } from "./billing-office.ts";
import type { BillingOffice, OfficeParts } from "./billing-office.ts";
import { billingRules, everythingDue } from "./billing-rules.ts";
import type { BillingOptions } from "./billing-rules.ts";
import type { Logger } from "./logger.ts";
import { newsTeller, withNews } from "./mail.ts";

/** Flow 2, and what people do with its drafts. */
export interface BillingFlow {
  billing(mode: "plan" | "draft", options: BillingOptions, context: FlowContext): Promise<BillingReport>;
  readonly bills: boolean;
  /** What is wrong with the settings of billing, as far as kivitendo and the helpdesk can tell; reads only. */
  checkBilling(): Promise<readonly Finding[]>;
  /** What people do with billing besides running it. Throws ConfigError when billing is not configured. */
  office(): BillingOffice;
}

export interface BillingParts extends Omit<OfficeParts, "bill" | "teller"> {
  readonly log: Logger;
}

export function billingOf(parts: BillingParts): BillingFlow {
  const { config, pool, helpdesk, checkIdentity, now, log } = parts;
  const state = { ...parts.state, billing: withNews(parts.state.billing, config) };
  const kivitendo = createKivitendoBilling(pool);
  const ports = { helpdesk, kivitendo, state: state.billing, checkIdentity, now };
  const teller = (): (() => Promise<void>) => newsTeller({ config, pool, state, kivitendo, log, now });
  const billing: BillingFlow["billing"] = async (mode, options, context) => {
    const rules = billingRules(config.billing, options, now());
    const run = (guarded: FlowContext): Promise<BillingReport> => billTickets(ports, rules, mode, guarded);
    // A plan only looks, so it may run beside another run.
    if (mode === "plan") return run(context);
    const tell = teller();
    return parts.exclusively(context, async (guarded) => {
      const report = await run(guarded);
      await tell();
      return report;
    });
  };
  return {
    bills: config.billing !== undefined,
    billing,
    checkBilling: async () => {
      if (config.billing === undefined) return [];
      const rules = billingRules(config.billing, everythingDue, now());
      const mail = await findingsOf([teller]);
      const parted = { ...ports, findCustomer: (number: string) => findCustomer(pool, number) };
      return [...mail, ...(await checkBilling(parted, rules))];
    },
    office: () => openBillingOffice({ ...parts, state, bill: billing, teller }),
  };
}
