/** What is looked at before the guard and before anything is written. */
import { describe, expect, test } from "vitest";
import { lookAhead } from "../../src/customer-sync/look.ts";
import type { Differences, HelpdeskRecord } from "../../src/customer-sync/ports.ts";
import type { CustomerRules } from "../../src/customer-sync/rules.ts";
import type { CustomerNumber, UserLogin } from "../../src/model/index.ts";
import { company, companyLink, contact, plan, rules, userLink } from "./samples.ts";

interface Stored {
  readonly record: "company" | "user";
  readonly key: string;
  readonly rowId?: number;
  readonly instance?: string;
  readonly customer?: string;
}

async function look(changes: Partial<Differences>, stored: readonly Stored[], given: Partial<CustomerRules> = {}) {
  const asked: string[] = [];
  const result = await lookAhead(
    {
      lookUp: async (record, by) => {
        asked.push(`${record} ${"keys" in by ? by.keys.join(" ") : by.rowIds.join(" ")}`);
        return stored
          .filter((each) => each.record === record)
          .filter(({ key, rowId }) => ("keys" in by ? by.keys.includes(key) : by.rowIds.includes(rowId ?? 0)))
          .map(({ key, rowId, instance = "main", customer = "" }): HelpdeskRecord => ({
            key,
            fields: record === "user" ? { UserCustomerID: customer } : {},
            validId: 1,
            dynamicFields: {},
            companies: [],
            owner: rowId === undefined ? null : { instance, rowId },
            tickets: null,
          }));
      },
    },
    plan(changes, given),
    rules(given),
    new AbortController().signal,
  );
  return { ...result, asked };
}

test("asks nothing about what is linked, nor about new records that may not be adopted anyway", async () => {
  const { asked } = await look({ companies: [company()], contacts: [contact({ link: userLink() })] }, []);
  expect(asked).toEqual([]);
});

describe("with adopt: same-key", () => {
  const adopt = { adopt: "same-key" } as const;
  test.each([
    {
      name: "nobody's record is adopted",
      stored: { key: "K10001" },
      want: { kind: "adopt", expect: "unowned", situation: "found" },
    },
    {
      name: "another row's is left to the helpdesk's answer",
      stored: { key: "K10001", rowId: 9 },
      want: { kind: "create", expect: "absent" },
    },
    { name: "none: created", stored: { key: "K2" }, want: { kind: "create", expect: "absent" } },
  ])("$name", async ({ stored, want }) => {
    const { companies, held } = await look({ companies: [company()] }, [{ record: "company", ...stored }], adopt);
    expect(held).toEqual([]);
    expect(companies).toMatchObject([want]);
  });

  test("a user is adopted under its own customer, and held under another one", async () => {
    const row = { contacts: [contact()] };
    const key = "juergen.mueller@mueller-test.de";
    expect((await look(row, [{ record: "user", key, customer: "K10001" }], adopt)).users).toMatchObject([
      { kind: "adopt" },
    ]);
    expect((await look(row, [{ record: "user", key, customer: "ALT" }], adopt)).held).toMatchObject([
      { result: { code: "found", reason: expect.stringContaining("ALT") }, change: { situation: "found" } },
    ]);
  });
});

describe("a matched contact whose record stands under another customer", () => {
  const matched = (changes: object = {}) => ({
    contacts: [
      contact({
        link: userLink({ status: "matched", confirmed: false, adopted: true, key: "jm" as UserLogin, ...changes }),
      }),
    ],
  });
  const stored = [{ record: "user", key: "jm", customer: "ALT" }] as const;

  test("waits for somebody's word: all its tickets would move along", async () => {
    expect((await look(matched(), stored)).held).toMatchObject([
      { result: { code: "move-waits", reason: expect.stringContaining("ALT") }, change: { situation: "waiting" } },
    ]);
  });

  test.each([
    { name: "somebody decided so", row: matched({ decision: { choice: "move", value: null } }), given: {} },
    { name: "moves are allowed", row: matched(), given: { moves: "allow" } as const },
    {
      name: "it stays where it is by decision",
      row: matched({ decision: { choice: "stay", value: "1150" } }),
      given: {},
    },
  ])("is adopted when $name", async ({ row, given }) => {
    expect((await look(row, stored, given)).users).toMatchObject([{ kind: "adopt", key: "jm" }]);
  });

  test("is adopted when its customer is renamed to what kivitendo has by this very run", async () => {
    const companies = [company({ customerNumber: "K2" as CustomerNumber, link: companyLink() })];
    const { users } = await look({ ...matched(), companies }, [{ record: "user", key: "jm", customer: "K10001" }]);
    expect(users).toMatchObject([{ kind: "adopt", fields: { UserCustomerID: "K2" } }]);
  });
});

describe("a row whose last write has no outcome", () => {
  const writing = { status: "writing" } as const;
  const swap = "kivitendo-bridge-1150";

  test.each([
    {
      name: "was created under another number meanwhile",
      link: companyLink({ ...writing, confirmed: false }),
      stored: "K9",
      want: { expect: "ours", kind: "update", key: "K9", newKey: "K10001" },
    },
    {
      name: "was created as wanted",
      link: companyLink({ ...writing, confirmed: false }),
      stored: "K10001",
      want: { expect: "ours", kind: "update", key: "K10001", newKey: null },
    },
    {
      name: "was renamed already",
      link: companyLink({ ...writing, key: "K9" as never, sourceKey: "K9" }),
      stored: "K10001",
      want: { expect: "ours", key: "K10001", newKey: null },
    },
    {
      name: "stands aside for a swap",
      link: companyLink({ ...writing, key: "K9" as never, sourceKey: "K9" }),
      stored: swap,
      want: { expect: "ours", key: swap, newKey: "K10001" },
    },
    {
      name: "stands aside for a swap that nobody wants any more",
      link: companyLink(writing),
      stored: swap,
      want: { expect: "ours", key: swap, newKey: "K10001" },
    },
    {
      name: "was renamed by somebody",
      link: companyLink(writing),
      stored: "VON HAND",
      want: { expect: "ours", key: "VON HAND", newKey: null },
    },
  ])("and $name", async ({ link, stored, want }) => {
    const { companies, asked } = await look({ companies: [company({ link })] }, [
      { record: "company", key: stored, rowId: 1150 },
    ]);
    expect(asked).toEqual(["company 1150"]);
    expect(companies).toMatchObject([want]);
  });

  test("keeps the login that a new contact got before its address changed", async () => {
    const row = contact({ email: "neu@mueller-test.de", link: userLink({ ...writing, confirmed: false }) });
    const stored = [{ record: "user", key: "alt@mueller-test.de", rowId: 1200 }] as const;
    const { users } = await look({ contacts: [row] }, stored);
    expect(users).toMatchObject([
      {
        expect: "ours",
        key: "alt@mueller-test.de",
        newKey: null,
        companies: [],
        fields: { UserEmail: "neu@mueller-test.de" },
      },
    ]);
  });
});
