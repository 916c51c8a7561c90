import { ConfigError } from "../model/index.ts";
import type { HelpdeskInfo, NamedValue } from "../model/index.ts";
import { matchesQueue } from "./plan/classify.ts";
import type { BillingRules, RuleCondition } from "./rules.ts";

/** A rule about something that the helpdesk does not have would match nothing, silently: throws ConfigError that names it. */
export function assertRulesKnown(info: HelpdeskInfo, rules: BillingRules, detail: "rows" | "articles"): void {
  const [first] = unknownNames(info, rules, detail);
  if (first !== undefined) throw first;
}

/** What the rules name and the helpdesk does not have. Where the helpdesk does not tell its names, nothing is checked. */
export function unknownNames(
  info: HelpdeskInfo,
  rules: BillingRules,
  detail: "rows" | "articles",
): readonly ConfigError[] {
  const found: ConfigError[] = [];
  const check = (...[where, what, values, isKnown]: Parameters<typeof unknownName>): void => {
    const unknown = unknownName(where, what, values, isKnown);
    if (unknown !== null) found.push(unknown);
  };
  for (const { name, when } of rules.rules) {
    const where = `the rule "${name}" in billing.rules`;
    check(where, "queue", when.queues, (pattern) => info.queues.some((queue) => matchesQueue(pattern, queue.name)));
    for (const [what, values, known] of namesOf(when, info)) {
      check(where, what, values, (value) => known.length === 0 || known.some((each) => each.name === value));
    }
    if (when.agents !== undefined && detail === "articles") {
      found.push(
        new ConfigError(
          `The helpdesk's stock operations tell no agents, which ${where} asks for.`,
          "Set billing.collect to add-on, or take the condition out.",
        ),
      );
    }
  }
  for (const { queues } of rules.contingents) {
    check("billing.contingents", "queue", queues ?? undefined, (pattern) =>
      info.queues.some((queue) => matchesQueue(pattern, queue.name)),
    );
  }
  const fields = info.ticketDynamicFields.map((field) => field.name);
  const wanted = [...rules.dynamicFields, ...(rules.invoiceNumberField === null ? [] : [rules.invoiceNumberField])];
  check("billing", "dynamic field of tickets", wanted, (name) => fields.length === 0 || fields.includes(name));
  return found;
}

function namesOf(
  when: RuleCondition,
  info: HelpdeskInfo,
): readonly (readonly [string, readonly string[] | undefined, readonly NamedValue[]])[] {
  return [
    ["service", when.services, info.services],
    ["SLA", when.slas, info.slas],
    ["type", when.types, info.types],
    ["priority", when.priorities, info.priorities],
  ];
}

function unknownName(
  where: string,
  what: string,
  values: readonly string[] | undefined,
  isKnown: (value: string) => boolean,
): ConfigError | null {
  const unknown = values?.filter((value) => !isKnown(value)) ?? [];
  if (unknown.length === 0) return null;
  return new ConfigError(
    `The helpdesk has no ${what} ${unknown.map((value) => `"${value}"`).join(", ")}, which ${where} names.`,
    "Correct the name: it is compared to the letter.",
  );
}
