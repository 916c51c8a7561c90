import { describe, expect, test } from "vitest";
import { assertSafe } from "../../src/customer-sync/guard.ts";
import { planCustomers } from "../../src/customer-sync/plan.ts";
import type {
  CompanyDifference,
  ContactDifference,
  Differences,
  Link,
  Vanished,
} from "../../src/customer-sync/ports.ts";
import { RefusedError } from "../../src/model/index.ts";
import type { CompanyKey, ContactId, CustomerId, CustomerNumber, UserLogin } from "../../src/model/index.ts";

function link<Key>(key: string, changes: Partial<Link<Key>> = {}): Link<Key> {
  return { status: "linked", key: key as Key, confirmed: true, valid: true, attempts: 0, ...changes };
}

function company(changes: Partial<CompanyDifference> = {}): CompanyDifference {
  return {
    customerId: 1150 as CustomerId,
    customerNumber: "K10001" as CustomerNumber,
    name: "Müller & Söhne GmbH",
    street: "Königsallee 7",
    zipCode: "50667",
    city: "Köln",
    country: "Deutschland",
    homepage: "",
    obsolete: false,
    sourceHash: "h1",
    link: null,
    ...changes,
  };
}

function contact(changes: Partial<ContactDifference> = {}): ContactDifference {
  return {
    contactId: 1200 as ContactId,
    customerId: 1150 as CustomerId,
    customerNumber: "K10001" as CustomerNumber,
    companyKey: "K10001" as CompanyKey,
    title: "",
    givenName: "Jürgen",
    name: "Müller",
    email: " Juergen.Mueller@mueller-test.de ",
    phone: "",
    mobile: "",
    active: true,
    sourceHash: "h2",
    link: null,
    ...changes,
  };
}

function differences(changes: Partial<Differences> = {}): Differences {
  return {
    companies: [],
    contacts: [],
    vanishedCompanies: [],
    vanishedContacts: [],
    unchanged: { companies: 0, contacts: 0 },
    known: { companies: 0, contacts: 0 },
    sourceRows: { companies: 1, contacts: 1 },
    ...changes,
  };
}

const linked = link<CompanyKey>("K10001");

describe("a customer becomes a change", () => {
  test.each([
    { name: "new", row: company(), kind: "create", expect: "absent", valid: 1 },
    {
      name: "its first write is in doubt",
      row: company({ link: { ...linked, status: "writing", confirmed: false } }),
      kind: "create",
      expect: "absent",
      valid: 1,
    },
    {
      name: "never accepted",
      row: company({ link: { ...linked, status: "rejected", confirmed: false } }),
      kind: "create",
      expect: "absent",
      valid: 1,
    },
    { name: "changed", row: company({ link: linked }), kind: "update", expect: "ours", valid: 1 },
    {
      name: "obsolete now",
      row: company({ link: linked, obsolete: true }),
      kind: "invalidate",
      expect: "ours",
      valid: 2,
    },
    {
      name: "obsolete as before",
      row: company({ link: { ...linked, valid: false }, obsolete: true }),
      kind: "update",
      expect: "ours",
      valid: 2,
    },
    {
      name: "valid again",
      row: company({ link: { ...linked, valid: false } }),
      kind: "update",
      expect: "ours",
      valid: 1,
    },
  ])("$name: $kind, expecting $expect", ({ row, kind, expect: expected, valid }) => {
    const { companies, held } = planCustomers(differences({ companies: [row] }));
    expect(held).toEqual([]);
    expect(companies).toMatchObject([{ kind, expect: expected, key: "K10001", fields: { ValidID: valid } }]);
  });

  test("the key stays when the customer number changes", () => {
    const row = company({ link: linked, customerNumber: "K999" as CustomerNumber });
    expect(planCustomers(differences({ companies: [row] })).companies).toMatchObject([{ key: "K10001" }]);
  });

  test("without a number it is held, and so are its contacts", () => {
    const { companies, users, held } = planCustomers(
      differences({
        companies: [company({ customerNumber: null })],
        contacts: [contact({ companyKey: null, customerNumber: null })],
      }),
    );
    expect({ companies, users }).toEqual({ companies: [], users: [] });
    expect(held.map(({ result }) => result)).toMatchObject([
      { outcome: "rejected", code: "incomplete" },
      { outcome: "rejected", code: "waits-for-customer", reason: expect.stringContaining("row id 1150") },
    ]);
  });

  test("fields are single lines, and the comment is not among them", () => {
    const row = company({ name: "Zeile 1\r\nZeile\t2\u0000 ", street: "  A  " });
    const [change] = planCustomers(differences({ companies: [row] })).companies;
    expect(change?.fields).toEqual({
      CustomerCompanyName: "Zeile 1 Zeile 2",
      CustomerCompanyStreet: "A",
      CustomerCompanyZIP: "50667",
      CustomerCompanyCity: "Köln",
      CustomerCompanyCountry: "Deutschland",
      CustomerCompanyURL: "",
      ValidID: 1,
    });
  });
});

