import { endOfPeriod } from "../../model/index.ts";
import type { HundredthUnits, Period, TicketId, TicketNumber } from "../../model/index.ts";
import type { DueTicket } from "../ports.ts";
import type { CustomerSettings } from "../rules.ts";
import type { Piece } from "./pieces.ts";

/**
 * | why         | not billed yet because                                                          |
 * |-------------|---------------------------------------------------------------------------------|
 * | state       | the ticket is cancelled: its time is told, never billed                         |
 * | held        | somebody said so                                                                |
 * | just-closed | it was closed less than the waiting time ago                                    |
 * | period      | it is dated after the period                                                    |
 * | too-small   | it is too little to charge anything for it (yet)                                |
 */
export type WaitReason = "state" | "held" | "just-closed" | "period" | "too-small";

/** Time that is not due yet. */
export interface WaitingTime {
  readonly ticketId: TicketId;
  readonly ticketNumber: TicketNumber;
  readonly title: string;
  readonly state: string;
  /** Null when the customer is not known. */
  readonly customerNumber: string | null;
  readonly units: HundredthUnits;
  readonly why: WaitReason;
}

/** Why nothing of a ticket is billed now; null when it may be. */
export function whyTicketWaits(
  ticket: DueTicket,
  { waitHours }: CustomerSettings,
  unbilledStates: readonly string[],
  now: Temporal.Instant,
): WaitReason | null {
  if (unbilledStates.includes(ticket.state)) return "state";
  if (ticket.held) return "held";
  // Without a waiting time the clocks need not agree.
  if (waitHours === 0) return null;
  const billableFrom = ticket.closedAt.epochMilliseconds + waitHours * 3_600_000;
  return billableFrom > now.epochMilliseconds ? "just-closed" : null;
}

/** True for a piece that is dated before the end of the customer's period. */
export function isDated(
  ticket: Pick<DueTicket, "closedAt">,
  piece: Pick<Piece, "bookedAt">,
  settings: CustomerSettings,
  timeZone: string,
): boolean {
  const { end } = boundsOf(settings.period, timeZone);
  return Temporal.Instant.compare(dateOf(ticket, piece, settings), end) < 0;
}

/** True for a piece that is dated before the period begins: it was settled only now. */
export function isLate(
  ticket: Pick<DueTicket, "closedAt">,
  piece: Pick<Piece, "bookedAt">,
  settings: CustomerSettings,
  timeZone: string,
): boolean {
  const { start } = boundsOf(settings.period, timeZone);
  return Temporal.Instant.compare(dateOf(ticket, piece, settings), start) < 0;
}

interface Bounds {
  readonly timeZone: string;
  readonly start: Temporal.Instant;
  readonly end: Temporal.Instant;
}

/** Asked for each piece of work: days become moments once a period. */
const knownBounds = new WeakMap<Period, Bounds>();

function boundsOf(period: Period, timeZone: string): Bounds {
  const known = knownBounds.get(period);
  if (known?.timeZone === timeZone) return known;
  const start = period.start.toZonedDateTime(timeZone).toInstant();
  const bounds = { timeZone, start, end: endOfPeriod(period, timeZone) };
  knownBounds.set(period, bounds);
  return bounds;
}

function dateOf(
  ticket: Pick<DueTicket, "closedAt">,
  piece: Pick<Piece, "bookedAt">,
  { dateBy }: CustomerSettings,
): Temporal.Instant {
  return dateBy === "closing" ? ticket.closedAt : piece.bookedAt;
}
