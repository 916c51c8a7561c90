/** What asks instead of being settled, and whether the answers fit what is open then. */
import { expect, test } from "vitest";
import type { EntryKey } from "../../src/billing/ports.ts";
import {
  afterPlan,
  at,
  entry,
  entryKey,
  linesOf,
  plan,
  rule,
  rules,
  settledLine,
  shownLines,
  ticket,
  timeRow,
  units,
  withSettings,
} from "./samples.ts";

const rest = (minutes: number, settled = 0) => ({ ...entry(1, minutes, settled), key: entryKey(1, "rest") });
const row = (minutes: number) => ({ ...entry(7, minutes), key: entryKey(7, "row") });
const onRest = (kind: "opening" | "waived", minutes: number) => ({
  ...settledLine({ kind, draftId: null, partNumber: null, quantity: "0" as never, workedUnits: units(minutes) }),
  entries: [{ key: entryKey(1, "rest") satisfies EntryKey, units: units(minutes), workedOn: null, agent: null }],
});

test("a rule for some customers may be the one, so nothing is excluded while nobody knows the customer", () => {
  const own = rule("own", { when: { customers: ["K10001"], queues: ["Support"] } });
  const internal = rule("internal", { when: { queues: ["Support"] }, effect: "exclude" });
  const unknown = ticket(1, [entry(1, 20)], { customerId: null });
  const planned = plan([unknown], { rules: { ...rules, rules: [own, internal] } });
  expect(linesOf(planned)).toEqual([]);
  expect(planned.questions).toMatchObject([{ reason: "unknown-customer", about: { units: units(20) } }]);
  // Where no such rule comes before, it does not matter whose it is.
  expect(shownLines(linesOf(plan([unknown], { rules: { ...rules, rules: [internal, own] } })))).toEqual([
    "excluded 281001 20 0 0",
  ]);
});

test.each(["opening", "waived"] as const)(
  "time without an article that was settled (%s) and now shows as a row only changes its place",
  (kind) => {
    const moved = ticket(1, [rest(0, 30), row(35), entry(2, 10)], { lines: [onRest(kind, 30)] });
    const planned = plan([moved]);
    expect(shownLines(linesOf(planned))).toEqual(["billed 281001 15 0.25 95", "transfer 281001 0 0 0"]);
    expect(planned.questions).toEqual([]);
    expect(plan([afterPlan(moved, planned)])).toMatchObject({ drafts: [], settlements: [], questions: [] });
  },
);

test("and the other way round: a billed row that is now part of the rest", () => {
  const billed = settledLine({
    workedUnits: units(30),
    quantity: "0.5" as never,
    entries: [{ key: entryKey(7, "row"), units: units(30), workedOn: null, agent: null }],
  });
  const moved = ticket(1, [rest(50), { ...row(0), settledUnits: units(30) }], { lines: [billed] });
  const planned = plan([moved]);
  expect(shownLines(linesOf(planned))).toEqual(["transfer 281001 0 0 0"]);
  expect(planned.questions).toMatchObject([{ reason: "time-without-article", about: { units: units(20) } }]);
});

test("a question is about all that its answer settles, also what is dated later", () => {
  const rows = [timeRow(1, 20), timeRow(2, 10, { bookedAt: at("2026-11-10T08:00:00Z") })];
  const later = ticket(1, [entry(1, 30, 0, rows)], { customerId: null });
  const byBooking = withSettings({ dateBy: "booking" });
  expect(plan([later], { rules: byBooking }).questions).toMatchObject([
    { reason: "unknown-customer", about: { units: units(20), openUnits: units(30) } },
  ]);
  const excluded = plan([later], { rules: { ...byBooking, rules: [rule("no", { effect: "exclude" })] } });
  expect(excluded.questions).toEqual([]);
  expect(afterPlan(later, excluded).entries[0]).toMatchObject({ settledUnits: units(20) });
});