describe("a contact becomes a change", () => {
  test("the login is the e-mail in lower case when it is new", () => {
    expect(planCustomers(differences({ contacts: [contact()] })).users).toMatchObject([
      {
        kind: "create",
        key: "juergen.mueller@mueller-test.de",
        fields: { UserEmail: "Juergen.Mueller@mueller-test.de", UserCustomerID: "K10001", ValidID: 1 },
      },
    ]);
  });

  test("the login stays when the e-mail changes", () => {
    const row = contact({ link: link<UserLogin>("juergen.mueller@mueller-test.de"), email: "jm@mueller-test.de" });
    expect(planCustomers(differences({ contacts: [row] })).users).toMatchObject([
      {
        kind: "update",
        expect: "ours",
        key: "juergen.mueller@mueller-test.de",
        fields: { UserEmail: "jm@mueller-test.de" },
      },
    ]);
  });

  test("no password is ever sent", () => {
    const [change] = planCustomers(differences({ contacts: [contact()] })).users;
    expect(Object.keys(change?.fields ?? {}).filter((field) => /pass/i.test(field))).toEqual([]);
  });

  test("it may belong to a company that this plan creates", () => {
    const { users, held } = planCustomers(
      differences({ companies: [company()], contacts: [contact({ companyKey: null })] }),
    );
    expect(held).toEqual([]);
    expect(users).toMatchObject([{ fields: { UserCustomerID: "K10001" } }]);
  });

  test("it becomes invalid when all its customers are obsolete", () => {
    const row = contact({ link: link<UserLogin>("a@b-test.de"), active: false });
    expect(planCustomers(differences({ contacts: [row] })).users).toMatchObject([
      { kind: "invalidate", fields: { ValidID: 2 } },
    ]);
  });
});

test("a source row that is gone makes its record invalid and leaves the other fields", () => {
  const gone: Vanished<UserLogin> = { rowId: 1200, label: "a@b-test.de", link: link("a@b-test.de") };
  expect(planCustomers(differences({ vanishedContacts: [gone] })).users).toMatchObject([
    { kind: "invalidate", expect: "ours", key: "a@b-test.de", fields: { ValidID: 2 } },
  ]);
});

describe("the guard", () => {
  const limits = { maxDeactivations: 5, maxDeactivationShare: 0.1, ignoreBelow: 20 };
  const obsoletes = (count: number): CompanyDifference[] =>
    Array.from({ length: count }, (_, n) =>
      company({ customerId: (2000 + n) as CustomerId, link: link<CompanyKey>(`K${n}`), obsolete: true }),
    );
  const leavers = (count: number, customerId: number): ContactDifference[] =>
    Array.from({ length: count }, (_, n) =>
      contact({
        contactId: (3000 + n) as ContactId,
        customerId: customerId as CustomerId,
        link: link<UserLogin>(`u${n}@b-test.de`),
        active: false,
      }),
    );
  const check = (given: Differences) => (): void => assertSafe(planCustomers(given), given, limits);
  const known = (companies: number, contacts: number): Partial<Differences> => ({ known: { companies, contacts } });

  test.each([
    { name: "as many as allowed", given: differences({ companies: obsoletes(5), ...known(100, 0) }) },
    { name: "few known records", given: differences({ companies: obsoletes(19), ...known(19, 0) }) },
    {
      name: "contacts that follow their customer",
      given: differences({ companies: obsoletes(1), contacts: leavers(30, 2000), ...known(100, 100) }),
    },
    { name: "an empty source that never was full", given: differences({ sourceRows: { companies: 0, contacts: 0 } }) },
  ])("lets pass: $name", ({ given }) => {
    expect(check(given)).not.toThrow();
  });

  test.each([
    {
      name: "one more than allowed",
      given: differences({ companies: obsoletes(6), ...known(100, 0) }),
      figures: "6 of 100 customers",
    },
    { name: "too large a share", given: differences({ companies: obsoletes(3), ...known(20, 0) }), figures: "15.0 %" },
    {
      name: "contacts by themselves",
      given: differences({ contacts: leavers(6, 9), ...known(100, 100) }),
      figures: "6 of 100 contacts",
    },
    {
      name: "a source that is suddenly empty",
      given: differences({ sourceRows: { companies: 0, contacts: 3 }, ...known(3, 3) }),
      figures: "3 are known",
    },
  ])("refuses: $name", ({ given, figures }) => {
    expect(check(given)).toThrow(RefusedError);
    expect(check(given)).toThrow(figures);
  });
});
