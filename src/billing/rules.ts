import type { MinutesPerUnit, PartNumber, Period } from "../model/index.ts";

/** What billing needs to know from the configuration, parsed. */
export interface BillingRules {
  /** Tickets closed before this moment are not ours to bill. */
  readonly startDate: Temporal.PlainDate;
  /** Zone in which days and months begin and end. */
  readonly timeZone: string;
  readonly minutesPerUnit: MinutesPerUnit;
  /** Exactly one of the two is not empty. */
  readonly stateNames: readonly string[];
  readonly stateTypes: readonly string[];
  readonly period: Period;
  readonly partNumber: PartNumber;
  readonly draftOwner: string;
  /** Empty lists mean all. */
  readonly customerNumbers: readonly string[];
  readonly ticketNumbers: readonly string[];
  /** True for a run over everything up to the configured period: only such a run may close questions. */
  readonly complete: boolean;
}

/** What the cursor over tickets holds for; another scope reads from the start date again. */
export function scopeOf(rules: BillingRules): string {
  return JSON.stringify({
    start: rules.startDate.toString(),
    zone: rules.timeZone,
    names: rules.stateNames,
    types: rules.stateTypes,
  });
}
