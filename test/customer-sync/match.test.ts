import { expect, test } from "vitest";
import { fold } from "../../src/customer-sync/fold.ts";
import { proposeMatches } from "../../src/customer-sync/desk/match.ts";
import type { CompanyDifference, ContactDifference, HelpdeskRecord } from "../../src/customer-sync/ports.ts";
import type { ContactId, CustomerId, CustomerNumber } from "../../src/model/index.ts";
import { company, contact } from "./samples.ts";

/** Only what a test names counts: empty fields match with nothing. */
function customer(id: number, values: Partial<CompanyDifference>): CompanyDifference {
  return company({
    customerId: id as CustomerId,
    customerNumber: String(10_000 + id) as CustomerNumber,
    name: "",
    street: "",
    zipCode: "",
    city: "",
    ...values,
  });
}

function person(id: number, customerId: number, values: Partial<ContactDifference>): ContactDifference {
  return contact({
    contactId: id as ContactId,
    customerId: customerId as CustomerId,
    customerNumber: String(10_000 + customerId) as CustomerNumber,
    companyKey: null,
    givenName: "",
    name: "",
    email: "",
    phone: "",
    mobile: "",
    ...values,
  });
}

function record(key: string, fields: Readonly<Record<string, string>>): HelpdeskRecord {
  return { key, fields, validId: 1, dynamicFields: {}, companies: [], owner: null, tickets: null };
}

const nobody = { companies: [], users: [] };

test("a company is found by its name without legal form, and by its ZIP", () => {
  const [pair] = proposeMatches(
    { companies: [customer(1, { name: "Müller & Söhne GmbH & Co. KG", zipCode: "53111" })], contacts: [] },
    {
      ...nobody,
      companies: [record("mueller", { CustomerCompanyName: "Muller + Sohne", CustomerCompanyZIP: "53111" })],
    },
  );
  expect(pair).toMatchObject({ rowId: 1, score: 60, reasons: ["name", "ZIP"], ambiguous: false });
  expect(pair?.helpdesk.key).toBe("mueller");
});

test("a company without any likeness in name is found by its contact's e-mail", () => {
  const pairs = proposeMatches(
    {
      companies: [customer(1, { name: "Vertrieb Nord" })],
      contacts: [person(7, 1, { givenName: "Eva", name: "Kern", email: "Eva@Nord.test" })],
    },
    {
      companies: [record("vn", { CustomerCompanyName: "VN Handel" })],
      users: [
        record("eva.kern", {
          UserEmail: "eva@nord.test",
          UserCustomerID: "vn",
          UserFirstname: "Eva",
          UserLastname: "Kern",
        }),
      ],
    },
  );
  expect(pairs.map(({ record: kind, rowId, score, reasons }) => [kind, rowId, score, reasons])).toEqual([
    ["company", 1, 40, ["e-mail of a contact"]],
    ["user", 7, 100, ["e-mail", "name", "company"]],
  ]);
});

test("two records that are about as good are both shown, as ambiguous", () => {
  const pairs = proposeMatches(
    { companies: [customer(1, { name: "Adler AG" })], contacts: [] },
    {
      ...nobody,
      companies: [record("a1", { CustomerCompanyName: "Adler AG" }), record("a2", { CustomerCompanyName: "ADLER" })],
    },
  );
  expect(pairs.map((pair) => [pair.helpdesk.key, pair.ambiguous])).toEqual([
    ["a1", true],
    ["a2", true],
  ]);
});

test("a clearly better record beats the other one", () => {
  const pairs = proposeMatches(
    { companies: [customer(1, { name: "Adler AG", zipCode: "10115", street: "Ring 1" })], contacts: [] },
    {
      ...nobody,
      companies: [
        record("a1", { CustomerCompanyName: "Adler AG", CustomerCompanyZIP: "10115", CustomerCompanyStreet: "Ring 1" }),
        record("a2", { CustomerCompanyName: "Adler KG", CustomerCompanyZIP: "80331" }),
      ],
    },
  );
  expect(pairs.map((pair) => [pair.helpdesk.key, pair.ambiguous])).toEqual([["a1", false]]);
});

test("a ZIP alone, a family name alone and nothing in common are no proposals", () => {
  expect(
    proposeMatches(
      {
        companies: [customer(1, { name: "Adler", zipCode: "53111" }), customer(2, { name: "", customerNumber: null })],
        contacts: [person(7, 1, { givenName: "Eva", name: "Kern", email: "" })],
      },
      {
        companies: [
          record("b", { CustomerCompanyName: "Bussard", CustomerCompanyZIP: "53111" }),
          record("c", { CustomerCompanyName: "" }),
        ],
        users: [record("jo", { UserFirstname: "Jo", UserLastname: "Kern", UserEmail: "" })],
      },
    ),
  ).toEqual([]);
});

test("shared family e-mail is told apart by the given name", () => {
  const people = ["Eva", "Jan"].map((given, index) =>
    person(index + 1, 9, { givenName: given, name: "Kern", email: "info@kern.test" }),
  );
  const users = ["Jan", "Eva"].map((given) =>
    record(given.toLowerCase(), { UserFirstname: given, UserLastname: "Kern", UserEmail: "info@kern.test" }),
  );
  const pairs = proposeMatches({ companies: [], contacts: people }, { companies: [], users });
  expect(pairs.map((pair) => [pair.rowId, pair.helpdesk.key, pair.ambiguous])).toEqual([
    [1, "eva", false],
    [2, "jan", false],
  ]);
});

test("ten thousand on each side are compared by what they share only", () => {
  const companies = Array.from({ length: 10_000 }, (_, index) => customer(index, { name: `Firma${index} GmbH` }));
  const records = companies.map((row) =>
    record(`k${row.customerId}`, { CustomerCompanyName: `firma${row.customerId}` }),
  );
  const pairs = proposeMatches({ companies, contacts: [] }, { companies: records, users: [] });
  expect(pairs).toHaveLength(10_000);
  expect(pairs.every((pair) => pair.helpdesk.key === `k${pair.rowId}` && !pair.ambiguous)).toBe(true);
});

test.each([
  ["Müller", "muller"],
  ["STRASSE", "straße"],
  ["Foo  ", "foo"],
  ["Emo 😀", "emo 😁"],
  ["Ａ", "a"],
])("%s and %s are the same to the most tolerant database", (one, other) => {
  expect(fold(one)).toBe(fold(other));
});
