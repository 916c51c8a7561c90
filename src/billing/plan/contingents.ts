import { Big } from "big.js";
import type { HundredthUnits, MinutesPerUnit } from "../../model/index.ts";
import type { BillingRules, Contingent } from "../rules.ts";
import { matchesQueue } from "./classify.ts";
import { total } from "./pieces.ts";
import type { Piece } from "./pieces.ts";

/** Billable pieces of one position that included hours may cover: at most as much as the position comes to. */
export interface Coverable {
  readonly queue: string;
  readonly pieces: readonly Piece[];
}

/** The contingent of a customer; null without one. */
export function contingentOf(rules: BillingRules, customerNumber: string): Contingent | null {
  return rules.contingents.find(({ customers }) => customers.includes(customerNumber)) ?? null;
}

/** Included units of a month. */
export function includedUnits({ minutesPerMonth }: Contingent, minutesPerUnit: MinutesPerUnit): number {
  return Number(new Big(minutesPerMonth).times(100).div(minutesPerUnit).round(0, Big.roundDown));
}

/** Month of the work, `2026-10`. */
export function monthOf({ workedOn }: Pick<Piece, "workedOn">): string {
  return workedOn.toPlainYearMonth().toString();
}

export interface Covered<T> {
  readonly of: T;
  /** Pieces and parts of pieces within the included hours. */
  readonly included: readonly Piece[];
  /** What is left to charge. */
  readonly charged: readonly Piece[];
}

/**
 * Takes work out of the included hours of its month, in the order in which it was booked; a piece is split at the balance.
 * `used` holds the units used already, by month; less than nothing is used where included time was taken back.
 */
export function coverPieces<T extends Coverable>(
  positions: readonly T[],
  contingent: Contingent,
  used: ReadonlyMap<string, number>,
  minutesPerUnit: MinutesPerUnit,
): readonly Covered<T>[] {
  const monthly = includedUnits(contingent, minutesPerUnit);
  const usedNow = new Map(used);
  const room = positions.map(({ pieces }) => total(pieces) as number);
  const taken = positions.map(() => new Map<Piece, number>());
  const candidates = positions
    .flatMap(({ queue, pieces }, position) =>
      contingent.queues === null || contingent.queues.some((pattern) => matchesQueue(pattern, queue))
        ? pieces.filter(({ units }) => units > 0).map((piece) => ({ piece, position }))
        : [],
    )
    .toSorted((a, b) => Temporal.Instant.compare(a.piece.bookedAt, b.piece.bookedAt));
  for (const { piece, position } of candidates) {
    const month = monthOf(piece);
    const balance = monthly - (usedNow.get(month) ?? 0);
    const units = Math.max(Math.min(piece.units, balance, room[position] ?? 0), 0);
    if (units === 0) continue;
    taken[position]?.set(piece, units);
    room[position] = (room[position] ?? 0) - units;
    usedNow.set(month, (usedNow.get(month) ?? 0) + units);
  }
  return positions.map((of, position) => splitPieces(of, taken[position] ?? new Map<Piece, number>()));
}

function splitPieces<T extends Coverable>(of: T, taken: ReadonlyMap<Piece, number>): Covered<T> {
  const parts = (share: (piece: Piece) => number): readonly Piece[] =>
    of.pieces.flatMap((piece) => {
      const units = share(piece) as HundredthUnits;
      return units === 0 ? [] : [{ ...piece, units }];
    });
  return {
    of,
    included: parts((piece) => taken.get(piece) ?? 0),
    charged: parts((piece) => piece.units - (taken.get(piece) ?? 0)),
  };
}
