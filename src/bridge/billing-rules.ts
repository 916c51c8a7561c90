import type { BillingRules } from "../billing/index.ts";
import type { BillingConfig } from "../config/index.ts";
import { ConfigError, parsePeriod } from "../model/index.ts";
import type { MinutesPerUnit, PartNumber } from "../model/index.ts";

/** What an operator chose for one run of flow 2. */
export interface BillingOptions {
  readonly customerNumbers: readonly string[];
  readonly ticketNumbers: readonly string[];
  /** Null takes the configured one. */
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
  return {
    startDate: Temporal.PlainDate.from(billing.startDate),
    timeZone: billing.timeZone,
    minutesPerUnit: minutesPerUnit(billing.timeUnit),
    stateNames: billing.states.names,
    stateTypes: billing.states.types,
    period: parsePeriod(options.period ?? billing.period, today),
    partNumber: billing.partNumber as PartNumber,
    draftOwner: billing.draftOwner,
    customerNumbers: options.customerNumbers,
    ticketNumbers: options.ticketNumbers,
    complete: options.period === null && options.customerNumbers.length === 0 && options.ticketNumbers.length === 0,
  };
}

/** `minutes`, `hours` or `15 minutes`, as the configuration's schema allows. */
function minutesPerUnit(timeUnit: string): MinutesPerUnit {
  if (timeUnit === "minutes") return "1" as MinutesPerUnit;
  if (timeUnit === "hours") return "60" as MinutesPerUnit;
  return timeUnit.replace(/ minutes$/, "") as MinutesPerUnit;
}
