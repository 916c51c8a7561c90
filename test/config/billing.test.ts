import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { createTexts } from "../../src/billing/texts.ts";
import { exampleConfig, loadConfig } from "../../src/config/index.ts";
import type { BillingConfig } from "../../src/config/index.ts";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "kivi-otrs-config-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const needed = { startDate: "2026-10-01", timeUnit: "minutes", partNumber: "ST-STD", draftOwner: "buchhaltung" };

function load(text: string): BillingConfig {
  const file = join(directory, "bridge.yaml");
  writeFileSync(file, text);
  const { config } = loadConfig({ file, environment: {}, directory });
  if (config.billing === undefined) throw new Error("the configuration has no part billing");
  return config.billing;
}

function billing(settings: object): BillingConfig {
  return load(
    stringify({
      kivitendo: { databaseUrl: "postgresql://otrs_bridge@127.0.0.1/kivitendo" },
      helpdesk: { url: "https://helpdesk.example.org/znuny", userLogin: "bridge", password: "pw" },
      billing: { ...needed, ...settings },
    }),
  );
}

function problem(settings: object): string {
  try {
    billing(settings);
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n  - ")[1] ?? "") : "";
  }
  throw new Error("the configuration was accepted");
}

test("the example works as it is printed, but for the secrets", () => {
  const read = load(
    exampleConfig().replace("#- password: …", "password: pw").replaceAll("#- password: …", "password: pw"),
  );
  expect(read).toMatchObject({ period: "previous-month", rules: [], texts: { de: {}, en: {} }, mail: { to: [] } });
});

describe("what is refused names the setting", () => {
  test.each([
    {
      settings: { rules: [{ name: "a" }, { name: "a" }] },
      told: 'billing.rules.1.name: "a" is the name of another rule',
    },
    {
      settings: { rules: [{ name: "a", effect: "exclude", unitPrice: 80 }] },
      told: "billing.rules.0.unitPrice: says nothing where effect is exclude: take it out",
    },
    {
      settings: { rules: [{ name: "a", unitPrice: 80, priceFrom: ["part"] }] },
      told: "billing.rules.0.priceFrom: give either unitPrice or priceFrom",
    },
    {
      settings: { rules: [{ name: "a", when: { from: "18:00" } }] },
      told: "billing.rules.0.when: from and to belong together",
    },
    {
      settings: { rules: [{ name: "a", when: { from: "18:00", to: "18:00" } }] },
      told: "billing.rules.0.when: from and to are the same time of day",
    },
    {
      settings: { rules: [{ name: "a", when: { from: "6 pm", to: "06:00" } }] },
      told: "billing.rules.0.when.from: expected a time of day such as 18:00",
    },
    {
      settings: { rules: [{ name: "a", when: { queues: [] } }] },
      told: "billing.rules.0.when.queues: name at least one, or leave the condition out",
    },
    {
      settings: { rules: [{ name: "a", when: { queue: ["Raw"] } }] },
      told: "billing.rules.0.when.queue is not a setting",
    },
    {
      settings: { rounding: { step: "a quarter" } },
      told: "billing.rounding.step: expected a length of time such as 15 minutes or 1 hour",
    },
    {
      settings: { minimum: "0 minutes" },
      told: "billing.minimum: expected a length of time such as 15 minutes or 1 hour",
    },
    {
      settings: { rounding: "some" },
      told: "billing.rounding: expected none, or {step: 15 minutes, direction: up|nearest|down, per: entry|ticket|draft}",
    },
    {
      settings: { states: { preset: "otrs", types: ["closed"] } },
      told: "billing.states: give either types, names or preset",
    },
    { settings: { prices: { from: ["part", "part"] } }, told: "billing.prices.from: names a source twice" },
    { settings: { customers: { K1: { perod: "2026-10" } } }, told: "billing.customers.K1.perod is not a setting" },
    {
      settings: { mail: { to: ["a@example.org"], host: "mail" } },
      told: "billing.mail.from: is required where mail.to names somebody",
    },
  ])("$told", ({ settings, told }) => {
    expect(problem(settings)).toBe(told);
  });
});

test("the examples of texts can be used as they stand", () => {
  const commented = exampleConfig().matchAll(/#- (description|longDescription): (".*")/g);
  const examples = [...commented].map(([, name, text]) => [name, JSON.parse(text ?? "")]);
  expect(examples.length).toBe(4);
  expect(() => createTexts({ de: Object.fromEntries(examples), en: {} })).not.toThrow();
});
