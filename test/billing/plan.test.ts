import { describe, expect, test } from "vitest";
import type { BillingFacts } from "../../src/billing/plan/index.ts";
import type { DueTicket, PlannedLine } from "../../src/billing/ports.ts";
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
  otherCustomer,
  plan,
  rule,
  rules,
  settledLine,
  settings,
  ticket,
  timeRow,
  units,
  withSettings,
} from "./samples.ts";

/** `kind ticket minutes quantity price` of each line. */
function shown(lines: readonly PlannedLine[]): readonly string[] {
  return lines.map(({ kind, ticket: of, workedUnits, quantity, unitPrice }) =>
    [kind, of?.ticketNumber ?? "-", workedUnits / 100, Number(quantity), Number(unitPrice)].join(" "),
  );
}

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
    expect(shown(linesOf(once))).toEqual(["billed 281001 20 0.33333 95"]);
    const again = { ...afterPlan(first, once), entries: [...afterPlan(first, once).entries, entry(2, 20)] };
    const later = plan([again]);
    expect(shown(linesOf(later))).toEqual(["billed 281001 20 0.33334 95"]);
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
    expect(shown(lines)).toEqual([
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
    expect(shown(same)).toEqual(["billed 281001 45 0.75 95"]);
    expect(same[0]?.rule).toBe("jo");
    const rounding = { stepMinutes: decimal("60"), direction: "up", per: "ticket" } as const;
    const apart = linesOf(plan(due, { rules: { ...rules, rules: [rule("jo", { ...jo, rounding })] } }));
    expect(shown(apart)).toEqual(["billed 281001 20 0.33333 95", "billed 281001 25 1 95"]);
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
    expect(planned.settlements.map(({ customerId, lines }) => [customerId, ...shown(lines)])).toEqual([
      [customer.customerId, "excluded 281001 20 0 0"],
      [null, "excluded 281002 30 0 0"],
    ]);
  });

  test("is written with the draft where there is one", () => {
    const free = rule("jo", { when: { agents: ["jo"] }, effect: "exclude" });
    const due = [ticket(1, [entry(1, 20), entry(2, 5, 0, [timeRow(2, 5, { agentLogin: "jo" })])])];
    const planned = plan(due, { rules: { ...rules, rules: [free] } });
    expect(planned.settlements).toEqual([]);
    expect(shown(planned.drafts[0]?.record.settlement ?? [])).toEqual(["excluded 281001 5 0 0"]);
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
    expect(shown(linesOf(plan([next])))).toEqual(["billed 281001 20 0.33334 95"]);
  });

  test("less of what a rule excluded is taken back without asking", () => {
    const line = settledLine({ kind: "excluded", draftId: null, partNumber: null, rule: "internal" });
    const planned = plan([ticket(1, [entry(1, 5, 20, [timeRow(1, 5)])], { lines: [line] })]);
    expect(planned.questions).toEqual([]);
    expect(shown(linesOf(planned))).toEqual(["excluded 281001 -15 0 0"]);
    expect(linesOf(planned)[0]?.rule).toBe("internal");
  });
});

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
    expect(shown(linesOf(planned))).toEqual(["billed 281001 20 0.33333 95"]);
    expect(planned.questions).toMatchObject([{ reason: "time-without-article", about: { units: units(5) } }]);
  });

  test("a row without an article is billed like any other", () => {
    const row = { ...entry(9, 5), key: entryKey(9, "row") };
    expect(shown(linesOf(plan([ticket(1, [row])])))).toEqual(["billed 281001 5 0.08333 95"]);
  });

  test("time that was billed to another customer is asked for, new time goes on", () => {
    const line = settledLine({ customerId: otherCustomer.customerId, lineId: 77 });
    const due = ticket(1, [entry(1, 20, 20), entry(2, 15)], { lines: [line], billedElsewhere: true });
    const planned = plan([due]);
    expect(planned.questions).toMatchObject([
      { reason: "billed-elsewhere", about: { lineIds: [77], units: units(20) } },
    ]);
    expect(planned.questions[0]?.choices.map(({ choice }) => choice)).toEqual(["keep", "move"]);
    expect(shown(linesOf(planned))).toEqual(["billed 281001 15 0.25 95"]);
    expect(plan([{ ...due, billedElsewhere: false }]).questions).toEqual([]);
  });

  test("an opening that was booked leaves only what was added", () => {
    const opened = { closedBeforeStart: true, opening: "booked" } as const;
    const line = settledLine({ kind: "opening", draftId: null, partNumber: null });
    const due = ticket(1, [entry(1, 20, 20), entry(2, 15)], { ...opened, lines: [line] });
    expect(shown(linesOf(plan([due])))).toEqual(["billed 281001 15 0.25 95"]);
  });
});

