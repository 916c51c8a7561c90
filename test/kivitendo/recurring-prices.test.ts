import { Big } from "big.js";
import { describe, expect, test } from "vitest";
import { periodMonths, preScaled, priceBilledByJob } from "../../src/kivitendo/recurring.ts";
import type { Decimal } from "../../src/model/index.ts";
import golden from "../fixtures/kivitendo-golden/recurring.json" with { type: "json" };

const decimal = (text: string): Decimal => text as Decimal;

test("kivitendo's letters are the measured numbers of months", () => {
  for (const each of golden.cases) {
    const months = periodMonths(each.periodicity, each.order_value_periodicity);
    const once = each.periodicity === "o";
    expect([each.id, months]).toEqual([
      each.id,
      { billingMonths: Number(each.billing_months), valueMonths: once ? 1 : Number(each.order_value_months) },
    ]);
  }
  expect(periodMonths("x", "p")).toEqual({ billingMonths: null, valueMonths: null });
});

describe("the price that the job bills", () => {
  test.each(golden.cases.filter(({ invoices }) => invoices.length > 0).map((each) => [each.id, each] as const))(
    "%s",
    (_id, each) => {
      const { billingMonths, valueMonths } = periodMonths(each.periodicity, each.order_value_periodicity);
      const months = { billing: billingMonths ?? 0, value: valueMonths ?? 0 };
      const last = each.note?.startsWith("only the last period") === true;
      for (const { lines } of each.invoices) {
        for (const line of lines) {
          const written = each.order.lines[Number(line.linked_order_line) - 1]?.sellprice ?? "";
          const billed = priceBilledByJob(new Big(written), months, last).round(5, Big.roundHalfUp);
          expect([line.description, billed.toFixed(5)]).toEqual([line.description, line.fxsellprice]);
        }
      }
    },
  );
});

describe("prices that are scaled beforehand", () => {
  const line = { unitPrice: decimal("95"), discount: decimal("0"), quantity: decimal("1.5") };

  test.each([
    [1, 12, "1140.00000"],
    [3, 6, "190.00000"],
    [12, 1, "7.91667"],
    [1, 1, "95.00000"],
  ])("billed every %i months with prices for %i: %s", (billing, value, written) => {
    expect(preScaled(line, { billing, value })).toBe(written);
  });

  test("a price with more than cents cannot be billed in parts, nor an amount that is off by a cent", () => {
    expect(
      preScaled({ ...line, unitPrice: decimal("1.58333"), quantity: decimal("100") }, { billing: 1, value: 6 }),
    ).toBeNull();
    expect(preScaled({ ...line, quantity: decimal("150") }, { billing: 12, value: 1 })).toBeNull();
  });
});
