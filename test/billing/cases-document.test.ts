/** The tables of docs/billing-cases.md say what the tests show, word by word; `vitest -u` writes them. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import {
  type BillingCase,
  billingCaseGroups,
  type Expectation,
  hundredthsOf,
  type Stage,
} from "../contracts/billing-cases/index.ts";

const file = fileURLToPath(new URL("../../docs/billing-cases.md", import.meta.url));
const begin = "<!-- cases -->\n";
const marks = { api: " ¹", sql: " ²" } as const;

function tables(): string {
  return billingCaseGroups
    .map(({ title, cases }) => {
      const heads = "| test | by hand, then a run | billed so far | open questions | with `collect: stock` |";
      return ["", `### ${title}`, heads, "|---|---|---|---|---|", ...cases.flatMap(rowsOf), ""].join("\n");
    })
    .join("");
}

function rowsOf({ id, stages, through, only }: BillingCase): readonly string[] {
  const name = `\`${id}\`${through === undefined ? "" : marks[through]}`;
  return stages.map((stage, index) => {
    const cells = [index === 0 ? name : "", stage.when, billedText(stage), asksText(stage), stockText(stage, only)];
    return `| ${cells.join(" | ")} |`.replaceAll("  ", " ");
  });
}

function stockText({ stock }: Stage, only: BillingCase["only"]): string {
  if (only === "stock") return "only there";
  if (stock === undefined) return "";
  const parts = [
    ...(stock.billed === undefined ? [] : [`billed ${billedText({ billed: stock.billed })}`]),
    ...(stock.asks === undefined ? [] : [`asks ${asksText({ billed: {}, asks: stock.asks })}`]),
    ...(stock.work === undefined ? [] : [workText(stock.work)]),
  ];
  return parts.join("; ");
}

function billedText({ billed, work }: Expectation): string {
  const sums = Object.entries(billed).map(([customer, sum]) => `${customer} ${sum.replaceAll("-", "−")}`);
  const text = sums.length === 0 ? "–" : sums.join("; ");
  return work === undefined ? text : `${text} (${workText(work)})`;
}

function asksText({ asks = [] }: Expectation): string {
  return asks.map((question) => question.replace(/^(\S+) (\S+)$/, "`$1` $2")).join(", ");
}

function workText(work: readonly string[]): string {
  return work.map((each) => each.replace(/^\S+ /, "")).join(", ");
}

test("the document has rows for every case, with its test", async () => {
  const text = await readFile(file, "utf8");
  const [head = ""] = text.split(begin);
  await expect(`${head}${begin}${tables()}`).toMatchFileSnapshot(file);
});

test("no two cases have the same name", () => {
  const ids = billingCaseGroups.flatMap(({ cases }) => cases.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});

test("customers are those that a case has", () => {
  const cases = billingCaseGroups.flatMap((group) => group.cases);
  const strays = cases.flatMap(({ id, stages, customers = ["A"] }) =>
    stages
      .flatMap(({ billed, stock }) => Object.keys({ ...billed, ...stock?.billed }))
      .filter((customer) => !customers.includes(customer))
      .map((customer) => `${id}: ${customer}`),
  );
  expect(strays).toEqual([]);
});

test.each([
  ["30", 3000],
  ["30 - 10 + 12.5", 3250],
  ["50 - 50", 0],
  ["0.05 + 1", 105],
])("the sum %s is %i hundredths", (sum, hundredths) => {
  expect(hundredthsOf(sum)).toBe(hundredths);
});

test("what is no sum is refused", () => {
  expect(() => hundredthsOf("30 + viel")).toThrow("no sum");
});
