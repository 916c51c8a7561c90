import { ConfigError } from "../model/index.ts";
import type { Check, CustomerId, PartNumber } from "../model/index.ts";
import type { TimePart } from "./plan/index.ts";
import type {
  BillingCustomer,
  BillingDefaults,
  BillingPart,
  BillingState,
  CustomerPrices,
  DueTicket,
  IncludedUse,
  KivitendoBilling,
  RecurringOrder,
} from "./ports.ts";
import { namedParts, settingsFor } from "./rules.ts";
import type { BillingRules } from "./rules.ts";

/** What billing knows of kivitendo before it reads tickets. */
export interface BillingBasis {
  readonly parts: ReadonlyMap<string, TimePart>;
  readonly arChartId: number;
  readonly ownerId: number;
}

/** What billing knows of the customers of due tickets. */
export interface CustomerFacts {
  readonly customers: ReadonlyMap<CustomerId, BillingCustomer>;
  readonly prices: ReadonlyMap<CustomerId, CustomerPrices>;
  readonly parts: ReadonlyMap<string, TimePart>;
  readonly recurring: ReadonlyMap<CustomerId, readonly RecurringOrder[]>;
  readonly includedUse: IncludedUse;
}

interface BasisPorts {
  readonly kivitendo: Pick<
    KivitendoBilling,
    "readDefaults" | "readParts" | "readCustomers" | "readPrices" | "readRecurringOrders"
  >;
  readonly state: Pick<BillingState, "readFrozenUnit" | "readIncludedUse">;
}

/** Checks everything that the configuration names before anything is read or written. Throws ConfigError. */
export async function readBasis(ports: BasisPorts, rules: BillingRules): Promise<BillingBasis> {
  await assertUnitKept(ports, rules);
  const defaults = await ports.kivitendo.readDefaults(rules.draftOwner);
  const ownerId = ownerOf(defaults, rules);
  const arChartId = receivablesOf(defaults);
  return { parts: await readNamedParts(ports, rules, namedParts(rules)), arChartId, ownerId };
}

/** The same one by one: what is wrong with one setting does not hide what is wrong with another. */
export function basisChecks(ports: BasisPorts, rules: BillingRules): readonly Check[] {
  const readDefaults = (): Promise<BillingDefaults> => ports.kivitendo.readDefaults(rules.draftOwner);
  return [
    () => assertUnitKept(ports, rules),
    async () => ownerOf(await readDefaults(), rules),
    async () => receivablesOf(await readDefaults()),
    ...namedParts(rules).map((number) => () => readNamedParts(ports, rules, [number])),
  ];
}

async function assertUnitKept(ports: BasisPorts, rules: BillingRules): Promise<void> {
  const frozen = await ports.state.readFrozenUnit();
  if (frozen !== null && Number(frozen) !== Number(rules.minutesPerUnit)) {
    throw new ConfigError(
      `billing.timeUnit says ${rules.minutesPerUnit} minutes a unit, but time was billed with ${frozen} already.`,
      "Set billing.timeUnit back: with another unit the time that was billed could not be compared any more.",
    );
  }
}

function ownerOf({ draftOwnerId }: BillingDefaults, { draftOwner }: BillingRules): number {
  if (draftOwnerId !== null) return draftOwnerId;
  throw new ConfigError(
    `kivitendo has no employee with the login "${draftOwner}" (billing.draftOwner).`,
    "Set billing.draftOwner to the login of the accountant; an employee exists once that user has logged in to this client.",
  );
}

function receivablesOf({ arChartId }: BillingDefaults): number {
  if (arChartId !== null) return arChartId;
  throw new ConfigError(
    "kivitendo has no standard receivables account, so drafts could not be posted.",
    "Set it in kivitendo under System → client configuration → standard accounts.",
  );
}

