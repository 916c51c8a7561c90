import fc from "fast-check";
import { expect, test } from "vitest";
import type { BillingPlan } from "../../src/billing/plan/index.ts";
import type { DueEntry, DueTicket, PlannedLine } from "../../src/billing/ports.ts";
import type { BillingRules, Rounding } from "../../src/billing/rules.ts";
import type { HundredthUnits } from "../../src/model/index.ts";
import {
  afterPlan,
  bookedAt,
  customer,
  decimal,
  entryKey,
  linesOf,
  otherCustomer,
  plan,
  rule,
  settledLine,
  ticket,
  timeRow,
  units,
  withSettings,
} from "./samples.ts";

const agents = fc.constantFrom("eva", "jo", "kim");
const anyRow = fc.record({
  minutes: fc.integer({ min: -20, max: 60 }),
  hours: fc.integer({ min: 0, max: 700 }),
  agent: agents,
});
const anyKind = fc.constantFrom<DueEntry["key"]["kind"]>("article", "article", "article", "row", "rest");
const anyEntry = fc.record({ kind: anyKind, rows: fc.array(anyRow, { minLength: 1, maxLength: 3 }) });
const anyTicket = fc.record({
  entries: fc.array(anyEntry, { maxLength: 3 }),
  customerId: fc.constantFrom(customer.customerId, customer.customerId, otherCustomer.customerId, null),
  queue: fc.constantFrom("Support", "Intern"),
  closedAfterHours: fc.integer({ min: 0, max: 900 }),
  held: fc.constantFrom(false, false, false, true),
  closedBeforeStart: fc.constantFrom(false, false, false, true),
  state: fc.constantFrom("closed successful", "closed successful", "cancelled"),
});
type Given = typeof anyTicket extends fc.Arbitrary<infer T> ? T : never;

const anyRules = fc
  .record({
    rounding: fc.option(
      fc.record({
        stepMinutes: fc.constantFrom("15", "60").map(decimal),
        direction: fc.constantFrom<Rounding["direction"]>("up", "nearest", "down"),
        per: fc.constantFrom<Rounding["per"]>("entry", "ticket", "draft"),
      }),
      { nil: null },
    ),
    minimumMinutes: fc.constantFrom("0", "15").map(decimal),
    dateBy: fc.constantFrom("closing" as const, "booking" as const),
    target: fc.constantFrom("invoice-draft" as const, "recurring-order" as const),
    release: fc.constantFrom("automatic" as const, "after-review" as const),
    hours: fc.constantFrom("0", "1", "5"),
  })
  .map(({ hours, ...settings }): BillingRules => {
    const rules = [
      rule("internal", { when: { queues: ["Intern"] }, effect: "exclude" }),
      rule("kim", { when: { agents: ["kim"] }, effect: "goodwill" }),
      rule("jo", { when: { agents: ["jo"] }, surcharge: decimal("1.5") }),
    ];
    const contingents = [{ customers: ["K10001"], minutesPerMonth: decimal(String(Number(hours) * 60)), queues: null }];
    return withSettings(settings, { rules, contingents, unbilledStates: ["cancelled"] });
  });

function ticketOf(given: Given, index: number): DueTicket {
  const { entries, closedAfterHours, customerId, ...fields } = given;
  return ticket(
    index + 1,
    entries.map(({ kind, rows }, place): DueEntry => {
      const of = rows.map(({ minutes, hours, agent }, row) =>
        timeRow(row, minutes, { bookedAt: bookedAt.add({ hours }), agentLogin: agent, agentName: agent }),
      );
      return {
        key: entryKey(index * 10 + place, kind),
        units: of.reduce((sum, row) => sum + row.units, 0) as HundredthUnits,
        settledUnits: units(0),
        rows: of,
      };
    }),
    { ...fields, customerId, closedAt: bookedAt.add({ hours: closedAfterHours }) },
  );
}

function open(due: readonly DueTicket[]): number {
  return due.flatMap(({ entries }) => entries).reduce((sum, each) => sum + each.units - each.settledUnits, 0);
}

function replaced(planned: BillingPlan, due: readonly DueTicket[]): number {
  const ids = new Set([
    ...planned.drafts.flatMap(({ record }) => record.replaces),
    ...planned.settlements.flatMap(({ replaces }) => replaces),
  ]);
  const lines = due.flatMap(({ lines: all }) => all).filter(({ lineId }) => ids.has(lineId));
  return lines.reduce((sum, { workedUnits }) => sum + workedUnits, 0);
}

/** Time in lines (their entries add up to it), in questions, and in what waits. */
function placed(planned: BillingPlan): number {
  const lines = linesOf(planned);
  for (const line of lines) expect(unitsOf(line)).toBe(line.workedUnits);
  const asked = planned.questions
    .filter(({ reason }) => reason !== "billed-elsewhere")
    .reduce((sum, { about }) => sum + (about.units ?? 0), 0);
  const waiting = planned.waiting.reduce((sum, each) => sum + each.units, 0);
  return lines.reduce((sum, { workedUnits }) => sum + workedUnits, 0) + asked + waiting;
}

function unitsOf({ entries }: PlannedLine): number {
  return entries.reduce((sum, entry) => sum + entry.units, 0);
}

/** What happens between two runs. */
const anyChange = fc.record({
  ticket: fc.nat(3),
  entry: fc.nat(2),
  minutes: fc.integer({ min: -40, max: 40 }),
  move: fc.boolean(),
  edit: fc.boolean(),
});

test("every due unit stands in exactly one line, question or waiting time, run after run", () => {
  const runs = fc.array(fc.array(anyChange, { maxLength: 3 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(anyTicket, { minLength: 1, maxLength: 4 }), anyRules, runs, (given, rules, between) => {
      let due = given.map(ticketOf);
      for (const changes of between) {
        const planned = plan(due, { rules });
        expect(placed(planned)).toBe(open(due) + replaced(planned, due));
        due = due.map((each) => afterPlan(each, planned));
        due = changes.reduce(changed, due);
      }
      const last = plan(due, { rules });
      expect(placed(last)).toBe(open(due) + replaced(last, due));
    }),
    { seed: 4, numRuns: 300 },
  );
});

type Change = typeof anyChange extends fc.Arbitrary<infer T> ? T : never;

function changed(due: readonly DueTicket[], change: Change): DueTicket[] {
  return due.map((each, index) => {
    if (index !== change.ticket) return each;
    const customerId = change.move ? otherCustomer.customerId : each.customerId;
    const lines = change.edit
      ? each.lines.map((line) => (line.proposed ? { ...line, edited: true } : line))
      : each.lines;
    const entries = each.entries.map((entry, place): DueEntry => {
      if (place !== change.entry) return entry;
      const row = timeRow(50, change.minutes, { bookedAt: bookedAt.add({ hours: 800 }) });
      return { ...entry, units: (entry.units + row.units) as HundredthUnits, rows: [...entry.rows, row] };
    });
    return {
      ...each,
      customerId,
      lines,
      entries,
      billedElsewhere: lines.some((line) => line.customerId !== customerId),
    };
  });
}

test("time of a line that stands under somebody else is not planned again", () => {
  const line = settledLine({ customerId: otherCustomer.customerId });
  const due = [
    ticket(1, [{ key: entryKey(1), units: units(20), settledUnits: units(20), rows: [timeRow(1, 20)] }], {
      lines: [line],
      billedElsewhere: true,
    }),
  ];
  expect(linesOf(plan(due))).toEqual([]);
});
