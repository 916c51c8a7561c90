/** What a run makes of one ticket, by the rules as docs/billing-rules.md tells them. */
import { type Books, isCovered, type Kind, type Line, type Told } from "./books.ts";
import { sum } from "./rounding.ts";
import { charged, exact, type Rounding } from "./rounding.ts";

export interface Piece {
  readonly entry: string;
  readonly units: number;
  readonly customer: string | null;
  readonly kind: Kind;
  readonly price: number;
}

/** Pieces that make one position. */
export interface Group {
  readonly customer: string;
  readonly kind: "billed" | "goodwill";
  readonly price: number;
  pieces: readonly Piece[];
  readonly history: readonly Line[];
}

export interface Decision {
  readonly ticket: Told;
  readonly settled: readonly Piece[];
  readonly groups: readonly Group[];
  readonly questions: readonly string[];
  readonly waiting: readonly { readonly why: string; readonly units: number }[];
  readonly replaces: readonly Line[];
}

/** Time within what was charged is open again beside more of its position, or when something of it is gone. */
export function decide(books: Books, ticket: Told, end: string): Decision {
  const decision = decideProposals(books, ticket, end);
  const customer = books.customerOf(ticket);
  const isShort = (each: Decision): boolean => each.questions.some((asked) => asked.startsWith("negative-difference"));
  const covered = books
    .linesOf(ticket.id)
    .filter(
      (line) =>
        isCovered(line) &&
        line.customer === customer &&
        [...line.parts.keys()].every((entry) => books.home.get(entry) === ticket.id) &&
        (isShort(decision) || decision.groups.some(({ history }) => history.includes(line))),
    );
  if (covered.length === 0) return decision;
  const anew = decideWithout(books, ticket, end, [...decision.replaces, ...covered]);
  const units = ({ waiting }: Decision): number => sum(waiting.map((each) => each.units));
  return isShort(anew) || units(anew) !== units(decision) ? decision : anew;
}

/** A proposal that nobody edited gives way to what the ticket has now, unless that asks or waits. */
function decideProposals(books: Books, ticket: Told, end: string): Decision {
  const here = (entry: string): boolean => books.home.get(entry) === ticket.id;
  const proposed = books
    .linesOf(ticket.id)
    .filter(
      (line) =>
        line.draft?.status === "proposed" && !line.isEdited && [...line.parts.keys()].every((entry) => here(entry)),
    );
  const customer = books.customerOf(ticket);
  const isMoved = customer !== null && proposed.some((line) => line.customer !== customer);
  const isChanged = books.due(ticket.id).some(([entry]) => !entry.startsWith("rest"));
  if (proposed.length > 0 && (isMoved || isChanged)) {
    const anew = decideWithout(books, ticket, end, proposed);
    if (anew.questions.length === 0 && anew.waiting.length === 0) return anew;
  }
  return decideWithout(books, ticket, end, []);
}

function decideWithout(books: Books, ticket: Told, end: string, replaces: readonly Line[]): Decision {
  const due = books.due(ticket.id, replaces);
  const nothing: Decision = { ticket, settled: [], groups: [], questions: [], waiting: [], replaces };
  const all = sum(due.map(([, units]) => units));
  if (books.held.has(ticket.id)) return { ...nothing, waiting: waits("held", all) };
  if (ticket.closed >= end) return { ...nothing, waiting: waits("period", all) };

  const lines = books.linesOf(ticket.id).filter((line) => !replaces.includes(line));
  const pieces = due
    .filter(([entry]) => !entry.startsWith("rest"))
    .flatMap(([entry, units]) => piecesOf(books, ticket, lines, entry, units));
  const settled = pieces.filter(
    ({ kind, units }) => kind === "excluded" || kind === "included" || (kind === "waived" && units > 0),
  );
  const open = pieces.filter((piece) => !settled.includes(piece));
  const questions = [
    ...(hasTimeOfOthers(books, ticket, lines) ? [`billed-elsewhere ticket ${ticket.number}`] : []),
    ...(due.some(([entry]) => entry.startsWith("rest")) ? [`time-without-article ticket ${ticket.number}`] : []),
  ];
  const before = whyAsk(books, ticket);
  if (open.length === 0) return { ...nothing, settled, questions };
  if (before !== null) return { ...nothing, settled, questions: [...questions, `${before} ticket ${ticket.number}`] };
  const groups = groupsOf(open, lines);
  const isLess = groups.some((group) => sum(group.pieces.map(({ units }) => units)) < 0);
  const hasStray = open.some(({ kind }) => kind === "waived" || kind === "opening");
  if (isLess || hasStray) {
    return { ...nothing, settled, questions: [...questions, `negative-difference ticket ${ticket.number}`] };
  }
  return { ...nothing, settled, groups, questions };
}

