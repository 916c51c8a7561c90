/** The part `customers` of the configuration. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stringify } from "yaml";
import { loadConfig } from "../../src/config/index.ts";
import type { Config } from "../../src/config/index.ts";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "kivi-otrs-config-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function load(customers: object, environment: Readonly<Record<string, string>> = {}): Config["customers"] {
  const file = join(directory, "bridge.yaml");
  const rest = {
    kivitendo: { databaseUrl: "postgresql://otrs_bridge@127.0.0.1/kivitendo" },
    helpdesk: { url: "https://helpdesk.example.org/znuny", userLogin: "bridge", password: "pw" },
  };
  writeFileSync(file, stringify({ ...rest, customers }));
  return loadConfig({ file, environment, directory }).config.customers;
}

const withExtra = (...extraFields: readonly object[]): object => ({ extraFields });

test("what may be left out: nothing is adopted or moved without a word, and limits are on", () => {
  expect(load({})).toEqual({
    way: "push",
    adopt: "matched",
    followCustomerNumber: true,
    moves: "ask",
    countries: "english",
    fields: { company: {}, user: {} },
    extraFields: [],
    businessTypes: [],
    maxSourceShrink: 0.2,
    maxDeactivations: 50,
    maxDeactivationShare: 0.1,
    maxKeyChanges: 50,
    maxKeyChangeShare: 0.1,
    maxAdoptions: 50,
    maxAdoptionShare: 0.1,
    ignoreBelow: 20,
    changeTriggers: false,
  });
});

test.each([
  {
    name: "ownership of a field that the bridge does not fill",
    settings: { fields: { company: { CustomerCompanyStret: "owned" } } },
    problem:
      "customers.fields.company.CustomerCompanyStret: is not a field that the bridge fills for a company; did you mean CustomerCompanyStreet?; there are CustomerCompanyName, CustomerCompanyStreet, CustomerCompanyZIP, CustomerCompanyCity, CustomerCompanyCountry, CustomerCompanyURL",
  },
  {
    name: "ownership of whose a contact is",
    settings: { fields: { user: { UserCustomerID: "create-only" } } },
    problem: "customers.fields.user.UserCustomerID: is not a field that the bridge fills for a user",
  },
  {
    name: "an ownership that is none",
    settings: { fields: { user: { UserPhone: "agents" } } },
    problem: "customers.fields.user.UserPhone: ",
  },
  {
    name: "an extra field with two targets",
    settings: withExtra({ record: "company", column: "ustid", field: "Vat", dynamicField: "Vat" }),
    problem: "customers.extraFields.0: give either field or dynamicField",
  },
  {
    name: "an extra field without a target",
    settings: withExtra({ record: "company", column: "ustid" }),
    problem: "customers.extraFields.0: give either field or dynamicField",
  },
  {
    name: "a custom variable without a name",
    settings: withExtra({ record: "user", column: "variable:", dynamicField: "Vat" }),
    problem:
      "customers.extraFields.0.column: expected a column of the bridge's view such as ustid, or a custom variable as variable:NAME",
  },
  {
    name: "an extra field that the bridge fills by itself",
    settings: withExtra({ record: "user", column: "cp_fax", field: "UserEmail" }),
    problem: "customers.extraFields.0.field: is a field that the bridge fills or needs by itself: choose another",
  },
  {
    name: "one target for two extra fields",
    settings: withExtra(
      { record: "company", column: "ustid", dynamicField: "Vat" },
      { record: "company", column: "variable:ustid", dynamicField: "Vat" },
    ),
    problem: "customers.extraFields.1: fills company dynamic field Vat a second time",
  },
  {
    name: "a number pattern that is none",
    settings: { customerNumbers: "^K(" },
    problem: "customers.customerNumbers: expected a regular expression such as ^K[0-9]+$",
  },
  {
    name: "a share above one",
    settings: { maxAdoptionShare: 10 },
    problem: "customers.maxAdoptionShare: ",
  },
])("$name is refused", ({ settings, problem }) => {
  expect(() => load(settings)).toThrow(problem);
});

test.each([
  {
    name: "KIVI_OTRS_CUSTOMERS_FIELDS_USER",
    value: "{UserPhone: owned}",
    at: ["customers", "fields", "user"],
    want: { UserPhone: "owned" },
  },
  {
    name: "KIVI_OTRS_CUSTOMERS_EXTRA_FIELDS",
    value: "[{record: company, column: ustid, dynamicField: VATNumber}]",
    at: ["customers", "extraFields"],
    want: [{ record: "company", column: "ustid", dynamicField: "VATNumber", ownership: "owned" }],
  },
])("$name overrides the file", ({ name, value, at, want }) => {
  const customers: unknown = load({}, { [name]: value });
  expect(at.slice(1).reduce<unknown>((here, key) => (here as Record<string, unknown>)[key], customers)).toEqual(want);
});
