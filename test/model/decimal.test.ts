import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { Decimal, lineTotal, sumAmounts, trimDecimal } from "../../src/model/index.ts";

const d = (text: string): Decimal => Decimal.parse(text);

test.each([
  { price: "95.00", quantity: "0.83333", amount: "79.17" },
  { price: "95.00000", quantity: "1.50000", amount: "142.50" },
  { price: "0.01", quantity: "0.5", amount: "0.01" },
  { price: "-0.01", quantity: "0.5", amount: "-0.01" },
])("$price × $quantity = $amount", ({ price, quantity, amount }) => {
  expect(lineTotal({ unitPrice: d(price), discount: d("0"), quantity: d(quantity) })).toBe(amount);
});

test("sums and trims", () => {
  expect(sumAmounts([d("79.17"), d("79.17")])).toBe("158.34");
  expect(sumAmounts([])).toBe("0.00");
  expect(trimDecimal(d("1.50000"))).toBe("1.5");
  expect(trimDecimal(d("2.00000"))).toBe("2");
  expect(trimDecimal(d("200"))).toBe("200");
});

// Measured on kivitendo 4.1.0; see test/fixtures/kivitendo-golden/README.md, which exempts one group.
const Golden = z.object({
  cases: z.array(
    z.object({
      id: z.string(),
      group: z.string(),
      lines: z.array(
        z.object({ qty: z.string(), sellprice: z.string(), discount_percent: z.string(), price_factor: z.string() }),
      ),
      expected: z.object({ line_totals: z.array(z.string()).optional() }).nullish(),
    }),
  ),
});

test("line amounts equal those that kivitendo computed", () => {
  const file = new URL("../fixtures/kivitendo-golden/amounts.json", import.meta.url);
  let compared = 0;
  for (const { id, group, lines, expected } of Golden.parse(JSON.parse(readFileSync(file, "utf8"))).cases) {
    if (group === "just_below_half_cent") continue;
    for (const [index, line] of lines.entries()) {
      const total = expected?.line_totals?.[index];
      // Discounts and price factors: amounts.test.ts.
      if (total === undefined || Number(line.discount_percent) !== 0 || Number(line.price_factor) !== 1) continue;
      expect(
        Number(lineTotal({ unitPrice: d(line.sellprice), discount: d("0"), quantity: d(line.qty) })),
        `${id} ${line.sellprice} × ${line.qty}`,
      ).toBe(Number(total));
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(100);
});
