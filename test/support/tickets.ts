/** Tickets as the helpdesk tells them, for tests of the ledger. */
import type { Settlement, TicketSnapshot } from "../../src/billing/ports.ts";
import type { ArticleId, CompanyKey, HundredthUnits, TicketId, TicketNumber } from "../../src/model/index.ts";

export const ticketId = (id: number): TicketId => id as TicketId;

/** When an article was written: one minute a row id. */
export function articleTime(id: number): Temporal.Instant {
  return Temporal.Instant.from("2026-10-01T08:00:00Z").add({ minutes: id });
}

/** `articles` maps row ids to hundredths of units. */
export function ticket(
  id: number,
  articles: Readonly<Record<number, number>>,
  changes: Partial<TicketSnapshot> = {},
): TicketSnapshot {
  const times = Object.entries(articles).map(([article, units]) => ({
    articleId: Number(article) as ArticleId,
    createdAt: articleTime(Number(article)),
    units: units as HundredthUnits,
  }));
  return {
    ticketId: ticketId(id),
    ticketNumber: `20261022100000${id}` as TicketNumber,
    title: `Drucker ${id} druckt nicht`,
    queue: "Raw",
    state: "closed successful",
    stateType: "closed",
    companyKey: "K10001" as CompanyKey,
    createdAt: Temporal.Instant.from("2026-10-01T08:00:00Z"),
    changedAt: Temporal.Instant.from("2026-10-22T10:00:00Z"),
    closedAt: Temporal.Instant.from("2026-10-22T10:00:00Z"),
    totalUnits: times.reduce((sum, { units }) => sum + units, 0) as HundredthUnits,
    articles: times,
    ...changes,
  };
}

export function settlementOf(tickets: readonly TicketSnapshot[], changes: Partial<Settlement> = {}): Settlement {
  return {
    batches: [{ tickets, unreadable: [] }],
    closedBeforeStart: new Set(),
    cursor: Temporal.Instant.from("2026-10-22T10:00:00Z"),
    scope: "closed from 2026-10-01",
    stateNames: [],
    stateTypes: ["closed"],
    closedFrom: Temporal.Instant.from("2026-10-01T00:00:00Z"),
    closedBefore: Temporal.Instant.from("2026-11-01T00:00:00Z"),
    customerNumbers: [],
    ticketNumbers: [],
    dryRun: false,
    ...changes,
  };
}
