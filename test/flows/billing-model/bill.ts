/** One run of billing in the model: what it should write, ask and leave waiting. */
import type { Books, Kind, Line, Told } from "./books.ts";
import { sum } from "./rounding.ts";
import { chargedNow, decide, type Decision, type Group, type Piece } from "./decide.ts";
import { lookAfter, questionsAbout, unknownPlaces } from "./follow.ts";

/** A line that should be written. */
export interface Expected {
  readonly ticket: Told;
  readonly customer: string | null;
  readonly kind: Kind;
  readonly price: number;
  readonly quantity: number;
  readonly parts: ReadonlyMap<string, number>;
}

export interface Run {
  readonly lines: readonly Expected[];
  readonly replaced: readonly Line[];
  readonly questions: readonly string[];
  /** `ticket number why`, with the units. */
  readonly waiting: ReadonlyMap<string, number>;
}

/** Which bookings the included hours cover is left to the bridge: units by entry. */
export type Covered = ReadonlyMap<string, number>;

/** `end` is the first moment that is not billed. */
export function runOf(books: Books, told: ReadonlyMap<number, Told>, end: string, covered: Covered): Run {
  books.read(told);
  lookAfter(books);
  const candidates = [...books.tickets.values()].filter((ticket) => isCandidate(books, ticket));
  const stopped = candidates.filter((ticket) => isStopped(books, ticket));
  const due = candidates.filter((ticket) => !stopped.includes(ticket) && !books.unreadable.has(ticket.id));
  const decisions = due.map((ticket) => decide(books, ticket, end));
  const lines = decisions.flatMap((decision) => linesOf(books, decision, covered));
  const questions = [
    ...questionsAbout(books),
    ...stopped.map(({ number }) => `unknown-token ticket ${number}`),
    ...[...books.unreadable].map((id) => `unreadable-ticket ticket id ${id}`),
    ...decisions.flatMap((decision) => decision.questions),
  ];
  return {
    lines: lines.flatMap(({ line }) => line ?? []),
    replaced: decisions.flatMap(({ replaces }) => replaces),
    questions: questions.filter((question) => !books.answered.has(answerKey(books, question))),
    waiting: waitingOf(decisions, lines),
  };
}

/** What an answer holds for: records that hold a ticket's number may change, and what is open on one that is not read. */
export function answerKey(books: Books, question: string): string {
  const unread = /^unreadable-ticket ticket id (\d+)$/.exec(question)?.[1];
  if (unread !== undefined) {
    const ticket = books.tickets.get(Number(unread));
    return `${question} ${ticket !== undefined && isCandidate(books, ticket) ? books.open(ticket.id) : 0}`;
  }
  const number = /^unknown-token ticket (\d+)$/.exec(question)?.[1];
  return number === undefined ? question : `${question} ${unknownPlaces(books, number)}`;
}

function isCandidate(books: Books, ticket: Told): boolean {
  // A merged one is never closed again, so what it lacks is asked about.
  const lacks = ticket.isMerged && books.due(ticket.id).some(([, units]) => units < 0);
  if (!(ticket.isClosed || lacks) || ticket.closed === "") return false;
  return (
    books.due(ticket.id).length > 0 ||
    (books.elsewhere.has(ticket.id) && books.customerOf(ticket) !== null) ||
    books.linesOf(ticket.id).some(({ draft }) => draft?.status === "proposed")
  );
}

function isStopped(books: Books, ticket: Told): boolean {
  if (books.held.has(ticket.id) || books.open(ticket.id) === 0 || unknownPlaces(books, ticket.number) === "")
    return false;
  return !books.answered.has(answerKey(books, `unknown-token ticket ${ticket.number}`));
}

interface Made {
  readonly ticket: Told;
  readonly line: Expected | null;
  readonly tooSmall: number;
}

function linesOf(books: Books, decision: Decision, covered: Covered): readonly Made[] {
  const { ticket, settled, groups } = decision;
  const asIs = [...Map.groupBy(settled, ({ customer, kind }) => `${customer} ${kind}`).values()].map((pieces): Made => {
    const [{ customer, kind }] = pieces as [Piece];
    return made({ ticket, customer, kind, price: 0, quantity: 0, parts: partsOf(pieces) });
  });
  return [...asIs, ...groups.flatMap((group) => linesOfGroup(books, decision, group, covered))];
}

/** What is included of a ticket's time after a run, for one customer. */
function includedOn(
  books: Books,
  { ticket, settled, groups, replaces }: Decision,
  of: string,
  covered: Covered,
): number {
  const isOf = ({ kind, customer }: Pick<Line, "kind" | "customer">): boolean => kind === "included" && customer === of;
  const before = books.linesOf(ticket.id).filter((line) => isOf(line) && !replaces.includes(line));
  return sum([
    ...before.flatMap(({ parts }) => [...parts.values()]),
    ...settled.filter(isOf).map(({ units }) => units),
    ...groups
      .filter(({ customer }) => customer === of)
      .flatMap((group) => group.pieces.map((piece) => includedOf(group, piece, covered))),
  ]);
}

function includedOf({ kind }: Group, { entry, units }: Piece, covered: Covered): number {
  return kind === "billed" && units > 0 ? (covered.get(entry) ?? 0) : 0;
}

function linesOfGroup(books: Books, decision: Decision, group: Group, covered: Covered): readonly Made[] {
  const { ticket } = decision;
  const { customer, kind, price } = group;
  const shares = group.pieces.map((piece) => {
    const share = includedOf(group, piece, covered);
    return { included: { ...piece, units: share }, charged: { ...piece, units: piece.units - share } };
  });
  const included = shares.map((share) => share.included).filter(({ units }) => units !== 0);
  const pieces = shares.map(({ charged }) => charged).filter(({ units }) => units !== 0);
  const first =
    included.length === 0
      ? []
      : [made({ ticket, customer, kind: "included", price: 0, quantity: 0, parts: partsOf(included) })];
  if (pieces.length === 0) return first;
  const worked = sum(pieces.map(({ units }) => units));
  const parts = partsOf(pieces);
  if (worked === 0) return [...first, made({ ticket, customer, kind: "transfer", price, quantity: 0, parts })];
  const sharing = includedOn(books, decision, customer, covered);
  const quantity = chargedNow({ ...group, pieces }, books.setting.rounding, sharing);
  if (quantity <= 0 && group.history.some((line) => line.kind === kind)) {
    return [...first, made({ ticket, customer, kind: "transfer", price, quantity: 0, parts })];
  }
  if (quantity < 10) return [...first, { ticket, line: null, tooSmall: worked }];
  return [...first, made({ ticket, customer, kind, price, quantity, parts })];
}

function made(line: Expected): Made {
  return { ticket: line.ticket, line, tooSmall: 0 };
}

function partsOf(pieces: readonly Piece[]): ReadonlyMap<string, number> {
  const parts = new Map<string, number>();
  for (const { entry, units } of pieces) parts.set(entry, (parts.get(entry) ?? 0) + units);
  return parts;
}

function waitingOf(decisions: readonly Decision[], lines: readonly Made[]): Run["waiting"] {
  const waiting = new Map<string, number>();
  const add = (ticket: Told, why: string, units: number): void => {
    const key = `${ticket.number} ${why}`;
    waiting.set(key, (waiting.get(key) ?? 0) + units);
  };
  for (const { ticket, waiting: some } of decisions) for (const { why, units } of some) add(ticket, why, units);
  for (const { ticket, tooSmall } of lines) if (tooSmall !== 0) add(ticket, "too-small", tooSmall);
  return waiting;
}
