import { describe, expect, test } from "vitest";
import { decideTicket, unattributedTime } from "../../src/billing/lines.ts";
import type { BilledLine, DueArticle, DueTicket } from "../../src/billing/ports.ts";
import type {
  ArticleId,
  CompanyKey,
  CustomerId,
  Decimal,
  HundredthUnits,
  TicketId,
  TicketNumber,
} from "../../src/model/index.ts";
import { customer, part, rules } from "./samples.ts";

/** Minutes seen and billed on one article. */
function article(articleId: number, seen: number, billed: number): DueArticle {
  return {
    articleId: articleId as ArticleId,
    createdAt: Temporal.Instant.from("2026-10-05T08:00:00Z"),
    seenUnits: (seen * 100) as HundredthUnits,
    billedUnits: (billed * 100) as HundredthUnits,
  };
}

function ticket(changes: Partial<DueTicket> = {}): DueTicket {
  return {
    ticketId: 7 as TicketId,
    ticketNumber: "281653" as TicketNumber,
    title: "Beamer",
    queue: "Support",
    state: "closed successful",
    companyKey: "K10001" as CompanyKey,
    customerId: customer.customerId,
    closedAt: Temporal.Instant.from("2026-10-05T10:00:00Z"),
    closedBeforeStart: false,
    unattributedUnits: 0 as HundredthUnits,
    articles: [article(1, 20, 0)],
    billedLines: [],
    ...changes,
  };
}

function billedLine(minutes: number, quantity: string, changes: Partial<BilledLine> = {}): BilledLine {
  return {
    customerId: customer.customerId,
    partNumber: part.partNumber,
    unitPrice: "95.00000" as Decimal,
    workedUnits: (minutes * 100) as HundredthUnits,
    quantity: quantity as Decimal,
    ...changes,
  };
}

describe("a ticket that cannot be billed becomes a question, or nothing", () => {
  test.each([
    {
      name: "closed before the start",
      given: { closedBeforeStart: true },
      who: customer,
      reason: "closed-before-start",
    },
    { name: "no company", given: { companyKey: null, customerId: null }, who: null, reason: "unknown-customer" },
    { name: "company not linked", given: { customerId: null }, who: null, reason: "unknown-customer" },
    { name: "customer unusable", given: {}, who: null, reason: "unknown-customer" },
    { name: "customer obsolete", given: {}, who: { ...customer, obsolete: true }, reason: "customer-not-billable" },
    { name: "no tax zone", given: {}, who: { ...customer, taxZoneId: null }, reason: "customer-not-billable" },
    {
      name: "other currency",
      given: {},
      who: { ...customer, isDefaultCurrency: false },
      reason: "customer-not-billable",
    },
    { name: "prices with tax", given: {}, who: { ...customer, taxIncluded: true }, reason: "customer-not-billable" },
    {
      name: "less than billed",
      given: { articles: [article(1, 10, 20)] },
      who: customer,
      reason: "negative-difference",
    },
  ])("$name: $reason", ({ given, who, reason }) => {
    const decision = decideTicket(ticket(given), who, part, rules);
    expect(decision).toMatchObject({ kind: "ask", item: { reason, subject: "ticket 281653" } });
    if (decision.kind === "ask") expect(decision.item.hint).toMatch(/\.$/);
  });

  test.each([
    { name: "differences that cancel out", given: { articles: [article(1, 10, 20), article(2, 10, 0)] } },
    {
      name: "a quantity below what kivitendo shows",
      given: { articles: [{ ...article(1, 0, 0), seenUnits: 1 as HundredthUnits }] },
      of: { ...part, unit: "Tag", minutesPerUnit: "480" as Decimal },
    },
  ])("$name: nothing", ({ given, of = part }) => {
    expect(decideTicket(ticket(given), customer, of, rules)).toEqual({ kind: "nothing" });
  });

  test("time without an article is asked about, whatever else is decided", () => {
    expect(unattributedTime(ticket())).toBeNull();
    expect(unattributedTime(ticket({ unattributedUnits: 50 as HundredthUnits }))).toMatchObject({
      reason: "time-without-article",
      text: expect.stringContaining("0.50 units on ticket 281653"),
    });
  });
});

describe("a ticket that is due becomes one position", () => {
  function positionOf(given: Partial<DueTicket>, who = customer, of = part) {
    const decision = decideTicket(ticket(given), who, of, rules);
    if (decision.kind !== "bill") throw new Error(`expected a position, got ${decision.kind}`);
    return decision.position;
  }

  test("with number, title, time and day of closing", () => {
    const { draftLine, ledgerLine } = positionOf({});
    expect(draftLine).toMatchObject({
      partId: 1140,
      unit: "Std",
      quantity: "0.33333",
      unitPrice: "95.00000",
      description: "Ticket#281653 – Beamer",
      ticketNumber: "281653",
      longDescription: "<p>Ticket: 281653<br />Beamer<br />Erfasste Zeit: 20 min<br />Geschlossen am 05.10.2026</p>",
    });
    expect(ledgerLine).toMatchObject({ workedUnits: 2000, netAmount: "31.67", late: false });
    expect(ledgerLine.entries).toMatchObject([{ articleId: 1, units: 2000, billedBefore: 0 }]);
  });

  test.each([
    {
      name: "all of a first billing",
      articles: [article(1, 20, 0), article(2, 25.5, 0)],
      lines: [],
      quantity: "0.75833",
    },
    {
      name: "the difference only, so that roundings do not add up",
      articles: [article(2, 20, 0)],
      lines: [billedLine(20, "0.33333")],
      quantity: "0.33334",
    },
    {
      name: "a correction and an addition together",
      articles: [article(1, 10, 20), article(2, 40, 0)],
      lines: [billedLine(20, "0.33333")],
      quantity: "0.50000",
    },
    {
      name: "lines of another customer do not count",
      articles: [article(2, 20, 0)],
      lines: [billedLine(20, "0.33333", { customerId: 9 as CustomerId })],
      quantity: "0.33333",
    },
  ])("$name: $quantity", ({ articles, lines, quantity }) => {
    expect(positionOf({ articles, billedLines: lines }).draftLine.quantity).toBe(quantity);
  });

  test("a later difference has the price of the ticket's first line", () => {
    const lines = [billedLine(20, "0.33333", { unitPrice: "80.00000" as Decimal })];
    const { draftLine, ledgerLine } = positionOf({ articles: [article(2, 40, 0)], billedLines: lines });
    expect(draftLine.unitPrice).toBe("80.00000");
    expect(ledgerLine.netAmount).toBe("53.33");
    expect(draftLine.longDescription).toContain("Nachtrag");
  });

  test("closed before the period is late, by the day in the business zone", () => {
    const closedAt = (stamp: string) => ({ closedAt: Temporal.Instant.from(stamp) });
    expect(positionOf(closedAt("2026-09-30T21:59:59Z")).ledgerLine.late).toBe(true);
    expect(positionOf(closedAt("2026-09-30T22:00:00Z")).ledgerLine.late).toBe(false);
  });

  test("texts are in the customer's language, on one line, and safe in HTML", () => {
    const english = { ...customer, languageCode: "en" };
    const { draftLine } = positionOf({ title: 'Café\n<b>&"x"\u0007' }, english);
    expect(draftLine.description).toBe('Ticket#281653 – Café <b>&"x"');
    expect(draftLine.longDescription).toBe(
      "<p>Ticket: 281653<br />Café &lt;b&gt;&amp;&quot;x&quot;<br />Accounted time: 20 min<br />Closed on 2026-10-05</p>",
    );
  });
});
