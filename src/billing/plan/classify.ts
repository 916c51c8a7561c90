import type { TicketFields } from "../ports.ts";
import type { BillingRule, RuleCondition } from "../rules.ts";
import type { Piece } from "./pieces.ts";

type Work = Pick<Piece, "bookedAt" | "agentLogin" | "agentName">;

/** The rule that a piece of work falls under: the first that matches, null when none does. */
export function ruleFor(
  rules: readonly BillingRule[],
  ticket: TicketFields,
  piece: Work,
  customerNumber: string | null,
  timeZone: string,
): BillingRule | null {
  return (
    rules.find(({ when }) => matchesTicket(when, ticket, customerNumber) && matchesWork(when, piece, timeZone)) ?? null
  );
}

/**
 * False when nobody knows the customer and a rule for some customers, which comes first, may be the one: whose time it is
 * then decides.
 */
export function isRuleCertain(
  rules: readonly BillingRule[],
  ticket: TicketFields,
  piece: Work,
  customerNumber: string | null,
  timeZone: string,
): boolean {
  if (customerNumber !== null) return true;
  const first = rules.find(
    ({ when: { customers: _anybody, ...when } }) =>
      matchesTicket(when, ticket, null) && matchesWork(when, piece, timeZone),
  );
  return first?.when.customers === undefined;
}

/** Full name; `Support::*` is that queue with everything below, `Support*` everything that begins so. */
export function matchesQueue(pattern: string, queue: string): boolean {
  if (!pattern.endsWith("*")) return pattern === queue;
  const beginning = pattern.slice(0, -1);
  return queue.startsWith(beginning) || (beginning.endsWith("::") && queue === beginning.slice(0, -2));
}

/**
 * Weekday and time of day, in the business zone; `to` is exclusive. A night over midnight belongs to the day on which it
 * begins: Friday from 18:00 to 06:00 ends on Saturday morning.
 */
export function matchesTime({ weekdays, hours }: RuleCondition, bookedAt: Temporal.ZonedDateTime): boolean {
  const time = bookedAt.toPlainTime();
  const day = bookedAt.dayOfWeek;
  if (hours === undefined) return onDay(weekdays, day);
  const { from, to } = hours;
  const afterFrom = Temporal.PlainTime.compare(time, from) >= 0;
  const beforeTo = Temporal.PlainTime.compare(time, to) < 0;
  if (Temporal.PlainTime.compare(from, to) < 0) return afterFrom && beforeTo && onDay(weekdays, day);
  if (afterFrom) return onDay(weekdays, day);
  return beforeTo && onDay(weekdays, day === 1 ? 7 : day - 1);
}

function hasTime({ weekdays, hours }: RuleCondition): boolean {
  return weekdays !== undefined || hours !== undefined;
}

function onDay(weekdays: readonly number[] | undefined, day: number): boolean {
  return weekdays === undefined || weekdays.includes(day);
}

function matchesWork(when: RuleCondition, { bookedAt, agentLogin, agentName }: Work, timeZone: string): boolean {
  const byAgent = when.agents === undefined || when.agents.some((name) => name === agentLogin || name === agentName);
  return byAgent && (!hasTime(when) || matchesTime(when, bookedAt.toZonedDateTimeISO(timeZone)));
}

function matchesTicket(when: RuleCondition, ticket: TicketFields, customerNumber: string | null): boolean {
  return (
    oneOf(when.customers, customerNumber) &&
    (when.queues === undefined || when.queues.some((pattern) => matchesQueue(pattern, ticket.queue))) &&
    oneOf(when.services, ticket.service) &&
    oneOf(when.slas, ticket.sla) &&
    oneOf(when.types, ticket.type) &&
    oneOf(when.priorities, ticket.priority) &&
    Object.entries(when.dynamicFields ?? {}).every(([field, values]) => hasValue(ticket.dynamicFields[field], values))
  );
}

function oneOf(values: readonly string[] | undefined, value: string | null): boolean {
  return values === undefined || (value !== null && values.includes(value));
}

/** Several values of one field come joined by ", ". */
function hasValue(held: string | undefined, values: readonly string[]): boolean {
  if (held === undefined) return false;
  return values.some((value) => value === held || held.split(", ").includes(value));
}
