import type { Decimal, MinutesPerUnit, PartNumber, Period, RoundingStep } from "../model/index.ts";
import type { PriceOffer, Target } from "./ports.ts";
import type { TextLanguage, TextTemplate } from "./texts.ts";

export type PriceSource = PriceOffer["source"];

/** How worked time becomes charged time; docs/billing-rules.md shows each with numbers. */
export interface Rounding extends RoundingStep {
  /** What is rounded: each entry of time, a ticket's position, or the sum of a draft. */
  readonly per: "entry" | "ticket" | "draft";
}

/** Which time a rule is for: every condition that is given must hold, a list when one of its values does. */
export interface RuleCondition {
  /** kivitendo's customer numbers. */
  readonly customers?: readonly string[] | undefined;
  /** Full names; `Support::*` is that queue with everything below, `Support*` everything that begins so. */
  readonly queues?: readonly string[] | undefined;
  readonly services?: readonly string[] | undefined;
  readonly slas?: readonly string[] | undefined;
  readonly types?: readonly string[] | undefined;
  readonly priorities?: readonly string[] | undefined;
  /** Logins or full names. */
  readonly agents?: readonly string[] | undefined;
  readonly dynamicFields?: Readonly<Record<string, readonly string[]>> | undefined;
  /** 1 is Monday. A night over midnight belongs to the day on which it begins. */
  readonly weekdays?: readonly number[] | undefined;
  /** Times of day in the business zone; `to` is exclusive, and may lie before `from`: over midnight. */
  readonly hours?: { readonly from: Temporal.PlainTime; readonly to: Temporal.PlainTime } | undefined;
}

export interface BillingRule {
  readonly name: string;
  readonly when: RuleCondition;
  readonly effect: "bill" | "exclude" | "goodwill";
  /** Null leaves it to the settings of the customer; so do the nulls below. */
  readonly partNumber: PartNumber | null;
  /** Per the part's unit. */
  readonly unitPrice: Decimal | null;
  readonly priceFrom: readonly PriceSource[] | null;
  /** Factor on the unit price; "1" changes nothing. */
  readonly surcharge: Decimal;
  readonly rounding: Rounding | "none" | null;
  /** Least minutes charged for a ticket. */
  readonly minimumMinutes: Decimal | null;
}

/** What holds for one customer: the general settings, with the customer's own over them. */
export interface CustomerSettings {
  readonly period: Period;
  /** What dates time: the ticket's last close, or its booking. */
  readonly dateBy: "closing" | "booking";
  readonly waitHours: number;
  readonly partNumber: PartNumber;
  /** True when the part is named for this very customer: it is then not taken from an open order. */
  readonly ownPart: boolean;
  readonly target: Target;
  readonly release: "automatic" | "after-review";
  readonly priceFrom: readonly PriceSource[];
  readonly laterDifference: "first-line" | "today";
  readonly rounding: Rounding | null;
  /** "0" for none. */
  readonly minimumMinutes: Decimal;
  /** recurring-order: also where the job posts without anybody looking. */
  readonly allowUnseen: boolean;
  /** recurring-order: scale prices beforehand where periods do not match. */
  readonly prescale: boolean;
}

/** Included hours of some customers, for each month of the work. */
export interface Contingent {
  readonly customers: readonly string[];
  readonly minutesPerMonth: Decimal;
  /** As in rules; null for all. */
  readonly queues: readonly string[] | null;
}

export type StatePreset = "otrs" | "otobo-itsm" | "jp1-ops-i";

/** What billing needs to know from the configuration, parsed. */
export interface BillingRules {
  /** Tickets with some close before this day are not ours to bill without an opening. */
  readonly startDate: Temporal.PlainDate;
  /** Zone in which days and months begin and end. */
  readonly timeZone: string;
  readonly minutesPerUnit: MinutesPerUnit;
  readonly overlapMinutes: number;
  readonly reread: { readonly days: number; readonly everyHours: number };
  /** Drafts that were posted or taken back are looked at for so many days; 0 for not. */
  readonly watchDays: number;
  /**
   * States of the tickets that are read and settled. At most one of the two lists is not empty; both are empty until
   * `withKnownStates` has looked up a preset among the helpdesk's own states.
   */
  readonly stateNames: readonly string[];
  readonly stateTypes: readonly string[];
  readonly statePreset: StatePreset | null;
  /** Those of `stateNames` whose time is told and not billed: cancelled tickets. */
  readonly unbilledStates: readonly string[];
  /** The general period; single customers may have another. */
  readonly period: Period;
  readonly draftOwner: string;
  readonly settings: CustomerSettings;
  /** By customer number; complete settings each. */
  readonly customers: ReadonlyMap<string, CustomerSettings>;
  readonly rules: readonly BillingRule[];
  readonly contingents: readonly Contingent[];
  /** Templates that replace the standard ones. */
  readonly texts: Readonly<Record<TextLanguage, Partial<TextTemplate>>>;
  /** Dynamic fields of tickets that rules and texts need. */
  readonly dynamicFields: readonly string[];
  /** Dynamic field of the ticket that gets the invoice's number. */
  readonly invoiceNumberField: string | null;
  /** Empty lists mean all. */
  readonly customerNumbers: readonly string[];
  readonly ticketNumbers: readonly string[];
  /** True for a run over everything up to the configured periods: only such a run may close questions. */
  readonly complete: boolean;
}

/** What holds for a customer; null for tickets without a known one. */
export function settingsFor(rules: BillingRules, customerNumber: string | null): CustomerSettings {
  return (customerNumber === null ? undefined : rules.customers.get(customerNumber)) ?? rules.settings;
}

/** Part numbers that the configuration names. */
export function namedParts(rules: BillingRules): readonly PartNumber[] {
  const named = [rules.settings, ...rules.customers.values()].map(({ partNumber }) => partNumber);
  return [...new Set([...named, ...rules.rules.flatMap(({ partNumber }) => partNumber ?? [])])];
}

/**
 * What the cursor over tickets holds for; another scope reads from the start date again. Once the helpdesk has another
 * zone, that shows at known tickets, before new ones are taken under moments that cannot be told from theirs.
 */
export function scopeOf(rules: BillingRules, helpdeskZone: string): string {
  return JSON.stringify({
    helpdeskZone,
    start: rules.startDate.toString(),
    zone: rules.timeZone,
    names: rules.stateNames,
    types: rules.stateTypes,
    fields: rules.dynamicFields,
  });
}
