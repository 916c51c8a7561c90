/**
 * Amounts of a record as kivitendo computes them (`SL/DB/Helper/PriceTaxCalculator.pm`), in exact decimals: each line is
 * rounded once, the tax is summed unrounded for each tax account and rounded once, the gross amount is rounded to the
 * client's precision.
 */
import { Big } from "big.js";
import { type Decimal, round } from "./decimal.ts";

/** Enough places for every quotient of amounts that kivitendo can store to be rounded like the exact one. */
const Precise = Big();
Precise.DP = 40;

/** One line of a record. */
export interface AmountLine {
  readonly unitPrice: Decimal;
  /** As a fraction: "0.1" is 10 %. */
  readonly discount: Decimal;
  readonly quantity: Decimal;
  /** How many units the price is for; "1" unless the line has a price factor. */
  readonly priceFactor?: Decimal;
  /** Null where no tax is due. `rate` is a fraction. */
  readonly tax: { readonly account: string; readonly rate: Decimal } | null;
  /** Such a line has a total and does not count. */
  readonly optional?: boolean;
}

export interface RecordAmounts {
  /** Of each line in its order, two decimals; with tax included they contain it. */
  readonly lineTotals: readonly Decimal[];
  /** Of each line in its order, without a contained tax, two decimals. */
  readonly lineNets: readonly Decimal[];
  /** Two decimals, ordered by account; accounts without tax are left out. */
  readonly taxes: readonly { readonly account: string; readonly tax: Decimal }[];
  readonly net: Decimal;
  readonly gross: Decimal;
}

/** What one line comes to, two decimals. */
export function lineTotal(line: Pick<AmountLine, "unitPrice" | "discount" | "quantity" | "priceFactor">): Decimal {
  const { unitPrice, discount, quantity, priceFactor = "1" } = line;
  return round(new Precise(1).minus(discount).times(unitPrice).times(quantity).div(priceFactor), 2);
}

/** `precision` is the smallest amount of money that is charged, such as "0.01" (`defaults.precision`). */
export function recordAmounts(
  lines: readonly AmountLine[],
  { taxIncluded, precision }: { readonly taxIncluded: boolean; readonly precision: Decimal },
): RecordAmounts {
  const lineTotals = lines.map(lineTotal);
  const byAccount = new Map<string, Big>();
  let total = new Precise(0);
  const lineNets = lines.map((line, index) => {
    const amount = new Precise(lineTotals[index] ?? 0);
    const tax = taxOf(amount, line.tax?.rate, taxIncluded);
    if (line.optional !== true) {
      total = total.plus(amount);
      if (line.tax !== null) {
        byAccount.set(line.tax.account, (byAccount.get(line.tax.account) ?? new Precise(0)).plus(tax));
      }
    }
    return round(taxIncluded ? amount.minus(tax) : amount, 2);
  });
  const taxes = [...byAccount]
    .map(([account, tax]) => ({ account, tax: round(tax, 2) }))
    .filter(({ tax }) => !new Big(tax).eq(0))
    .sort((a, b) => (a.account < b.account ? -1 : 1));
  const taxTotal = taxes.reduce((sum, { tax }) => sum.plus(tax), new Precise(0));
  return {
    lineTotals,
    lineNets,
    taxes,
    net: round(taxIncluded ? total.minus(taxTotal) : total, 2),
    gross: roundToPrecision(taxIncluded ? total : total.plus(taxTotal), precision),
  };
}

/** Rounds to cents and then to the next multiple of `precision`, as kivitendo does with the gross amount. */
export function roundToPrecision(amount: Big, precision: Decimal): Decimal {
  const cents = new Precise(round(amount, 2));
  return round(new Precise(round(cents.div(precision), 0)).times(precision), 2);
}

function taxOf(amount: Big, rate: Decimal | undefined, taxIncluded: boolean): Big {
  if (rate === undefined) return new Precise(0);
  const tax = amount.times(rate);
  return taxIncluded ? tax.div(new Precise(1).plus(rate)) : tax;
}
