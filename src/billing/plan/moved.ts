import type { HundredthUnits } from "../../model/index.ts";
import { total } from "./pieces.ts";
import type { Piece } from "./pieces.ts";

/** Pieces of a ticket after time that only shows in another place was taken out. */
export interface Moved {
  /** Add up to nothing. */
  readonly moved: readonly Piece[];
  readonly pieces: readonly Piece[];
  /** Of time without an article, as far as nobody can say whose it is. */
  readonly rest: readonly Piece[];
}

/**
 * Time without an article is one sum with the stock operations and stands in rows with the add-on. Where the way of
 * reading was changed, what was settled in the one place is no longer there and shows in the other: that is the same time,
 * neither due nor missing.
 */
export function movedTime(pieces: readonly Piece[], rest: readonly Piece[]): Moved {
  const sign = Math.sign(total(rest));
  const isOpposite = ({ key, units }: Piece): boolean => key.kind === "row" && Math.sign(units) === -sign;
  const amount = Math.min(Math.abs(total(rest)), Math.abs(total(pieces.filter(isOpposite))));
  if (amount === 0) return { moved: [], pieces, rest };
  const rows = divided(pieces, isOpposite, amount);
  const sums = divided(rest, ({ units }) => Math.sign(units) === sign, amount);
  return { moved: [...sums.taken, ...rows.taken], pieces: rows.left, rest: sums.left };
}

/** Takes so many units out of those pieces, the first ones first; all of them have one sign. */
function divided(
  pieces: readonly Piece[],
  isMeant: (piece: Piece) => boolean,
  amount: number,
): { readonly taken: readonly Piece[]; readonly left: readonly Piece[] } {
  const taken: Piece[] = [];
  const left: Piece[] = [];
  let missing = amount;
  for (const piece of pieces) {
    const part = isMeant(piece) ? Math.min(Math.abs(piece.units), missing) * Math.sign(piece.units) : 0;
    missing -= Math.abs(part);
    if (part !== 0) taken.push({ ...piece, units: part as HundredthUnits });
    if (piece.units !== part) left.push({ ...piece, units: (piece.units - part) as HundredthUnits });
  }
  return { taken, left };
}
