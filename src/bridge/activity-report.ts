import type { BillingRules } from "../billing/index.ts";
import type { BillingCustomer, BillingState, KivitendoBilling, StoredDraft } from "../billing/ports.ts";
import { ConfigError, lastDay, parsePeriod, sumAmounts } from "../model/index.ts";
import type { CustomerId, Period } from "../model/index.ts";
import type { ActivityLine, ActivityReport } from "../report/index.ts";
import type { TicketStory } from "../state/index.ts";
import { activityTickets, invoiceOf } from "./activity.ts";
import { readContingents } from "./contingents.ts";

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
    contingent: await readContingent(parts, rules, customer, period),
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
    .flatMap((draft) =>
      draft.lines
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
          invoice: invoiceOf(draft),
        })),
    );
}

async function readContingent(
  parts: ActivityParts,
  rules: BillingRules,
  { customerNumber }: BillingCustomer,
  period: Period,
): Promise<ActivityReport["contingent"]> {
  const months = await readContingents(parts, rules, [customerNumber], period);
  if (months.length === 0) return null;
  return {
    includedMinutes: sumAmounts(months.map(({ includedMinutes }) => includedMinutes)),
    usedMinutes: sumAmounts(months.map(({ usedMinutes }) => usedMinutes)),
  };
}
