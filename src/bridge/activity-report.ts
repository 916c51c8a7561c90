import { Big } from "big.js";
import type { BillingRules, Contingent } from "../billing/index.ts";
import type { BillingCustomer, BillingState, KivitendoBilling, StoredDraft } from "../billing/ports.ts";
import { ConfigError, lastDay, minutesOf, parsePeriod, round, sumAmounts } from "../model/index.ts";
import type { CustomerId, HundredthUnits, MinutesPerUnit, Period } from "../model/index.ts";
import type { ActivityLine, ActivityReport } from "../report/index.ts";
import type { TicketStory } from "../state/index.ts";
import { activityTickets } from "./activity.ts";

/** What an operator chose for one activity report. */
export interface ActivityChoice {
  readonly customerNumber: string;
  /** As people write it; null takes the customer's own. */
  readonly period: string | null;
  /** Null takes what dates the customer's time for billing. */
  readonly dateBy: "closing" | "booking" | null;
  /** Null takes the customer's. */
  readonly language: "de" | "en" | null;
}

export interface ActivityParts {
  readonly kivitendo: KivitendoBilling;
  readonly state: BillingState;
  readonly findCustomer: (customerNumber: string) => Promise<CustomerId | null>;
  readonly readStories: (
    customerId: CustomerId,
    closed: { readonly from: Temporal.Instant; readonly to: Temporal.Instant } | null,
  ) => Promise<readonly TicketStory[]>;
  readonly now: () => Temporal.Instant;
}

/** What was done for a customer, from what the bridge knows; the helpdesk is not asked. */
export async function readActivity(
  parts: ActivityParts,
  rules: BillingRules,
  choice: ActivityChoice,
): Promise<ActivityReport> {
  const { timeZone, minutesPerUnit } = rules;
  const customer = await readCustomer(parts, choice.customerNumber);
  const settings = rules.customers.get(customer.customerNumber) ?? rules.settings;
  const createdAt = parts.now().toZonedDateTimeISO(timeZone);
  const period = choice.period === null ? settings.period : parsePeriod(choice.period, createdAt.toPlainDate());
  const dateBy = choice.dateBy ?? settings.dateBy;
  const from = period.start.toZonedDateTime(timeZone).toInstant();
  const to = period.end.toZonedDateTime(timeZone).toInstant();
  const stories = await parts.readStories(customer.customerId, dateBy === "closing" ? { from, to } : null);
  const scope = { customerId: customer.customerId, period, timeZone, minutesPerUnit, dateBy };
  const drafts = await parts.state.readDrafts({ customerNumbers: [customer.customerNumber] });
  return {
    customer: { number: customer.customerNumber, name: customer.name },
    period,
    language: choice.language ?? (/^en/i.test(customer.languageCode ?? "") ? "en" : "de"),
    createdAt,
    timeZone,
    currency: customer.currency,
    tickets: activityTickets(stories, scope),
    furtherLines: furtherLines(drafts, period, createdAt.toPlainDate()),
    contingent: await readContingent(parts.state, rules, customer, period),
  };
}

async function readCustomer(
  { findCustomer, kivitendo }: ActivityParts,
  customerNumber: string,
): Promise<BillingCustomer> {
  const customerId = await findCustomer(customerNumber);
  const customer = customerId === null ? undefined : (await kivitendo.readCustomers([customerId])).get(customerId);
  if (customer !== undefined) return customer;
  throw new ConfigError(
    `kivitendo has no customer ${customerNumber}.`,
    "Check the number: it is the customer number in kivitendo, as `billing plan` shows it.",
  );
}

/** Lines that round a whole draft stand in the report in whose period the draft's own ends. */
function furtherLines(drafts: readonly StoredDraft[], period: Period, today: Temporal.PlainDate): ActivityLine[] {
  return drafts
    .filter((draft) => {
      const end = lastDay(parsePeriod(draft.period, today));
      return Temporal.PlainDate.compare(end, period.start) >= 0 && Temporal.PlainDate.compare(end, period.end) < 0;
    })
    .flatMap(({ lines, invoiceNumber }) =>
      lines
        .filter(({ ticketNumber, reversed }) => ticketNumber === null && !reversed)
        .map((line) => ({
          partNumber: line.partNumber ?? "",
          description: line.description,
          quantity: line.quantity,
          unit: line.unit ?? "",
          unitPrice: line.unitPrice,
          discount: line.discount,
          netAmount: sumAmounts([line.netAmount]),
          kind: "rounding" as const,
          invoice: invoiceNumber,
        })),
    );
}

async function readContingent(
  state: BillingState,
  rules: BillingRules,
  { customerId, customerNumber }: BillingCustomer,
  period: Period,
): Promise<ActivityReport["contingent"]> {
  const contingent = rules.contingents.find(({ customers }) => customers.includes(customerNumber));
  if (contingent === undefined) return null;
  const used = (await state.readIncludedUse([customerId])).get(customerId) ?? new Map<string, HundredthUnits>();
  return contingentIn(period, contingent, used, rules.minutesPerUnit);
}

/** Included hours belong to whole months: those that begin in the period, or in which it begins. */
function contingentIn(
  period: Period,
  { minutesPerMonth }: Contingent,
  used: ReadonlyMap<string, HundredthUnits>,
  minutesPerUnit: MinutesPerUnit,
): NonNullable<ActivityReport["contingent"]> {
  const months: string[] = [];
  let month = period.start.toPlainYearMonth();
  while (Temporal.PlainDate.compare(month.toPlainDate({ day: 1 }), period.end) < 0) {
    months.push(month.toString());
    month = month.add({ months: 1 });
  }
  const units = months.reduce((sum, each) => sum + (used.get(each) ?? 0), 0) as HundredthUnits;
  return {
    includedMinutes: round(new Big(minutesPerMonth).times(months.length), 2),
    usedMinutes: minutesOf(units, minutesPerUnit),
  };
}
