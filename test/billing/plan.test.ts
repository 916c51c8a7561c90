import { describe, expect, test } from "vitest";
import type { CustomerId } from "../../src/model/index.ts";
import {
  afterPlan,
  at,
  customer,
  dayPart,
  decimal,
  entry,
  entryKey,
  linesOf,
  plan,
  rule,
  rules,
  settledLine,
  shownLines,
  ticket,
  timeRow,
  units,
} from "./samples.ts";

const nobody = null as CustomerId | null;

describe("a ticket becomes a position", () => {
  test("with its time, texts, day of the work and what the ledger is to hold", () => {
    const planned = plan([ticket(1, [entry(1, 20), entry(2, 25)])]);
    expect(planned).toMatchObject({ questions: [], waiting: [], settlements: [] });
    const [draft] = planned.drafts;
    expect(draft).toMatchObject({ netAmount: "71.25", minutes: "45.00" });
    expect(draft?.record).toMatchObject({
      customerNumber: "K10001",
      periodLabel: "2026-10",
      propose: false,
      settlement: [],
      replaces: [],
      content: {
        target: "invoice-draft",
        ownerId: 1119,
        arChartId: 14,
        description: "Tickets 2026-10 – Müller & Söhne GmbH",
        transactionDescription: "Tickets 2026-10",
        recurring: null,
      },
    });
    expect(String(draft?.record.content.periodEnd)).toBe("2026-10-31");
    expect(String(draft?.record.content.today)).toBe("2026-11-22");
    expect(draft?.record.content.lines).toMatchObject([
      {
        kind: "billed",
        ticket: { ticketId: 1, ticketNumber: "281001" },
        part: { partId: 1140, partNumber: "ST-STD", unit: "Std" },
        unitPrice: "95.00000",
        quantity: "0.75000",
        netAmount: "71.25",
        description: "Ticket#281001 – Beamer",
        workedUnits: units(45),
        late: false,
        rule: null,
        priceSource: "part",
        entries: [
          { key: entryKey(1), units: units(20), settledBefore: 0, agent: "Eva Müller" },
          { key: entryKey(2), units: units(25), settledBefore: 0, agent: "Eva Müller" },
        ],
      },
    ]);
  });

  test("roundings of later differences do not add up", () => {
    const first = ticket(1, [entry(1, 20)]);
    const once = plan([first]);
    expect(shownLines(linesOf(once))).toEqual(["billed 281001 20 0.33333 95"]);
    const again = { ...afterPlan(first, once), entries: [...afterPlan(first, once).entries, entry(2, 20)] };
    const later = plan([again]);
    expect(shownLines(linesOf(later))).toEqual(["billed 281001 20 0.33334 95"]);
    expect(linesOf(later)[0]?.longDescription).toContain("Nachtrag");
  });

  test("nothing changed is nothing to do", () => {
    const first = ticket(1, [entry(1, 20)]);
    expect(plan([afterPlan(first, plan([first]))])).toEqual({
      drafts: [],
      settlements: [],
      questions: [],
      waiting: [],
    });
  });

  test("of its own for each part and price, standing together, goodwill last", () => {
    const night = rule("night", {
      when: { hours: { from: Temporal.PlainTime.from("18:00"), to: Temporal.PlainTime.from("06:00") } },
      surcharge: decimal("1.5"),
    });
    const free = rule("free", { when: { agents: ["jo"] }, effect: "goodwill" });
    const rows = [
      timeRow(1, 10, { agentLogin: "jo", agentName: "Jo" }),
      timeRow(2, 20),
      timeRow(3, 30, { bookedAt: at("2026-10-06T20:00:00Z") }),
      timeRow(4, 40),
    ];
    const due = [ticket(1, [entry(1, 100, 0, rows)]), ticket(2, [entry(9, 15)])];
    const lines = linesOf(plan(due, { rules: { ...rules, rules: [free, night] } }));
    expect(shownLines(lines)).toEqual([
      "billed 281001 60 1 95",
      "billed 281001 30 0.5 142.5",
      "goodwill 281001 10 0.16667 0",
      "billed 281002 15 0.25 95",
    ]);
    expect(lines.map((line) => line.rule)).toEqual([null, "night", "free", null]);
    expect(lines[2]).toMatchObject({ netAmount: "0.00" });
  });

  test("together where rules come to the same part and price, apart where they round differently", () => {
    const jo = { when: { agents: ["jo"] }, unitPrice: decimal("95") };
    const due = [ticket(1, [entry(1, 20), entry(2, 25, 0, [timeRow(2, 25, { agentLogin: "jo" })])])];
    const same = linesOf(plan(due, { rules: { ...rules, rules: [rule("jo", jo)] } }));
    expect(shownLines(same)).toEqual(["billed 281001 45 0.75 95"]);
    expect(same[0]?.rule).toBe("jo");
    const rounding = { stepMinutes: decimal("60"), direction: "up", per: "ticket" } as const;
    const apart = linesOf(plan(due, { rules: { ...rules, rules: [rule("jo", { ...jo, rounding })] } }));
    expect(shownLines(apart)).toEqual(["billed 281001 20 0.33333 95", "billed 281001 25 1 95"]);
  });

  test("in another part's unit, with an order's discount and project", () => {
    const offer = {
      source: "open-order",
      detail: "AU9",
      unitPrice: decimal("650"),
      discount: decimal("0.1"),
      projectId: 5,
    } as const;
    const prices = new Map([
      [
        customer.customerId,
        { openOrders: [{ orderNumber: "AU9", partNumber: dayPart.partNumber, offer }], customerPrices: new Map() },
      ],
    ]);
    expect(linesOf(plan([ticket(1, [entry(1, 240)])], { prices }))).toMatchObject([
      {
        quantity: "0.50000",
        unitPrice: "650",
        discount: "0.1",
        projectId: 5,
        netAmount: "292.50",
        priceSource: "open-order AU9",
      },
    ]);
  });
});