describe("drafts", () => {
  const due = [
    ticket(1, [entry(1, 20)]),
    ticket(2, [entry(2, 15)], { customerId: otherCustomer.customerId }),
    ticket(3, [entry(3, 20)]),
    ticket(4, [entry(4, 20)], { customerId: nobody }),
  ];

  test("are one a customer, by number, added up from the rounded lines; a ticket that asks keeps no other back", () => {
    const planned = plan(due);
    expect(
      planned.drafts.map(({ customer: of, netAmount, minutes }) => [of.customerNumber, netAmount, minutes]),
    ).toEqual([
      // Twice 0.33333 Std at 95.00 are 31.67 each.
      ["K10001", "63.34", "40.00"],
      ["K10002", "23.75", "15.00"],
    ]);
    expect(planned.questions).toHaveLength(1);
  });

  test("go where the customer's own settings say", () => {
    const own = new Map([["K10002", { ...settings, target: "sales-order", release: "after-review" } as const]]);
    expect(
      plan(due, { rules: { ...rules, customers: own } }).drafts.map(({ record }) => [
        record.content.target,
        record.propose,
      ]),
    ).toEqual([
      ["invoice-draft", false],
      ["sales-order", true],
    ]);
  });

  test("rounding is told in the customer's language", () => {
    const rounding = { stepMinutes: decimal("15"), direction: "up", per: "draft" } as const;
    const planned = plan(due, { rules: withSettings({ rounding }) });
    expect(planned.drafts.map(({ record }) => record.content.lines.at(-1)?.description)).toEqual([
      "Rundung auf 15 Minuten",
      "Ticket#281002 – Beamer",
    ]);
    const english = plan([{ ...due[1], entries: [entry(2, 20)] } as DueTicket], { rules: withSettings({ rounding }) });
    expect(english.drafts[0]?.record.content.lines.at(-1)).toMatchObject({
      kind: "rounding",
      description: "Rounding to 15 minutes",
      ticket: null,
      quantity: "0.16667",
    });
  });
});

describe("recurring orders", () => {
  const monthly = { orderId: 31, orderNumber: "AU31", billingMonths: 1, valueMonths: 1, active: false, closed: false };
  const to = (changes: Partial<typeof settings>, orders: readonly (typeof monthly)[]) =>
    plan([ticket(1, [entry(1, 20)])], {
      rules: withSettings({ target: "recurring-order", ...changes }),
      recurring: new Map([[customer.customerId, orders]]),
    });

  test.each([
    { name: "its order", changes: {}, orders: [monthly], expected: { orderId: 31, priceFactor: "1.0000000000" } },
    {
      name: "the one that is open",
      changes: {},
      orders: [{ ...monthly, orderId: 30, closed: true }, monthly],
      expected: { orderId: 31 },
    },
    {
      name: "scaled beforehand",
      changes: { prescale: true },
      orders: [{ ...monthly, valueMonths: 12 }],
      expected: { priceFactor: "12.0000000000" },
    },
    {
      name: "scaled down beforehand",
      changes: { prescale: true },
      orders: [{ ...monthly, billingMonths: 12 }],
      expected: { priceFactor: "0.0833333333" },
    },
    {
      name: "unseen, where allowed",
      changes: { allowUnseen: true },
      orders: [{ ...monthly, active: true }],
      expected: { orderId: 31 },
    },
  ])("$name", ({ changes, orders, expected }) => {
    expect(to(changes, orders).drafts[0]?.record.content.recurring).toMatchObject(expected);
  });

  test.each([
    { name: "none", changes: {}, orders: [], told: /no open order with a recurring invoice/ },
    { name: "several", changes: {}, orders: [monthly, { ...monthly, orderNumber: "AU32" }], told: /AU31, AU32/ },
    {
      name: "another rhythm",
      changes: {},
      orders: [{ ...monthly, valueMonths: 12 }],
      told: /every 1 months, but its prices are for 12/,
    },
    {
      name: "an unknown rhythm",
      changes: { prescale: true },
      orders: [{ ...monthly, billingMonths: null }] as never,
      told: /does not know/,
    },
    { name: "unseen", changes: {}, orders: [{ ...monthly, active: true }], told: /without anybody looking/ },
  ])("$name is refused", ({ changes, orders, told }) => {
    const planned = to(changes, orders);
    expect(planned.drafts).toEqual([]);
    expect(planned.questions).toMatchObject([
      { reason: "draft-refused", subject: "customer K10001", text: told, about: { units: units(20) } },
    ]);
  });
});