/** Everything that the customers of due tickets need; asks nothing when nothing is due. */
export async function readCustomerFacts(
  ports: BasisPorts,
  due: readonly DueTicket[],
  rules: BillingRules,
  { parts: named }: BillingBasis,
): Promise<CustomerFacts> {
  const ids = [...new Set(due.flatMap(({ customerId }) => customerId ?? []))];
  if (ids.length === 0) {
    return { customers: new Map(), prices: new Map(), parts: named, recurring: new Map(), includedUse: new Map() };
  }
  const { kivitendo, state } = ports;
  const customers = await kivitendo.readCustomers(ids);
  const prices = await kivitendo.readPrices(ids);
  const toOrders = ids.filter((id) => {
    const customer = customers.get(id);
    return customer !== undefined && settingsFor(rules, customer.customerNumber).target === "recurring-order";
  });
  const recurring = toOrders.length === 0 ? new Map() : await kivitendo.readRecurringOrders(toOrders);
  const includedUse = rules.contingents.length === 0 ? new Map() : await state.readIncludedUse(ids);
  const onOrders = [...prices.values()].flatMap(({ openOrders }) => openOrders.map(({ partNumber }) => partNumber));
  const onLines = due.flatMap(({ lines }) => lines.flatMap(({ partNumber }) => partNumber ?? []));
  const others = [...onOrders, ...onLines].filter((number) => !named.has(number));
  const more = others.length === 0 ? new Map<string, BillingPart>() : await kivitendo.readParts([...new Set(others)]);
  const usable = [...more.values()].flatMap((part) => timePart(part) ?? []);
  const parts = new Map([...named, ...usable.map((part) => [part.partNumber, part] as const)]);
  return { customers, prices, parts, recurring, includedUse };
}

async function readNamedParts(
  { kivitendo }: BasisPorts,
  rules: BillingRules,
  numbers: readonly PartNumber[],
): Promise<BillingBasis["parts"]> {
  const found = await kivitendo.readParts(numbers);
  // A rule's part is asked about with the tickets that need it.
  const needed = numbers.filter(
    (number) => !(found.get(number)?.hasPriceFactor === true && isOfRulesOnly(number, rules)),
  );
  return new Map(
    needed.map((number) => [number, usablePart(found.get(number), number, settingOf(number, rules))] as const),
  );
}

function isOfRulesOnly(number: PartNumber, { settings, customers }: BillingRules): boolean {
  return [settings, ...customers.values()].every(({ partNumber }) => partNumber !== number);
}

/** Throws ConfigError for a part that time cannot be billed as. */
function usablePart(part: BillingPart | undefined, number: PartNumber, setting: string): TimePart {
  if (part === undefined || part.obsolete) {
    throw new ConfigError(
      `kivitendo has no ${part === undefined ? "" : "valid "}part with the number "${number}" (${setting}).`,
      `Set ${setting} to the number of a service that time is billed as.`,
    );
  }
  const usable = timePart(part);
  if (usable !== null) return usable;
  if (part.hasPriceFactor) {
    throw new ConfigError(
      `The price of part ${part.partNumber} (${setting}) is for a multiple of its unit (price factor), which billing does not support.`,
      "Choose another part, or remove the price factor from it in kivitendo.",
    );
  }
  throw new ConfigError(
    `The part "${part.partNumber}" (${setting}) is sold in "${part.unit}", which is not a unit of time.`,
    "Choose a part whose unit can be converted into hours (Std, h or Stunde) in kivitendo.",
  );
}

/** Null for a part that time cannot be billed as. */
function timePart(part: BillingPart): TimePart | null {
  const { minutesPerUnit, obsolete, hasPriceFactor } = part;
  return obsolete || hasPriceFactor || minutesPerUnit === null ? null : { ...part, minutesPerUnit };
}

/** Which setting names a part, for sentences. */
function settingOf(number: PartNumber, rules: BillingRules): string {
  if (rules.settings.partNumber === number) return "billing.partNumber";
  const rule = rules.rules.find(({ partNumber }) => partNumber === number);
  if (rule !== undefined) return `partNumber of the rule "${rule.name}" in billing.rules`;
  const own = [...rules.customers].find(([, { partNumber }]) => partNumber === number);
  return `billing.customers.${own?.[0] ?? ""}.partNumber`;
}