describe("time without a draft", () => {
  test("a rule can exclude it, with or without a known customer", () => {
    const internal = rule("internal", { when: { queues: ["Intern::*"] }, effect: "exclude" });
    const due = [
      ticket(1, [entry(1, 20)], { queue: "Intern::IT" }),
      ticket(2, [entry(2, 30)], { queue: "Intern", customerId: nobody, companyKey: null }),
    ];
    const planned = plan(due, { rules: { ...rules, rules: [internal] } });
    expect(planned).toMatchObject({ drafts: [], questions: [], waiting: [] });
    expect(planned.settlements.map(({ customerId, lines }) => [customerId, ...shownLines(lines)])).toEqual([
      [customer.customerId, "excluded 281001 20 0 0"],
      [null, "excluded 281002 30 0 0"],
    ]);
  });

  test("is written with the draft where there is one", () => {
    const free = rule("jo", { when: { agents: ["jo"] }, effect: "exclude" });
    const due = [ticket(1, [entry(1, 20), entry(2, 5, 0, [timeRow(2, 5, { agentLogin: "jo" })])])];
    const planned = plan(due, { rules: { ...rules, rules: [free] } });
    expect(planned.settlements).toEqual([]);
    expect(shownLines(planned.drafts[0]?.record.settlement ?? [])).toEqual(["excluded 281001 5 0 0"]);
  });

  test("differences that cancel out are transferred, and count for what comes later", () => {
    const line = settledLine();
    const moved = ticket(1, [entry(1, 12, 20, [timeRow(1, 12)]), entry(2, 8)], { lines: [line] });
    const planned = plan([moved]);
    expect(planned).toMatchObject({ drafts: [], questions: [], waiting: [] });
    expect(linesOf(planned)).toMatchObject([
      { kind: "transfer", workedUnits: 0, quantity: "0", entries: [{ units: units(-8) }, { units: units(8) }] },
    ]);
    const next = { ...afterPlan(moved, planned), entries: [...afterPlan(moved, planned).entries, entry(3, 20)] };
    expect(shownLines(linesOf(plan([next])))).toEqual(["billed 281001 20 0.33334 95"]);
  });

  test("less of what a rule excluded is taken back without asking", () => {
    const line = settledLine({ kind: "excluded", draftId: null, partNumber: null, rule: "internal" });
    const planned = plan([ticket(1, [entry(1, 5, 20, [timeRow(1, 5)])], { lines: [line] })]);
    expect(planned.questions).toEqual([]);
    expect(shownLines(linesOf(planned))).toEqual(["excluded 281001 -15 0 0"]);
    expect(linesOf(planned)[0]?.rule).toBe("internal");
  });
});
