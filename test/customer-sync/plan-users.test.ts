import { describe, expect, test } from "vitest";
import type { ContactDifference } from "../../src/customer-sync/ports.ts";
import type { CompanyKey, ContactId, CustomerId, CustomerNumber } from "../../src/model/index.ts";
import { company, contact, formerCompany, helpdeskFields, plan, userLink, vanished } from "./samples.ts";

/** The contact of before, whose row is gone. */
const formerUnder = (customerId: CustomerId | null) => ({
  rowId: 1100,
  key: "juergen.mueller@mueller-test.de",
  label: "Jürgen Müller <juergen.mueller@mueller-test.de>",
  adopted: false,
  customerId,
});

describe("a contact becomes a change", () => {
  test("the login is the e-mail in lower case when it is new", () => {
    expect(plan({ contacts: [contact()] }).users).toMatchObject([
      {
        kind: "create",
        key: "juergen.mueller@mueller-test.de",
        companies: [],
        fields: { UserEmail: "Juergen.Mueller@mueller-test.de", UserCustomerID: "K10001", ValidID: 1 },
      },
    ]);
  });

  test("the login stays when the e-mail changes, until somebody decides to rename it", () => {
    const row = (changes: Partial<ContactDifference["link"]>): ContactDifference =>
      contact({ email: "jm@mueller-test.de", link: userLink(changes ?? {}) });
    const key = "juergen.mueller@mueller-test.de";
    expect(plan({ contacts: [row({})] }).users).toMatchObject([
      { kind: "update", expect: "ours", key, newKey: null, fields: { UserEmail: "jm@mueller-test.de" } },
    ]);
    const decision = { choice: "rename", value: "jm@mueller-test.de" } as const;
    expect(plan({ contacts: [row({ decision })] }).users).toMatchObject([{ key, newKey: "jm@mueller-test.de" }]);
  });

  test("a new one whose login is taken gets the login that somebody decides", () => {
    const decision = { choice: "rename", value: "j.mueller2" } as const;
    const row = contact({ link: userLink({ status: "rejected", confirmed: false, decision }) });
    expect(plan({ contacts: [row] }).users).toMatchObject([{ kind: "create", expect: "absent", key: "j.mueller2" }]);
  });

  test("deleted and typed again it takes up the user from before, which does not leave then", () => {
    const before = userLink({ customerId: 1150 as CustomerId });
    const former = formerUnder(before.customerId);
    const { users, held } = plan({
      contacts: [contact({ former }), contact({ contactId: 1201 as ContactId, former })],
      vanishedContacts: [vanished(1100, before)],
    });
    expect(users).toMatchObject([
      { kind: "adopt", expect: "ours", rowId: 1200, key: former.key, situation: "returned", takesOver: former },
    ]);
    expect(held).toMatchObject([{ change: { rowId: 1201 }, result: { code: "email-taken" } }]);
  });

  test("typed again under another customer it waits, and the user from before leaves", () => {
    const before = userLink({ customerId: 1149 as CustomerId });
    const former = formerUnder(before.customerId);
    const rows = { contacts: [contact({ former })], vanishedContacts: [vanished(1100, before)] };
    expect(plan(rows)).toMatchObject({
      users: [{ kind: "invalidate", rowId: 1100 }],
      held: [{ change: { rowId: 1200 }, result: { code: "found" } }],
    });
    expect(plan(rows, { moves: "allow" }).users).toMatchObject([{ kind: "adopt", rowId: 1200, expect: "ours" }]);
    const again = company({ former: formerCompany("K10001 Müller & Söhne GmbH") });
    expect(plan({ ...rows, companies: [again] }).users).toMatchObject([{ kind: "adopt", rowId: 1200 }]);
  });

  test("no password is ever sent", () => {
    const [change] = plan({ contacts: [contact()] }).users;
    expect(Object.keys(change?.fields ?? {}).filter((field) => /pass/i.test(field))).toEqual([]);
  });

  test("it may belong to a company that this plan creates", () => {
    const { users, held } = plan({ companies: [company()], contacts: [contact({ companyKey: null })] });
    expect(held).toEqual([]);
    expect(users).toMatchObject([{ fields: { UserCustomerID: "K10001" } }]);
  });

  test.each([
    { name: "all its customers are obsolete", follows: true },
    { name: "it may not report tickets any more", follows: false },
  ])("it becomes invalid when $name", ({ follows }) => {
    const row = contact({ link: userLink(), active: false, follows });
    expect(plan({ contacts: [row] }).users).toMatchObject([
      { kind: "invalidate", situation: "out-of-scope", follows, fields: { ValidID: 2 } },
    ]);
  });

  test("one that leaves becomes invalid although a name is missing or its customer is not there", () => {
    const rows = [
      contact({ link: userLink(), active: false, givenName: "" }),
      contact({ contactId: 1201 as ContactId, link: userLink(), active: false, companyKey: null }),
    ];
    expect(plan({ contacts: rows })).toMatchObject({
      held: [],
      users: [
        { kind: "invalidate", fields: { ValidID: 2 } },
        { kind: "invalidate", fields: { ValidID: 2 } },
      ],
    });
  });

  test("of several new ones with one e-mail the lowest row gets the login, the others are held", () => {
    const rows = [1203, 1201, 1202].map((id) => contact({ contactId: id as ContactId }));
    const { users, held } = plan({ contacts: rows });
    expect(users.map(({ rowId }) => rowId)).toEqual([1201]);
    expect(held).toMatchObject([
      { change: { rowId: 1203, situation: "ambiguous" }, result: { code: "email-taken", otherKey: users[0]?.key } },
      { change: { rowId: 1202 }, result: { reason: expect.stringContaining("row id 1201") } },
    ]);
  });

  test("but one whose write is in doubt may have the login already", () => {
    const link = userLink({ status: "writing", confirmed: false });
    const rows = [contact(), contact({ contactId: 1201 as ContactId, link })];
    expect(plan({ contacts: rows }).users.map(({ rowId }) => rowId)).toEqual([1201]);
  });

  test("of its other customers those that are in the helpdesk, now or in this run, become additional ones", () => {
    const otherCustomers = [
      { customerId: 1151 as CustomerId, key: "K10002" as CompanyKey },
      { customerId: 1152 as CustomerId, key: null },
      { customerId: 1153 as CustomerId, key: null },
    ];
    const companies = [company({ customerId: 1152 as CustomerId, customerNumber: "K10003" as CustomerNumber })];
    expect(plan({ companies, contacts: [contact({ otherCustomers })] }).users).toMatchObject([
      { companies: ["K10002", "K10003"] },
    ]);
  });

  test("one without other customers has none, whether known or new; a helpdesk without them is told nothing", () => {
    const rows = [
      contact({ link: userLink() }),
      contact({ contactId: 1201 as ContactId, email: "neu@mueller-test.de" }),
    ];
    expect(plan({ contacts: rows }).users.map(({ companies }) => companies)).toEqual([[], []]);
    const without = { ...helpdeskFields, additionalCompanies: false };
    expect(plan({ contacts: rows }, {}, without).users.map(({ companies }) => companies)).toEqual([null, null]);
  });
});