function waits(why: string, units: number): Decision["waiting"] {
  return units === 0 ? [] : [{ why, units }];
}

function whyAsk(books: Books, ticket: Told): string | null {
  const customer = books.customerOf(ticket);
  if (books.isUndecided(ticket)) return "closed-before-start";
  if (customer === null) return "unknown-customer";
  return books.obsolete.has(customer) ? "customer-not-billable" : null;
}

function hasTimeOfOthers(books: Books, ticket: Told, lines: readonly Line[]): boolean {
  const customer = books.customerOf(ticket);
  if (customer === null || !books.elsewhere.has(ticket.id)) return false;
  return lines.some((line) => ["billed", "goodwill", "included"].includes(line.kind) && line.customer !== customer);
}

/** More time is new time; less time is taken from what was settled last. */
function piecesOf(books: Books, ticket: Told, lines: readonly Line[], entry: string, units: number): readonly Piece[] {
  const { kind, price } = books.setting.effects[ticket.queue] ?? { kind: "billed", price: 9_500 };
  const asNew = { entry, customer: books.customerOf(ticket), kind, price };
  if (units > 0) return withReturned({ ...asNew, units }, lines);
  const pieces: Piece[] = [];
  let left = -units;
  let takenBefore = 0;
  for (const line of lines.toReversed()) {
    const part = line.parts.get(entry) ?? 0;
    if (part < 0) takenBefore -= part;
    if (part <= 0) continue;
    const taken = Math.min(Math.max(part - takenBefore, 0), left);
    takenBefore = Math.max(takenBefore - part, 0);
    left -= taken;
    const free = line.kind === "transfer" && line.price === 0;
    const of: Kind = line.kind === "transfer" ? (free ? "goodwill" : "billed") : line.kind;
    if (taken > 0) pieces.push({ entry, units: -taken, customer: line.customer, kind: of, price: line.price });
  }
  return left === 0 ? pieces : [...pieces, { ...asNew, units: -left }];
}

/** Time that is there again after its lack was waived was charged all the while. */
function withReturned(piece: Piece, lines: readonly Line[]): readonly Piece[] {
  const waived = lines.filter(({ kind, parts }) => kind === "waived" && parts.has(piece.entry));
  const back = Math.min(piece.units, -sum(waived.map(({ parts }) => parts.get(piece.entry) ?? 0)));
  const line = waived.findLast(({ parts }) => (parts.get(piece.entry) ?? 0) < 0);
  if (back <= 0 || line === undefined) return [piece];
  const returned: Piece = { ...piece, kind: "waived", customer: line.customer, price: 0, units: back };
  return [returned, { ...piece, units: piece.units - back }].filter(({ units }) => units !== 0);
}

/** Same customer, kind and price make one position. */
function groupsOf(open: readonly Piece[], lines: readonly Line[]): readonly Group[] {
  const keyOf = ({ customer, kind, price }: Pick<Piece, "customer" | "kind" | "price">): string =>
    `${customer} ${kind} ${price}`;
  return [...Map.groupBy(open, keyOf)].flatMap(([key, pieces]) => {
    const [first] = pieces;
    if (first?.customer == null || (first.kind !== "billed" && first.kind !== "goodwill")) return [];
    const history = lines.filter((line) =>
      line.kind === "transfer" ? keyOf({ ...line, kind: first.kind }) === key : keyOf(line) === key,
    );
    return [{ customer: first.customer, kind: first.kind, price: first.price, pieces, history }];
  });
}

/**
 * Hundred-thousandths of an hour: rounded(all worked) − what was charged before; an edit counts as if it had not been. What
 * is included counts towards the minimum.
 */
export function chargedNow({ kind, history, pieces }: Group, given: Rounding, included: number): number {
  const rounding = { ...given, minimum: Math.max(given.minimum - Math.max(included, 0), 0) };
  const worked = new Map<string, number>();
  let before = 0;
  const add = (entry: string, units: number): unknown => worked.set(entry, (worked.get(entry) ?? 0) + units);
  const forAll = (): number =>
    Math.round((charged(kind === "goodwill" ? exact : rounding, [...worked.values()]) * 100_000) / 6_000);
  for (const line of history) {
    for (const [entry, units] of line.parts) add(entry, units);
    before = line.isEdited ? forAll() : before + line.quantity;
  }
  for (const { entry, units } of pieces) add(entry, units);
  return forAll() - before;
}
