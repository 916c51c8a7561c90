import { describe, expect, test } from "vitest";
import { goodwillQuote, quoteFor } from "../../src/billing/plan/pricing.ts";
import type { PricingFacts } from "../../src/billing/plan/pricing.ts";
import type { CustomerPrices, OpenOrderLine } from "../../src/billing/ports.ts";
import type { PartNumber } from "../../src/model/index.ts";
import { customer, dayPart, decimal, part, rule, settings, settledLine } from "./samples.ts";

function order(orderNumber: string, partNumber: PartNumber, unitPrice: string): OpenOrderLine {
  const offer = {
    source: "open-order",
    detail: orderNumber,
    unitPrice: decimal(unitPrice),
    discount: decimal("0.1"),
    projectId: 5,
  } as const;
  return { orderNumber, partNumber, offer };
}

const nothing: CustomerPrices = { openOrders: [], customerPrices: new Map() };

function facts(changes: Partial<PricingFacts> = {}): PricingFacts {
  return {
    customer,
    settings,
    prices: nothing,
    parts: new Map([part, dayPart].map((each) => [each.partNumber, each])),
    lines: [],
    ...changes,
  };
}

function quoted(of: ReturnType<typeof quoteFor>): string {
  return typeof of === "string" ? of : `${of.part.partNumber} ${of.unitPrice} ${of.discount} ${of.source}`;
}

const rich = { ...customer, hourlyRate: decimal("80.00000") };
const own = { ...nothing, customerPrices: new Map([["ST-STD", decimal("85.00000")]]) };
const ordered = { ...own, openOrders: [order("AU7", part.partNumber, "90"), order("AU3", part.partNumber, "70")] };

describe("the first source that has a price", () => {
  test.each([
    { name: "the newest order", given: { customer: rich, prices: ordered }, expected: "ST-STD 90 0.1 open-order AU7" },
    {
      name: "then the customer's price",
      given: { customer: rich, prices: own },
      expected: "ST-STD 85.00000 0 customer-price",
    },
    { name: "then the hourly rate", given: { customer: rich }, expected: "ST-STD 80.00000 0 customer-hourly-rate" },
    { name: "then the part", given: {}, expected: "ST-STD 95.00000 0 part" },
    {
      name: "in the configured order",
      given: {
        customer: rich,
        prices: ordered,
        settings: { ...settings, priceFrom: ["customer-hourly-rate", "part"] as const },
      },
      expected: "ST-STD 80.00000 0 customer-hourly-rate",
    },
    {
      name: "an hourly rate in the part's unit",
      given: { customer: rich, settings: { ...settings, partNumber: dayPart.partNumber } },
      expected: "ST-TAG 640.00000 0 customer-hourly-rate",
    },
    {
      name: "no price at all",
      given: { settings: { ...settings, priceFrom: ["customer-price"] as const } },
      expected: 'None of the configured sources (customer-price) has a price for the part "ST-STD".',
    },
    {
      name: "0 is no price of a part",
      given: { parts: new Map([["ST-STD", { ...part, unitPrice: decimal("0.00000") }]]) },
      expected:
        'None of the configured sources (open-order, customer-price, customer-hourly-rate, part) has a price for the part "ST-STD".',
    },
    {
      name: "nor of a first line",
      given: { lines: [settledLine({ unitPrice: decimal("0.00000") })] },
      expected: "ST-STD 95.00000 0 part",
    },
    {
      name: "an order for nothing",
      given: { customer: rich, prices: { ...own, openOrders: [order("AU7", part.partNumber, "0")] } },
      expected:
        'The line of order AU7 with the part "ST-STD" comes to a price of 0, which only a rule can give (unitPrice: 0, or effect: goodwill).',
    },
    {
      name: "an order that cannot be used",
      given: {
        prices: {
          ...nothing,
          unusableOrders: [{ orderNumber: "AU7", partNumber: part.partNumber, reason: "is in a foreign currency" }],
        },
      },
      expected: 'The line of order AU7 with the part "ST-STD" is in a foreign currency.',
    },
  ])("$name: $expected", ({ given, expected }) => {
    expect(quoted(quoteFor(null, facts(given)))).toBe(expected);
  });
});

