import { ConfigError } from "../model/index.ts";
import type { HelpdeskInfo } from "../model/index.ts";
import type { BillingBasis } from "./drafts.ts";
import type { BillingState, KivitendoBilling } from "./ports.ts";
import type { BillingRules } from "./rules.ts";

/** Checks everything that the configuration names before anything is read or written. Throws ConfigError. */
export async function readBasis(
  ports: { readonly kivitendo: KivitendoBilling; readonly state: BillingState },
  rules: BillingRules,
): Promise<BillingBasis> {
  const frozen = await ports.state.readFrozenUnit();
  if (frozen !== null && Number(frozen) !== Number(rules.minutesPerUnit)) {
    throw new ConfigError(
      `billing.timeUnit says ${rules.minutesPerUnit} minutes a unit, but time was billed with ${frozen} already.`,
      "Set billing.timeUnit back: with another unit the time that was billed could not be compared any more.",
    );
  }
  const { arChartId, draftOwnerId } = await ports.kivitendo.readDefaults(rules.draftOwner);
  if (draftOwnerId === null) {
    throw new ConfigError(
      `kivitendo has no employee with the login "${rules.draftOwner}" (billing.draftOwner).`,
      "Set billing.draftOwner to the login of the accountant; an employee exists once that user has logged in to this client.",
    );
  }
  if (arChartId === null) {
    throw new ConfigError(
      "kivitendo has no standard receivables account, so drafts could not be posted.",
      "Set it in kivitendo under System → client configuration → standard accounts.",
    );
  }
  return { part: await readTimePart(ports.kivitendo, rules), arChartId, draftOwnerId };
}

async function readTimePart(kivitendo: KivitendoBilling, rules: BillingRules): Promise<BillingBasis["part"]> {
  const part = await kivitendo.readPart(rules.partNumber);
  if (part === null || part.obsolete) {
    throw new ConfigError(
      `kivitendo has no ${part === null ? "" : "valid "}part with the number "${rules.partNumber}" (billing.partNumber).`,
      "Set billing.partNumber to the number of the service that time is billed as.",
    );
  }
  const { minutesPerUnit } = part;
  if (minutesPerUnit === null) {
    throw new ConfigError(
      `The part "${part.partNumber}" is sold in "${part.unit}", which is not a unit of time.`,
      "Choose a part whose unit can be converted into hours (Std, h or Stunde) in kivitendo.",
    );
  }
  return { ...part, minutesPerUnit };
}

/** A state name that the helpdesk does not know would find nothing, silently. Throws ConfigError. */
export function assertStatesKnown(info: HelpdeskInfo, rules: BillingRules): void {
  const names = new Set(info.states.map((state) => state.name));
  const types = new Set(info.states.map((state) => state.type));
  const unknown = [
    ...rules.stateNames.filter((name) => !names.has(name)),
    ...rules.stateTypes.filter((type) => !types.has(type)),
  ];
  if (unknown.length === 0) return;
  throw new ConfigError(
    `The helpdesk has no state ${rules.stateNames.length > 0 ? "named" : "of type"} ${unknown.map((name) => `"${name}"`).join(", ")} (billing.states).`,
    `Known ${rules.stateNames.length > 0 ? `states: ${[...names].join(", ")}` : `types: ${[...types].join(", ")}`}.`,
  );
}
