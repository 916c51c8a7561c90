import { expect, test } from "vitest";
import { draftRecord, planDrafts } from "../../src/billing/drafts.ts";
import type { BillingBasis } from "../../src/billing/drafts.ts";
import type { BillingCustomer, DueTicket } from "../../src/billing/ports.ts";
import type { BillingRules } from "../../src/billing/rules.ts";
import { parsePeriod } from "../../src/model/index.ts";
import type {
  ArticleId,
  CompanyKey,
  CustomerId,
  CustomerNumber,
  HundredthUnits,
  RunId,
  TicketId,
  TicketNumber,
} from "../../src/model/index.ts";
import { customer as sampleCustomer, part, rules as monthRules } from "./samples.ts";

const basis: BillingBasis = { part, arChartId: 14, draftOwnerId: 1119 };

const rules: BillingRules = {
  ...monthRules,
  period: parsePeriod("2026-10-05..2026-10-20", Temporal.PlainDate.from("2026-11-22")),
};

function customer(customerId: number, customerNumber: string, changes: Partial<BillingCustomer> = {}): BillingCustomer {
  return {
    ...sampleCustomer,
    customerId: customerId as CustomerId,
    customerNumber: customerNumber as CustomerNumber,
    name: `Firma ${customerNumber}`,
    ...changes,
  };
}

const customers = new Map(
  [customer(2, "K2"), customer(10, "K10"), customer(3, "K3", { taxZoneId: null })].map((each) => [
    each.customerId,
    each,
  ]),
);

function ticket(
  ticketId: number,
  customerId: number | null,
  minutes: number,
  changes: Partial<DueTicket> = {},
): DueTicket {
  return {
    ticketId: ticketId as TicketId,
    ticketNumber: String(1000 + ticketId) as TicketNumber,
    title: "Beamer",
    queue: "Support",
    state: "closed successful",
    companyKey: "K" as CompanyKey,
    customerId: customerId as CustomerId | null,
    closedAt: Temporal.Instant.from("2026-10-06T10:00:00Z"),
    closedBeforeStart: false,
    unattributedUnits: 0 as HundredthUnits,
    articles: [
      {
        articleId: ticketId as ArticleId,
        createdAt: Temporal.Instant.from("2026-10-06T08:00:00Z"),
        seenUnits: (minutes * 100) as HundredthUnits,
        billedUnits: 0 as HundredthUnits,
      },
    ],
    billedLines: [],
    ...changes,
  };
}

function plan(...due: readonly DueTicket[]): ReturnType<typeof planDrafts> {
  return planDrafts(due, customers, basis, rules);
}

test("nothing due is no draft and no question", () => {
  expect(plan()).toEqual({ drafts: [], questions: [] });
});

test("one draft a customer, by customer number; its tickets in their order, added up from the rounded lines", () => {
  const { drafts, questions } = plan(ticket(1, 2, 20), ticket(2, 10, 15), ticket(3, 2, 20), ticket(4, 2, 20));
  expect(questions).toEqual([]);
  expect(
    drafts.map(({ customer: { customerNumber }, positions, minutes, netAmount }) => ({
      customerNumber,
      tickets: positions.map(({ draftLine }) => draftLine.ticketNumber),
      minutes,
      netAmount,
    })),
  ).toEqual([
    { customerNumber: "K10", tickets: ["1002"], minutes: "15.00", netAmount: "23.75" },
    // Three times 0.33333 Std at 95.00 are 31.67 each; one hour would be 95.00.
    { customerNumber: "K2", tickets: ["1001", "1003", "1004"], minutes: "60.00", netAmount: "95.01" },
  ]);
});

test("a ticket that asks does not keep the others from being billed", () => {
  const { drafts, questions } = plan(ticket(1, null, 20), ticket(2, 3, 20), ticket(3, 99, 20), ticket(4, 2, 20));
  expect(questions.map(({ reason, subject }) => `${reason} ${subject}`)).toEqual([
    "unknown-customer ticket 1001",
    "customer-not-billable ticket 1002",
    "unknown-customer ticket 1003",
  ]);
  expect(drafts.map(({ positions }) => positions.length)).toEqual([1]);
});

test("a ticket can be billed and ask about its time without an article", () => {
  const { drafts, questions } = plan(ticket(1, 2, 20, { unattributedUnits: 500 as HundredthUnits }));
  expect(drafts[0]?.minutes).toBe("20.00");
  expect(questions.map(({ reason }) => reason)).toEqual(["time-without-article"]);
});

test("a draft's record numbers its lines and names period, owner and account", () => {
  const [planned] = plan(ticket(1, 2, 20), ticket(3, 2, 40)).drafts;
  if (planned === undefined) throw new Error("no draft was planned");
  const now = Temporal.Instant.from("2026-11-22T04:00:00.900Z");
  const record = draftRecord(planned, basis, rules, 12 as RunId, now);
  expect(record).toMatchObject({
    run: 12,
    customerId: 2,
    customerNumber: "K2",
    periodLabel: "2026-10-05..2026-10-20",
    target: "invoice-draft",
    lines: [
      { position: 1, ticketNumber: "1001", workedUnits: 2000 },
      { position: 2, ticketNumber: "1003", workedUnits: 4000 },
    ],
    draft: {
      draftId: `is-invoice-otrs-${Date.parse("2026-11-22T04:00:00Z") / 1000}-12-2`,
      ownerId: 1119,
      arChartId: 14,
      description: "Tickets 2026-10-05..2026-10-20 – Firma K2",
    },
  });
  expect(String(record.draft.periodStart)).toBe("2026-10-05");
  expect(String(record.draft.periodEnd)).toBe("2026-10-20");
  expect(record.draft.lines).toEqual(planned.positions.map(({ draftLine }) => draftLine));
  // kivitendo's drafts.id holds 50 characters.
  expect(record.draft.draftId.length).toBeLessThanOrEqual(50);
});
