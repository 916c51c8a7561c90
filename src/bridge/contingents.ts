import { Big } from "big.js";
import type { BillingRules } from "../billing/index.ts";
import type { BillingState } from "../billing/ports.ts";
import { minutesOf, round } from "../model/index.ts";
import type { CustomerId, Decimal, HundredthUnits, Period } from "../model/index.ts";

/** Included time of a customer in one month, as the ledger has it. */
export interface ContingentBalance {
  readonly customerNumber: string;
  /** `2026-10` */
  readonly month: string;
  readonly includedMinutes: Decimal;
  /** More than nothing is left when it is less than the included ones. */
  readonly usedMinutes: Decimal;
}

export interface ContingentParts {
  readonly state: Pick<BillingState, "readIncludedUse">;
  readonly findCustomer: (customerNumber: string) => Promise<CustomerId | null>;
}

/** Balances of these customers in the months of a period (null: of each customer's own); those without a contingent are left out. */
export async function readContingents(
  { state, findCustomer }: ContingentParts,
  rules: BillingRules,
  customerNumbers: readonly string[],
  period: Period | null,
): Promise<readonly ContingentBalance[]> {
  const balances: ContingentBalance[] = [];
  for (const customerNumber of customerNumbers) {
    const contingent = rules.contingents.find(({ customers }) => customers.includes(customerNumber));
    const customerId = contingent === undefined ? null : await findCustomer(customerNumber);
    if (contingent === undefined || customerId === null) continue;
    const used = (await state.readIncludedUse([customerId])).get(customerId) ?? new Map<string, HundredthUnits>();
    const own = rules.customers.get(customerNumber) ?? rules.settings;
    for (const month of monthsOf(period ?? own.period)) {
      balances.push({
        customerNumber,
        month,
        includedMinutes: round(new Big(contingent.minutesPerMonth), 2),
        usedMinutes: minutesOf(used.get(month) ?? (0 as HundredthUnits), rules.minutesPerUnit),
      });
    }
  }
  return balances;
}

/** Months that begin in the period, and the one in which it begins. */
function monthsOf({ start, end }: Period): readonly string[] {
  const months: string[] = [];
  let month = start.toPlainYearMonth();
  while (Temporal.PlainDate.compare(month.toPlainDate({ day: 1 }), end) < 0) {
    months.push(month.toString());
    month = month.add({ months: 1 });
  }
  return months;
}
