import { type Command, Option } from "commander";
import type { ExportReport } from "../customer-sync/index.ts";
import type { ExportFormat } from "../customer-sync/ports.ts";
import { action, exitCodes, withBridge } from "./command.ts";
import { exportJson } from "./export-json.ts";

interface Options {
  readonly format: ExportFormat;
  readonly out: string;
  readonly all: boolean;
}

/** Records that a text answer lists before it says how many more there are. */
const listedRecords = 30;

/** `customers export`: files for helpdesks that take nothing else. */
export function addExport(customers: Command): void {
  const command = customers
    .command("export")
    .description("write the wanted customers and contacts as CSV, and what changed since the last export")
    .addOption(
      new Option("--format <format>", "otobo: its CSV import; opsi: JP1 Ops I's registration; plain: all fields")
        .choices(["otobo", "opsi", "plain"])
        .makeOptionMandatory(),
    )
    .requiredOption("--out <directory>", "where companies.csv, users.csv and changes.csv go")
    .option("--all", "tell every record as new in changes.csv", false);
  action<Options>(command, async ({ options, terminal, load }) =>
    withBridge(load().config, "customers export", async (bridge) => {
      const { format, all, out: directory } = options;
      const report = await bridge.exportCustomers({ format, directory, all }, terminal.context);
      terminal.answer(() => exportText(report, directory), exportJson(report));
      return report.plan.newlyRefused > 0 ? exitCodes.partial : exitCodes.done;
    }),
  );
}

function exportText({ plan, number, files }: ExportReport, directory: string): string {
  const { changes, refused, records } = plan;
  const lines = changes.slice(0, listedRecords).map(({ change, record, label, key, fields }) => {
    const detail = fields.length === 0 ? "" : `: ${fields.map(({ field }) => field).join(", ")}`;
    return `  ${change.padEnd(11)} ${record === "company" ? "customer" : "contact "}  ${label} [${key}]${detail}`;
  });
  const more = changes.length - lines.length;
  const count = (kind: "company" | "user"): number => records.filter(({ record }) => record === kind).length;
  return [
    ...lines,
    ...(more > 0 ? [`  … and ${more} more (changes.csv and --json list all)`] : []),
    ...refused.flatMap(({ label, reason, hint }) => [`  refused     ${label}: ${reason}`, `    ${hint}`]),
    number === null
      ? "Nothing changed since the last export."
      : `Export ${number} (${plan.format}): ${changes.length} of ${records.length} records differ.`,
    `${count("company")} customers and ${count("user")} contacts in ${directory}: ${files.length} files written.`,
    "",
  ].join("\n");
}
