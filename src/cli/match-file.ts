import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { z } from "zod";
import type { MatchChoice, MatchProposal } from "../customer-sync/index.ts";
import { ConfigError } from "../model/index.ts";

/**
 * The file of proposed pairs: semicolons and a byte order mark, as German spreadsheets read and write it. People say yes
 * or no in the first column; `kind`, `row_id` and `helpdesk_key` are read back, the rest is for their eyes.
 */
const columns = [
  "use",
  "kind",
  "row_id",
  "helpdesk_key",
  "score",
  "reasons",
  "kivitendo_number",
  "kivitendo_name",
  "kivitendo_zip",
  "kivitendo_city",
  "kivitendo_email",
  "helpdesk_company",
  "helpdesk_name",
  "helpdesk_zip",
  "helpdesk_city",
  "helpdesk_email",
] as const;

const kinds = { company: "customer", user: "contact" } as const;

/** Pairs from this score up are proposed with a yes, unless they are ambiguous. */
const surely = 90;

/** Refuses to write over a file: somebody may have spent an hour on it. */
export function writeMatches(file: string, proposals: readonly MatchProposal[]): void {
  const text = stringify(proposals.map(rowOf), {
    header: true,
    columns: [...columns],
    delimiter: ";",
    bom: true,
    record_delimiter: "windows",
    // A name such as =HYPERLINK(…) stays a text in a spreadsheet.
    escape_formulas: true,
  });
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    throw new ConfigError(
      `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
      "Name a file that is not there yet, in a directory that you may write.",
    );
  }
}

function rowOf({ record, rowId, score, reasons, ambiguous, erp, helpdesk }: MatchProposal): readonly string[] {
  return [
    !ambiguous && score >= surely ? "yes" : "",
    kinds[record],
    String(rowId),
    helpdesk.key,
    String(score),
    [...reasons, ...(ambiguous ? ["AMBIGUOUS"] : [])].join(", "),
    erp.number,
    erp.name,
    erp.zipCode,
    erp.city,
    erp.email,
    helpdesk.number,
    helpdesk.name,
    helpdesk.zipCode,
    helpdesk.city,
    helpdesk.email,
  ];
}

const Yes = z
  .string()
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.enum(["yes", "ja", "y", "j", "x", "1", "no", "nein", "n", "0", ""]))
  .transform((text) => ["yes", "ja", "y", "j", "x", "1"].includes(text));

const Row = z.object({
  use: Yes,
  kind: z.enum(["customer", "contact"]),
  row_id: z.string().regex(/^\d{1,10}$/, "expected kivitendo's row id"),
  helpdesk_key: z
    .string()
    .min(1, "expected the helpdesk's CustomerID or login")
    .refine((key) => !key.includes("\uFFFD"), "the file is not in UTF-8: save it as CSV UTF-8"),
});

/** The pairs with a yes. Throws ConfigError with every line that cannot be read. */
export function readMatches(file: string): readonly MatchChoice[] {
  const problems: string[] = [];
  const choices = recordsOf(file).flatMap(({ record, info }): readonly MatchChoice[] => {
    const parsed = Row.safeParse(record);
    if (!parsed.success) {
      const issues = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
      problems.push(`line ${info.lines}: ${issues.join("; ")}`);
      return [];
    }
    const { use, kind, row_id, helpdesk_key } = parsed.data;
    if (!use) return [];
    return [
      {
        line: info.lines,
        record: kind === "customer" ? "company" : "user",
        rowId: Number(row_id),
        key: unescaped(helpdesk_key),
      },
    ];
  });
  if (problems.length === 0) return choices;
  throw new ConfigError(
    `${file} has lines that cannot be read; nothing was recorded:\n${problems.join("\n")}`,
    "Write yes or no in the first column and leave kind, row_id and helpdesk_key as they are.",
  );
}

const ParsedLines = z.array(
  z.object({ record: z.record(z.string(), z.string()), info: z.object({ lines: z.number() }) }),
);

function recordsOf(file: string): z.infer<typeof ParsedLines> {
  try {
    const text = readFileSync(file, "utf8");
    const records: unknown = parse(text, {
      bom: true,
      columns: true,
      // Spreadsheets save with the delimiter of their own country; the header tells which.
      delimiter: /^\uFEFF?"?\w+"?(.)/u.exec(text)?.[1] ?? ";",
      info: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
    });
    return ParsedLines.parse(records);
  } catch (error) {
    throw new ConfigError(
      `${file} cannot be read as CSV: ${error instanceof Error ? error.message : String(error)}.`,
      "Save it as CSV in UTF-8 with the columns that `kivi-otrs customers match --csv FILE` writes.",
    );
  }
}

/** A leading apostrophe keeps a spreadsheet from calculating; it is not part of the key. */
function unescaped(key: string): string {
  return /^'[=+\-@\t\r＝＋－＠]/u.test(key) ? key.slice(1) : key;
}
