import { describe, expect, test } from "vitest";
import type { CompanyKey, CustomerId, CustomerNumber, UserLogin } from "../../src/model/index.ts";
import { company, companyLink, contact, link, plan, userLink, vanished } from "./samples.ts";

describe("a customer becomes a change", () => {
  test.each([
    { name: "new", row: company(), kind: "create", expect: "absent", valid: 1, situation: "absent" },
    {
      name: "its first write is in doubt",
      row: company({ link: companyLink({ status: "writing", confirmed: false }) }),
      kind: "create",
      expect: "absent",
      valid: 1,
      situation: "absent",
    },
    {
      name: "never accepted",
      row: company({ link: companyLink({ status: "rejected", confirmed: false }) }),
      kind: "create",
      expect: "absent",
      valid: 1,
      situation: "absent",
    },
    {
      name: "changed",
      row: company({ link: companyLink() }),
      kind: "update",
      expect: "ours",
      valid: 1,
      situation: "confirmed",
    },
    {
      name: "obsolete now",
      row: company({ link: companyLink(), obsolete: true }),
      kind: "invalidate",
      expect: "ours",
      valid: 2,
      situation: "out-of-scope",
    },
    {
      name: "filtered out now",
      row: company({ link: companyLink(), inScope: false }),
      kind: "invalidate",
      expect: "ours",
      valid: 2,
      situation: "out-of-scope",
    },
    {
      name: "obsolete as before",
      row: company({ link: companyLink({ valid: false }), obsolete: true }),
      kind: "update",
      expect: "ours",
      valid: 2,
      situation: "out-of-scope",
    },
    {
      name: "valid again",
      row: company({ link: companyLink({ valid: false }) }),
      kind: "update",
      expect: "ours",
      valid: 1,
      situation: "confirmed",
    },
    {
      name: "matched",
      row: company({ link: companyLink({ status: "matched", confirmed: false, adopted: true }) }),
      kind: "adopt",
      expect: "unowned",
      valid: 1,
      situation: "matched",
    },
    {
      name: "matched, and the adoption was refused",
      row: company({ link: companyLink({ status: "rejected", confirmed: false, adopted: true }) }),
      kind: "adopt",
      expect: "unowned",
      valid: 1,
      situation: "matched",
    },
    {
      name: "found, and adopted by decision",
      row: company({
        link: companyLink({ status: "rejected", confirmed: false, decision: { choice: "adopt", value: null } }),
      }),
      kind: "adopt",
      expect: "unowned",
      valid: 1,
      situation: "found",
    },
    {
      name: "lost its mark, and adopted by decision",
      row: company({ link: companyLink({ status: "rejected", decision: { choice: "adopt", value: null } }) }),
      kind: "adopt",
      expect: "unowned",
      valid: 1,
      situation: "found",
    },
    {
      name: "missing, and made again by decision",
      row: company({ link: companyLink({ status: "rejected", decision: { choice: "recreate", value: null } }) }),
      kind: "create",
      expect: "absent",
      valid: 1,
      situation: "missing",
    },
    {
      name: "matched with a record that is gone, and made by decision",
      row: company({
        link: companyLink({
          status: "rejected",
          confirmed: false,
          adopted: true,
          key: "4711" as CompanyKey,
          decision: { choice: "recreate", value: null },
        }),
      }),
      kind: "create",
      expect: "absent",
      valid: 1,
      situation: "missing",
    },
  ])("$name: $kind, expecting $expect", ({ row, kind, expect: expected, valid, situation }) => {
    const { companies, held } = plan({ companies: [row] });
    expect(held).toEqual([]);
    expect(companies).toMatchObject([
      { kind, expect: expected, key: "K10001", newKey: null, situation, fields: { ValidID: valid } },
    ]);
  });

  test.each([
    { name: "the number changes", given: {}, rule: {}, newKey: "K999" },
    { name: "the company was adopted", given: { adopted: true }, rule: {}, newKey: null },
    { name: "no number was recorded so far", given: { sourceKey: null }, rule: {}, newKey: null },
    { name: "the rule says no", given: {}, rule: { followCustomerNumber: false }, newKey: null },
    { name: "it has that key already", given: { key: "K999" as CompanyKey }, rule: {}, newKey: null },
    {
      name: "somebody decides so, adopted or not",
      given: { adopted: true, decision: { choice: "rename", value: "NEU" } as const },
      rule: {},
      newKey: "NEU",
    },
  ])("the key is $newKey when $name", ({ given, rule, newKey }) => {
    const row = company({ link: companyLink(given), customerNumber: "K999" as CustomerNumber });
    const users = [contact({ link: userLink() })];
    const planned = plan({ companies: [row], contacts: users }, rule);
    expect(planned.companies).toMatchObject([{ newKey, sourceKey: "K999" }]);
    expect(planned.users[0]?.fields["UserCustomerID"]).toBe(newKey ?? planned.companies[0]?.key);
  });

  test.each([
    { name: "without a number", row: company({ customerNumber: null }), code: "incomplete", situation: "incomplete" },
    { name: "number 0", row: company({ customerNumber: "0" as CustomerNumber }), code: "incomplete" },
    {
      name: "a very long number",
      row: company({ customerNumber: "K".repeat(151) as CustomerNumber }),
      code: "incomplete",
    },
    {
      name: "its number is another's for the database",
      row: company({ customerNumber: "k10001" as CustomerNumber, keyRival: "K10001" as CustomerNumber }),
      code: "ambiguous",
      situation: "ambiguous",
    },
    {
      name: "its new number is another's for the database",
      row: company({
        customerNumber: "k10002" as CustomerNumber,
        keyRival: "K10002" as CustomerNumber,
        link: companyLink(),
      }),
      code: "ambiguous",
    },
  ])("$name: held as $code", ({ row, code, situation }) => {
    const { companies, held } = plan({ companies: [row] });
    expect(companies).toEqual([]);
    expect(held).toMatchObject([{ result: { outcome: "rejected", code }, change: situation ? { situation } : {} }]);
  });

  test("without a number it is held, and so are its contacts", () => {
    const { companies, users, held } = plan({
      companies: [company({ customerNumber: null })],
      contacts: [contact({ companyKey: null, customerNumber: null })],
    });
    expect({ companies, users }).toEqual({ companies: [], users: [] });
    expect(held).toMatchObject([
      { result: { code: "incomplete" } },
      {
        result: { code: "waits-for-customer", reason: expect.stringContaining("row id 1150") },
        change: { situation: "waiting" },
      },
    ]);
  });

  test("a linked one that leaves becomes invalid, whatever else is wrong with it", () => {
    const row = company({
      obsolete: true,
      customerNumber: "k2" as CustomerNumber,
      keyRival: "K2" as CustomerNumber,
      link: companyLink(),
    });
    expect(plan({ companies: [row] })).toMatchObject({
      held: [],
      companies: [{ kind: "invalidate", key: "K10001", newKey: null, sourceKey: "K10001", fields: { ValidID: 2 } }],
    });
  });

  test.each(["same-key", "matched", "never"] as const)("a matched one under adopt: %s", (adopt) => {
    const row = company({
      link: companyLink({ status: "matched", confirmed: false, adopted: true, key: "4711" as CompanyKey }),
    });
    const { companies, held } = plan({ companies: [row] }, { adopt });
    if (adopt === "never") expect(held).toMatchObject([{ result: { code: "found" }, change: { situation: "found" } }]);
    else expect(companies).toMatchObject([{ kind: "adopt", key: "4711" }]);
  });

  test.each([
    { name: "shared with an older customer", row: company({ nameShared: true }) },
    {
      name: "to have the number by decision",
      row: company({ link: companyLink({ decision: { choice: "append-number", value: null } }) }),
    },
  ])("a name that is $name has the number appended", ({ row }) => {
    const [change] = plan({ companies: [row] }).companies;
    expect(change?.fields["CustomerCompanyName"]).toBe("Müller & Söhne GmbH (K10001)");
    expect(change?.notices).toEqual([expect.stringContaining("with the customer number")]);
  });
});

describe("a source row that is gone", () => {
  test("makes its record invalid and leaves the other fields", () => {
    const gone = vanished(1200, link<UserLogin>("a@b-test.de"));
    expect(plan({ vanishedContacts: [gone] }).users).toMatchObject([
      { kind: "invalidate", expect: "ours", key: "a@b-test.de", situation: "source-missing", fields: { ValidID: 2 } },
    ]);
  });

  test("takes its contacts along, who then only follow", () => {
    const { users } = plan({
      vanishedCompanies: [vanished(1150, companyLink())],
      vanishedContacts: [vanished(1200, userLink()), vanished(1201, userLink({ customerId: 1151 as CustomerId }))],
    });
    expect(users.map(({ rowId, follows }) => [rowId, follows])).toEqual([
      [1200, true],
      [1201, false],
    ]);
  });
});
