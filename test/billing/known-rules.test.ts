import { describe, expect, test } from "vitest";
import { readBasis, readCustomerFacts } from "../../src/billing/basis.ts";
import { assertRulesKnown } from "../../src/billing/known-rules.ts";
import type { BillingPart, CustomerPrices } from "../../src/billing/ports.ts";
import type { BillingRules, RuleCondition } from "../../src/billing/rules.ts";
import type { CustomerId, HelpdeskInfo, PartNumber } from "../../src/model/index.ts";
import {
  customer,
  dayPart,
  decimal,
  entry,
  part,
  plan,
  rule,
  rules,
  settings,
  settledLine,
  ticket,
} from "./samples.ts";

const info = {
  queues: [{ name: "Support::L2", valid: true, readable: true }],
  services: [{ name: "Backup", valid: true }],
  slas: [],
  types: [{ name: "Incident", valid: false }],
  priorities: [{ name: "3 normal", valid: true }],
  ticketDynamicFields: [{ name: "Contract", type: "Text" }],
} as unknown as HelpdeskInfo;

function check(
  when: RuleCondition,
  more: Partial<BillingRules> = {},
  detail: "rows" | "articles" = "rows",
): () => void {
  return () => assertRulesKnown(info, { ...rules, rules: [rule("r", { when })], ...more }, detail);
}

describe("a rule about what the helpdesk does not have is refused by name", () => {
  test.each([
    {
      name: "queue",
      attempt: check({ queues: ["Sales::*"] }),
      told: 'The helpdesk has no queue "Sales::*", which the rule "r" in billing.rules names.',
    },
    { name: "service", attempt: check({ services: ["backup"] }), told: 'no service "backup"' },
    { name: "type", attempt: check({ types: ["Problem"] }), told: 'no type "Problem"' },
    { name: "priority", attempt: check({ priorities: ["9"] }), told: 'no priority "9"' },
    { name: "agents without rows", attempt: check({ agents: ["eva"] }, {}, "articles"), told: "tell no agents" },
    {
      name: "dynamic field",
      attempt: check({}, { dynamicFields: ["Contrat"] }),
      told: 'no dynamic field of tickets "Contrat"',
    },
    { name: "field of the invoice's number", attempt: check({}, { invoiceNumberField: "Invoice" }), told: '"Invoice"' },
    {
      name: "queue of a contingent",
      attempt: check({}, { contingents: [{ customers: ["K1"], minutesPerMonth: decimal("60"), queues: ["Sales"] }] }),
      told: "billing.contingents",
    },
  ])("$name", ({ attempt, told }) => {
    expect(attempt).toThrow(told);
  });

  test("what it has, also when it is no longer valid, and what it does not tell, is fine", () => {
    const when = { queues: ["Support::*"], services: ["Backup"], slas: ["Gold"], types: ["Incident"], agents: ["eva"] };
    expect(check(when, { dynamicFields: ["Contract"] })).not.toThrow();
  });
});

const parts: readonly BillingPart[] = [
  part,
  dayPart,
  { ...part, partNumber: "OLD" as PartNumber, obsolete: true },
  { ...part, partNumber: "FACTOR" as PartNumber, hasPriceFactor: true },
  { ...part, partNumber: "KG" as PartNumber, unit: "kg", minutesPerUnit: null },
];

function ports(
  changes: { owner?: number | null; chart?: number | null; unit?: string | null; prices?: CustomerPrices } = {},
) {
  const asked: string[] = [];
  const answer = <T>(name: string, value: T): Promise<T> => {
    asked.push(name);
    return Promise.resolve(value);
  };
  return {
    asked,
    kivitendo: {
      readDefaults: () =>
        answer("defaults", {
          arChartId: changes.chart === undefined ? 14 : changes.chart,
          draftOwnerId: changes.owner === undefined ? 1119 : changes.owner,
        }),
      readParts: (numbers: readonly PartNumber[]) =>
        answer(
          `parts ${numbers.join(",")}`,
          new Map(
            parts
              .filter(({ partNumber }) => numbers.includes(partNumber))
              .map((each) => [each.partNumber, each] as const),
          ),
        ),
      readCustomers: () => answer("customers", new Map([[customer.customerId, customer]])),
      readPrices: (ids: readonly CustomerId[]) =>
        answer(
          "prices",
          new Map(ids.map((id) => [id, changes.prices ?? { openOrders: [], customerPrices: new Map() }])),
        ),
      readRecurringOrders: () => answer("recurring", new Map()),
    },
    state: {
      readFrozenUnit: () => answer("unit", (changes.unit ?? null) as never),
      readIncludedUse: () => answer("included", new Map()),
    },
  };
}

