import { createHash } from "node:crypto";
import { collectOpening } from "../billing/index.ts";
import type {
  BeforeStart,
  BillingCustomer,
  BillingState,
  HelpdeskTickets,
  KivitendoBilling,
  TicketBatch,
  TicketSnapshot,
} from "../billing/ports.ts";
import { RefusedError } from "../model/index.ts";
import type { CustomerId, FlowContext, HundredthUnits, MinutesPerUnit, TicketId } from "../model/index.ts";

export interface OpeningRules {
  /** Tickets with some close before this day were billed by hand. */
  readonly startDate: Temporal.PlainDate;
  readonly timeZone: string;
  readonly minutesPerUnit: MinutesPerUnit;
}

export interface OpeningParts {
  readonly state: BillingState;
  readonly kivitendo: KivitendoBilling;
  readonly helpdesk: HelpdeskTickets;
  readonly rules: OpeningRules;
}

/** A booking that is dated on or after the start, although its ticket was first closed before: it counts as billed, too. */
export interface BookingSinceStart {
  readonly date: Temporal.PlainDate;
  readonly units: HundredthUnits;
  readonly agent: string | null;
  readonly subject: string | null;
}

export interface OpeningTicket extends BeforeStart {
  /** Null when the ticket's customer is not known. */
  readonly customer: BillingCustomer | null;
  readonly sinceStart: readonly BookingSinceStart[];
}

export interface Opening {
  readonly startDate: Temporal.PlainDate;
  readonly minutesPerUnit: MinutesPerUnit;
  /** By customer number, then ticket number. */
  readonly tickets: readonly OpeningTicket[];
  /** Could not be read, so they are not in the list. */
  readonly unreadable: readonly TicketId[];
  /** Stands for this very list: time that is added afterwards makes another one. */
  readonly token: string;
}

/**
 * Reads all tickets that were first closed before the start. Keeps nothing: a ticket that nobody touched since is none that
 * a run asks about. With a list to compare with (null: whatever there is) it remembers what stands on the tickets, so that
 * it can be booked.
 */
export async function lookAtOpening(
  { state, kivitendo, helpdesk, rules }: OpeningParts,
  context: FlowContext,
  confirmed?: { readonly token: string | null },
): Promise<Opening> {
  const start = rules.startDate.toZonedDateTime(rules.timeZone).toInstant();
  const collected = await collectOpening({ helpdesk }, { start }, context);
  // Which tickets are due is not asked here, and the cursor stays: scope and states do not matter.
  const settlement = { ...collected, scope: "", stateNames: [], stateTypes: [], ticketNumbers: [], dryRun: false };
  const open = await state.readBeforeStart(settlement);
  const token = tokenOf(open);
  if (confirmed !== undefined) {
    assertSameOpening(token, confirmed.token);
    await state.settle(settlement);
  }
  const customers = await kivitendo.readCustomers([
    ...new Set(open.flatMap(({ customerId }): CustomerId[] => (customerId === null ? [] : [customerId]))),
  ]);
  const read = new Map(collected.batches.flatMap(ticketsOf));
  const tickets = open.map((ticket) => ({
    ...ticket,
    customer: (ticket.customerId === null ? undefined : customers.get(ticket.customerId)) ?? null,
    sinceStart: bookedSince(read.get(ticket.ticketId), start, rules.timeZone),
  }));
  return {
    startDate: rules.startDate,
    minutesPerUnit: rules.minutesPerUnit,
    token,
    tickets: tickets.sort((a, b) => compareText(sortKey(a), sortKey(b))),
    unreadable: [...new Set(collected.batches.flatMap(({ unreadable }) => unreadable))],
  };
}

/** Throws RefusedError when the list is not the one that somebody looked at: what came since would never be billed. */
function assertSameOpening(token: string, looked: string | null): void {
  if (looked === null || looked === token) return;
  throw new RefusedError(
    "What stands on the tickets is not what was listed any more. Nothing was booked.",
    "Look at it again with `kivi-otrs billing opening`; the list ends with the command that confirms it.",
  );
}

function tokenOf(open: readonly BeforeStart[]): string {
  const list = open.map(({ ticketId, openUnits }) => `${ticketId} ${openUnits}`).sort();
  return createHash("sha256").update(list.join("\n")).digest("hex").slice(0, 10);
}

function ticketsOf({ tickets }: TicketBatch): (readonly [TicketId, TicketSnapshot])[] {
  return tickets.map((ticket) => [ticket.ticketId, ticket] as const);
}

function bookedSince(
  ticket: TicketSnapshot | undefined,
  start: Temporal.Instant,
  timeZone: string,
): readonly BookingSinceStart[] {
  return (ticket?.entries ?? [])
    .flatMap(({ rows }) => rows)
    .filter(({ bookedAt }) => Temporal.Instant.compare(bookedAt, start) >= 0)
    .toSorted((a, b) => Temporal.Instant.compare(a.bookedAt, b.bookedAt))
    .map(({ bookedAt, units, agentName, agentLogin, subject }) => ({
      date: bookedAt.toZonedDateTimeISO(timeZone).toPlainDate(),
      units,
      agent: agentName ?? agentLogin,
      subject,
    }));
}

function sortKey({ customer, ticketNumber }: OpeningTicket): string {
  return `${customer?.customerNumber ?? "\uFFFF"} ${ticketNumber}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
