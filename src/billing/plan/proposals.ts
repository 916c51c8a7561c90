import { Big } from "big.js";
import type { DueTicket, InboxItem, SettledLine } from "../ports.ts";
import type { BillingRules, CustomerSettings } from "../rules.ts";
import { lineCharge } from "./groups.ts";
import type { Group } from "./groups.ts";
import { entryName, total } from "./pieces.ts";

/** A ticket that was planned, with the lines whose place its plan takes. */
interface Planned {
  readonly ticket: DueTicket;
  readonly settings: CustomerSettings;
  readonly replaces: readonly number[];
}

/** What was decided about a ticket. */
interface Decided {
  readonly ticket: DueTicket;
  readonly lines: readonly SettledLine[];
  readonly groups: readonly Pick<Group, "history">[];
  readonly questions: readonly Pick<InboxItem, "reason">[];
}

/** Unedited proposal lines, when the ticket has a difference or another customer; only those of this ticket's own time. */
export function replaceable(ticket: DueTicket): readonly number[] {
  const proposed = untouchedLines(ticket);
  const changed = ticket.entries.some(({ key, units, settledUnits }) => key.kind !== "rest" && units !== settledUnits);
  const moved = ticket.customerId !== null && proposed.some(({ customerId }) => customerId !== ticket.customerId);
  return changed || moved ? proposed.map(({ lineId }) => lineId) : [];
}

/**
 * Time within what was charged for a position, when more is to be settled in that position, or something of it is gone:
 * both are charged, and shown, together. Only where the ticket's customer was charged and the time is still there.
 */
export function coveredAgain({ ticket, lines, groups, questions }: Decided): readonly number[] {
  const here = new Set(ticket.entries.map(({ key }) => entryName(key)));
  const isShort = questions.some(({ reason }) => reason === "negative-difference");
  const covered = lines.filter(
    (line) =>
      line.kind === "transfer" &&
      line.customerId === ticket.customerId &&
      total(line.entries) > 0 &&
      line.entries.every(({ key }) => here.has(entryName(key))) &&
      (isShort || groups.some(({ history }) => history.includes(line))),
  );
  return covered.map(({ lineId }) => lineId);
}

/**
 * Lines of other tickets that are rounded together with those that the plans replace: planned anew as well, they come onto
 * one draft again and are rounded once; otherwise the old proposal and the new one would each be. By the plan of their
 * ticket.
 */
export function roundedTogether<T extends Planned>(
  plans: readonly T[],
  rules: BillingRules,
): ReadonlyMap<T, readonly number[]> {
  const roundings = new Set(
    plans.flatMap((plan) =>
      plan.ticket.lines
        .filter(({ lineId }) => plan.replaces.includes(lineId))
        .flatMap((line) => roundingOf(line, plan, rules)),
    ),
  );
  if (roundings.size === 0) return new Map();
  const members = plans.map((plan) => {
    const lines = untouchedLines(plan.ticket).filter(
      (line) => !plan.replaces.includes(line.lineId) && roundingOf(line, plan, rules).some((key) => roundings.has(key)),
    );
    return [plan, lines.map(({ lineId }) => lineId)] as const;
  });
  return new Map(members.filter(([, lineIds]) => lineIds.length > 0));
}

function untouchedLines(ticket: DueTicket): readonly SettledLine[] {
  const here = new Set(ticket.entries.map(({ key }) => entryName(key)));
  return ticket.lines.filter(
    (line) => line.proposed && !line.edited && line.entries.every(({ key }) => here.has(entryName(key))),
  );
}

/** What rounds the line with others of its proposal; empty where the proposal is not rounded as a whole. */
function roundingOf(line: SettledLine, { settings }: Planned, { rules }: BillingRules): readonly string[] {
  if (line.kind !== "billed" || lineCharge(line, rules, settings).rounding?.per !== "draft") return [];
  const numbers = [line.unitPrice, line.discount].map((value) => new Big(value).toFixed());
  return [JSON.stringify([line.draftId, line.partNumber, ...numbers])];
}