describe("the part of an open order", () => {
  const days = {
    ...nothing,
    openOrders: [order("AU9", dayPart.partNumber, "650"), order("AU8", "GONE" as PartNumber, "1")],
  };
  test.each([
    { name: "when orders come first", given: {}, by: null, expected: "ST-TAG 650 0.1 open-order AU9" },
    {
      name: "but the configured one when an order holds it",
      given: { prices: { ...days, openOrders: [...days.openOrders, order("AU1", part.partNumber, "60")] } },
      by: null,
      expected: "ST-STD 60 0.1 open-order AU1",
    },
    {
      name: "not where the rule names a part",
      given: {},
      by: rule("r", { partNumber: part.partNumber }),
      expected: "ST-STD 95.00000 0 part",
    },
    {
      name: "nor where it names a price",
      given: {},
      by: rule("r", { unitPrice: decimal("50") }),
      expected: "ST-STD 50 0 rule",
    },
    {
      name: "nor where it says that it is free",
      given: {},
      by: rule("r", { unitPrice: decimal("0") }),
      expected: "ST-STD 0 0 rule",
    },
    {
      name: "nor where the customer has a part",
      given: { settings: { ...settings, ownPart: true } },
      by: null,
      expected: "ST-STD 95.00000 0 part",
    },
    {
      name: "nor where other sources come first",
      given: {},
      by: rule("r", { priceFrom: ["part", "open-order"] }),
      expected: "ST-STD 95.00000 0 part",
    },
  ])("$name: $expected", ({ given, by, expected }) => {
    expect(quoted(quoteFor(by, facts({ prices: days, ...given })))).toBe(expected);
  });
});

describe("a surcharge", () => {
  test.each([
    { price: "95.00000", factor: "1.5", expected: "142.50" },
    { price: "95.55000", factor: "1.25", expected: "119.44" },
    { price: "1.58300", factor: "1.5", expected: "2.375" },
    { price: "95.00000", factor: "0.5", expected: "47.50" },
    { price: "95.12345", factor: "1", expected: "95.12345" },
  ])("$factor on $price is $expected", ({ price, factor, expected }) => {
    const parts = new Map([[part.partNumber, { ...part, unitPrice: decimal(price) }]]);
    expect(quoteFor(rule("night", { surcharge: decimal(factor) }), facts({ parts }))).toMatchObject({
      unitPrice: expected,
    });
  });
});

describe("a later difference", () => {
  const first = settledLine({ rule: "night", unitPrice: decimal("60"), discount: decimal("0.2"), projectId: 3 });
  const second = settledLine({ rule: "night", unitPrice: decimal("70") });
  test.each([
    {
      name: "as the first line of its rule",
      given: { lines: [first, second] },
      by: rule("night"),
      expected: "ST-STD 60 0.2 first-line",
    },
    {
      name: "a line that several rules made",
      given: { lines: [settledLine({ rule: "day + night", unitPrice: decimal("61") })] },
      by: rule("night"),
      expected: "ST-STD 61 0 first-line",
    },
    { name: "not as that of another rule", given: { lines: [first] }, by: null, expected: "ST-STD 95.00000 0 part" },
    {
      name: "not as that of another customer",
      given: { lines: [{ ...first, customerId: null }] },
      by: rule("night"),
      expected: "ST-STD 95.00000 0 part",
    },
    {
      name: "not as one that somebody edited",
      given: { lines: [{ ...first, edited: true }] },
      by: rule("night"),
      expected: "ST-STD 95.00000 0 part",
    },
    {
      name: "not as one whose part is gone",
      given: { lines: [{ ...first, partNumber: "GONE" as PartNumber }] },
      by: rule("night"),
      expected: "ST-STD 95.00000 0 part",
    },
    {
      name: "as today",
      given: { lines: [first], settings: { ...settings, laterDifference: "today" as const } },
      by: rule("night"),
      expected: "ST-STD 95.00000 0 part",
    },
  ])("$name: $expected", ({ given, by, expected }) => {
    expect(quoted(quoteFor(by, facts(given)))).toBe(expected);
  });
});

test("goodwill costs nothing; a part that cannot be used is told", () => {
  expect(quoted(goodwillQuote(rule("free"), facts()))).toBe("ST-STD 0 0 rule");
  const missing = rule("r", { partNumber: "GONE" as PartNumber });
  expect(quoteFor(missing, facts())).toBe(
    'The part "GONE" cannot be used: it is missing, invalid, not sold by time, or its price is for a multiple of its unit (price factor).',
  );
  expect(goodwillQuote(missing, facts())).toContain("GONE");
});
