import { describe, expect, test } from "vitest";
import { includedUnits } from "../../src/billing/plan/contingents.ts";
import type { IncludedUse } from "../../src/billing/ports.ts";
import type { Contingent } from "../../src/billing/rules.ts";
import { parsePeriod } from "../../src/model/index.ts";
import type { MinutesPerUnit } from "../../src/model/index.ts";
import {
  at,
  customer,
  decimal,
  entry,
  linesOf,
  otherCustomer,
  plan,
  rule,
  rules,
  settings,
  settledLine,
  ticket,
  timeRow,
  units,
} from "./samples.ts";

const hour: Contingent = { customers: ["K10001"], minutesPerMonth: decimal("60"), queues: null };
const withHour = { rules: { ...rules, contingents: [hour] } };

/** `kind ticket minutes` of each line. */
function shown(planned: ReturnType<typeof plan>): readonly string[] {
  return linesOf(planned)
    .map(({ kind, ticket: of, workedUnits }) => `${kind} ${of?.ticketNumber ?? ""} ${workedUnits / 100}`)
    .toSorted();
}

function used(month: string, minutes: number): { readonly includedUse: IncludedUse } {
  return { includedUse: new Map([[customer.customerId, new Map([[month, units(minutes)]])]]) };
}

const booked = (id: number, minutes: number, stamp: string, settled = 0) =>
  entry(id, minutes, settled, [timeRow(id, minutes, { bookedAt: at(stamp) })]);

test.each([
  { minutes: "60", perUnit: "1", expected: 6000 },
  { minutes: "300", perUnit: "60", expected: 500 },
  { minutes: "50", perUnit: "15", expected: 333 },
])("$minutes minutes are $expected hundredths of $perUnit minutes", ({ minutes, perUnit, expected }) => {
  expect(includedUnits({ ...hour, minutesPerMonth: decimal(minutes) }, perUnit as MinutesPerUnit)).toBe(expected);
});

describe("included hours", () => {
  test.each([
    {
      name: "cover what they can, split at the balance",
      due: [ticket(1, [entry(1, 80)])],
      more: {},
      expected: ["billed 281001 20", "included 281001 60"],
    },
    { name: "cover all", due: [ticket(1, [entry(1, 45)])], more: {}, expected: ["included 281001 45"] },
    {
      name: "are used up",
      due: [ticket(1, [entry(1, 45)])],
      more: used("2026-10", 60),
      expected: ["billed 281001 45"],
    },
    {
      name: "are used in part",
      due: [ticket(1, [entry(1, 45)])],
      more: used("2026-10", 50),
      expected: ["billed 281001 35", "included 281001 10"],
    },
    {
      name: "were shortened since",
      due: [ticket(1, [entry(1, 45)])],
      more: used("2026-10", 90),
      expected: ["billed 281001 45"],
    },
    {
      name: "of another month do not count",
      due: [ticket(1, [entry(1, 45)])],
      more: used("2026-09", 60),
      expected: ["included 281001 45"],
    },
    {
      name: "go to what was booked first, whatever its ticket",
      due: [ticket(1, [booked(1, 50, "2026-10-08T08:00:00Z")]), ticket(2, [booked(2, 40, "2026-10-07T08:00:00Z")])],
      more: {},
      expected: ["billed 281001 30", "included 281001 20", "included 281002 40"],
    },
    {
      name: "count by the month of the work, in the business zone",
      due: [ticket(1, [booked(1, 50, "2026-09-30T21:59:59Z"), booked(2, 50, "2026-09-30T22:00:00Z")])],
      more: {},
      expected: ["included 281001 100"],
    },
    {
      name: "are those of the customer",
      due: [ticket(1, [entry(1, 45)], { customerId: otherCustomer.customerId })],
      more: {},
      expected: ["billed 281001 45"],
    },
    {
      name: "do not cover what asks",
      due: [
        ticket(1, [booked(1, 50, "2026-10-07T08:00:00Z")], { closedBeforeStart: true }),
        ticket(2, [booked(2, 40, "2026-10-08T08:00:00Z")]),
      ],
      more: {},
      expected: ["included 281002 40"],
    },
  ])("$name", ({ due, more, expected }) => {
    expect(shown(plan(due, { ...withHour, ...more }))).toEqual(expected);
  });

  test("of some queues only", () => {
    const contingents = [{ ...hour, queues: ["Support::*"] }];
    const due = [ticket(1, [entry(1, 20)], { queue: "Support::L2" }), ticket(2, [entry(2, 20)], { queue: "Raw" })];
    expect(shown(plan(due, { rules: { ...rules, contingents } }))).toEqual(["billed 281002 20", "included 281001 20"]);
  });

  test("are not spent on goodwill, and leave the name of the rule", () => {
    const all = [rule("free", { when: { queues: ["Free"] }, effect: "goodwill" }), rule("phone")];
    const due = [ticket(1, [entry(1, 20)], { queue: "Free" }), ticket(2, [entry(2, 20)])];
    const planned = plan(due, { rules: { ...withHour.rules, rules: all } });
    expect(shown(planned)).toEqual(["goodwill 281001 20", "included 281002 20"]);
    expect(linesOf(planned).map((line) => line.rule)).toEqual(["free", "phone"]);
  });

  test("what is beyond is rounded for itself", () => {
    const rounded = { ...settings, rounding: { stepMinutes: decimal("15"), direction: "up", per: "ticket" } } as const;
    const [line] = linesOf(plan([ticket(1, [entry(1, 70)])], { rules: { ...withHour.rules, settings: rounded } }));
    expect(line).toMatchObject({ workedUnits: units(10), quantity: "0.25000" });
  });

  test("that are taken back are free again in their month", () => {
    const line = settledLine({
      kind: "included",
      draftId: null,
      partNumber: null,
      entries: [
        { key: entry(1, 0).key, units: units(40), workedOn: Temporal.PlainDate.from("2026-10-06"), agent: null },
      ],
    });
    const due = [ticket(1, [entry(1, 10, 40, [timeRow(1, 10)])], { lines: [line] }), ticket(2, [entry(2, 50)])];
    expect(shown(plan(due, { ...withHour, ...used("2026-10", 40) }))).toEqual([
      "included 281001 -30",
      "included 281002 50",
    ]);
  });

  test("cover no more than a position comes to", () => {
    const due = [ticket(1, [entry(1, 5, 20, [timeRow(1, 5)]), entry(2, 40)], { lines: [settledLine()] })];
    expect(shown(plan(due, withHour))).toEqual(["included 281001 25", "transfer 281001 0"]);
  });

  test("of the month of the work are used though the ticket is billed later", () => {
    const period = parsePeriod("2026-11", Temporal.PlainDate.from("2026-12-05"));
    const due = [
      ticket(1, [booked(1, 50, "2026-10-20T08:00:00Z"), booked(2, 50, "2026-11-20T08:00:00Z")], {
        closedAt: at("2026-11-21T08:00:00Z"),
      }),
    ];
    const planned = plan(due, {
      ...used("2026-10", 30),
      now: at("2026-12-05T08:00:00Z"),
      rules: { ...withHour.rules, settings: { ...settings, period } },
    });
    expect(shown(planned)).toEqual(["billed 281001 20", "included 281001 80"]);
  });
});
