import { describe, expect, test } from "vitest";
import { countryName } from "../../src/customer-sync/countries.ts";
import { nameWithNumber } from "../../src/customer-sync/names.ts";
import { assertFieldsExist } from "../../src/customer-sync/needed-fields.ts";
import { planCustomers } from "../../src/customer-sync/plan.ts";
import { mappingOf } from "../../src/customer-sync/rules.ts";
import type { CustomerRules, MappingRules } from "../../src/customer-sync/rules.ts";
import { ConfigError, defaultOwnership } from "../../src/model/index.ts";
import { company, contact, differences, helpdeskFields, plan, rules, userLink } from "./samples.ts";

const mapping = rules().mapping;

function mapped(row: Parameters<typeof company>[0], given: Partial<MappingRules> = {}) {
  return plan({ companies: [company(row)] }, { mapping: { ...mapping, ...given } }).companies[0];
}

describe("fields", () => {
  test("are single lines, and the comment is not among them", () => {
    expect(mapped({ name: "Zeile 1\r\nZeile\t2\u0000 \u0085", street: "  A  " })?.fields).toEqual({
      CustomerCompanyName: "Zeile 1 Zeile 2",
      CustomerCompanyStreet: "A",
      CustomerCompanyZIP: "50667",
      CustomerCompanyCity: "Köln",
      CustomerCompanyCountry: "Germany",
      CustomerCompanyURL: "",
      ValidID: 1,
    });
  });

  test("keep emoji, and count them as one character", () => {
    expect(mapped({ name: "🙂".repeat(191) })?.fields["CustomerCompanyName"]).toBe("🙂".repeat(191));
    expect(mapped({ name: "🙂".repeat(192) })?.fields["CustomerCompanyName"]).toBe(`${"🙂".repeat(190)}…`);
  });

  test.each([
    { field: "CustomerCompanyName", row: { name: "x".repeat(192) }, want: `${"x".repeat(190)}…` },
    { field: "CustomerCompanyStreet", row: { street: "x".repeat(201) }, want: `${"x".repeat(199)}…` },
    { field: "CustomerCompanyCity", row: { city: "x".repeat(201) }, want: `${"x".repeat(199)}…` },
    { field: "CustomerCompanyZIP", row: { zipCode: "5".repeat(201) }, want: "" },
    { field: "CustomerCompanyURL", row: { homepage: `https://${"x".repeat(200)}` }, want: "" },
  ])("too long a $field is made to fit, with a notice", ({ field, row, want }) => {
    const change = mapped(row);
    expect(change?.fields[field]).toBe(want);
    expect(change?.notices).toEqual([expect.stringContaining(field)]);
  });

  test.each([
    { field: "UserTitle", row: { title: "x".repeat(51) }, want: `${"x".repeat(49)}…` },
    { field: "UserLastname", row: { name: "x".repeat(101) }, want: `${"x".repeat(99)}…` },
    { field: "UserPhone", row: { phone: "1".repeat(151) }, want: "" },
    { field: "UserMobile", row: { mobile: "1".repeat(151) }, want: "" },
  ])("too long a $field is made to fit, with a notice", ({ field, row, want }) => {
    const [change] = plan({ contacts: [contact(row)] }).users;
    expect(change?.fields[field]).toBe(want);
    expect(change?.notices).toEqual([expect.stringContaining(field)]);
  });

  test("an e-mail address is not cut: the contact is held", () => {
    const { users, held } = plan({ contacts: [contact({ email: `${"x".repeat(150)}@mueller-test.de` })] });
    expect(users).toEqual([]);
    expect(held).toMatchObject([{ result: { code: "incomplete", reason: expect.stringContaining("150 characters") } }]);
  });

  test.each([
    { name: "given", row: { givenName: " " } },
    { name: "family", row: { name: "" } },
  ])("without a $name name a contact is held, or gets the placeholder", ({ name, row }) => {
    const contacts = [contact(row)];
    expect(plan({ contacts }).held).toMatchObject([
      {
        change: { situation: "incomplete" },
        result: { code: "incomplete", reason: expect.stringContaining(`no ${name} name`) },
      },
    ]);
    const { users } = plan({ contacts }, { mapping: { ...mapping, placeholderName: "-" } });
    expect(users[0]?.fields).toMatchObject(name === "given" ? { UserFirstname: "-" } : { UserLastname: "-" });
  });

  test("that the helpdesk does not map are left out", () => {
    const narrow = {
      ...helpdeskFields,
      fields: {
        ...helpdeskFields.fields,
        user: ["UserLogin", "UserEmail", "UserCustomerID", "UserFirstname", "UserLastname"],
      },
    };
    const { users } = planCustomers(differences({ contacts: [contact()] }), rules(), narrow);
    expect(Object.keys(users[0]?.fields ?? {})).toEqual([
      "UserCustomerID",
      "UserFirstname",
      "UserLastname",
      "UserEmail",
      "ValidID",
    ]);
  });
});

