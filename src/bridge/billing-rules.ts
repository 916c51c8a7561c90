import type { BillingRule, BillingRules, Contingent, CustomerSettings, Rounding } from "../billing/index.ts";
import type { BillingConfig } from "../config/index.ts";
import { ConfigError, decimalOf, minutesOfDuration, parsePeriod } from "../model/index.ts";
import type { Decimal, MinutesPerUnit, PartNumber } from "../model/index.ts";

/** What an operator chose for one run of flow 2. */
export interface BillingOptions {
  readonly customerNumbers: readonly string[];
  readonly ticketNumbers: readonly string[];
  /** Null takes the configured ones. */
  readonly period: string | null;
}

export const everythingDue: BillingOptions = { customerNumbers: [], ticketNumbers: [], period: null };

/** The configuration and what was chosen, as the flow's rules. Throws ConfigError when billing is not configured. */
export function billingRules(
  billing: BillingConfig | undefined,
  options: BillingOptions,
  now: Temporal.Instant,
): BillingRules {
  if (billing === undefined) {
    throw new ConfigError(
      "The configuration has no part `billing`.",
      "Add it: `kivi-otrs config example` shows the settings.",
    );
  }
  const today = now.toZonedDateTimeISO(billing.timeZone).toPlainDate();
  const settings = generalSettings(billing, options, today);
  const { states } = billing;
  const byType = states.types ?? (states.names === undefined && states.preset === undefined ? ["closed"] : []);
  return {
    startDate: Temporal.PlainDate.from(billing.startDate),
    timeZone: billing.timeZone,
    minutesPerUnit: minutesPerUnit(billing.timeUnit),
    overlapMinutes: billing.overlapMinutes,
    reread: billing.reread,
    watchDays: billing.watchDays,
    stateNames: states.names ?? [],
    stateTypes: byType,
    statePreset: states.preset ?? null,
    unbilledStates: [],
    period: settings.period,
    draftOwner: billing.draftOwner,
    settings,
    customers: new Map(
      Object.entries(billing.customers).map(([number, own]) => [number, ownSettings(settings, own, options, today)]),
    ),
    rules: billing.rules.map(ruleOf),
    contingents: billing.contingents.map(contingentOf),
    texts: { de: ownTexts(billing.texts.de), en: ownTexts(billing.texts.en) },
    dynamicFields: neededFields(billing),
    invoiceNumberField: billing.invoiceNumberField ?? null,
    customerNumbers: options.customerNumbers,
    ticketNumbers: options.ticketNumbers,
    complete: options.period === null && options.customerNumbers.length === 0 && options.ticketNumbers.length === 0,
  };
}

/** Dynamic fields of tickets that rules and texts need to see. */
export function neededFields(billing: BillingConfig): readonly string[] {
  const inRules = billing.rules.flatMap(({ when }) => Object.keys(when.dynamicFields ?? {}));
  return [...new Set([...inRules, ...billing.dynamicFields])].sort();
}

function generalSettings(billing: BillingConfig, options: BillingOptions, today: Temporal.PlainDate): CustomerSettings {
  return {
    period: parsePeriod(options.period ?? billing.period, today),
    dateBy: billing.dateBy,
    waitHours: billing.waitHours,
    partNumber: billing.partNumber as PartNumber,
    ownPart: false,
    target: billing.target,
    release: billing.release,
    priceFrom: billing.prices.from,
    laterDifference: billing.prices.laterDifference,
    rounding: roundingOf(billing.rounding),
    minimumMinutes: minimumOf(billing.minimum),
    ...billing.recurring,
  };
}

function ownSettings(
  general: CustomerSettings,
  own: BillingConfig["customers"][string],
  options: BillingOptions,
  today: Temporal.PlainDate,
): CustomerSettings {
  const { period, partNumber, rounding, minimum, ...same } = own;
  const given = Object.fromEntries(Object.entries(same).filter(([, value]) => value !== undefined));
  return {
    ...general,
    ...given,
    ...(period === undefined || options.period !== null ? {} : { period: parsePeriod(period, today) }),
    ...(partNumber === undefined ? {} : { partNumber: partNumber as PartNumber, ownPart: true }),
    ...(rounding === undefined ? {} : { rounding: roundingOf(rounding) }),
    ...(minimum === undefined ? {} : { minimumMinutes: minimumOf(minimum) }),
  };
}

const weekdays: readonly string[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

function ruleOf(rule: BillingConfig["rules"][number]): BillingRule {
  const { from, to, weekdays: days, ...same } = rule.when;
  return {
    name: rule.name,
    when: {
      ...same,
      weekdays: days?.map((day) => weekdays.indexOf(day) + 1),
      hours:
        from === undefined || to === undefined
          ? undefined
          : { from: Temporal.PlainTime.from(from), to: Temporal.PlainTime.from(to) },
    },
    effect: rule.effect,
    partNumber: (rule.partNumber as PartNumber | undefined) ?? null,
    unitPrice: rule.unitPrice === undefined ? null : decimalOf(rule.unitPrice),
    priceFrom: rule.priceFrom ?? null,
    surcharge: decimalOf(rule.surcharge ?? 1),
    rounding: rule.rounding === undefined ? null : (roundingOf(rule.rounding) ?? "none"),
    minimumMinutes: rule.minimum === undefined ? null : minimumOf(rule.minimum),
  };
}

function contingentOf({ customers, hoursPerMonth, queues }: BillingConfig["contingents"][number]): Contingent {
  return { customers, minutesPerMonth: minutesOfDuration(`${hoursPerMonth} hours`), queues: queues ?? null };
}

function roundingOf(rounding: BillingConfig["rounding"]): Rounding | null {
  if (rounding === "none") return null;
  return { stepMinutes: minutesOfDuration(rounding.step), direction: rounding.direction, per: rounding.per };
}

function minimumOf(minimum: string): Decimal {
  return minimum === "none" ? ("0" as Decimal) : minutesOfDuration(minimum);
}

/** Only what is given: the rest keeps its standard text. */
function ownTexts(texts: BillingConfig["texts"]["de"]): BillingRules["texts"]["de"] {
  const { description, longDescription } = texts;
  return {
    ...(description === undefined ? {} : { description }),
    ...(longDescription === undefined ? {} : { longDescription }),
  };
}

/** `minutes`, `hours` or `15 minutes`, as the configuration's schema allows. */
function minutesPerUnit(timeUnit: string): MinutesPerUnit {
  if (timeUnit === "minutes") return "1" as MinutesPerUnit;
  if (timeUnit === "hours") return "60" as MinutesPerUnit;
  return timeUnit.replace(/ minutes$/, "") as MinutesPerUnit;
}