describe("a contact that kivitendo files under another customer", () => {
  const moved = (changes: Partial<ReturnType<typeof userLink>> = {}): ContactDifference =>
    contact({
      customerId: 1151 as CustomerId,
      customerNumber: "K10002" as CustomerNumber,
      companyKey: "K10002" as CompanyKey,
      phone: "1",
      link: userLink(changes),
    });
  const stay = { choice: "stay", value: "1151" } as const;

  test("is written without the move, which waits", () => {
    const [change] = plan({ contacts: [moved()] }).users;
    expect(change?.fields).toMatchObject({ UserPhone: "1" });
    expect(change?.fields).not.toHaveProperty("UserCustomerID");
    expect(change).toMatchObject({
      customerId: 1151,
      waitsFor: { code: "move-waits", reason: expect.stringContaining("K10002") },
    });
  });

  test.each([
    { name: "the rule allows it", row: moved(), rule: { moves: "allow" } as const },
    { name: "somebody decided so", row: moved({ decision: { choice: "move", value: null } }), rule: {} },
    {
      name: "somebody decided that it stays out of another customer",
      row: moved({ decision: { choice: "stay", value: "1199" } }),
      rule: { moves: "allow" } as const,
    },
    { name: "where it was filed is not known", row: moved({ customerId: null }), rule: {} },
  ])("is moved when $name", ({ row, rule }) => {
    expect(plan({ contacts: [row] }, rule).users).toMatchObject([
      { fields: { UserCustomerID: "K10002" }, customerId: 1151, waitsFor: null },
    ]);
  });

  test("stays without a question when somebody decided so", () => {
    const [change] = plan({ contacts: [moved({ decision: stay })] }).users;
    expect(change?.fields).not.toHaveProperty("UserCustomerID");
    expect(change).toMatchObject({ customerId: 1151, waitsFor: null });
  });

  test("asks nothing when it leaves at the same time, and keeps its customer for when it comes back", () => {
    const [change] = plan({ contacts: [{ ...moved(), active: false }] }).users;
    expect(change).toMatchObject({ kind: "invalidate", customerId: 1150, waitsFor: null });
    expect(change?.fields).not.toHaveProperty("UserCustomerID");
  });

  test("needs no company of its new customer while it waits", () => {
    const { users, held } = plan({ contacts: [{ ...moved(), companyKey: null }] });
    expect(held).toEqual([]);
    expect(users).toMatchObject([{ waitsFor: { code: "move-waits" } }]);
  });
});
