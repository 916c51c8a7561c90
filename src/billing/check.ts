import { ConfigError, findingsOf } from "../model/index.ts";
import type { Check, CustomerId, Finding, HelpdeskIdentity, HelpdeskInfo } from "../model/index.ts";
import { basisChecks } from "./basis.ts";
import { unknownNames } from "./known-rules.ts";
import type { BillingState, HelpdeskTickets, KivitendoBilling } from "./ports.ts";
import type { BillingRules } from "./rules.ts";
import { withKnownStates } from "./states.ts";
import { createTexts } from "./texts.ts";

export interface CheckPorts {
  readonly helpdesk: Pick<HelpdeskTickets, "info" | "detail">;
  readonly kivitendo: KivitendoBilling;
  readonly state: Pick<BillingState, "readFrozenUnit" | "readIncludedUse">;
  /** Throws RefusedError when the helpdesk is not the one that the state belongs to. */
  readonly checkIdentity: (helpdesk: HelpdeskIdentity, mode: "look") => Promise<void>;
  readonly findCustomer: (customerNumber: string) => Promise<CustomerId | null>;
}

/** Everything that the settings of billing name and that kivitendo or the helpdesk does not have; reads only. */
export async function checkBilling(ports: CheckPorts, rules: BillingRules): Promise<readonly Finding[]> {
  const own = await findingsOf([
    () => createTexts(rules.texts),
    ...basisChecks(ports, rules),
    ...customerChecks(ports, rules),
  ]);
  const answered: HelpdeskInfo[] = [];
  const reached = await findingsOf([async () => answered.push(await ports.helpdesk.info())]);
  const bound = await findingsOf(answered.map((info) => () => ports.checkIdentity(info, "look")));
  const names = answered.map(async (info) => [
    ...(await findingsOf([() => withKnownStates(info, rules)])),
    ...unknownNames(info, rules, ports.helpdesk.detail),
  ]);
  return [...own, ...reached, ...bound, ...(await Promise.all(names)).flat()];
}

/** A number that no customer has does not stop a run: a setting for somebody who is gone does no harm. */
function customerChecks({ findCustomer }: CheckPorts, rules: BillingRules): readonly Check[] {
  const named: readonly (readonly [string, string])[] = [
    ...[...rules.customers.keys()].map((number) => ["billing.customers", number] as const),
    ...rules.rules.flatMap(({ name, when }) =>
      (when.customers ?? []).map((number) => [`the rule "${name}" in billing.rules`, number] as const),
    ),
    ...rules.contingents.flatMap(({ customers }) =>
      customers.map((number) => ["billing.contingents", number] as const),
    ),
  ];
  return named.map(([setting, number]) => async () => {
    if ((await findCustomer(number)) !== null) return;
    throw new ConfigError(
      `kivitendo has no customer "${number}", whom ${setting} names.`,
      "Correct the customer number, or take the setting out.",
    );
  });
}
