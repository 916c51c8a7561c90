/** Time within what rounding or a minimum has charged before: settled at once, charged together with what is added. */
import { expect, test } from "vitest";
import type { DueEntry, DueTicket } from "../../src/billing/ports.ts";
import {
  afterPlan,
  decimal,
  entry,
  linesOf,
  otherCustomer,
  plan,
  rule,
  shownLines,
  ticket,
  timeRow,
  withSettings,
} from "./samples.ts";

const rounding = { stepMinutes: decimal("15"), direction: "up", per: "ticket" } as const;
const rules = withSettings({ rounding });
const facts = { rules };
const nothing = { drafts: [], settlements: [], questions: [], waiting: [] };

const add = (to: DueTicket, ...more: readonly DueEntry[]): DueTicket => ({ ...to, entries: [...to.entries, ...more] });
const next = (of: DueTicket): DueTicket => afterPlan(of, plan([of], facts));
const replaced = (of: DueTicket): readonly number[] =>
  [...plan([of], facts).settlements, ...plan([of], facts).drafts.map(({ record }) => record)].flatMap(
    ({ replaces }) => replaces,
  );

const billed = next(ticket(1, [entry(1, 10)]));
const covered = next(add(billed, entry(2, 4)));
const coveredId = covered.lines.at(-1)?.lineId;

test("10 minutes were charged as 15, and 4 are added: they are settled, and nothing is left to do", () => {
  const planned = plan([add(billed, entry(2, 4))], facts);
  expect(planned).toMatchObject({ drafts: [], questions: [], waiting: [] });
  expect(shownLines(linesOf(planned))).toEqual(["transfer 281001 4 0 95"]);
  expect(plan([covered], facts)).toEqual(nothing);
});

test("included hours are not used for what is paid for, but for what would be charged", () => {
  const hour = { customers: ["K10001"], minutesPerMonth: decimal("60"), queues: null };
  const withHour = { rules: { ...rules, contingents: [hour] } };
  const shown = (of: DueTicket): readonly string[] =>
    linesOf(plan([of], withHour)).map(({ kind, workedUnits }) => `${kind} ${workedUnits / 100}`);
  expect(shown(add(billed, entry(2, 4)))).toEqual(["transfer 4"]);
  expect(shown(add(billed, entry(2, 12)))).toEqual(["included 12"]);
});

test("what is added then is charged and shown together with them", () => {
  const more = add(covered, entry(3, 2));
  expect(shownLines(linesOf(plan([more], facts)))).toEqual(["billed 281001 6 0.25 95"]);
  expect(replaced(more)).toEqual([coveredId]);
  expect(shownLines(linesOf(plan([add(covered, entry(3, 1))], facts)))).toEqual(["transfer 281001 5 0 95"]);
});

test("one that is deleted is nothing to ask about", () => {
  const [first] = covered.entries;
  const gone = { ...covered, entries: [first as DueEntry, entry(2, 0, 4, [])] };
  expect(plan([gone], facts)).toMatchObject({ ...nothing, settlements: [{ lines: [], replaces: [coveredId] }] });
});

test("less than was charged for is still asked about", () => {
  const less = { ...covered, entries: [entry(1, 5, 10), entry(2, 4, 4)] };
  expect(plan([less], facts).questions).toMatchObject([{ reason: "negative-difference" }]);
  expect(replaced(less)).toEqual([]);
});

test("it stays beside time of another position that waits for more, and with the customer who was charged", () => {
  const down = { stepMinutes: decimal("15"), direction: "down", per: "ticket" } as const;
  const jo = rule("jo", { when: { agents: ["jo"] }, rounding: down });
  const more = add(covered, entry(3, 7, 0, [timeRow(3, 7, { agentLogin: "jo" })]));
  expect(plan([more], { rules: { ...rules, rules: [jo] } })).toMatchObject({
    ...nothing,
    waiting: [{ why: "too-small" }],
  });
  const moved = { ...add(covered, entry(3, 7)), customerId: otherCustomer.customerId };
  expect(replaced(moved)).toEqual([]);
});

test("time that nothing was charged for waits", () => {
  const nearest = { ...rounding, direction: "nearest" } as const;
  expect(plan([ticket(1, [entry(1, 7)])], { rules: withSettings({ rounding: nearest }) })).toMatchObject({
    ...nothing,
    waiting: [{ why: "too-small" }],
  });
});
