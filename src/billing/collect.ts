import type { FlowContext, TicketId } from "../model/index.ts";
import { readMergedInto } from "./merged.ts";
import type { BillingState, Cursor, HelpdeskTickets, TicketBatch, TicketSnapshot } from "./ports.ts";

/** What collecting needs to know. */
export interface CollectRules {
  /** The first moment of `billing.startDate`. */
  readonly start: Temporal.Instant;
  /** What the cursor holds for; another scope reads from the start again. */
  readonly scope: string;
  /** Exactly one of the two is not empty. */
  readonly stateNames: readonly string[];
  readonly stateTypes: readonly string[];
  /** Those of `stateNames` whose time is told and not billed. */
  readonly unbilledStates: readonly string[];
  /** States of tickets that are not read and may get the articles of others: neither billed ones nor merged and removed. */
  readonly otherStates: readonly string[];
  /**
   * How far a run looks back behind the last change it knows. Changes are stamped when a transaction starts and with whole
   * seconds, so a ticket may become visible after a later one was read.
   */
  readonly overlap: Temporal.Duration;
  /** Tickets billed within the last days are read again, at most every so many hours; 0 hours means each time, 0 days never. */
  readonly reread: { readonly days: number; readonly everyHours: number };
  /** Tickets that were chosen by number: read again in any case. */
  readonly ticketNumbers: readonly string[];
  readonly now: Temporal.Instant;
}

export interface CollectPorts {
  readonly helpdesk: HelpdeskTickets;
  readonly state: Pick<BillingState, "readCursor" | "readOpenTickets" | "readSettledEntries">;
}

/** What one run read from the helpdesk; part of a Settlement. */
export interface Collected {
  readonly batches: readonly TicketBatch[];
  readonly closedBeforeStart: ReadonlySet<TicketId>;
  readonly cursor: Cursor | null;
}

/** Clocks of two machines, and of one that is set right now and then, may disagree that much. */
const clockTolerance = Temporal.Duration.from({ minutes: 5 });

/**
 * Reads the tickets that may be due: those in a billable state that changed since the last run, those that have an open
 * difference as last seen (a reopened ticket is not among the closed ones any more), those billed lately, when it is time
 * for that, those that were chosen, and open ones that got settled articles of a merged ticket. No transaction is open.
 */
export async function collectTickets(
  ports: CollectPorts,
  rules: CollectRules,
  context: FlowContext,
): Promise<Collected> {
  const before = await ports.state.readCursor(rules.scope);
  const changed = await readChanged(ports.helpdesk, before, rules, context);
  const early = await readEarly(ports.helpdesk, changed.since, rules, context);
  const billedSince = rereadSince(before, rules);
  const { ticketNumbers, unbilledStates } = rules;
  const open = await ports.state.readOpenTickets({ billedSince, ticketNumbers, unbilledStates });
  const known = new Set([...changed.batches, ...early].flatMap(ticketIdsOf));
  const again = await readAgain(
    ports.helpdesk,
    open.filter((id) => !known.has(id)),
    context,
  );
  const read = [...changed.batches, ...early, ...again];
  // Later it looks as often as billed tickets are read again: what is lost may stay so.
  const isWanted = ({ changedAt }: TicketSnapshot): boolean =>
    billedSince !== null || Temporal.Instant.compare(changedAt, changed.since) >= 0;
  const into = await readMergedInto(ports, read, { states: rules.otherStates, isWanted }, context);
  const batches = [...read, ...into];
  return {
    batches,
    closedBeforeStart: closedBefore(batches, new Set(early.flatMap(ticketIdsOf)), rules.start),
    cursor: {
      changedSince: nextChangedSince(changed, rules),
      helpdeskNow: changed.helpdeskNow,
      rereadAt: billedSince === null ? (before?.rereadAt ?? null) : rules.now,
    },
  };
}

/**
 * Reads all tickets with some close before the start, in whatever state: what stands on them was billed by hand. The
 * cursor stays where it is.
 */
export async function collectOpening(
  { helpdesk }: Pick<CollectPorts, "helpdesk">,
  { start }: Pick<CollectRules, "start">,
  context: FlowContext,
): Promise<Collected> {
  const step = "tickets closed before the start";
  const batches = await readAll(helpdesk.closedBefore(start, null, context.signal), step, context);
  return { batches, closedBeforeStart: new Set(batches.flatMap(ticketIdsOf)), cursor: null };
}

// ---- decisions --------------------------------------------------------------------------------------------------------

/**
 * Closing moves the change time, so whatever was closed since the start was changed since then, too.
 */
export function changedSince(before: Cursor | null, { start, overlap }: CollectRules): Temporal.Instant {
  return before === null ? start : later(before.changedSince.subtract(overlap), start);
}

/**
 * True when changes may carry stamps from before the cursor: the helpdesk's clock was set back (which also makes a cursor
 * from a clock that ran ahead useless), or an older copy of the machine goes on.
 */
export function clockWentBack(before: Cursor, now: Temporal.Instant): boolean {
  const latest = later(before.changedSince, before.helpdeskNow ?? before.changedSince);
  return Temporal.Instant.compare(now, latest.subtract(clockTolerance)) < 0;
}

