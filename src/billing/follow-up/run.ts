import type {
  BillingState,
  DraftStatus,
  DueTicket,
  HelpdeskTickets,
  InboxItem,
  KivitendoBilling,
  StoredDraft,
  TokenPlace,
  WatchedDraft,
  WatchedNow,
} from "../ports.ts";
import type { FlowContext, HundredthUnits, TicketNumber } from "../../model/index.ts";
import { Claims, type Outcome, outcomesOf } from "./outcome.ts";
import { questionsOf, unknownTokenQuestion } from "./questions.ts";
import { tellInvoiceNumbers } from "./tell.ts";
import type { Untold } from "./tell.ts";

export interface FollowUpPorts {
  readonly kivitendo: Pick<KivitendoBilling, "look" | "findTokens">;
  readonly state: Pick<
    BillingState,
    "readDrafts" | "recordStatus" | "recordTold" | "knownPlaces" | "readUnanswered" | "syncInbox"
  >;
  readonly helpdesk: Pick<HelpdeskTickets, "writeField">;
  readonly now: () => Temporal.Instant;
}

export interface FollowUpOptions {
  /** A plan looks and records nothing. */
  readonly mode: "plan" | "draft";
  /** Tickets with something to bill; those whose number stands where the ledger does not know are stopped. */
  readonly due: readonly DueTicket[];
  /** Dynamic field of tickets that gets the invoice's number; null for none. */
  readonly invoiceNumberField: string | null;
}

export interface FollowUp {
  readonly questions: readonly InboxItem[];
  /** How many of them came new with what was recorded. */
  readonly asked: number;
  /** Not billed in this run. */
  readonly stopped: ReadonlySet<TicketNumber>;
  /** Drafts and orders whose status changed since the last run. */
  readonly changes: readonly StatusChange[];
  /** Tickets that could not be told their invoice number; tried again in the next run. */
  readonly untold: readonly Untold[];
}

export interface StatusChange {
  readonly draft: StoredDraft;
  readonly status: DraftStatus;
  readonly invoiceNumber: string | null;
}

/** Drafts that were taken back are watched for so long: a page that holds one is not open forever. */
const supersededDays = 92;

/**
 * Looks after what was drafted before: records what became of drafts and orders, asks where a person did something to
 * their lines, stops due tickets whose number stands in records that the ledger does not know, and tells tickets the
 * number of their invoice. Asks kivitendo nothing when nothing waits and nothing is due.
 */
export async function followUp(
  ports: FollowUpPorts,
  options: FollowUpOptions,
  context: FlowContext,
): Promise<FollowUp> {
  const outcomes = await lookAfter(ports);
  const changed = outcomes.filter(({ draft, status }) => status !== draft.status);
  const asked = options.mode === "draft" ? await recordChanges(ports, changed) : 0;
  context.report({ flow: "billing", step: "drafts looked after", done: outcomes.length });
  const unknown = await unknownTokens(ports, options.due, outcomes);
  const untold =
    options.mode === "draft" && options.invoiceNumberField !== null
      ? await tellInvoiceNumbers(ports, options.invoiceNumberField, context)
      : [];
  return {
    questions: [...questionsOf(outcomes), ...unknown.questions],
    asked,
    stopped: unknown.stopped,
    changes: changed.map(changeOf),
    untold,
  };
}

/**
 * Posted drafts are looked at once, and later only for an open question: so what is to be asked is kept first, however the
 * run ends. Answers how many questions are new.
 */
async function recordChanges({ state, now }: FollowUpPorts, changed: readonly Outcome[]): Promise<number> {
  const items = questionsOf(changed);
  const options = { run: null, now: now(), complete: false, dryRun: false, onlyNew: true } as const;
  const added = items.length === 0 ? 0 : (await state.syncInbox(items, options)).added;
  for (const { draft, status, invoices } of changed) {
    await state.recordStatus(draft.draftId, status, invoiceOf(invoices));
  }
  return added;
}

async function lookAfter({ state, kivitendo, now }: FollowUpPorts): Promise<readonly Outcome[]> {
  const stored = [
    ...(await state.readDrafts({ statuses: ["waiting", "changed", "gone", "superseded"] })),
    ...(await state.readDrafts({ statuses: ["posted"], asked: true })),
  ];
  const earliest = now().subtract({ hours: 24 * supersededDays });
  const drafts = stored.filter(
    ({ status, createdAt }) => status !== "superseded" || Temporal.Instant.compare(createdAt, earliest) > 0,
  );
  const watched = drafts.flatMap(watchedOf);
  if (watched.length === 0) return [];
  const nows = await kivitendo.look(watched);
  const places = nows.flatMap(({ invoices }) =>
    invoices.flatMap(({ invoiceId, invoiceNumber, lines }) =>
      lines.map(({ ticketNumber }): TokenPlace => ({
        ticketNumber,
        where: "invoice",
        id: String(invoiceId),
        label: invoiceNumber,
        customerId: null,
      })),
    ),
  );
  const known = places.length === 0 ? [] : await state.knownPlaces(places);
  const claims = new Claims(known.map(({ id, ticketNumber }) => ({ invoiceId: id, ticketNumber })));
  const asked = await state.readDrafts({ statuses: ["posted"], asked: "superseded-posted" });
  return outcomesOf(drafts, nows, claims, new Set(asked.map(({ draftId }) => draftId)));
}

function watchedOf(draft: StoredDraft): WatchedDraft[] {
  const { draftId, target, kivitendoId, formMd5, customerId, createdAt, lines } = draft;
  if (kivitendoId === null) return [];
  return [
    {
      draftId,
      target,
      kivitendoId,
      formMd5,
      customerId,
      createdAt,
      lines: lines.map(({ lineId, ticketNumber, partNumber, quantity, kivitendoRow }) => ({
        lineId,
        ticketNumber,
        partNumber,
        quantity,
        kivitendoRow,
      })),
    },
  ];
}

