import { expect, test } from "vitest";
import { billingRules, everythingDue } from "../../src/bridge/billing-rules.ts";
import type { BillingConfig } from "../../src/config/index.ts";
import { Config } from "../../src/config/schema.ts";

const now = Temporal.Instant.from("2026-11-22T04:00:00Z");

function config(settings: object): BillingConfig {
  const { billing } = Config.parse({
    kivitendo: { databaseUrl: "postgresql://otrs_bridge@127.0.0.1/kivitendo" },
    helpdesk: { url: "https://helpdesk.example.org/znuny", userLogin: "bridge", password: "pw" },
    billing: {
      startDate: "2026-10-01",
      timeUnit: "minutes",
      partNumber: "ST-STD",
      draftOwner: "buchhaltung",
      ...settings,
    },
  });
  if (billing === undefined) throw new Error("no billing");
  return billing;
}

const rulesOf = (settings: object, options = everythingDue) => billingRules(config(settings), options, now);

test("without a part billing in the configuration there is nothing to bill by", () => {
  expect(() => billingRules(undefined, everythingDue, now)).toThrow(/no part `billing`/);
});

test("what is not set has its default", () => {
  expect(rulesOf({})).toMatchObject({
    minutesPerUnit: "1",
    stateTypes: ["closed"],
    stateNames: [],
    statePreset: null,
    complete: true,
    settings: {
      period: { label: "2026-10" },
      dateBy: "closing",
      target: "invoice-draft",
      release: "automatic",
      rounding: null,
      minimumMinutes: "0",
      priceFrom: ["open-order", "customer-price", "customer-hourly-rate", "part"],
      laterDifference: "first-line",
      allowUnseen: false,
      prescale: false,
      ownPart: false,
    },
    rules: [],
    contingents: [],
  });
});

test.each([
  { timeUnit: "minutes", expected: "1" },
  { timeUnit: "hours", expected: "60" },
  { timeUnit: "7.5 minutes", expected: "7.5" },
])("a unit of $timeUnit is $expected minutes", ({ timeUnit, expected }) => {
  expect(rulesOf({ timeUnit }).minutesPerUnit).toBe(expected);
});

test.each([
  { states: { names: ["done"] }, expected: { stateNames: ["done"], stateTypes: [], statePreset: null } },
  { states: { types: ["done"] }, expected: { stateNames: [], stateTypes: ["done"], statePreset: null } },
  { states: { preset: "otrs" }, expected: { stateNames: [], stateTypes: [], statePreset: "otrs" } },
])("states $states", ({ states, expected }) => {
  expect(rulesOf({ states })).toMatchObject(expected);
});

test("a customer's own settings lie over the general ones", () => {
  const { customers, settings } = rulesOf({
    rounding: { step: "15 minutes" },
    minimum: "1 hour",
    customers: {
      K1: { period: "previous-quarter", partNumber: "FIX", rounding: "none", minimum: "none", allowUnseen: true },
      K2: { rounding: { step: "0.5 hours", direction: "nearest", per: "draft" } },
    },
  });
  expect(settings).toMatchObject({
    rounding: { stepMinutes: "15", direction: "up", per: "ticket" },
    minimumMinutes: "60",
  });
  expect(customers.get("K1")).toEqual({
    ...settings,
    period: {
      label: "2026-Q3",
      start: Temporal.PlainDate.from("2026-07-01"),
      end: Temporal.PlainDate.from("2026-10-01"),
    },
    partNumber: "FIX",
    ownPart: true,
    rounding: null,
    minimumMinutes: "0",
    allowUnseen: true,
  });
  expect(customers.get("K2")).toEqual({
    ...settings,
    rounding: { stepMinutes: "30", direction: "nearest", per: "draft" },
  });
});

test("a chosen period is that of all customers, and such a run is not complete", () => {
  const rules = rulesOf({ customers: { K1: { period: "previous-quarter" } } }, { ...everythingDue, period: "2026-09" });
  expect(rules.settings.period.label).toBe("2026-09");
  expect(rules.customers.get("K1")?.period.label).toBe("2026-09");
  expect(rules.complete).toBe(false);
});

test("rules and contingents are parsed", () => {
  const { rules, contingents, dynamicFields } = rulesOf({
    rules: [
      {
        name: "night",
        when: { weekdays: ["mon", "sun"], from: "18:00", to: "06:00", dynamicFields: { Site: ["B"] } },
        surcharge: 1.5,
        minimum: "30 minutes",
      },
      { name: "fix", unitPrice: 0.0000001, rounding: "none" },
    ],
    contingents: [{ customers: ["K1"], hoursPerMonth: 2.5 }],
    dynamicFields: ["Contract", "Site"],
  });
  expect(rules[0]).toMatchObject({
    name: "night",
    when: { weekdays: [1, 7], dynamicFields: { Site: ["B"] } },
    effect: "bill",
    surcharge: "1.5",
    rounding: null,
    minimumMinutes: "30",
  });
  expect([rules[0]?.when.hours?.from, rules[0]?.when.hours?.to].map(String)).toEqual(["18:00:00", "06:00:00"]);
  expect(rules[1]).toMatchObject({ unitPrice: "0.0000001", rounding: "none", minimumMinutes: null, surcharge: "1" });
  expect(contingents).toEqual([{ customers: ["K1"], minutesPerMonth: "150", queues: null }]);
  expect(dynamicFields).toEqual(["Contract", "Site"]);
});
