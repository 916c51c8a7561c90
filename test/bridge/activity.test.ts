import { describe, expect, it } from "vitest";
import { activityTickets } from "../../src/bridge/activity.ts";
import type { ActivityScope } from "../../src/bridge/activity.ts";
import type { CustomerId, Decimal, HundredthUnits, MinutesPerUnit, TicketNumber } from "../../src/model/index.ts";
import { parsePeriod } from "../../src/model/index.ts";
import type { TicketStory } from "../../src/state/index.ts";

const at = (text: string): Temporal.Instant => Temporal.Instant.from(text);
const units = (value: number): HundredthUnits => value as HundredthUnits;
const scope: ActivityScope = {
  customerId: 7,
  period: parsePeriod("2026-10", Temporal.PlainDate.from("2026-11-22")),
  timeZone: "Europe/Berlin",
  minutesPerUnit: "1" as MinutesPerUnit,
  dateBy: "closing",
};

type Line = TicketStory["lines"][number];
const draft: NonNullable<Line["draft"]> = {
  draftId: 3,
  target: "invoice-draft",
  status: "posted",
  period: "2026-10",
  customerNumber: "10001",
  kivitendoId: "is-invoice-1",
  kivitendoNumber: null,
  invoiceNumber: "R17",
};

function line(lineId: number, change: Partial<Line>): Line {
  return {
    lineId,
    kind: "billed",
    madeAt: at("2026-11-02T04:30:00Z"),
    customerId: 7 as CustomerId,
    partNumber: null,
    unit: "Std",
    description: "Ticket#281653 – Beamer",
    unitPrice: "95" as Decimal,
    discount: "0" as Decimal,
    quantity: "0.5" as Decimal,
    netAmount: "47.50" as Decimal,
    workedUnits: units(3000),
    rule: null,
    priceSource: "part",
    late: false,
    reverses: null,
    reversedBy: null,
    decidedBy: null,
    decidedWhy: null,
    draft,
    ...change,
  };
}

/** 30 and 15 minutes on two days, the second just before midnight in Berlin at the end of the month. */
function story(change: Partial<TicketStory>, ticket: Partial<TicketStory["ticket"]> = {}): TicketStory {
  const row = { agentLogin: "jo", agentName: "Jo Doe", subject: "Beamer" };
  return {
    ticket: {
      ticketId: 9,
      ticketNumber: "281653" as TicketNumber,
      title: "Beamer",
      queue: "Support",
      service: "",
      state: "closed successful",
      companyKey: "10001",
      customerId: 7 as CustomerId,
      closedAt: at("2026-10-31T22:30:00Z"),
      firstClosedAt: null,
      closedBeforeStart: false,
      held: false,
      opening: null,
      billedElsewhere: false,
      ...ticket,
    },
    entries: [
      {
        kind: "article",
        sourceId: 11,
        createdAt: at("2026-10-05T08:00:00Z"),
        seenUnits: units(4500),
        settledUnits: units(3000),
        rows: [
          { ...row, rowId: 1, units: units(3000), bookedAt: at("2026-10-05T08:00:00Z") },
          { ...row, rowId: 2, units: units(1500), bookedAt: at("2026-10-31T22:30:00Z") },
        ],
        ledger: [{ lineId: 1, units: units(3000), workedOn: Temporal.PlainDate.from("2026-10-05"), agent: "Jo Doe" }],
      },
    ],
    lines: [line(1, {})],
    decisions: [],
    questions: [],
    ...change,
  };
}

function told(stories: readonly TicketStory[], change: Partial<ActivityScope> = {}): readonly string[] {
  return activityTickets(stories, { ...scope, ...change }).flatMap((ticket) =>
    ticket.entries.map(
      ({ date, minutes, settled, where }) => `${date.toString()} ${minutes} ${settled} ${where ?? "-"}`,
    ),
  );
}

const question = { id: "billing-1", reason: "x", text: "x", hint: "x" };
const billed = "2026-10-05 30.00 billed R17";

describe("an activity report tells what became of each booking", () => {
  it.each<[string, TicketStory, readonly string[]]>([
    ["billed and due", story({}), [billed, "2026-10-31 15.00 due -"]],
    ["held", story({}, { held: true }), [billed, "2026-10-31 15.00 held -"]],
    ["asked about", story({ questions: [question] }), [billed, "2026-10-31 15.00 inbox -"]],
    [
      "proposed",
      story({ lines: [line(1, { draft: { ...draft, status: "proposed", kivitendoId: null, invoiceNumber: null } })] }),
      ["2026-10-05 30.00 proposed -", "2026-10-31 15.00 due -"],
    ],
    [
      "on an invoice that was cancelled",
      story({ lines: [line(1, { draft: { ...draft, status: "gone" } })] }),
      ["2026-10-05 30.00 billed -", "2026-10-31 15.00 due -"],
    ],
    [
      "excluded",
      story({ lines: [line(1, { kind: "excluded", draft: null })] }),
      ["2026-10-05 30.00 excluded -", "2026-10-31 15.00 due -"],
    ],
    [
      "billed to another customer",
      story({ lines: [line(1, { customerId: 8 as CustomerId })] }),
      ["2026-10-31 15.00 due -"],
    ],
    ["now another customer's", story({}, { customerId: 8 as CustomerId }), [billed]],
  ])("%s", (_name, one, expected) => {
    expect(told([one])).toEqual(expected);
  });

  it("takes back nothing that was taken back", () => {
    const [entry] = story({}).entries;
    const ledger = [...(entry?.ledger ?? []), { lineId: 2, units: units(-3000), workedOn: null, agent: null }];
    const taken = story({
      entries: entry === undefined ? [] : [{ ...entry, settledUnits: units(0), ledger }],
      lines: [line(1, { reversedBy: 2 }), line(2, { reverses: 1, draft: null })],
    });
    expect(told([taken])).toEqual(["2026-10-05 30.00 due -", "2026-10-31 15.00 due -"]);
  });

  it("by booking takes the days of the period only", () => {
    const november = parsePeriod("2026-11", Temporal.PlainDate.from("2026-11-22"));
    expect(told([story({})], { dateBy: "booking" })).toHaveLength(2);
    expect(told([story({})], { dateBy: "booking", period: november })).toEqual([]);
    expect(activityTickets([story({})], { ...scope, dateBy: "booking", period: november })).toEqual([]);
  });

  it("tells a goodwill line from a charged one, with its discount", () => {
    const discounted = line(1, { discount: "0.1" as Decimal });
    const [ticket] = activityTickets([story({ lines: [discounted, line(2, { kind: "goodwill" })] })], scope);
    expect(ticket?.lines.map(({ kind, discount, invoice }) => [kind, discount, invoice])).toEqual([
      ["billed", "0.1", "R17"],
      ["goodwill", "0", "R17"],
    ]);
  });
});
