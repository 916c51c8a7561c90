import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import { trimDecimal } from "../model/index.ts";
import { hoursOf, minutesLeft, totalsOf } from "../report/index.ts";
import type { ActivityReport } from "../report/index.ts";
import { moneyText, plural } from "./amounts.ts";
import { action, exitCodes, withBridge } from "./command.ts";
import { reportJson } from "./json-report.ts";
import { reportFormats, writeReport } from "./report-files.ts";
import type { ReportFormat } from "./report-files.ts";

interface Options {
  readonly customer: string;
  readonly period?: string;
  readonly format: readonly ReportFormat[];
  readonly output?: string;
  readonly by?: "closing" | "booking";
  readonly language?: "de" | "en";
  readonly force: boolean;
}

/** `report`: the activity report of a customer (Tätigkeitsnachweis) as files. */
export function addReport(program: Command): void {
  const command = program
    .command("report")
    .description("activity report of a customer (Tätigkeitsnachweis), with what is not billed as well")
    .requiredOption("--customer <number>", "customer number")
    .option("--period <period>", "2026-10, 2026-Q3, 2026-10-05..2026-10-20, previous-month; else the customer's own")
    .addOption(
      new Option("--format <format>", `${reportFormats.join(", ")} (repeatable)`)
        .default([], "pdf")
        .argParser(collectFormat),
    )
    .option("--output <file or directory>", "where it goes; else here, under a name with customer and period")
    .addOption(
      new Option(
        "--by <what>",
        "time of tickets closed in the period, or time booked in it; else as it is billed",
      ).choices(["closing", "booking"]),
    )
    .addOption(new Option("--language <language>", "else the customer's").choices(["de", "en"]))
    .option("--force", "replace files that are there", false);
  action<Options>(command, async ({ options, terminal, load }) =>
    withBridge(load().config, "report", async (bridge) => {
      const report = await bridge.office().activity({
        customerNumber: options.customer,
        period: options.period ?? null,
        dateBy: options.by ?? null,
        language: options.language ?? null,
      });
      const formats = options.format.length === 0 ? (["pdf"] as const) : [...new Set(options.format)];
      const { output = null, force } = options;
      const files = await writeReport(report, formats, { output, force });
      terminal.answer(() => reportText(report, files), reportJson(report, files));
      return exitCodes.done;
    }),
  );
}

function collectFormat(value: string, earlier: readonly ReportFormat[]): readonly ReportFormat[] {
  const format = reportFormats.find((each) => each === value);
  if (format === undefined) throw new InvalidArgumentError(`Allowed choices are ${reportFormats.join(", ")}.`);
  return [...earlier, format];
}

function reportText(report: ActivityReport, files: readonly string[]): string {
  const { minutes, bySettlement, netAmount } = totalsOf(report);
  const { customer, period, contingent, currency } = report;
  return [
    ...files,
    `${customer.number} ${customer.name}, ${period.label}: ${plural(report.tickets.length, "ticket")}, ${trimDecimal(minutes)} minutes (${hoursOf(minutes)} h), net ${moneyText(netAmount)} ${currency}.`,
    ...bySettlement.map(({ settled, minutes: part }) => `  ${settled}: ${trimDecimal(part)} minutes`),
    ...(report.tickets.length === 0 ? ["No time stands on this customer in this period: the report says so."] : []),
    ...(contingent === null
      ? []
      : [
          `  included time: ${trimDecimal(contingent.usedMinutes)} of ${trimDecimal(contingent.includedMinutes)} minutes used, ${trimDecimal(minutesLeft(contingent))} left`,
        ]),
    "",
  ].join("\n");
}
