import { describe, expect, test } from "vitest";
import type { DueTicket, SettledLine } from "../../src/billing/ports.ts";
import type { CustomerId } from "../../src/model/index.ts";
import {
  afterPlan,
  at,
  customer,
  decimal,
  entry,
  linesOf,
  otherCustomer,
  plan,
  rules,
  settings,
  shownLines,
  ticket,
  timeRow,
  units,
  withSettings,
} from "./samples.ts";

const nobody = null as CustomerId | null;

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
    expect(shownLines(linesOf(planned))).toEqual(["billed 281001 45 0.75 95"]);
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
    expect(shownLines(linesOf(planned))).toEqual(["billed 281001 5 0.08333 95"]);
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
    expect(shownLines(linesOf(planned))).toEqual(["billed 281001 25 0.41667 95"]);
    const less = plan([{ ...edited, entries: [entry(1, 5, 20, [timeRow(1, 5)])] }], review);
    expect(less.questions).toMatchObject([{ reason: "negative-difference" }]);
  });

  test("go when all time is gone and nobody can say who the customer is", () => {
    const gone = { ...proposed, entries: [entry(1, 0, 20, [])] };
    const taken = { drafts: [], settlements: [{ customerId: null, lines: [], replaces: [proposed.lines[0]?.lineId] }] };
    expect(plan([{ ...gone, customerId: null }], review)).toMatchObject(taken);
    expect(plan([gone], { ...review, customers: new Map() })).toMatchObject(taken);
  });

  describe("that are rounded as a whole", () => {
    const rounding = { stepMinutes: decimal("15"), direction: "up", per: "draft" } as const;
    const rounded = { rules: withSettings({ release: "after-review", rounding }) };
    const two = [ticket(1, [entry(1, 10)]), ticket(2, [entry(2, 10)])];
    const made = plan(two, rounded);
    const [one, other] = two.map((each) => afterPlan(each, made)) as [DueTicket, DueTicket];
    const changed = { ...one, entries: [entry(1, 13, 10)] };
    const lineIds = (...tickets: readonly DueTicket[]) =>
      tickets.flatMap(({ lines }) => lines.map(({ lineId }) => lineId));

    test("are planned anew as a whole with one of their tickets", () => {
      expect(shownLines(linesOf(made))).toEqual([
        "billed 281001 10 0.16667 95",
        "billed 281002 10 0.16667 95",
        "rounding - 0 0.16666 95",
      ]);
      const anew = plan([changed, other], rounded);
      expect(anew.drafts.map(({ record }) => record.replaces)).toEqual([lineIds(one, other)]);
      expect(shownLines(linesOf(anew))).toEqual([
        "billed 281001 13 0.21667 95",
        "billed 281002 10 0.16667 95",
        "rounding - 0 0.11666 95",
      ]);
      expect(plan([one, other], rounded).drafts).toEqual([]);
    });

    test("also beside time of another period", () => {
      const later = timeRow(3, 5, { bookedAt: at("2026-11-03T08:00:00Z") });
      const dateBy = "booking" as const;
      const byBooking = { rules: withSettings({ release: "after-review", rounding, dateBy }) };
      const anew = plan([changed, { ...other, entries: [...other.entries, entry(3, 5, 0, [later])] }], byBooking);
      expect(anew.drafts.map(({ record }) => record.replaces)).toEqual([lineIds(one, other)]);
      expect(anew.waiting).toMatchObject([{ why: "period", units: units(5) }]);
    });

    test("but for lines that were edited, that wait, or that stand on another proposal or at another price", () => {
      const kept = (changes: Partial<DueTicket>, line: Partial<SettledLine> = {}) =>
        plan(
          [changed, { ...other, ...changes, lines: other.lines.map((each) => ({ ...each, ...line })) }],
          rounded,
        ).drafts.map(({ record }) => record.replaces);
      for (const replaces of [
        kept({}, { edited: true }),
        kept({ held: true }),
        kept({}, { draftId: 8 }),
        kept({}, { unitPrice: decimal("90") }),
      ]) {
        expect(replaces).toEqual([lineIds(one)]);
      }
    });

    test("and tell how, so that the proposal can be rounded again when one of its lines goes", () => {
      expect(made.drafts.map(({ record }) => record.roundings)).toMatchObject([
        [{ positions: [1, 2], stepMinutes: "15", direction: "up", minutesPerPartUnit: "60", line: { rule: null } }],
      ]);
      expect(plan([ticket(1, [entry(1, 15)])], rounded).drafts[0]?.record).toMatchObject({
        content: { lines: [{ kind: "billed" }] },
        roundings: [{ positions: [1], line: { description: "Rundung auf 15 Minuten" } }],
      });
    });

    test("and not where each ticket is rounded for itself", () => {
      const anew = plan([changed, other], {
        rules: withSettings({ release: "after-review", rounding: { ...rounding, per: "ticket" } }),
      });
      expect(anew.drafts.map(({ record }) => record.replaces)).toEqual([lineIds(one)]);
    });
  });
});
