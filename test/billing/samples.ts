/** Parts, customers, rules and tickets that tests of billing start from, and a ledger in memory. */
import { planBilling } from "../../src/billing/plan/index.ts";
import type { BillingFacts, BillingPlan, TimePart } from "../../src/billing/plan/index.ts";
import { entryName } from "../../src/billing/plan/pieces.ts";
import type {
  BillingCustomer,
  DueEntry,
  DueTicket,
  EntryKey,
  PlannedLine,
  SettledLine,
  TimeRow,
} from "../../src/billing/ports.ts";
import type { BillingRule, BillingRules, CustomerSettings } from "../../src/billing/rules.ts";
import { createTexts } from "../../src/billing/texts.ts";
import { parsePeriod } from "../../src/model/index.ts";
import type {
  CompanyKey,
  CustomerId,
  CustomerNumber,
  Decimal,
  HundredthUnits,
  MinutesPerUnit,
  PartNumber,
  TicketId,
  TicketNumber,
} from "../../src/model/index.ts";

export const decimal = (text: string): Decimal => text as Decimal;
export const units = (minutes: number): HundredthUnits => Math.round(minutes * 100) as HundredthUnits;
export const at = (stamp: string): Temporal.Instant => Temporal.Instant.from(stamp);

export const part: TimePart = {
  partId: 1140,
  partNumber: "ST-STD" as PartNumber,
  description: "Systemtechnik Stundensatz",
  unit: "Std",
  unitPrice: "95.00000" as Decimal,
  obsolete: false,
  minutesPerUnit: "60" as Decimal,
  hasPriceFactor: false,
};

/** Another part, sold by the day. */
export const dayPart: TimePart = {
  ...part,
  partId: 1141,
  partNumber: "ST-TAG" as PartNumber,
  unit: "Tag",
  unitPrice: "700.00000" as Decimal,
  minutesPerUnit: "480" as Decimal,
};

export const customer: BillingCustomer = {
  customerId: 1150 as CustomerId,
  customerNumber: "K10001" as CustomerNumber,
  name: "Müller & Söhne GmbH",
  obsolete: false,
  orderLock: false,
  taxZoneId: 4,
  currency: "EUR",
  currencyId: 1,
  isDefaultCurrency: true,
  paymentId: null,
  languageId: null,
  languageCode: null,
  deliveryTermId: null,
  salesmanId: null,
  taxIncluded: false,
  hourlyRate: null,
};

export const otherCustomer: BillingCustomer = {
  ...customer,
  customerId: 1160 as CustomerId,
  customerNumber: "K10002" as CustomerNumber,
  name: "Weber AG",
  languageCode: "en",
};

export const settings: CustomerSettings = {
  period: parsePeriod("2026-10", Temporal.PlainDate.from("2026-11-22")),
  dateBy: "closing",
  waitHours: 0,
  partNumber: part.partNumber,
  ownPart: false,
  target: "invoice-draft",
  release: "automatic",
  priceFrom: ["open-order", "customer-price", "customer-hourly-rate", "part"],
  laterDifference: "first-line",
  rounding: null,
  minimumMinutes: "0" as Decimal,
  allowUnseen: false,
  prescale: false,
};

export const rules: BillingRules = {
  startDate: Temporal.PlainDate.from("2026-01-01"),
  timeZone: "Europe/Berlin",
  minutesPerUnit: "1" as MinutesPerUnit,
  overlapMinutes: 60,
  watchDays: 92,
  reread: { days: 90, everyHours: 24 },
  stateNames: [],
  stateTypes: ["closed"],
  statePreset: null,
  unbilledStates: [],
  period: settings.period,
  draftOwner: "buchhaltung",
  settings,
  customers: new Map(),
  rules: [],
  contingents: [],
  texts: { de: {}, en: {} },
  dynamicFields: [],
  invoiceNumberField: null,
  customerNumbers: [],
  ticketNumbers: [],
  complete: true,
};

export function withSettings(changes: Partial<CustomerSettings>, more: Partial<BillingRules> = {}): BillingRules {
  return { ...rules, settings: { ...settings, ...changes }, ...more };
}

export function rule(name: string, changes: Partial<BillingRule> = {}): BillingRule {
  return {
    name,
    when: {},
    effect: "bill",
    partNumber: null,
    unitPrice: null,
    priceFrom: null,
    surcharge: "1" as Decimal,
    rounding: null,
    minimumMinutes: null,
    ...changes,
  };
}

export const bookedAt = at("2026-10-06T08:00:00Z");

export function entryKey(sourceId: number, kind: EntryKey["kind"] = "article"): EntryKey {
  return { kind, sourceId, createdAt: bookedAt };
}

export function timeRow(rowId: number, minutes: number, changes: Partial<TimeRow> = {}): TimeRow {
  return {
    rowId,
    units: units(minutes),
    bookedAt: bookedAt.add({ minutes: rowId }),
    agentLogin: "eva",
    agentName: "Eva Müller",
    subject: `Arbeit ${rowId}`,
    ...changes,
  };
}

/** Minutes seen on an article, and settled. Its one row has the article's id unless told otherwise. */
export function entry(sourceId: number, minutes: number, settled = 0, rows?: readonly TimeRow[]): DueEntry {
  const key = entryKey(sourceId);
  return { key, units: units(minutes), settledUnits: units(settled), rows: rows ?? [timeRow(sourceId, minutes)] };
}

