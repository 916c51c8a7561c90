import type { HundredthUnits } from "../../model/index.ts";
import type { DueEntry, DueTicket, EntryKey, SettledLine, TimeRow } from "../ports.ts";

/**
 * A part of what is due on one entry: one row of accounted time or what is open of it, or time that was settled and is no
 * longer there. The pieces of an entry add up to its due time and have one sign.
 */
export interface Piece {
  readonly key: EntryKey;
  /** What the ledger holds for the entry. */
  readonly settledBefore: HundredthUnits;
  readonly units: HundredthUnits;
  readonly bookedAt: Temporal.Instant;
  /** Day of the work in the business zone. */
  readonly workedOn: Temporal.PlainDate;
  readonly agentLogin: string | null;
  readonly agentName: string | null;
  readonly subject: string | null;
  /** The line that settled what is no longer there; null for time to settle, and where no line is known. */
  readonly against: SettledLine | null;
}

/** Name of an entry in maps. */
export function entryName({ kind, sourceId, createdAt }: EntryKey): string {
  return `${kind} ${sourceId} ${createdAt.epochNanoseconds}`;
}

/** What is due on the ticket's entries, without time of which nobody can say whose it is. `replaced` lines do not count. */
export function piecesOf(ticket: DueTicket, timeZone: string, replaced: ReadonlySet<number>): readonly Piece[] {
  const known = ticket.entries.filter(({ key }) => key.kind !== "rest");
  return known.flatMap((entry) => entryPieces(entry, ticket.lines, timeZone, replaced));
}

/** Time without an article, as far as nobody can say whose it is. */
export function restPieces(ticket: DueTicket, timeZone: string, replaced: ReadonlySet<number>): readonly Piece[] {
  const rest = ticket.entries.filter(({ key }) => key.kind === "rest");
  return rest.flatMap((entry) => entryPieces(entry, ticket.lines, timeZone, replaced));
}

/** Due time of one entry, as if the replaced lines had been taken back. */
export function dueUnits(
  entry: DueEntry,
  lines: readonly SettledLine[],
  replaced: ReadonlySet<number>,
): HundredthUnits {
  const name = entryName(entry.key);
  const takenBack = lines
    .filter(({ lineId }) => replaced.has(lineId))
    .flatMap(({ entries }) => entries.filter(({ key }) => entryName(key) === name));
  return (entry.units - entry.settledUnits + total(takenBack)) as HundredthUnits;
}

export function total(parts: readonly { readonly units: HundredthUnits }[]): HundredthUnits {
  return parts.reduce((sum, { units }) => sum + units, 0) as HundredthUnits;
}

interface SettledPart {
  readonly line: SettledLine;
  readonly units: HundredthUnits;
  readonly workedOn: Temporal.PlainDate | null;
  readonly agent: string | null;
}

function entryPieces(
  entry: DueEntry,
  lines: readonly SettledLine[],
  timeZone: string,
  replaced: ReadonlySet<number>,
): readonly Piece[] {
  const due = dueUnits(entry, lines, replaced);
  if (due === 0) return [];
  const name = entryName(entry.key);
  const settled = lines
    .filter(({ lineId }) => !replaced.has(lineId))
    .flatMap((line) => line.entries.filter(({ key }) => entryName(key) === name).map((part) => ({ ...part, line })));
  if (due < 0) return missingPieces(entry, due, settled, timeZone);
  const back = returnedPiece(entry, due, settled, timeZone);
  const open = due - (back?.units ?? 0);
  return [
    ...(back === null ? [] : [back]),
    ...(open === 0 ? [] : openPieces(entry, open as HundredthUnits, settled, timeZone)),
  ];
}

/** Time that is there again after somebody waived its lack: it was charged all the while. */
function returnedPiece(
  entry: DueEntry,
  due: HundredthUnits,
  settled: readonly SettledPart[],
  timeZone: string,
): Piece | null {
  const waived = settled.filter(({ line }) => line.kind === "waived");
  const units = Math.min(due, 0 - total(waived));
  const against = waived.findLast((part) => part.units < 0)?.line ?? null;
  return units > 0 && against !== null ? { ...rowlessPiece(entry, units, timeZone), against } : null;
}

/** A row with what is open of it. */
interface OpenRow {
  readonly row: TimeRow;
  readonly workedOn: Temporal.PlainDate;
  open: number;
}

/**
 * Due time belongs to the rows that nothing was settled for yet: those of which the ledger knows day and agent go first,
 * then the oldest count as settled. Corrections below zero take from the rows before them.
 */
