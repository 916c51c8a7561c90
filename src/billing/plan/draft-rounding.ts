import { lineTotal, roundingQuantity, trimDecimal } from "../../model/index.ts";
import type { HundredthUnits, MinutesPerUnit } from "../../model/index.ts";
import type { DraftRounding, PlannedLine } from "../ports.ts";
import type { Rounding } from "../rules.ts";
import { languageOf } from "../texts.ts";
import type { Position } from "./lines.ts";

/** How a draft with these positions is rounded as a whole: one rounding for each part and price. */
export function draftRoundings(
  positions: readonly Position[],
  minutesPerUnit: MinutesPerUnit,
  languageCode: string | null,
): readonly DraftRounding[] {
  const roundings = new Map<string, DraftRounding>();
  for (const [index, { line, draftRounding, minutesPerPartUnit }] of positions.entries()) {
    if (draftRounding === null || line.kind !== "billed") continue;
    const { part, unitPrice, discount, projectId, rule, priceSource } = line;
    const { stepMinutes, direction } = draftRounding;
    const key = JSON.stringify([part?.partNumber, Number(unitPrice), Number(discount), projectId, draftRounding]);
    const description = roundingText(draftRounding, languageCode);
    const rounding = roundings.get(key) ?? {
      positions: [],
      stepMinutes,
      direction,
      minutesPerPartUnit,
      minutesPerUnit,
      line: { part, unitPrice, discount, projectId, description, rule, priceSource },
    };
    roundings.set(key, { ...rounding, positions: [...rounding.positions, index + 1] });
  }
  return [...roundings.values()];
}

/** One line for each rounding, with what its positions lack or have too much. */
export function roundingLines(
  positions: readonly Position[],
  roundings: readonly DraftRounding[],
): readonly PlannedLine[] {
  return roundings.flatMap((rounding): readonly PlannedLine[] => {
    const rounded = rounding.positions.flatMap((place) => {
      const position = positions[place - 1];
      return position === undefined ? [] : [{ ...position, quantity: position.line.quantity }];
    });
    const quantity = roundingQuantity(rounded, rounding.minutesPerPartUnit, rounding);
    if (quantity === null) return [];
    const { unitPrice, discount } = rounding.line;
    return [
      {
        ...rounding.line,
        quantity,
        kind: "rounding",
        ticket: null,
        netAmount: lineTotal({ unitPrice, discount, quantity }),
        longDescription: "",
        workedUnits: 0 as HundredthUnits,
        late: false,
        service: null,
        entries: [],
      },
    ];
  });
}

function roundingText({ stepMinutes }: Rounding, languageCode: string | null): string {
  const step = trimDecimal(stepMinutes);
  return languageOf(languageCode) === "en"
    ? `Rounding to ${step} minutes`
    : `Rundung auf ${step.replace(".", ",")} Minuten`;
}
