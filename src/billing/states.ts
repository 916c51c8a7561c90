import { ConfigError } from "../model/index.ts";
import type { HelpdeskInfo } from "../model/index.ts";
import type { BillingRules, StatePreset } from "./rules.ts";

/** Which of the helpdesk's own states a preset bills: those of a type, or names in any spelling. */
const presets: Readonly<Record<StatePreset, { readonly types: readonly string[]; readonly names: readonly string[] }>> =
  {
    otrs: { types: ["closed"], names: [] },
    // "closed with workaround" is of the type closed as well.
    "otobo-itsm": { types: ["closed"], names: [] },
    // The types of these states are not documented, so they go by name.
    "jp1-ops-i": { types: [], names: ["closed", "completed", "closed_with_backout"] },
  };

/** Told and not billed, in every preset. */
const cancelled = "canceled";

/**
 * The rules with the states that the helpdesk has: a preset becomes names. A name or type that the helpdesk does not know
 * would find nothing, silently: throws ConfigError.
 */
export function withKnownStates(info: HelpdeskInfo, rules: BillingRules): BillingRules {
  return rules.statePreset === null ? withNamedStates(info, rules) : withPreset(info, rules, rules.statePreset);
}

/**
 * The helpdesk keeps closing dates for states of this type only. A ticket in another one has none, so it would wait for
 * ever: throws ConfigError.
 */
function assertClosing(info: HelpdeskInfo, isMeant: (state: HelpdeskInfo["states"][number]) => boolean): void {
  const other = info.states.find((state) => isMeant(state) && state.type.toLowerCase() !== "closed");
  if (other === undefined) return;
  throw new ConfigError(
    `The state "${other.name}" (billing.states) is of the type "${other.type}": the helpdesk keeps a closing date for states of the type closed only, so its tickets would never be billed.`,
    "Give the state the type closed in the helpdesk (Admin → States), or take it out of billing.states.",
  );
}

/** True for a ticket whose articles stand on another one since it was merged. */
export function isMerged({ stateType }: { readonly stateType: string }): boolean {
  return stateType.toLowerCase() === "merged";
}

/** States of tickets that a run does not read by itself: open ones, and closed ones that are not billed. */
export function otherStates(
  { stateNames, stateTypes }: Pick<BillingRules, "stateNames" | "stateTypes">,
  states: HelpdeskInfo["states"],
): readonly string[] {
  const isOther = ({ name, type }: HelpdeskInfo["states"][number]): boolean =>
    !stateNames.includes(name) && !stateTypes.includes(type) && !["merged", "removed"].includes(type.toLowerCase());
  return states.filter(isOther).map(({ name }) => name);
}

/** A state's name without differences of spelling: `Closed With Backout` and `closed_with_backout`, `Cancelled` and `CANCELED`. */
export function normalisedState(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, "_")
    .replace(/cancelled/g, cancelled);
}

function withPreset(info: HelpdeskInfo, rules: BillingRules, preset: StatePreset): BillingRules {
  const { types, names } = presets[preset];
  const unbilled = info.states.filter(({ name }) => normalisedState(name) === cancelled).map(({ name }) => name);
  const billed = info.states
    .filter(({ name, type }) => types.includes(type.toLowerCase()) || names.includes(normalisedState(name)))
    .map(({ name }) => name)
    .filter((name) => !unbilled.includes(name));
  if (billed.length === 0) {
    throw new ConfigError(
      `The helpdesk has none of the states of the preset ${preset} (billing.states.preset).`,
      `Name the billable ones in billing.states.names; known states: ${info.states.map(({ name }) => name).join(", ")}.`,
    );
  }
  assertClosing(info, ({ name }) => billed.includes(name));
  return { ...rules, stateNames: [...billed, ...unbilled], stateTypes: [], unbilledStates: unbilled };
}

function withNamedStates(info: HelpdeskInfo, rules: BillingRules): BillingRules {
  const byName = rules.stateNames.length > 0;
  const known = [...new Set(info.states.map((state) => (byName ? state.name : state.type)))];
  const unknown = (byName ? rules.stateNames : rules.stateTypes).filter((name) => !known.includes(name));
  if (unknown.length === 0) {
    assertClosing(info, ({ name, type }) =>
      byName ? rules.stateNames.includes(name) : rules.stateTypes.includes(type),
    );
    return rules;
  }
  throw new ConfigError(
    `The helpdesk has no state ${byName ? "named" : "of type"} ${unknown.map((name) => `"${name}"`).join(", ")} (billing.states).`,
    `Known ${byName ? "states" : "types"}: ${known.join(", ")}.`,
  );
}