export function ticket(ticketId: number, entries: readonly DueEntry[], changes: Partial<DueTicket> = {}): DueTicket {
  return {
    ticketId: ticketId as TicketId,
    ticketNumber: String(281_000 + ticketId) as TicketNumber,
    title: "Beamer",
    queue: "Support",
    service: "",
    sla: "",
    type: "Unclassified",
    priority: "3 normal",
    state: "closed successful",
    stateType: "closed",
    companyKey: "K10001" as CompanyKey,
    customerUser: "eva@mueller-test.de",
    dynamicFields: {},
    customerId: customer.customerId,
    createdAt: at("2026-10-06T07:00:00Z"),
    closedAt: at("2026-10-06T10:00:00Z"),
    closedBeforeStart: false,
    opening: null,
    held: false,
    billedElsewhere: false,
    entries,
    lines: [],
    ...changes,
  };
}

let lastLine = 0;

/** A line of the ledger; by default 20 minutes of article 1 at the part's price. */
export function settledLine(changes: Partial<SettledLine> = {}): SettledLine {
  return {
    lineId: (lastLine += 1),
    ticketId: 1 as TicketId,
    kind: "billed",
    draftId: 7,
    proposed: false,
    edited: false,
    customerId: customer.customerId,
    partNumber: part.partNumber,
    unit: part.unit,
    unitPrice: part.unitPrice,
    discount: "0" as Decimal,
    quantity: "0.33333" as Decimal,
    workedUnits: units(20),
    rule: null,
    priceSource: "part",
    projectId: null,
    entries: [{ key: entryKey(1), units: units(20), workedOn: null, agent: null }],
    ...changes,
  };
}

const texts = createTexts({ de: {}, en: {} });

export function facts(changes: Partial<BillingFacts> = {}): BillingFacts {
  return {
    rules,
    customers: new Map([customer, otherCustomer].map((each) => [each.customerId, each])),
    prices: new Map(),
    parts: new Map([part, dayPart].map((each) => [each.partNumber, each])),
    recurring: new Map(),
    includedUse: new Map(),
    texts,
    ownerId: 1119,
    arChartId: 14,
    now: at("2026-11-22T04:00:00Z"),
    ...changes,
  };
}

export function plan(due: readonly DueTicket[], changes: Partial<BillingFacts> = {}): BillingPlan {
  return planBilling(due, facts(changes));
}

/** All lines of a plan, on drafts and beside them. */
export function linesOf({ drafts, settlements }: BillingPlan): readonly PlannedLine[] {
  return [
    ...drafts.flatMap(({ record }) => [...record.content.lines, ...record.settlement]),
    ...settlements.flatMap(({ lines }) => lines),
  ];
}

/** The ticket after a plan was written: as the next run sees it when nothing else happens. */
export function afterPlan(before: DueTicket, planned: BillingPlan): DueTicket {
  const own = (lines: readonly PlannedLine[], customerId: CustomerId | null, proposed: boolean): SettledLine[] =>
    lines
      .filter(({ ticket: of }) => of?.ticketId === before.ticketId)
      .map((line) => asSettled(line, customerId, proposed));
  const made = [
    ...planned.drafts.flatMap(({ record }) => [
      ...own(record.content.lines, record.customerId, record.propose),
      ...own(record.settlement, record.customerId, false),
    ]),
    ...planned.settlements.flatMap(({ lines, customerId }) => own(lines, customerId, false)),
  ];
  const replaced = new Set([
    ...planned.drafts.flatMap(({ record }) => record.replaces),
    ...planned.settlements.flatMap(({ replaces }) => replaces),
  ]);
  const gone = before.lines.filter(({ lineId }) => replaced.has(lineId));
  const moved = new Map<string, number>();
  const move = (lines: readonly SettledLine[], sign: 1 | -1): void => {
    for (const { key, units: moving } of lines.flatMap(({ entries }) => entries)) {
      moved.set(entryName(key), (moved.get(entryName(key)) ?? 0) + sign * moving);
    }
  };
  move(made, 1);
  move(gone, -1);
  return {
    ...before,
    lines: [...before.lines.filter(({ lineId }) => !replaced.has(lineId)), ...made],
    entries: before.entries.map((each) => ({
      ...each,
      settledUnits: (each.settledUnits + (moved.get(entryName(each.key)) ?? 0)) as HundredthUnits,
    })),
  };
}

function asSettled(line: PlannedLine, customerId: CustomerId | null, proposed: boolean): SettledLine {
  const { kind, unitPrice, discount, quantity, workedUnits, rule: name, priceSource, projectId, entries } = line;
  return settledLine({
    kind,
    customerId,
    proposed,
    unitPrice,
    discount,
    quantity,
    workedUnits,
    priceSource,
    projectId,
    entries,
    rule: name,
    ticketId: line.ticket?.ticketId ?? null,
    draftId: kind === "billed" || kind === "goodwill" ? 7 : null,
    partNumber: line.part?.partNumber ?? null,
    unit: line.part?.unit ?? null,
  });
}

/** `kind ticket minutes quantity price` of each line. */
export function shownLines(lines: readonly PlannedLine[]): readonly string[] {
  return lines.map(({ kind, ticket: of, workedUnits, quantity, unitPrice }) =>
    [kind, of?.ticketNumber ?? "-", workedUnits / 100, Number(quantity), Number(unitPrice)].join(" "),
  );
}