function changeOf({ draft, status, invoices }: Outcome): StatusChange {
  return { draft, status, invoiceNumber: invoiceOf(invoices)?.invoiceNumber ?? null };
}

function invoiceOf(invoices: Outcome["invoices"]): { invoiceId: number; invoiceNumber: string } | null {
  const [first] = invoices;
  if (first === undefined) return null;
  return { invoiceId: first.invoiceId, invoiceNumber: invoices.map(({ invoiceNumber }) => invoiceNumber).join(", ") };
}

interface UnknownTokens {
  readonly questions: readonly InboxItem[];
  readonly stopped: ReadonlySet<TicketNumber>;
}

async function unknownTokens(
  { kivitendo, state }: FollowUpPorts,
  due: readonly DueTicket[],
  outcomes: readonly Outcome[],
): Promise<UnknownTokens> {
  const open = due.filter((ticket) => !ticket.held && !waitsForOpening(ticket) && openUnits(ticket) !== 0);
  if (open.length === 0) return { questions: [], stopped: new Set() };
  const places = await kivitendo.findTokens(
    open.map(({ ticketNumber }) => ticketNumber),
    oldestOf(open),
  );
  if (places.length === 0) return { questions: [], stopped: new Set() };
  const known = new Set((await state.knownPlaces(places)).map(placeKey));
  for (const key of justPosted(outcomes)) known.add(key);
  const strange = places.filter((place) => !known.has(placeKey(place)));
  for (const key of await linkedPlaces({ kivitendo, state }, strange)) known.add(key);
  const unknown = Map.groupBy(
    strange.filter((place) => !known.has(placeKey(place))),
    ({ ticketNumber }) => ticketNumber,
  );
  const questions = open.flatMap((ticket) => {
    const where = unknown.get(ticket.ticketNumber);
    return where === undefined ? [] : [unknownTokenQuestion({ ...ticket, units: openUnits(ticket) }, where)];
  });
  const unanswered = await state.readUnanswered(questions);
  const stoppedIds = new Set(unanswered.map(({ about }) => about.ticketId));
  const stopped = open.filter(({ ticketId }) => stoppedIds.has(ticketId)).map(({ ticketNumber }) => ticketNumber);
  return { questions: unanswered, stopped: new Set(stopped) };
}

/** Invoices that this run found for its drafts: a plan has not recorded them. */
function justPosted(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ invoices }) =>
    invoices.flatMap(({ invoiceId, lines }) =>
      lines.map(({ ticketNumber }) => placeKey({ ticketNumber, where: "invoice", id: String(invoiceId) })),
    ),
  );
}

/**
 * Invoices and orders that kivitendo made of lines of our own orders: a part of an order may be invoiced long before the
 * rest, and a collective order stands beside the orders that it was made of. Lines that were taken back do not count.
 */
async function linkedPlaces(
  { kivitendo, state }: Pick<FollowUpPorts, "kivitendo" | "state">,
  strange: readonly TokenPlace[],
): Promise<readonly string[]> {
  const ticketNumbers = [...new Set(strange.flatMap((place) => (place.where === "draft" ? [] : place.ticketNumber)))];
  if (ticketNumbers.length === 0) return [];
  const drafts = await state.readDrafts({ statuses: ["waiting", "changed", "posted", "gone"], ticketNumbers });
  const orders = drafts.filter(({ target }) => target !== "invoice-draft");
  if (orders.length === 0) return [];
  const nows = new Map((await kivitendo.look(orders.flatMap(watchedOf))).map((now) => [now.draftId, now]));
  return orders.flatMap(({ draftId, lines }) => {
    const now = nows.get(draftId);
    return lines.flatMap(({ ticketNumber, kivitendoRow, reversed }) =>
      now === undefined || ticketNumber === null || kivitendoRow === null || reversed
        ? []
        : placesOfRow(now, kivitendoRow).map((place) => placeKey({ ticketNumber, ...place })),
    );
  });
}

function placesOfRow({ invoices, otherOrders }: WatchedNow, row: number): Pick<TokenPlace, "where" | "id">[] {
  return [
    ...invoices
      .filter(({ lines }) => lines.some(({ fromRow }) => fromRow === row))
      .map(({ invoiceId }) => ({ where: "invoice" as const, id: String(invoiceId) })),
    ...otherOrders
      .filter(({ fromRow }) => fromRow === row)
      .map(({ orderId }) => ({ where: "order" as const, id: String(orderId) })),
  ];
}

function placeKey({ ticketNumber, where, id }: Pick<TokenPlace, "ticketNumber" | "where" | "id">): string {
  return `${ticketNumber} ${where} ${id}`;
}

/** Nothing of it is billed before somebody decides; looking for old numbers would read all of kivitendo's old records. */
function waitsForOpening({ closedBeforeStart, opening }: DueTicket): boolean {
  return closedBeforeStart && opening === null;
}

function openUnits(ticket: DueTicket): HundredthUnits {
  return ticket.entries.reduce((sum, { units, settledUnits }) => sum + units - settledUnits, 0) as HundredthUnits;
}

/** A ticket's number cannot have been written before the ticket was made. */
function oldestOf(due: readonly DueTicket[]): Temporal.Instant | null {
  let oldest: Temporal.Instant | null = null;
  for (const { createdAt } of due) {
    if (createdAt === null) return null;
    if (oldest === null || Temporal.Instant.compare(createdAt, oldest) < 0) oldest = createdAt;
  }
  return oldest;
}
