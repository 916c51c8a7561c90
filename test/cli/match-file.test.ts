import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readMatches, writeMatches } from "../../src/cli/match-file.ts";
import type { MatchProposal } from "../../src/customer-sync/index.ts";

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kivi-otrs-match-"));
  file = join(directory, "pairs.csv");
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

const sure: MatchProposal = {
  record: "company",
  rowId: 1127,
  score: 95,
  reasons: ["customer number", "name"],
  ambiguous: false,
  erp: { number: "10001", name: 'Müller; "Söhne", GmbH', zipCode: "05311", city: "Köln", email: "" },
  helpdesk: { key: "mueller", number: "mueller", name: "Mueller", zipCode: "53111", city: "Köln", email: "" },
};
const unsure: MatchProposal = {
  ...sure,
  record: "user",
  rowId: 1501,
  score: 70,
  helpdesk: { ...sure.helpdesk, key: "=eva" },
};

test("what is written is read back: sure pairs with a yes, the others when somebody says so", () => {
  writeMatches(file, [sure, unsure]);
  expect(readMatches(file)).toEqual([{ line: 2, record: "company", rowId: 1127, key: "mueller" }]);
  writeFileSync(file, readFileSync(file, "utf8").replace("\n;contact", "\nJA;contact"));
  expect(readMatches(file)).toEqual([
    { line: 2, record: "company", rowId: 1127, key: "mueller" },
    { line: 3, record: "user", rowId: 1501, key: "=eva" },
  ]);
});

test("spreadsheets see umlauts, texts instead of formulas, and semicolons", () => {
  writeMatches(file, [unsure]);
  const text = readFileSync(file, "utf8");
  expect(text).toMatch(/^\uFEFFuse;kind;row_id;/u);
  expect(text).toContain("'=eva");
  expect(text).toContain('"Müller; ""Söhne"", GmbH"');
});

test("an ambiguous pair has no yes, whatever its score", () => {
  writeMatches(file, [{ ...sure, ambiguous: true }]);
  expect(readMatches(file)).toEqual([]);
  expect(readFileSync(file, "utf8")).toContain("AMBIGUOUS");
});

test("a file that is there is not overwritten", () => {
  writeFileSync(file, "mine");
  expect(() => {
    writeMatches(file, [sure]);
  }).toThrow(/cannot be written/);
  expect(readFileSync(file, "utf8")).toBe("mine");
});

test.each([
  ["a file saved with commas", 'use,kind,row_id,helpdesk_key,kivitendo_name\r\nyes,customer,7,a1,"Müller; Sohn"\r\n'],
  ["a file saved with tabs", "use\tkind\trow_id\thelpdesk_key\nx\tcustomer\t7\ta1\n"],
  ["a quoted header", '"use";"kind";"row_id";"helpdesk_key"\n"1";"customer";"7";"a1"\n\n'],
])("%s is read", (_case, text) => {
  writeFileSync(file, text);
  expect(readMatches(file)).toMatchObject([{ record: "company", rowId: 7, key: "a1" }]);
});

test.each([
  ["an answer that is neither yes nor no", "use;kind;row_id;helpdesk_key\nperhaps;customer;7;a1\n", /line 2: use/],
  [
    "a row id that a spreadsheet has turned",
    "use;kind;row_id;helpdesk_key\nyes;customer;1,1E+03;a1\n",
    /line 2: row_id/,
  ],
  ["a kind that there is not", "use;kind;row_id;helpdesk_key\nyes;vendor;7;a1\n", /line 2: kind/],
  ["an empty key", "use;kind;row_id;helpdesk_key\nyes;customer;7;\n", /line 2: helpdesk_key/],
  ["missing columns", "yes;customer\nyes;customer\n", /line 2: use/],
  ["no CSV", 'use;kind\n"yes;customer\n', /cannot be read as CSV/],
])("%s is refused with its line", (_case, text, message) => {
  writeFileSync(file, text);
  expect(() => readMatches(file)).toThrow(message);
});

test("a file in another encoding than UTF-8 is refused before a key with an umlaut is misread", () => {
  writeFileSync(file, Buffer.from("use;kind;row_id;helpdesk_key\nyes;customer;7;M\u00fcller\n", "latin1"));
  expect(() => readMatches(file)).toThrow(/not in UTF-8/);
});

test("a file that is not there is named", () => {
  expect(() => readMatches(join(directory, "nowhere.csv"))).toThrow(/nowhere\.csv cannot be read/);
});