const withPart = (partNumber: string): BillingRules => ({
  ...rules,
  settings: { ...settings, partNumber: partNumber as PartNumber },
});

test.each([
  {
    name: "another unit",
    attempt: () => readBasis(ports({ unit: "60" }), rules),
    told: /billing.timeUnit says 1 minutes a unit, but time was billed with 60/,
  },
  {
    name: "no owner",
    attempt: () => readBasis(ports({ owner: null }), rules),
    told: /no employee with the login "buchhaltung"/,
  },
  {
    name: "no account",
    attempt: () => readBasis(ports({ chart: null }), rules),
    told: /no standard receivables account/,
  },
  {
    name: "no part",
    attempt: () => readBasis(ports(), withPart("NO")),
    told: /no part with the number "NO" \(billing.partNumber\)/,
  },
  {
    name: "an invalid part",
    attempt: () => readBasis(ports(), withPart("OLD")),
    told: /no valid part with the number "OLD"/,
  },
  {
    name: "a part by weight",
    attempt: () => readBasis(ports(), withPart("KG")),
    told: /"KG" \(billing.partNumber\) is sold in "kg"/,
  },
  {
    name: "a price for a multiple of the unit",
    attempt: () => readBasis(ports(), withPart("FACTOR")),
    told: /price of part FACTOR \(billing.partNumber\) is for a multiple/,
  },
  {
    name: "such a price of a customer's and a rule's part",
    attempt: () =>
      readBasis(ports(), {
        ...rules,
        rules: [rule("r", { partNumber: "FACTOR" as PartNumber })],
        customers: new Map([["K1", { ...settings, partNumber: "FACTOR" as PartNumber }]]),
      }),
    told: /price of part FACTOR/,
  },
  {
    name: "a rule's part",
    attempt: () => readBasis(ports(), { ...rules, rules: [rule("r", { partNumber: "NO" as PartNumber })] }),
    told: /"NO" \(partNumber of the rule "r" in billing.rules\)/,
  },
  {
    name: "a customer's part",
    attempt: () =>
      readBasis(ports(), { ...rules, customers: new Map([["K1", { ...settings, partNumber: "NO" as PartNumber }]]) }),
    told: /"NO" \(billing.customers.K1.partNumber\)/,
  },
])("before anything is read: $name is refused", async ({ attempt, told }) => {
  await expect(attempt()).rejects.toThrow(told);
});

test("a price for a multiple of the unit stops nothing where only a rule or an old line has the part", async () => {
  const factor = { partNumber: "FACTOR" as PartNumber };
  const basis = await readBasis(ports(), { ...rules, rules: [rule("r", factor)] });
  expect([...basis.parts.keys()]).toEqual(["ST-STD"]);
  const due = [ticket(1, [entry(1, 20)], { lines: [settledLine(factor)] })];
  expect([...(await readCustomerFacts(ports(), due, rules, basis)).parts.keys()]).toEqual(["ST-STD"]);
  expect(
    plan(
      due.map((each) => ({ ...each, lines: [] })),
      { ...basis, rules: { ...rules, rules: [rule("r", factor)] } },
    ).questions,
  ).toMatchObject([{ reason: "rule-not-usable", text: expect.stringContaining('"FACTOR" cannot be used') as unknown }]);
});

test("kivitendo is asked for what is due needs, and nothing when nothing is due", async () => {
  const none = ports();
  const basis = await readBasis(none, rules);
  none.asked.length = 0;
  await readCustomerFacts(none, [], rules, basis);
  expect(none.asked).toEqual([]);
  const offer = {
    source: "open-order",
    detail: "AU1",
    unitPrice: decimal("1"),
    discount: decimal("0"),
    projectId: null,
  } as const;
  const some = ports({
    prices: { openOrders: [{ orderNumber: "AU1", partNumber: dayPart.partNumber, offer }], customerPrices: new Map() },
  });
  const due = [ticket(1, [entry(1, 20)], { lines: [settledLine({ partNumber: "KG" as PartNumber })] })];
  const read = await readCustomerFacts(some, due, rules, basis);
  expect(some.asked).toEqual(["customers", "prices", "parts ST-TAG,KG"]);
  expect([...read.parts.keys()]).toEqual(["ST-STD", "ST-TAG"]);
});
