import { Big } from "big.js";
import { quantityFor } from "../../model/index.ts";
import type { CustomerId, Decimal, HundredthUnits } from "../../model/index.ts";
import type { SettledLine } from "../ports.ts";
import type { BillingRule, BillingRules, CustomerSettings } from "../rules.ts";
import { entryName } from "./pieces.ts";
import type { Piece } from "./pieces.ts";
import { rulesOf } from "./pricing.ts";
import type { Quote } from "./pricing.ts";
import { asWorked, chargedMinutes, exactMinutes } from "./rounding.ts";
import type { ChargeRule } from "./rounding.ts";

/** Due pieces of one ticket that make one position: same customer, part, price, kind and rounding. */
export interface Group {
  readonly customerId: CustomerId;
  readonly kind: "billed" | "goodwill";
  readonly quote: Quote;
  readonly charge: ChargeRule;
  /** Names of the rules, in the order of their pieces. */
  readonly rules: readonly string[];
  readonly pieces: readonly Piece[];
  /** Lines of the same position that stand, oldest first. */
  readonly history: readonly SettledLine[];
}

/** What a piece is to become before it stands in a group. */
export interface PricedPiece {
  readonly piece: Piece;
  readonly customerId: CustomerId;
  readonly kind: Group["kind"];
  readonly quote: Quote;
  readonly charge: ChargeRule;
  readonly rules: readonly string[];
}

/** Puts pieces together; `lines` are those of the ticket that stand. Groups come in the order of their first work, goodwill last. */
export function groupPieces(
  priced: readonly PricedPiece[],
  lines: readonly SettledLine[],
  chargeOf: (line: SettledLine) => ChargeRule,
): readonly Group[] {
  const byKey = new Map<string, PricedPiece[]>();
  for (const each of priced) {
    const key = groupKey(each.customerId, each.kind, each.quote, each.charge);
    byKey.set(key, [...(byKey.get(key) ?? []), each]);
  }
  const groups = [...byKey].flatMap(([key, members]): readonly Group[] => {
    const [first] = members;
    if (first === undefined) return [];
    return [
      {
        ...first,
        rules: [...new Set(members.flatMap(({ rules }) => rules))],
        pieces: members.map(({ piece }) => piece),
        history: lines.filter((line) => lineKeys(line, chargeOf(line)).includes(key)),
      },
    ];
  });
  return groups.toSorted((a, b) => Number(a.kind === "goodwill") - Number(b.kind === "goodwill"));
}

/**
 * Quantity that is charged now: rounded(all worked time of the position) − what was charged for it before. Of a line that
 * somebody edited as a proposal counts what it would have been, so that the edit is not undone by what comes later. Time of
 * the ticket that is included counts towards the minimum.
 */
export function chargedNow(
  group: Group,
  included: HundredthUnits,
  minutesPerUnit: BillingRules["minutesPerUnit"],
): Decimal {
  const { quote, history, pieces } = group;
  const charge = withoutIncluded(group.charge, exactMinutes(included, minutesPerUnit));
  const worked = new Map<string, number>();
  const chargedForAll = (): Big =>
    new Big(
      quantityFor(
        chargedMinutes([...worked.values()] as Piece["units"][], minutesPerUnit, charge),
        quote.part.minutesPerUnit,
      ),
    );
  let charged = new Big(0);
  for (const line of history) {
    addTo(worked, line.entries);
    charged = line.edited ? chargedForAll() : charged.plus(line.quantity);
  }
  addTo(worked, pieces);
  return chargedForAll().minus(charged).toFixed(5) as Decimal;
}

function withoutIncluded(charge: ChargeRule, included: Big): ChargeRule {
  const left = new Big(charge.minimumMinutes).minus(included.gt(0) ? included : 0);
  return { ...charge, minimumMinutes: (left.gt(0) ? left.toFixed() : "0") as Decimal };
}

/** What rounding and minimum a rule leaves to, or takes from, the settings. */
export function chargeRule(rule: BillingRule | null, settings: CustomerSettings): ChargeRule {
  if (rule?.effect === "goodwill") return asWorked;
  const rounding = rule?.rounding ?? settings.rounding;
  return {
    rounding: rounding === "none" ? null : rounding,
    minimumMinutes: rule?.minimumMinutes ?? settings.minimumMinutes,
  };
}

/** The same for a line, by the rule that it was made by. */
export function lineCharge(line: SettledLine, rules: readonly BillingRule[], settings: CustomerSettings): ChargeRule {
  if (line.kind === "goodwill") return asWorked;
  const names = rulesOf(line);
  return chargeRule(rules.find(({ name }) => names.includes(name)) ?? null, settings);
}

function addTo(worked: Map<string, number>, entries: readonly Pick<Piece, "key" | "units">[]): void {
  for (const { key, units } of entries) {
    const name = entryName(key);
    worked.set(name, (worked.get(name) ?? 0) + units);
  }
}

interface Priced {
  readonly part: { readonly partNumber: string };
  readonly unitPrice: Decimal;
  readonly discount: Decimal;
}

function groupKey(
  customerId: CustomerId | null,
  kind: string,
  { part, unitPrice, discount }: Priced,
  charge: ChargeRule,
): string {
  const numbers = [unitPrice, discount].map((value) => new Big(value).toFixed());
  return JSON.stringify([customerId, kind, part.partNumber, ...numbers, charge]);
}

/** A line that moved time without charging belongs to the position of its part and price, whatever its kind. */
function lineKeys(line: SettledLine, charge: ChargeRule): readonly string[] {
  const { kind, partNumber } = line;
  if (partNumber === null || !(kind === "billed" || kind === "goodwill" || kind === "transfer")) return [];
  const priced = { ...line, part: { partNumber } };
  if (kind !== "transfer") return [groupKey(line.customerId, kind, priced, charge)];
  return [groupKey(line.customerId, "billed", priced, charge), groupKey(line.customerId, "goodwill", priced, asWorked)];
}
