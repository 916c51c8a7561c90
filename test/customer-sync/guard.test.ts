import { describe, expect, test } from "vitest";
import { assertSafe } from "../../src/customer-sync/guard.ts";
import { planCustomers } from "../../src/customer-sync/plan.ts";
import type { CompanyDifference, ContactDifference, Differences } from "../../src/customer-sync/ports.ts";
import type { CustomerRules } from "../../src/customer-sync/rules.ts";
import { RefusedError } from "../../src/model/index.ts";
import type { CompanyKey, ContactId, CustomerId, CustomerNumber, UserLogin } from "../../src/model/index.ts";
import { company, companyLink, contact, differences, helpdeskFields, link, rules } from "./samples.ts";

const several = <Row>(count: number, make: (n: number) => Row): Row[] =>
  Array.from({ length: count }, (_, n) => make(n));

const obsoletes = (count: number): CompanyDifference[] =>
  several(count, (n) =>
    company({
      customerId: (2000 + n) as CustomerId,
      link: companyLink({ key: `K${n}` as CompanyKey }),
      obsolete: true,
    }),
  );
const renumbered = (count: number): CompanyDifference[] =>
  several(count, (n) =>
    company({ customerId: (2000 + n) as CustomerId, customerNumber: `N${n}` as CustomerNumber, link: companyLink() }),
  );
const matched = (count: number): CompanyDifference[] =>
  several(count, (n) =>
    company({
      customerId: (2000 + n) as CustomerId,
      link: companyLink({ status: "matched", confirmed: false, adopted: true, key: `${n}` as CompanyKey }),
    }),
  );
const leavers = (count: number, follows: boolean): ContactDifference[] =>
  several(count, (n) =>
    contact({ contactId: (3000 + n) as ContactId, link: link<UserLogin>(`u${n}@b-test.de`), active: false, follows }),
  );
const known = (companies: number, contacts: number): Partial<Differences> => ({
  known: { companies, contacts },
  sourceRows: { companies, contacts },
});
const recent = (changes: Partial<Differences["recent"]["company"]>): Differences["recent"] => {
  const none = { deactivations: 0, keyChanges: 0, adoptions: 0 };
  return { company: { ...none, ...changes }, user: none };
};

async function check(given: Differences, changes: Partial<CustomerRules> = {}): Promise<{ readonly allowed: boolean }> {
  const chosen = rules(changes);
  return assertSafe(planCustomers(given, chosen, helpdeskFields), given, chosen);
}

async function refusalOf(given: Differences, changes: Partial<CustomerRules> = {}): Promise<RefusedError> {
  const refusal = await check(given, changes).catch((error: unknown) => error);
  if (refusal instanceof RefusedError) return refusal;
  throw new Error("not refused");
}

const tokenOf = (refusal: RefusedError): string => /--allow ([0-9a-f]{12})/.exec(refusal.hint)?.[1] ?? "";

test.each([
  { name: "as many as allowed", given: differences({ companies: obsoletes(5), ...known(100, 0) }) },
  { name: "few known records", given: differences({ companies: obsoletes(19), ...known(19, 0) }) },
  {
    name: "contacts that follow their customer",
    given: differences({ companies: obsoletes(1), contacts: leavers(30, true), ...known(100, 100) }),
  },
  { name: "an empty source that never was full", given: differences({ sourceRows: { companies: 0, contacts: 0 } }) },
  {
    name: "nothing, however much there was lately",
    given: differences({ recent: recent({ deactivations: 99 }), ...known(100, 100) }),
  },
  {
    name: "a source as small as allowed",
    given: differences({ ...known(80, 80), lastSourceRows: { companies: 100, contacts: 100 } }),
  },
  {
    name: "a small source that shrinks",
    given: differences({ ...known(5, 5), lastSourceRows: { companies: 19, contacts: 19 } }),
  },
  {
    name: "adoptions on the first day",
    given: differences({ companies: matched(40), ...known(0, 0), sourceRows: { companies: 40, contacts: 0 } }),
  },
])("lets pass: $name", async ({ given }) => {
  expect(await check(given)).toEqual({ allowed: false });
});

