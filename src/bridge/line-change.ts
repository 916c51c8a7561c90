import { Big } from "big.js";
import type { BillingPart, KivitendoBilling, ProposalEdit, StoredDraft, StoredLine } from "../billing/ports.ts";
import { ConfigError, round, trimDecimal } from "../model/index.ts";
import type { Decimal, PartNumber } from "../model/index.ts";

/** A change of a line as a person writes it: part and minutes still have to be looked up. */
export type LineChange =
  | { readonly kind: "leave-out"; readonly time: "waive" | "hold" }
  | { readonly kind: "goodwill" }
  | {
      readonly kind: "part";
      readonly partNumber: string;
      /** Null takes the customer's price for the part, else the part's own. */
      readonly unitPrice: Decimal | null;
      /** Null keeps the charged time, in the new part's unit. */
      readonly quantity: Decimal | null;
    }
  | { readonly kind: "quantity"; readonly quantity: Decimal }
  | { readonly kind: "minutes"; readonly minutes: Decimal }
  | { readonly kind: "text"; readonly description: string | null; readonly longDescription: string | null };

const quantityPlaces = 5;

/** The change as the desk takes it. Throws ConfigError for a part that cannot be used, or without a unit of time. */
export async function proposalEdit(
  { kivitendo }: { readonly kivitendo: KivitendoBilling },
  draft: StoredDraft,
  lineId: number,
  change: LineChange,
): Promise<ProposalEdit> {
  if (change.kind !== "part" && change.kind !== "minutes") return change;
  const line = draft.lines.find((each) => each.lineId === lineId);
  const now = line?.partNumber === null || line === undefined ? null : await readPart(kivitendo, line.partNumber);
  if (change.kind === "minutes") return { kind: "quantity", quantity: quantityOfMinutes(change.minutes, now, lineId) };
  const part = await usablePart(kivitendo, change.partNumber);
  return {
    kind: "part",
    partId: part.partId,
    partNumber: part.partNumber,
    unit: part.unit,
    unitPrice: change.unitPrice ?? (await priceOf(kivitendo, draft, part)),
    quantity: change.quantity ?? sameTime(line, now, part),
  };
}

async function readPart(kivitendo: KivitendoBilling, partNumber: PartNumber): Promise<BillingPart | null> {
  return (await kivitendo.readParts([partNumber])).get(partNumber) ?? null;
}

async function usablePart(kivitendo: KivitendoBilling, partNumber: string): Promise<BillingPart> {
  const part = await readPart(kivitendo, partNumber as PartNumber);
  if (part?.hasPriceFactor === true) {
    throw new ConfigError(
      `The price of part ${partNumber} is for a multiple of its unit (price factor), which billing does not support.`,
      "Choose another part, or remove the price factor from it in kivitendo. Nothing was changed.",
    );
  }
  if (part !== null && !part.obsolete) return part;
  throw new ConfigError(
    part === null ? `kivitendo has no part ${partNumber}.` : `The part ${partNumber} is marked obsolete.`,
    "Name the number of a valid part. Nothing was changed.",
  );
}

async function priceOf(kivitendo: KivitendoBilling, draft: StoredDraft, part: BillingPart): Promise<Decimal> {
  const prices = (await kivitendo.readPrices([draft.customerId])).get(draft.customerId);
  return prices?.customerPrices.get(part.partNumber) ?? part.unitPrice;
}

function quantityOfMinutes(minutes: Decimal, part: BillingPart | null, lineId: number): Decimal {
  if (part?.minutesPerUnit) return toUnits(new Big(minutes), part.minutesPerUnit);
  throw new ConfigError(
    `The part of line ${lineId} has no unit of time any more, so minutes say nothing.`,
    "Give --quantity instead.",
  );
}

function sameTime(line: StoredLine | undefined, from: BillingPart | null, to: BillingPart): Decimal {
  if (line !== undefined && from?.minutesPerUnit && to.minutesPerUnit) {
    return toUnits(new Big(line.quantity).times(from.minutesPerUnit), to.minutesPerUnit);
  }
  throw new ConfigError(
    `${to.partNumber} is not counted in a unit of time, so its quantity cannot be taken from the line.`,
    "Add --quantity.",
  );
}

function toUnits(minutes: Big, minutesPerUnit: Decimal): Decimal {
  const precise = Big();
  precise.DP = 30;
  return trimDecimal(round(new precise(minutes).div(minutesPerUnit), quantityPlaces));
}
