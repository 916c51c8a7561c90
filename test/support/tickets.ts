/** Tickets as the helpdesk tells them, for tests of the ledger. */
import type { EntryTime, Settlement, TicketSnapshot, TimeRow } from "../../src/billing/ports.ts";
import type { CompanyKey, HundredthUnits, TicketId, TicketNumber } from "../../src/model/index.ts";

export const ticketId = (id: number): TicketId => id as TicketId;

/** When an article was written: one minute a row id. */
export function articleTime(id: number): Temporal.Instant {
  return Temporal.Instant.from("2026-10-01T08:00:00Z").add({ minutes: id });
}

export function timeRow(rowId: number, units: number, changes: Partial<TimeRow> = {}): TimeRow {
  return {
    rowId,
    units: units as HundredthUnits,
    bookedAt: articleTime(rowId),
    agentLogin: "eva",
    agentName: "Eva Müller",
    subject: `Arbeit ${rowId}`,
    ...changes,
  };
}

/** An article's time; one row with the article's id unless told otherwise. */
export function articleEntry(id: number, units: number, rows: readonly TimeRow[] = [timeRow(id, units)]): EntryTime {
  return {
    key: { kind: "article", sourceId: id, createdAt: articleTime(id) },
    units: units as HundredthUnits,
    rows,
  };
}

/** Time that belongs to no article: a row of its own. */
export function rowEntry(id: number, units: number): EntryTime {
  return {
    key: { kind: "row", sourceId: id, createdAt: articleTime(id) },
    units: units as HundredthUnits,
    rows: [timeRow(id, units, { subject: null })],
  };
}

/** `articles` maps article ids to hundredths of units. */
export function ticket(
  id: number,
  articles: Readonly<Record<number, number>>,
  changes: Partial<TicketSnapshot> = {},
): TicketSnapshot {
  return {
    ticketId: ticketId(id),
    ticketNumber: `20261022100000${id}` as TicketNumber,
    title: `Drucker ${id} druckt nicht`,
    queue: "Raw",
    service: "",
    sla: "",
    type: "Unclassified",
    priority: "3 normal",
    state: "closed successful",
    stateType: "closed",
    companyKey: "K10001" as CompanyKey,
    customerUser: "eva@mueller-test.de",
    dynamicFields: {},
    createdAt: Temporal.Instant.from("2026-10-01T08:00:00Z"),
    changedAt: Temporal.Instant.from("2026-10-22T10:00:00Z"),
    closedAt: Temporal.Instant.from("2026-10-22T10:00:00Z"),
    firstClosedAt: Temporal.Instant.from("2026-10-22T10:00:00Z"),
    entries: Object.entries(articles).map(([article, units]) => articleEntry(Number(article), units)),
    ...changes,
  };
}

export function settlementOf(tickets: readonly TicketSnapshot[], changes: Partial<Settlement> = {}): Settlement {
  return {
    batches: [{ tickets, unreadable: [] }],
    closedBeforeStart: new Set(),
    cursor: {
      changedSince: Temporal.Instant.from("2026-10-22T10:00:00Z"),
      helpdeskNow: Temporal.Instant.from("2026-10-22T10:05:00Z"),
      rereadAt: null,
    },
    scope: "closed from 2026-10-01",
    stateNames: [],
    stateTypes: ["closed"],
    ticketNumbers: [],
    dryRun: false,
    ...changes,
  };
}
