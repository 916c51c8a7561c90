import { describe, expect, test } from "vitest";
import { parsePeriod } from "../../src/model/index.ts";
import type { CustomerNumber } from "../../src/model/index.ts";
import {
  afterPlan,
  at,
  customer,
  entry,
  linesOf,
  otherCustomer,
  plan,
  rules,
  settings,
  ticket,
  timeRow,
  units,
  withSettings,
} from "./samples.ts";

const periodOf = (text: string) => parsePeriod(text, Temporal.PlainDate.from("2026-11-22"));

/** What a ticket that was closed at a moment is, in a run up to the end of a period. */
function fate(closedAt: string, period: string): string {
  const planned = plan([ticket(1, [entry(1, 20)], { closedAt: at(closedAt) })], {
    rules: withSettings({ period: periodOf(period) }),
  });
  const [line] = linesOf(planned);
  return line === undefined ? (planned.waiting[0]?.why ?? "nothing") : line.late ? "late" : "in time";
}

describe("a period ends and begins at midnight of the business zone", () => {
  test.each([
    { name: "winter time, last second", closedAt: "2026-01-31T22:59:59Z", period: "2026-01", expected: "in time" },
    { name: "winter time, midnight", closedAt: "2026-01-31T23:00:00Z", period: "2026-01", expected: "period" },
    { name: "first second", closedAt: "2025-12-31T23:00:00Z", period: "2026-01", expected: "in time" },
    { name: "last second before", closedAt: "2025-12-31T22:59:59Z", period: "2026-01", expected: "late" },
    {
      name: "month in which summer time begins",
      closedAt: "2026-03-31T21:59:59Z",
      period: "2026-03",
      expected: "in time",
    },
    { name: "after it", closedAt: "2026-03-31T22:00:00Z", period: "2026-03", expected: "period" },
    {
      name: "its first second is in winter time",
      closedAt: "2026-02-28T23:00:00Z",
      period: "2026-03",
      expected: "in time",
    },
    {
      name: "month in which summer time ends",
      closedAt: "2026-10-31T22:59:59Z",
      period: "2026-10",
      expected: "in time",
    },
    { name: "after it", closedAt: "2026-10-31T23:00:00Z", period: "2026-10", expected: "period" },
    {
      name: "its first second is in summer time",
      closedAt: "2026-09-30T22:00:00Z",
      period: "2026-10",
      expected: "in time",
    },
    { name: "before that", closedAt: "2026-09-30T21:59:59Z", period: "2026-10", expected: "late" },
    { name: "leap day", closedAt: "2028-02-29T22:59:59Z", period: "2028-02", expected: "in time" },
    { name: "half-year", closedAt: "2026-06-30T21:59:59Z", period: "2026-H1", expected: "in time" },
    {
      name: "the day on which summer time begins",
      closedAt: "2026-03-29T21:59:59Z",
      period: "2026-03-29..2026-03-29",
      expected: "in time",
    },
    {
      name: "the day on which summer time ends",
      closedAt: "2026-10-25T22:59:59Z",
      period: "2026-10-25..2026-10-25",
      expected: "in time",
    },
    {
      name: "the hour before that day",
      closedAt: "2026-10-24T21:59:59Z",
      period: "2026-10-25..2026-10-25",
      expected: "late",
    },
  ])("$name: $closedAt in $period is $expected", ({ closedAt, period, expected }) => {
    expect(fate(closedAt, period)).toBe(expected);
  });
});

describe("dated by booking", () => {
  const booked = (id: number, minutes: number, stamp: string) => timeRow(id, minutes, { bookedAt: at(stamp) });
  const rows = [booked(1, 20, "2026-10-31T22:59:59Z"), booked(2, 15, "2026-10-31T23:00:00Z")];
  const closed = ticket(1, [entry(1, 35, 0, rows)], { closedAt: at("2026-11-02T10:00:00Z") });

  test("rows after the period wait for the next one, and are not late then", () => {
    const october = plan([closed], { rules: withSettings({ dateBy: "booking" }) });
    expect(linesOf(october)).toMatchObject([{ workedUnits: units(20), late: false }]);
    expect(october.waiting).toMatchObject([{ why: "period", units: units(15) }]);
    const november = plan([afterPlan(closed, october)], {
      rules: withSettings({ dateBy: "booking", period: periodOf("2026-11") }),
    });
    expect(linesOf(november)).toMatchObject([{ workedUnits: units(15), late: false }]);
    expect(String(linesOf(november)[0]?.service?.start)).toBe("2026-11-01");
  });

  test("dated by closing they wait together", () => {
    expect(plan([closed]).waiting).toMatchObject([{ why: "period", units: units(35) }]);
  });
});

describe("a ticket waits as a whole", () => {
  const now = at("2026-10-06T12:00:00Z");
  const period = periodOf("2026-10");
  test.each([
    { name: "held", changes: { held: true }, waitHours: 0, why: "held" },
    {
      name: "closed a second too late",
      changes: { closedAt: at("2026-10-06T10:00:01Z") },
      waitHours: 2,
      why: "just-closed",
    },
    { name: "cancelled", changes: { state: "Cancelled" }, waitHours: 0, why: "state" },
  ])("$name", ({ changes, waitHours, why }) => {
    const planned = plan([ticket(1, [entry(1, 20)], changes)], {
      now,
      rules: withSettings({ period, waitHours }, { unbilledStates: ["Cancelled"] }),
    });
    expect(planned).toMatchObject({
      drafts: [],
      settlements: [],
      questions: [],
      waiting: [{ why, units: units(20), customerNumber: "K10001" }],
    });
  });

  test("the waiting time counts hours, also where summer time ends between", () => {
    const closedAt = at("2026-10-24T22:00:00Z");
    const wait = { rules: withSettings({ waitHours: 24 }) };
    const of = [ticket(1, [entry(1, 20)], { closedAt })];
    expect(plan(of, { ...wait, now: at("2026-10-25T21:59:59Z") }).waiting).toMatchObject([{ why: "just-closed" }]);
    expect(plan(of, { ...wait, now: at("2026-10-25T22:00:00Z") }).waiting).toEqual([]);
  });
});

test("customers have periods of their own, and are chosen by number", () => {
  const quarterly = new Map([["K10002" as CustomerNumber, { ...settings, period: periodOf("2026-Q3") }]]);
  const due = [ticket(1, [entry(1, 20)]), ticket(2, [entry(2, 30)], { customerId: otherCustomer.customerId })];
  const planned = plan(due, { rules: { ...rules, customers: quarterly } });
  expect(planned.drafts.map(({ record }) => [record.customerNumber, record.periodLabel])).toEqual([
    ["K10001", "2026-10"],
  ]);
  expect(planned.waiting).toMatchObject([{ customerNumber: "K10002", why: "period" }]);
  const chosen = plan(due, { rules: { ...rules, customerNumbers: ["K10002"] } });
  expect(chosen.drafts.map(({ record }) => record.customerNumber)).toEqual(["K10002"]);
  expect(chosen.waiting).toEqual([]);
  expect(customer.customerNumber).toBe("K10001");
});