/** From when on billed tickets are read again; null when it is not yet time. */
export function rereadSince(before: Cursor | null, { reread, now }: CollectRules): Temporal.Instant | null {
  if (reread.days <= 0) return null;
  const last = before?.rereadAt ?? null;
  const next = last?.add({ hours: reread.everyHours });
  const isTime =
    last === null ||
    next === undefined ||
    Temporal.Instant.compare(now, next) >= 0 ||
    // Our own clock was ahead at that time.
    Temporal.Instant.compare(last, now) > 0;
  return isTime ? now.subtract({ hours: 24 * reread.days }) : null;
}

/** The stock operations do not tell first closes: where the last one is early, the first one was as well. */
function closedBefore(
  batches: readonly TicketBatch[],
  early: ReadonlySet<TicketId>,
  start: Temporal.Instant,
): ReadonlySet<TicketId> {
  const all = batches
    .flatMap((batch) => batch.tickets)
    .filter(({ ticketId, firstClosedAt, closedAt }) => {
      const close = firstClosedAt ?? closedAt;
      return early.has(ticketId) || (close !== null && Temporal.Instant.compare(close, start) < 0);
    });
  return new Set(all.map(({ ticketId }) => ticketId));
}

interface Changed {
  readonly batches: readonly TicketBatch[];
  /** The cursor that this reading went on from; null when it began at the start. */
  readonly before: Cursor | null;
  readonly since: Temporal.Instant;
  /** The helpdesk's clock when the reading began; null when it does not tell. */
  readonly helpdeskNow: Temporal.Instant | null;
}

/**
 * The last change that was seen, but nothing after the beginning of the reading: what changes while a long reading goes on
 * may have been read before it changed.
 */
function nextChangedSince({ batches, before, since, helpdeskNow }: Changed, rules: CollectRules): Temporal.Instant {
  const last = batches
    .flatMap((batch) => batch.tickets)
    .reduce((latest, ticket) => later(latest, ticket.changedAt), before?.changedSince ?? since);
  const began = helpdeskNow ?? rules.now;
  const capped = Temporal.Instant.compare(last, began) > 0 ? began : last;
  return before === null ? capped : later(before.changedSince, capped);
}

function later(one: Temporal.Instant, other: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(one, other) < 0 ? other : one;
}

function ticketIdsOf(batch: TicketBatch): readonly TicketId[] {
  return [...batch.tickets.map((ticket) => ticket.ticketId), ...batch.unreadable];
}

// ---- reading ----------------------------------------------------------------------------------------------------------

/** What changed since the cursor; from the start, when the helpdesk's clock says that the cursor is worth nothing. */
async function readChanged(
  helpdesk: HelpdeskTickets,
  cursor: Cursor | null,
  rules: CollectRules,
  context: FlowContext,
): Promise<Changed> {
  let before = cursor;
  for (;;) {
    const since = changedSince(before, rules);
    const search = { stateNames: rules.stateNames, stateTypes: rules.stateTypes, changedSince: since };
    context.report({ flow: "billing", step: "searching closed tickets" });
    const batches: TicketBatch[] = [];
    let began: { readonly helpdeskNow: Temporal.Instant | null } | null = null;
    let isStale = false;
    let done = 0;
    for await (const batch of helpdesk.changed(search, context.signal)) {
      context.signal.throwIfAborted();
      began ??= { helpdeskNow: helpdesk.now() };
      isStale = before !== null && clockWentBack(before, began.helpdeskNow ?? rules.now);
      if (isStale) break;
      batches.push(batch);
      done += batch.tickets.length + batch.unreadable.length;
      context.report({ flow: "billing", step: "closed tickets read", done });
    }
    context.signal.throwIfAborted();
    began ??= { helpdeskNow: helpdesk.now() };
    if (before === null || !(isStale || clockWentBack(before, began.helpdeskNow ?? rules.now)))
      return { batches, before, since, helpdeskNow: began.helpdeskNow };
    before = null;
  }
}

/** Tickets with an early close, where they do not tell it themselves. */
async function readEarly(
  helpdesk: HelpdeskTickets,
  since: Temporal.Instant,
  { start }: CollectRules,
  context: FlowContext,
): Promise<readonly TicketBatch[]> {
  if (helpdesk.detail === "rows") return [];
  const step = "tickets closed before the start";
  return readAll(helpdesk.closedBefore(start, since, context.signal), step, context);
}

async function readAgain(
  helpdesk: HelpdeskTickets,
  ids: readonly TicketId[],
  context: FlowContext,
): Promise<readonly TicketBatch[]> {
  if (ids.length === 0) return [];
  return readAll(helpdesk.read(ids, context.signal), "tickets read again", context, ids.length);
}

async function readAll(
  source: AsyncIterable<TicketBatch>,
  step: string,
  { report, signal }: FlowContext,
  total?: number,
): Promise<readonly TicketBatch[]> {
  const batches: TicketBatch[] = [];
  let done = 0;
  for await (const batch of source) {
    signal.throwIfAborted();
    batches.push(batch);
    done += batch.tickets.length + batch.unreadable.length;
    report({ flow: "billing", step, done, ...(total === undefined ? {} : { total }) });
  }
  signal.throwIfAborted();
  return batches;
}
