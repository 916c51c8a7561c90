/** The tables of docs/customer-sync.md say what the tests show, word by word; `vitest -u` writes them. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { caseGroups } from "../contracts/customer-cases/index.ts";

const file = fileURLToPath(new URL("../../docs/customer-sync.md", import.meta.url));
const begin = "<!-- cases -->\n";

function tables(): string {
  return caseGroups
    .map(({ title, cases }) => {
      const rows = cases.map(
        ({ id, when, result, simulated }) =>
          `| ${when} | ${result} | \`${id}\`${simulated === undefined ? "" : " ¹"} |`,
      );
      return ["", `### ${title}`, "| case | result | test |", "|---|---|---|", ...rows, ""].join("\n");
    })
    .join("");
}

test("the document has a row for every case, with its test", async () => {
  const text = await readFile(file, "utf8");
  const [head = ""] = text.split(begin);
  await expect(`${head}${begin}${tables()}`).toMatchFileSnapshot(file);
});

test("no two cases have the same name", () => {
  const ids = caseGroups.flatMap(({ cases }) => cases.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});
