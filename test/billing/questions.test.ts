import { describe, expect, test } from "vitest";
import { unreadableTicket } from "../../src/billing/plan/index.ts";
import type { BillingFacts } from "../../src/billing/plan/index.ts";
import type { DueTicket } from "../../src/billing/ports.ts";
import type { CustomerId, TicketId } from "../../src/model/index.ts";
import {
  customer,
  decimal,
  entry,
  entryKey,
  linesOf,
  otherCustomer,
  plan,
  settledLine,
  shownLines,
  ticket,
  timeRow,
  units,
  withSettings,
} from "./samples.ts";

const nobody = null as CustomerId | null;

describe("what a machine does not decide is asked", () => {
  test.each<{
    name: string;
    given: Partial<DueTicket>;
    with?: Partial<BillingFacts>;
    reason: string;
    choices: readonly string[];
  }>([
    {
      name: "closed before the start",
      given: { closedBeforeStart: true },
      reason: "closed-before-start",
      choices: ["opening", "bill", "hold"],
    },
    {
      name: "no company",
      given: { companyKey: null, customerId: nobody },
      reason: "unknown-customer",
      choices: ["waive", "hold"],
    },
    {
      name: "company not linked",
      given: { customerId: nobody },
      reason: "unknown-customer",
      choices: ["waive", "hold"],
    },
    {
      name: "customer unusable",
      given: { customerId: 99 as CustomerId },
      reason: "unknown-customer",
      choices: ["waive", "hold"],
    },
    ...[
      { obsolete: true },
      { taxZoneId: null },
      { isDefaultCurrency: false, currency: "CHF" },
      { taxIncluded: true },
    ].map((changes) => ({
      name: `customer with ${JSON.stringify(changes)}`,
      given: {},
      with: { customers: new Map([[customer.customerId, { ...customer, ...changes }]]) },
      reason: "customer-not-billable",
      choices: ["waive", "hold"],
    })),
    {
      name: "order lock, to an order",
      given: {},
      with: {
        customers: new Map([[customer.customerId, { ...customer, orderLock: true }]]),
        rules: withSettings({ target: "sales-order" }),
      },
      reason: "customer-not-billable",
      choices: ["waive", "hold"],
    },
    {
      name: "no price",
      given: {},
      with: { rules: withSettings({ priceFrom: ["customer-price"] }) },
      reason: "rule-not-usable",
      choices: ["waive", "hold"],
    },
    {
      name: "less than was billed",
      given: { entries: [entry(1, 10, 30)], lines: [settledLine()] },
      reason: "negative-difference",
      choices: ["waive", "due-again", "hold"],
    },
    {
      name: "less than was billed, line unknown",
      given: { entries: [entry(1, 10, 30)] },
      reason: "negative-difference",
      choices: ["waive", "hold"],
    },
  ])("$name: $reason", ({ given, with: changes, reason, choices }) => {
    const of = ticket(1, [entry(1, 20)], given);
    const planned = plan([of], changes);
    expect(planned).toMatchObject({ drafts: [], settlements: [], waiting: [] });
    const due = of.entries.reduce((sum, { units: seen, settledUnits }) => sum + seen - settledUnits, 0);
    expect(planned.questions).toMatchObject([{ reason, subject: "ticket 281001", about: { ticketId: 1, units: due } }]);
    const [question] = planned.questions;
    expect(question?.choices.map(({ choice }) => choice)).toEqual(choices);
    for (const sentence of [question?.text, question?.hint, ...(question?.choices.map(({ effect }) => effect) ?? [])]) {
      expect(sentence).toMatch(/^[A-Z].*\.$/s);
    }
  });

  test.each([
    { given: { companyKey: null, customerId: nobody }, told: /has no customer in the helpdesk/, hint: /helpdesk/ },
    { given: { customerId: nobody }, told: /"K10001" of the helpdesk, which is not linked/, hint: /customers sync/ },
    { given: { customerId: 99 as CustomerId }, told: /database id 99\) has no customer number/, hint: /in kivitendo/ },
  ])("an unknown customer tells $told", ({ given, told, hint }) => {
    const [question] = plan([ticket(1, [entry(1, 20)], given)]).questions;
    expect(question?.text).toMatch(told);
    expect(question?.hint).toMatch(hint);
  });

  test("an answer about an unreadable ticket holds for the time that was open then", () => {
    const fingerprint = (...given: Parameters<typeof unreadableTicket>) => unreadableTicket(...given).about.fingerprint;
    const id = 1 as TicketId;
    expect(fingerprint(id, ticket(1, [entry(1, 20, 20)]))).toBe(fingerprint(id, undefined));
    expect(fingerprint(id, ticket(1, [entry(1, 20, 5)]))).toBe(fingerprint(id, ticket(1, [entry(2, 15)])));
    expect(fingerprint(id, ticket(1, [entry(1, 20, 5)]))).not.toBe(fingerprint(id, ticket(1, [entry(1, 20)])));
    expect(fingerprint(id, ticket(1, [entry(1, 20)]))).not.toBe(fingerprint(id, undefined));
  });

  test("a negative difference tells the line, its price and its draft", () => {
    const [question] = plan([ticket(1, [entry(1, 10, 20)], { lines: [settledLine({ lineId: 41 })] })]).questions;
    expect(question?.text).toBe(
      "Ticket 281001 has 10.00 units less than were settled (20.00 units billed as 0.33333 Std of ST-STD at 95.00000 on draft 7).",
    );
    expect(question?.about.lineIds).toEqual([41]);
  });

  test("less under one rule is not made up for by more under another", () => {
    const cheap = settledLine({ unitPrice: decimal("60"), rule: "cheap" });
    const due = ticket(1, [entry(1, 10, 20, [timeRow(1, 10)]), entry(2, 30)], { lines: [cheap] });
    const planned = plan([due]);
    expect(planned.drafts).toEqual([]);
    expect(planned.questions).toMatchObject([{ reason: "negative-difference", about: { units: units(20) } }]);
  });

  test("time without an article is asked for beside what is billed", () => {
    const rest = { ...entry(9, 5), key: entryKey(9, "rest") };
    const planned = plan([ticket(1, [entry(1, 20), rest])]);
    expect(shownLines(linesOf(planned))).toEqual(["billed 281001 20 0.33333 95"]);
    expect(planned.questions).toMatchObject([{ reason: "time-without-article", about: { units: units(5) } }]);
  });

  test("a row without an article is billed like any other", () => {
    const row = { ...entry(9, 5), key: entryKey(9, "row") };
    expect(shownLines(linesOf(plan([ticket(1, [row])])))).toEqual(["billed 281001 5 0.08333 95"]);
  });

  test("time that was billed to another customer is asked for, new time goes on", () => {
    const line = settledLine({ customerId: otherCustomer.customerId, lineId: 77 });
    const due = ticket(1, [entry(1, 20, 20), entry(2, 15)], { lines: [line], billedElsewhere: true });
    const planned = plan([due]);
    expect(planned.questions).toMatchObject([
      { reason: "billed-elsewhere", about: { lineIds: [77], units: units(20) } },
    ]);
    expect(planned.questions[0]?.choices.map(({ choice }) => choice)).toEqual(["keep", "move"]);
    expect(shownLines(linesOf(planned))).toEqual(["billed 281001 15 0.25 95"]);
    expect(plan([{ ...due, billedElsewhere: false }]).questions).toEqual([]);
  });

  test("an opening that was booked leaves only what was added", () => {
    const opened = { closedBeforeStart: true, opening: "booked" } as const;
    const line = settledLine({ kind: "opening", draftId: null, partNumber: null });
    const due = ticket(1, [entry(1, 20, 20), entry(2, 15)], { ...opened, lines: [line] });
    expect(shownLines(linesOf(plan([due])))).toEqual(["billed 281001 15 0.25 95"]);
  });
});
