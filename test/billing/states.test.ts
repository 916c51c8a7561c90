import { expect, test } from "vitest";
import { normalisedState, withKnownStates } from "../../src/billing/states.ts";
import type { HelpdeskInfo } from "../../src/model/index.ts";
import { rules } from "./samples.ts";

const info = (states: Readonly<Record<string, string>>) =>
  ({ states: Object.entries(states).map(([name, type]) => ({ name, type, valid: true })) }) as unknown as HelpdeskInfo;

const otrs = info({
  new: "new",
  open: "open",
  "closed successful": "closed",
  "closed unsuccessful": "closed",
  "pending auto close+": "pending auto",
  merged: "merged",
  removed: "removed",
});
const itsm = info({
  open: "open",
  "closed successful": "closed",
  "closed with workaround": "closed",
  canceled: "closed",
});
const opsI = info({
  New: "new",
  "In Progress": "open",
  Resolved: "open",
  Declined: "open",
  Completed: "closed",
  Closed: "closed",
  CANCELLED: "closed",
  "Closed With Backout": "closed",
});

test.each([
  { preset: "otrs", helpdesk: otrs, names: ["closed successful", "closed unsuccessful"], unbilled: [] },
  {
    preset: "otobo-itsm",
    helpdesk: itsm,
    names: ["closed successful", "closed with workaround", "canceled"],
    unbilled: ["canceled"],
  },
  {
    preset: "jp1-ops-i",
    helpdesk: opsI,
    names: ["Completed", "Closed", "Closed With Backout", "CANCELLED"],
    unbilled: ["CANCELLED"],
  },
  {
    preset: "jp1-ops-i",
    helpdesk: info({
      closed: "closed",
      completed: "closed",
      cancelled: "closed",
      "closed-with-backout": "closed",
      resolved: "open",
    }),
    names: ["closed", "completed", "closed-with-backout", "cancelled"],
    unbilled: ["cancelled"],
  },
] as const)("$preset bills $names but for $unbilled", ({ preset, helpdesk, names, unbilled }) => {
  const known = withKnownStates(helpdesk, { ...rules, stateTypes: [], statePreset: preset });
  expect(known).toMatchObject({ stateNames: names, stateTypes: [], unbilledStates: unbilled });
});

test.each([
  { one: "Closed With Backout", other: "closed_with_backout" },
  { one: "closed-with  backout ", other: "CLOSED WITH BACKOUT" },
  { one: "Cancelled", other: "CANCELED" },
])("$one is $other", ({ one, other }) => {
  expect(normalisedState(one)).toBe(normalisedState(other));
});

test.each([
  {
    changes: { stateTypes: [], stateNames: ["closed succesful"] },
    told: /no state named "closed succesful" \(billing.states\)/,
  },
  { changes: { stateTypes: ["Closed"] }, told: /no state of type "Closed"/ },
  {
    changes: { stateTypes: [], statePreset: "jp1-ops-i" as const },
    told: /none of the states of the preset jp1-ops-i/,
  },
])("what the helpdesk does not have is refused: $told", ({ changes, told }) => {
  expect(() => withKnownStates(otrs, { ...rules, ...changes })).toThrow(told);
});

test("states by type and by name stay as they are", () => {
  expect(withKnownStates(otrs, rules)).toBe(rules);
});

test.each([
  { stateNames: ["done"], stateTypes: [] },
  { stateNames: [], stateTypes: ["closed", "open"] },
  { stateNames: [], stateTypes: [], statePreset: "jp1-ops-i" },
] as const)("a state that gives no closing date is refused: $stateNames $stateTypes $statePreset", (given) => {
  const helpdesk = info({ closed: "closed", Completed: "open", done: "pending auto" });
  expect(() => withKnownStates(helpdesk, { ...rules, ...given })).toThrow(/of the type "(open|pending auto)"/);
});