function openPieces(
  entry: DueEntry,
  due: HundredthUnits,
  settled: readonly SettledPart[],
  timeZone: string,
): readonly Piece[] {
  const rows: OpenRow[] = entry.rows
    .toSorted((a, b) => Temporal.Instant.compare(a.bookedAt, b.bookedAt) || a.rowId - b.rowId)
    .map((row) => ({ row, workedOn: dayOf(row.bookedAt, timeZone), open: row.units }));
  for (const part of settled) settleRows(rows, part);
  const surplus = rows.reduce((sum, { open }) => sum + open, 0) - due;
  takeOldest(rows, surplus);
  netCorrections(rows);
  const found = rows.filter(({ open }) => open > 0);
  const missing = due - found.reduce((sum, { open }) => sum + open, 0);
  const pieces = found.map(({ row, workedOn, open }) => pieceOf(entry, row, workedOn, open));
  if (missing === 0) return pieces;
  const latest = rows.at(-1);
  const rest =
    latest === undefined
      ? rowlessPiece(entry, missing, timeZone)
      : pieceOf(entry, latest.row, latest.workedOn, missing);
  // What no row accounts for goes to the latest one.
  return pieces.length === 0 ? [rest] : [...pieces, rest];
}

function settleRows(rows: readonly OpenRow[], part: SettledPart): void {
  let left: number = part.units;
  for (const each of rows) {
    if (left === 0) return;
    if (part.workedOn === null || !each.workedOn.equals(part.workedOn)) continue;
    if (part.agent !== each.row.agentName && part.agent !== each.row.agentLogin) continue;
    const taken = sharedPart(each.open, left);
    each.open -= taken;
    left -= taken;
  }
}

/** Lowers what is open by `surplus`, beginning with the oldest row. */
function takeOldest(rows: readonly OpenRow[], surplus: number): void {
  let left = surplus;
  for (const each of rows) {
    const taken = sharedPart(each.open, left);
    each.open -= taken;
    left -= taken;
  }
}

function netCorrections(rows: readonly OpenRow[]): void {
  for (const [index, correction] of rows.entries()) {
    const nearest = [...rows.slice(0, index).toReversed(), ...rows.slice(index + 1)];
    for (const each of nearest) {
      if (correction.open >= 0) break;
      const taken = Math.max(Math.min(each.open, -correction.open), 0);
      each.open -= taken;
      correction.open += taken;
    }
  }
}

/** As much of `wanted` as `held` has, when both have the same sign. */
function sharedPart(held: number, wanted: number): number {
  if (Math.sign(held) !== Math.sign(wanted)) return 0;
  return Math.abs(held) < Math.abs(wanted) ? held : wanted;
}

/** Time that was settled and is gone: taken from the lines that settled it, the latest first. */
function missingPieces(
  entry: DueEntry,
  due: HundredthUnits,
  settled: readonly SettledPart[],
  timeZone: string,
): readonly Piece[] {
  const pieces: Piece[] = [];
  let left = 0 - due;
  let takenBefore = 0;
  for (const part of settled.toReversed()) {
    if (part.units < 0) {
      takenBefore -= part.units;
      continue;
    }
    const open = Math.max(part.units - takenBefore, 0);
    takenBefore = Math.max(takenBefore - part.units, 0);
    const taken = Math.min(open, left);
    if (taken > 0) pieces.push(missingPiece(entry, -taken, part, timeZone));
    left -= taken;
  }
  return left === 0 ? pieces : [...pieces, rowlessPiece(entry, -left, timeZone)];
}

function missingPiece(entry: DueEntry, units: number, part: SettledPart, timeZone: string): Piece {
  const piece = rowlessPiece(entry, units, timeZone);
  const workedOn = part.workedOn ?? piece.workedOn;
  return { ...piece, workedOn, agentName: part.agent, against: part.line };
}

function rowlessPiece(entry: DueEntry, units: number, timeZone: string): Piece {
  const latest = entry.rows.at(-1);
  const bookedAt = latest?.bookedAt ?? entry.key.createdAt;
  return {
    key: entry.key,
    settledBefore: entry.settledUnits,
    units: units as HundredthUnits,
    bookedAt,
    workedOn: dayOf(bookedAt, timeZone),
    agentLogin: latest?.agentLogin ?? null,
    agentName: latest?.agentName ?? null,
    subject: latest?.subject ?? null,
    against: null,
  };
}

function pieceOf(entry: DueEntry, row: TimeRow, workedOn: Temporal.PlainDate, units: number): Piece {
  const { bookedAt, agentLogin, agentName, subject } = row;
  const { key, settledUnits: settledBefore } = entry;
  return {
    key,
    settledBefore,
    units: units as HundredthUnits,
    bookedAt,
    workedOn,
    agentLogin,
    agentName,
    subject,
    against: null,
  };
}

function dayOf(moment: Temporal.Instant, timeZone: string): Temporal.PlainDate {
  return moment.toZonedDateTimeISO(timeZone).toPlainDate();
}
