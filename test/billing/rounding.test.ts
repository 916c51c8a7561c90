import { readFileSync } from "node:fs";
import { Big } from "big.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chargedMinutes } from "../../src/billing/plan/rounding.ts";
import { quantityFor } from "../../src/model/index.ts";
import type { Rounding } from "../../src/billing/rules.ts";
import type { Decimal, HundredthUnits, MinutesPerUnit } from "../../src/model/index.ts";
import { afterPlan, decimal, entry, linesOf, part, plan, ticket, units, withSettings } from "./samples.ts";

const document = readFileSync(new URL("../../docs/billing-rules.md", import.meta.url), "utf8");

/** The rows of the table that begins with these columns. */
function tableOf(...columns: readonly string[]): readonly (readonly string[])[] {
  const lines = document.split("\n");
  const start = lines.findIndex((line) => line === `| ${columns.join(" | ")} |`);
  if (start < 0) throw new Error(`docs/billing-rules.md has no table ${columns.join(", ")}`);
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith("|"));
  return rows.slice(0, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** `15 up per ticket`. */
function roundingOf(text: string): Rounding | null {
  const [, step, direction, per] = /^(\d+) (up|nearest|down) per (entry|ticket|draft)$/.exec(text) ?? [];
  if (step === undefined) {
    expect(text).toBe("none");
    return null;
  }
  return { stepMinutes: decimal(step), direction: direction as Rounding["direction"], per: per as Rounding["per"] };
}

const numbers = (text: string): readonly number[] => text.split("+").map(Number);
const minutesOf = (quantities: readonly Decimal[]): number =>
  Number(
    quantities
      .reduce((sum, quantity) => sum.plus(quantity), new Big(0))
      .times(60)
      .round(2),
  );

/** Charged minutes of all lines of a kind, in one plan. */
function charged(planned: ReturnType<typeof plan>, kind: "billed" | "rounding"): number {
  return minutesOf(
    linesOf(planned)
      .filter((line) => line.kind === kind)
      .map(({ quantity }) => quantity),
  );
}

function rulesOf(rounding: string, minimum: string) {
  return withSettings({ rounding: roundingOf(rounding), minimumMinutes: decimal(minimum === "none" ? "0" : minimum) });
}

describe("the table of docs/billing-rules.md", () => {
  const rows = tableOf("rounding", "minimum", "worked first", "charged", "added later", "charged for it");
  test("shows each kind of rounding, with and without a minimum", () => {
    const kinds = new Set(
      rows.map(([rounding, minimum]) => `${rounding ?? ""} ${minimum === "none" ? "without" : "with"}`),
    );
    for (const kind of [
      "none",
      "15 up per ticket",
      "15 nearest per ticket",
      "15 down per ticket",
      "15 up per entry",
      "15 down per entry",
      "15 up per draft",
    ]) {
      expect(kinds).toContain(`${kind} without`);
      expect(kinds).toContain(`${kind} with`);
    }
  });

  test.each(rows)("%s, minimum %s: %s is %s, then %s is %s", (rounding, minimum, worked, first, added, later) => {
    const rules = rulesOf(rounding ?? "", minimum ?? "");
    const before = numbers(worked ?? "").map((minutes, index) => entry(index + 1, minutes));
    const opened = ticket(1, before);
    const firstPlan = plan([opened], { rules });
    expect(charged(firstPlan, "billed")).toBe(Number(first));
    const settled = afterPlan(opened, firstPlan);
    const more = numbers(added ?? "").map((minutes, index) => entry(100 + index, minutes));
    const secondPlan = plan([{ ...settled, entries: [...settled.entries, ...more] }], { rules });
    expect(charged(secondPlan, "billed")).toBe(Number(later));
  });

  test.each(tableOf("rounding", "minimum", "worked on the draft", "charged in positions", "rounding position"))(
    "%s, minimum %s: %s is %s and %s",
    (rounding, minimum, worked, positions, extra) => {
      const due = numbers(worked ?? "").map((minutes, index) => ticket(index + 1, [entry(index + 1, minutes)]));
      const planned = plan(due, { rules: rulesOf(rounding ?? "", minimum ?? "") });
      expect(charged(planned, "billed")).toBe(Number(positions));
      expect(charged(planned, "rounding")).toBe(Number(extra));
    },
  );

  test.each(tableOf("accounted", "unit setting", "part's unit", "quantity"))(
    "%s of %s is, in %s, %s",
    (accounted, setting, unit, quantity) => {
      const perUnit =
        setting === "minutes" ? "1" : setting === "hours" ? "60" : (setting ?? "").replace(" minutes", "");
      const perPart = { Std: "60", min: "1", "Tag (8 Std)": "480" }[unit ?? ""] ?? "";
      const worked = Math.round(Number(accounted) * 100) as HundredthUnits;
      const minutes = chargedMinutes([worked], perUnit as MinutesPerUnit, {
        rounding: null,
        minimumMinutes: decimal("0"),
      });
      expect(Number(quantityFor(minutes, decimal(perPart)))).toBe(Number(quantity));
    },
  );
});

test.each(tableOf("rounding", "minimum", "worked on a ticket", "of that included", "charged"))(
  "%s, minimum %s: of %s are %s included, and charged %s",
  (rounding, minimum, worked, included, expected) => {
    const contingent = { customers: ["K10001"], minutesPerMonth: decimal(included ?? ""), queues: null };
    const rules = { ...rulesOf(rounding ?? "", minimum ?? ""), contingents: [contingent] };
    const due = ticket(
      1,
      numbers(worked ?? "").map((minutes, index) => entry(index + 1, minutes)),
    );
    const planned = plan([due], { rules });
    expect(linesOf(planned).find(({ kind }) => kind === "included")?.workedUnits).toBe(Number(included) * 100);
    expect(charged(planned, "billed")).toBe(Number(expected));
  },
);

test("a draft is rounded from what it charges, not from time that a minimum has charged before", () => {
  const rules = rulesOf("15 up per draft", "15");
  const first = ticket(1, [entry(1, 10)]);
  const settled = afterPlan(first, plan([first], { rules }));
  const later = plan([{ ...settled, entries: [...settled.entries, entry(2, 20)] }], { rules });
  // 30 in all, of which 15 were charged: nothing is left to round.
  expect([charged(later, "billed"), charged(later, "rounding")]).toEqual([15, 0]);
});

const anyRounding = fc.option(
  fc.record({
    stepMinutes: fc.constantFrom("1", "5", "6", "10", "15", "60").map(decimal),
    direction: fc.constantFrom<Rounding["direction"]>("up", "nearest", "down"),
    per: fc.constantFrom<Rounding["per"]>("entry", "ticket"),
  }),
  { nil: null },
);
const anyMinimum = fc.constantFrom("0", "10", "15", "60").map(decimal);
/** Each run adds time to one of three entries, in hundredths of a minute. */
const anyAdditions = fc.array(
  fc.record({ entry: fc.integer({ min: 1, max: 3 }), more: fc.integer({ min: 0, max: 9000 }) }),
  {
    minLength: 1,
    maxLength: 6,
  },
);

test("after any sequence of additions, what was charged is the rounded total of what was worked", () => {
  fc.assert(
    fc.property(anyRounding, anyMinimum, anyAdditions, (rounding, minimumMinutes, additions) => {
      const rules = withSettings({ rounding, minimumMinutes });
      let current = ticket(
        1,
        [1, 2, 3].map((id) => entry(id, 0)),
      );
      const worked = new Map<number, number>();
      let total = new Big(0);
      for (const { entry: id, more } of additions) {
        worked.set(id, (worked.get(id) ?? 0) + more);
        const entries = current.entries.map((each) => {
          if (each.key.sourceId !== id) return each;
          const seen = (worked.get(id) ?? 0) as HundredthUnits;
          return { ...each, units: seen, rows: entry(id, seen / 100).rows };
        });
        current = { ...current, entries };
        const planned = plan([current], { rules });
        const billed = linesOf(planned).filter(({ kind }) => kind === "billed");
        expect(planned.questions).toEqual([]);
        for (const { quantity } of billed) {
          expect(new Big(quantity).gte("0.0001")).toBe(true);
          total = total.plus(quantity);
        }
        current = afterPlan(current, planned);
      }
      // By hand: integers of hundredths of a minute.
      const step = rounding === null ? 1 : Number(rounding.stepMinutes) * 100;
      const modes = { up: Math.ceil, nearest: Math.round, down: Math.floor };
      const up = (value: number): number =>
        rounding === null ? value : modes[rounding.direction](value / step) * step;
      const all = [...worked.values()];
      const sum = all.reduce((one, other) => one + other, 0);
      const rounded = rounding?.per === "entry" ? all.reduce((so, value) => so + up(value), 0) : up(sum);
      const wanted = sum === 0 ? 0 : Math.max(rounded, Number(minimumMinutes) * 100);
      const quantity = new Big(wanted).div(6000).round(5, Big.roundHalfUp);
      // What is too small for kivitendo waits.
      expect(quantity.minus(total).abs().lt("0.0001")).toBe(true);
    }),
    { seed: 4, numRuns: 300 },
  );
});

test("an entry below zero corrects the others and is not rounded for itself", () => {
  const rules = withSettings({ rounding: { stepMinutes: decimal("15"), direction: "up", per: "entry" } });
  const planned = plan([ticket(1, [entry(1, 40), entry(2, -10, 0)])], { rules });
  expect(planned.questions).toMatchObject([]);
  expect(charged(planned, "billed")).toBe(35);
});

test("a quantity that kivitendo would show as nothing waits", () => {
  const planned = plan([ticket(1, [{ ...entry(1, 0), units: 1 as HundredthUnits }])], {
    parts: new Map([[part.partNumber, { ...part, unit: "Tag", minutesPerUnit: decimal("480") }]]),
  });
  expect(planned).toMatchObject({ drafts: [], questions: [], waiting: [{ why: "too-small", units: 1 }] });
  expect(units(0.01)).toBe(1);
});
