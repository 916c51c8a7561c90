import type {
  BillingState,
  DueTicket,
  InboxItem,
  KivitendoBilling,
  StoredDraft,
  TokenPlace,
  WatchedNow,
} from "../ports.ts";
import type { HundredthUnits, TicketId, TicketNumber } from "../../model/index.ts";
import type { Outcome } from "./outcome.ts";
import { watchedOf } from "./watched.ts";
import { list, nameOf, placeText } from "./wording.ts";

export interface TokenPorts {
  readonly kivitendo: Pick<KivitendoBilling, "look" | "findTokens">;
  readonly state: Pick<BillingState, "readDrafts" | "knownPlaces" | "readUnanswered">;
}

export interface UnknownTokens {
  readonly questions: readonly InboxItem[];
  readonly stopped: ReadonlySet<TicketNumber>;
}

export async function unknownTokens(
  { kivitendo, state }: TokenPorts,
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
  if (unknown.size === 0) return { questions: [], stopped: new Set() };
  const ours = await state.readDrafts({ ticketNumbers: [...unknown.keys()] });
  const questions = open.flatMap((ticket) => {
    const where = unknown.get(ticket.ticketNumber)?.map((place) => ({ ...place, stale: ourDraft(ours, place) }));
    return where === undefined ? [] : [unknownTokenQuestion({ ...ticket, units: openUnits(ticket) }, where)];
  });
  const unanswered = await state.readUnanswered(questions);
  const stoppedIds = new Set(unanswered.map(({ about }) => about.ticketId));
  const stopped = open.filter(({ ticketId }) => stoppedIds.has(ticketId)).map(({ ticketNumber }) => ticketNumber);
  return { questions: unanswered, stopped: new Set(stopped) };
}

/** Where the ticket numbers of drafts that left kivitendo stand, as far as the ledger does not know of it. */
export async function readElsewhere(
  { kivitendo, state }: TokenPorts,
  gone: readonly StoredDraft[],
): Promise<ReadonlyMap<number, readonly TokenPlace[]>> {
  const [oldest] = gone.map(({ createdAt }) => createdAt).sort((one, other) => Temporal.Instant.compare(one, other));
  if (oldest === undefined) return new Map();
  const places = await kivitendo.findTokens(gone.flatMap(countedNumbers), oldest);
  const known = new Set((await state.knownPlaces(places)).map(placeKey));
  const strange = places.filter((place) => !known.has(placeKey(place)));
  return new Map(
    gone.map((draft) => {
      const numbers = new Set(countedNumbers(draft));
      return [draft.draftId, strange.filter(({ ticketNumber }) => numbers.has(ticketNumber))];
    }),
  );
}

function countedNumbers({ lines }: StoredDraft): TicketNumber[] {
  return lines.flatMap(({ ticketNumber, reversed }) => (ticketNumber === null || reversed ? [] : ticketNumber));
}

/** The draft or order of ours that a place is: its line for the ticket was taken back, or the place would be known. */
function ourDraft(drafts: readonly StoredDraft[], { where, id }: TokenPlace): StoredDraft | null {
  const isOurs = ({ target, kivitendoId }: StoredDraft): boolean =>
    kivitendoId === id && where === (target === "invoice-draft" ? "draft" : "order");
  return drafts.find(isOurs) ?? null;
}

/** Invoices that this run found for its drafts: a plan has not recorded them. */
function justPosted(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ invoices }) =>
    invoices.flatMap(({ invoiceId, lines }) =>
      lines.flatMap(({ ticketNumber }) =>
        ticketNumber === null ? [] : [placeKey({ ticketNumber, where: "invoice", id: String(invoiceId) })],
      ),
    ),
  );
}

/**
 * Invoices and orders that kivitendo made of lines of our own orders: a part of an order may be invoiced long before the
 * rest, and a collective order stands beside the orders that it was made of. Lines that were taken back do not count.
 */
async function linkedPlaces(
  { kivitendo, state }: TokenPorts,
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

/** A draft or order of ours whose line for the ticket was taken back, and that still stands in kivitendo. */
interface StalePlace extends TokenPlace {
  readonly stale: StoredDraft | null;
}

/** A ticket that is due and stands in records that the ledger does not know: stopped until somebody answers. */
function unknownTokenQuestion(
  ticket: { readonly ticketId: TicketId; readonly ticketNumber: TicketNumber; readonly units: HundredthUnits },
  places: readonly StalePlace[],
): InboxItem {
  const stale = places.filter((place) => place.stale !== null);
  const where = places.map((place) =>
    place.stale === null ? placeText(place) : `${placeText(place)} (our ${nameOf(place.stale)}, taken back)`,
  );
  return {
    reason: "unknown-token",
    subject: `ticket ${ticket.ticketNumber}`,
    text: `Ticket ${ticket.ticketNumber} is due and its number stands in kivitendo already: ${list(where)}. ${stale.length === places.length ? "The ledger no longer counts that." : "The ledger does not know of that."}`,
    hint:
      stale.length === places.length
        ? `Delete ${stale.length === 1 ? "it" : "them"}, or the ticket's lines there, in kivitendo: the question then goes away by itself, and the next run bills the ticket. Or decide.`
        : "Look whether its time is billed there, and decide.",
    about: {
      ticketId: ticket.ticketId,
      units: ticket.units,
      fingerprint: places
        .map(({ where: kind, id }) => `${kind} ${id}`)
        .toSorted()
        .join(", "),
    },
    choices: [
      {
        choice: "bill",
        effect: "Its time is not billed there: what is open is billed, and these records are not asked about again.",
      },
      { choice: "opening", effect: "Its time is billed there: what is open counts as billed by hand." },
      { choice: "hold", effect: "The ticket is not billed until it is released." },
    ],
  };
}