describe("whose a field is", () => {
  test("spares by default what agents maintain", () => {
    expect(mapped({})?.modes).toEqual({ CustomerCompanyURL: "fill-if-empty" });
    expect(plan({ contacts: [contact({ link: userLink() })] }).users[0]?.modes).toEqual({
      UserTitle: "fill-if-empty",
      UserPhone: "fill-if-empty",
      UserMobile: "fill-if-empty",
    });
  });

  test("can be chosen", () => {
    const ownership = {
      ...defaultOwnership,
      company: { ...defaultOwnership.company, CustomerCompanyURL: "owned", CustomerCompanyStreet: "create-only" },
    } as const;
    expect(mapped({}, { ownership })?.modes).toEqual({ CustomerCompanyStreet: "create-only" });
  });

  test("goes for extra columns, too", () => {
    const extra = [
      { record: "company", column: "ustid", target: { dynamicField: "VATNumber" }, ownership: "create-only" },
      { record: "company", column: "variable:branch", target: { field: "Branch" }, ownership: "owned" },
      { record: "user", column: "cp_fax", target: { field: "UserFax" }, ownership: "owned" },
    ] as const;
    const change = mapped({ extra: { ustid: " DE 1\n2", "variable:branch": "Nord" } }, { extra });
    expect(change?.dynamicFields).toEqual({ VATNumber: "DE 1 2" });
    expect(change?.fields).toMatchObject({ Branch: "Nord" });
    expect(change?.fields).not.toHaveProperty("UserFax");
    expect(change?.modes).toEqual({ CustomerCompanyURL: "fill-if-empty", DynamicField_VATNumber: "create-only" });
  });
});

describe("extra fields that the helpdesk lacks", () => {
  const wanted = (target: { field: string } | { dynamicField: string }): MappingRules => ({
    ...mapping,
    extra: [{ record: "company", column: "ustid", target, ownership: "owned" }],
  });
  const has = { ...helpdeskFields, dynamicFields: { company: [{ name: "VATNumber", type: "Text" }], user: [] } };

  test.each([
    { target: { field: "Vat" }, message: "the field Vat, which the helpdesk does not map for companies" },
    {
      target: { dynamicField: "Vat" },
      message:
        "the dynamic field Vat, which the helpdesk does not have (or not as valid) for companies (object type CustomerCompany has VATNumber)",
    },
  ])("are an error of the configuration: $message", ({ target, message }) => {
    expect(() => assertFieldsExist(wanted(target), has)).toThrow(ConfigError);
    expect(() => assertFieldsExist(wanted(target), has)).toThrow(message);
  });

  test("are fine when they are there", () => {
    expect(() => assertFieldsExist(wanted({ dynamicField: "VATNumber" }), has)).not.toThrow();
    expect(() => assertFieldsExist(wanted({ field: "CustomerCompanyComment" }), has)).not.toThrow();
  });
});

describe("a country", () => {
  const { countries } = helpdeskFields;
  test.each([
    { country: "", countryCode: "DE", want: "Germany" },
    { country: "Deutschland", countryCode: "", want: "Germany" },
    { country: "DEUTSCHLAND", countryCode: "", want: "Germany" },
    { country: "germany", countryCode: "", want: "Germany" },
    { country: "Germany", countryCode: "", want: "Germany" },
    { country: "de", countryCode: "", want: "Germany" },
    { country: "D", countryCode: "", want: "Germany" },
    { country: "Oesterreich", countryCode: "", want: "Oesterreich" },
    { country: "Österreich", countryCode: "", want: "Austria" },
    { country: "Österreich", countryCode: "DE", want: "Germany" },
    { country: "Südkorea", countryCode: "", want: "Korea, The Republic of" },
    { country: "Iran", countryCode: "", want: "Iran (Islamic Republic of)" },
    { country: "USA", countryCode: "", want: "United States" },
    { country: "Russland", countryCode: "", want: "Russia" },
    { country: "Entenhausen", countryCode: "", want: "Entenhausen" },
    { country: "EU", countryCode: "", want: "EU" },
    { country: " ", countryCode: "", want: "" },
    { country: "Köln", countryCode: "ZZ", want: "Köln" },
  ])("$country ($countryCode) is $want", ({ want, ...row }) => {
    expect(countryName(row, countries)).toBe(want);
  });

  test("stays as typed where the configuration says so", () => {
    expect(mapped({}, { countries: "as-typed" })?.fields["CustomerCompanyCountry"]).toBe("Deutschland");
  });
});

test.each([
  { name: "Müller", want: "Müller (K1)" },
  { name: "Müller (K1)", want: "Müller (K1)" },
  { name: "x".repeat(186), want: `${"x".repeat(186)} (K1)` },
  { name: "x".repeat(187), want: `${"x".repeat(185)}… (K1)` },
  { name: `${"x".repeat(190)}…`, want: `${"x".repeat(185)}… (K1)` },
])("a name with its number: $want", ({ name, want }) => {
  expect(nameWithNumber(name, "K1")).toBe(want);
  expect(Array.from(want).length).toBeLessThanOrEqual(191);
});

describe("the version of the mapping", () => {
  test.each<{ name: string; changes: Partial<CustomerRules> }>([
    { name: "ownership", changes: { mapping: { ...mapping, ownership: { company: {}, user: {} } } } },
    { name: "countries", changes: { mapping: { ...mapping, countries: "as-typed" } } },
    { name: "placeholder", changes: { mapping: { ...mapping, placeholderName: "-" } } },
    { name: "scope", changes: { source: { ...rules().source, scope: { ...rules().source.scope, contactFlag: "x" } } } },
    { name: "moves", changes: { moves: "allow" } },
    { name: "adoption", changes: { adopt: "same-key" } },
  ])("changes with $name", async ({ changes }) => {
    expect(await mappingOf(rules(changes))).not.toBe(await mappingOf(rules()));
  });

  test("does not change with what only limits or chooses a run", async () => {
    const changes = {
      limits: { ...rules().limits, maxDeactivations: 1 },
      allow: "0123456789ab",
      selection: { customerNumbers: ["K1"], contacts: [] },
    };
    expect(await mappingOf(rules(changes))).toBe(await mappingOf(rules()));
  });
});
