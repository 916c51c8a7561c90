/** Planned lines and drafts of the sample company, for tests of the ledger. */
import type { DraftContent, DraftRecord, LineEntry, PlannedLine } from "../../src/billing/ports.ts";
import { lineTotal, sumAmounts } from "../../src/model/index.ts";
import type { Decimal, HundredthUnits, PartNumber, RunId } from "../../src/model/index.ts";
import { sampleCustomer } from "./sample-draft.ts";
import { articleTime, ticket } from "./tickets.ts";

export const muellerId = sampleCustomer.customerId;

export const mueller = sampleCustomer;

/** Article, hundredths of units, and what the ledger held when the plan was made. */
type Bite = readonly [article: number, units: number, settledBefore?: number];

/** Bills articles of a ticket, a quarter of an hour of `ST-STD`. */
export function lineOf(id: number, bites: readonly Bite[], changes: Partial<PlannedLine> = {}): PlannedLine {
  const { ticketId, ticketNumber } = ticket(id, {});
  const unitPrice = changes.unitPrice ?? ("95.00000" as Decimal);
  const quantity = changes.quantity ?? ("0.25000" as Decimal);
  const worked = Temporal.PlainDate.from("2026-10-22");
  return {
    kind: "billed",
    ticket: { ticketId, ticketNumber },
    part: { partId: 1140, partNumber: "ST-STD" as PartNumber, unit: "Std" },
    unitPrice,
    discount: "0" as Decimal,
    quantity,
    netAmount: lineTotal({ unitPrice, discount: "0" as Decimal, quantity }),
    projectId: null,
    description: `Ticket ${ticketNumber}`,
    longDescription: "<p>Arbeit</p>",
    workedUnits: bites.reduce((sum, [, units]) => sum + units, 0) as HundredthUnits,
    late: false,
    service: { start: worked, end: worked },
    rule: "normal",
    priceSource: "part",
    entries: bites.map(entryOf),
    ...changes,
  };
}

function entryOf([article, units, settledBefore = 0]: Bite): LineEntry {
  return {
    key: { kind: "article", sourceId: article, createdAt: articleTime(article) },
    units: units as HundredthUnits,
    settledBefore: settledBefore as HundredthUnits,
    workedOn: Temporal.PlainDate.from("2026-10-22"),
    agent: "eva",
  };
}

/** A line that settles time without a draft. */
export function settledLine(id: number, kind: PlannedLine["kind"], bites: readonly Bite[]): PlannedLine {
  const nothing = { part: null, unitPrice: "0" as Decimal, quantity: "0" as Decimal, netAmount: "0" as Decimal };
  return lineOf(id, bites, { kind, ...nothing, description: "", longDescription: "", priceSource: null });
}

/** Rounds the sample part of a draft up by a quantity. */
export function roundingLine(quantity: string): PlannedLine {
  return lineOf(0, [], { kind: "rounding", ticket: null, service: null, quantity: quantity as Decimal });
}

export function contentOf(lines: readonly PlannedLine[], changes: Partial<DraftContent> = {}): DraftContent {
  return {
    target: "invoice-draft",
    customer: mueller,
    ownerId: 1119,
    arChartId: 14,
    description: "Tickets 2026-10 – Müller & Söhne GmbH",
    transactionDescription: "Tickets 2026-10",
    periodStart: Temporal.PlainDate.from("2026-10-01"),
    periodEnd: Temporal.PlainDate.from("2026-10-31"),
    today: Temporal.PlainDate.from("2026-11-22"),
    recurring: null,
    lines,
    ...changes,
  };
}

export function recordOf(
  run: RunId,
  lines: readonly PlannedLine[],
  { content, ...changes }: Partial<Omit<DraftRecord, "content">> & { readonly content?: Partial<DraftContent> } = {},
): DraftRecord {
  return {
    run,
    customerId: muellerId,
    customerNumber: mueller.customerNumber,
    periodLabel: "2026-10",
    content: contentOf(lines, content),
    roundings: [],
    propose: false,
    settlement: [],
    replaces: [],
    ...changes,
  };
}

export function netOf(lines: readonly PlannedLine[]): Decimal {
  return sumAmounts(lines.map(({ netAmount }) => netAmount));
}
