import { Big } from "big.js";
import { lineTotal, trimDecimal } from "../../model/index.ts";
import type { Decimal, HundredthUnits } from "../../model/index.ts";
import type { PlannedLine } from "../ports.ts";
import type { Rounding } from "../rules.ts";
import { languageOf } from "../texts.ts";
import type { Position } from "./lines.ts";
import { quantityFor, roundToStep } from "./rounding.ts";

/** One line for each part and price of a draft that is rounded as a whole, with what its positions lack or have too much. */
export function roundingLines(positions: readonly Position[], languageCode: string | null): readonly PlannedLine[] {
  const groups = new Map<string, Position[]>();
  for (const position of positions) {
    const { line, draftRounding } = position;
    if (draftRounding === null || line.kind !== "billed") continue;
    const key = JSON.stringify([
      line.part?.partNumber,
      Number(line.unitPrice),
      Number(line.discount),
      line.projectId,
      draftRounding,
    ]);
    groups.set(key, [...(groups.get(key) ?? []), position]);
  }
  return [...groups.values()].flatMap((members) => roundingLine(members, languageCode));
}

function roundingLine(positions: readonly Position[], languageCode: string | null): readonly PlannedLine[] {
  const [first] = positions;
  if (first === undefined || first.draftRounding === null) return [];
  const { line, minutesPerPartUnit, draftRounding } = first;
  // Charged minutes may come from quantities with five decimals, so what is far below a second is no remainder.
  const minutes = positions.reduce((sum, position) => sum.plus(position.minutes), new Big(0)).round(2, Big.roundHalfUp);
  const wanted = quantityFor(roundToStep(minutes, draftRounding), minutesPerPartUnit);
  const charged = positions.reduce((sum, position) => sum.plus(position.line.quantity), new Big(0));
  const quantity = new Big(wanted).minus(charged).toFixed(5) as Decimal;
  if (new Big(quantity).abs().lt("0.0001")) return [];
  const { part, unitPrice, discount, projectId } = line;
  return [
    {
      part,
      unitPrice,
      discount,
      projectId,
      quantity,
      kind: "rounding",
      ticket: null,
      netAmount: lineTotal({ unitPrice, discount, quantity }),
      description: roundingText(draftRounding, languageCode),
      longDescription: "",
      workedUnits: 0 as HundredthUnits,
      late: false,
      service: null,
      rule: line.rule,
      priceSource: line.priceSource,
      entries: [],
    },
  ];
}

function roundingText({ stepMinutes }: Rounding, languageCode: string | null): string {
  const step = trimDecimal(stepMinutes);
  return languageOf(languageCode) === "en"
    ? `Rounding to ${step} minutes`
    : `Rundung auf ${step.replace(".", ",")} Minuten`;
}