describe("proposals", () => {
  const review = { rules: withSettings({ release: "after-review" }) };
  const first = ticket(1, [entry(1, 20)]);
  const proposed = afterPlan(first, plan([first], review));
  const more = { ...proposed, entries: [...proposed.entries, entry(2, 25)] };

  test("that nobody edited follow their ticket", () => {
    const planned = plan([more], review);
    expect(planned.drafts[0]?.record).toMatchObject({ propose: true, replaces: [proposed.lines[0]?.lineId] });
    expect(shown(linesOf(planned))).toEqual(["billed 281001 45 0.75 95"]);
    expect(linesOf(planned)[0]?.entries[0]).toMatchObject({ units: units(20), settledBefore: units(20) });
  });

  test("stay while nothing changes, and go when all time is gone", () => {
    expect(plan([proposed], review)).toEqual({ drafts: [], settlements: [], questions: [], waiting: [] });
    const gone = plan([{ ...proposed, entries: [entry(1, 0, 20, [])] }], review);
    expect(gone).toMatchObject({
      drafts: [],
      questions: [],
      settlements: [{ lines: [], replaces: [proposed.lines[0]?.lineId] }],
    });
  });

  test("less is planned anew instead of asked for", () => {
    const planned = plan([{ ...proposed, entries: [entry(1, 5, 20, [timeRow(1, 5)])] }], review);
    expect(planned.questions).toEqual([]);
    expect(shown(linesOf(planned))).toEqual(["billed 281001 5 0.08333 95"]);
  });

  test("follow the ticket to another customer", () => {
    const planned = plan([{ ...proposed, customerId: otherCustomer.customerId, billedElsewhere: true }], review);
    expect(planned.questions).toEqual([]);
    expect(planned.drafts[0]?.record).toMatchObject({
      customerNumber: "K10002",
      replaces: [proposed.lines[0]?.lineId],
    });
  });

  test("stay when the ticket waits or asks now", () => {
    expect(plan([{ ...more, held: true }], review)).toMatchObject({
      drafts: [],
      settlements: [],
      waiting: [{ why: "held", units: units(25) }],
    });
    const asks = plan([{ ...more, closedBeforeStart: true }], review);
    expect(asks).toMatchObject({ drafts: [], settlements: [], questions: [{ about: { units: units(25) } }] });
  });

  test("that somebody edited stay, and what comes later does not undo the edit", () => {
    const [line] = proposed.lines;
    const edited = {
      ...more,
      lines: line === undefined ? [] : [{ ...line, edited: true, quantity: decimal("0.10000") }],
    };
    const planned = plan([edited], review);
    expect(planned.drafts[0]?.record.replaces).toEqual([]);
    expect(shown(linesOf(planned))).toEqual(["billed 281001 25 0.41667 95"]);
    const less = plan([{ ...edited, entries: [entry(1, 5, 20, [timeRow(1, 5)])] }], review);
    expect(less.questions).toMatchObject([{ reason: "negative-difference" }]);
  });
});