test.each([
  {
    name: "one more than allowed",
    given: differences({ companies: obsoletes(6), ...known(100, 0) }),
    figures: "make 6 of 100 customers invalid (6.0 %); allowed are 5 and 10.0 %",
  },
  {
    name: "too large a share",
    given: differences({ companies: obsoletes(3), ...known(20, 0) }),
    figures: "3 of 20 customers invalid (15.0 %)",
  },
  {
    name: "contacts by themselves",
    given: differences({ contacts: leavers(6, false), ...known(100, 100) }),
    figures: "6 of 100 contacts",
  },
  {
    name: "changed numbers",
    given: differences({ companies: renumbered(6), ...known(100, 0) }),
    figures: "change the CustomerID of 6 of 100 customers",
  },
  {
    name: "adoptions",
    given: differences({ companies: matched(6), ...known(100, 0) }),
    figures: "adopt records of the helpdesk for 6 of 100 customers",
  },
  {
    name: "small runs that add up within a day",
    given: differences({ companies: obsoletes(2), ...known(96, 0), recent: recent({ deactivations: 4 }) }),
    figures: "2 of 100 customers invalid, after 4 in the last 24 hours (6.0 %)",
  },
  {
    name: "a source that is suddenly empty",
    given: differences({ sourceRows: { companies: 0, contacts: 3 }, known: { companies: 3, contacts: 3 } }),
    figures: "no customers at all, but 3 are known",
  },
  {
    name: "a source that lost a fifth",
    given: differences({ ...known(100, 79), lastSourceRows: { companies: 100, contacts: 100 } }),
    figures: "kivitendo shows 79 contacts, 21.0 % fewer than the 100 of the last run",
  },
])("refuses: $name", async ({ given, figures }) => {
  const refusal = await refusalOf(given);
  expect(refusal.message).toContain(figures);
  expect(refusal.message).toContain("Nothing was written.");
  expect(tokenOf(refusal)).not.toBe("");
});

test("refuses a source without the sentinel", async () => {
  const source = { ...rules().source, sentinel: "K1" };
  expect((await refusalOf(differences({ sentinelFound: false }), { source })).message).toContain("has no customer K1");
  expect(await check(differences(), { source })).toEqual({ allowed: false });
});

test("names all objections, and the first records of each", async () => {
  const { message } = await refusalOf(
    differences({ companies: obsoletes(7), contacts: leavers(7, false), ...known(100, 100) }),
  );
  expect(message).toContain("7 of 100 customers");
  expect(message).toContain("7 of 100 contacts");
  expect(message.match(/Jürgen Müller/g)).toHaveLength(5);
});

describe("the token", () => {
  const given = differences({ companies: obsoletes(6), ...known(100, 0) });

  test("allows the plan", async () => {
    expect(await check(given, { allow: tokenOf(await refusalOf(given)) })).toEqual({ allowed: true });
  });

  test("does not depend on the order of the rows", async () => {
    const turned = { ...given, companies: given.companies.toReversed() };
    expect(tokenOf(await refusalOf(turned))).toBe(tokenOf(await refusalOf(given)));
  });

  test.each([
    { name: "other records", other: differences({ companies: obsoletes(7), ...known(100, 0) }) },
    { name: "other figures of the source", other: { ...given, sourceRows: { companies: 99, contacts: 0 } } },
  ])("does not allow $name", async ({ other }) => {
    const allow = tokenOf(await refusalOf(given));
    expect((await refusalOf(other, { allow })).message).toContain(`not the one that --allow ${allow} was given for`);
  });

  test("stands in a command that chooses the same records", async () => {
    const selection = { customerNumbers: ["K 1"], contacts: ["o'neill@b-test.de"] };
    expect((await refusalOf(given, { selection })).hint).toContain(
      `kivi-otrs customers sync --customer 'K 1' --contact 'o'\\''neill@b-test.de' --allow `,
    );
  });
});
