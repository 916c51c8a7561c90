import type { Command } from "commander";
import type { MatchProposal, MatchReport } from "../customer-sync/index.ts";
import { ConfigError } from "../model/index.ts";
import { action, exitCodes, withBridge } from "./command.ts";
import { matchJson } from "./json-customer-desk.ts";
import { readMatches, writeMatches } from "./match-file.ts";
import { operatorName } from "./operator.ts";

interface Options {
  readonly csv?: string;
  readonly confirm?: string;
  readonly by: string;
}

/** `customers match`: which records of the helpdesk are customers and contacts of kivitendo. */
export function addMatch(customers: Command): void {
  const command = customers
    .command("match")
    .description("propose which records of the helpdesk are kivitendo's customers and contacts; confirm them")
    .option("--csv <file>", "write the proposals into this file, to be edited in a spreadsheet")
    .option("--confirm <file>", "read the edited file back and record the pairs with a yes")
    .option("--by <name>", "who confirms", operatorName());
  action<Options>(command, async ({ options, terminal, load }) => {
    if (options.csv !== undefined && options.confirm !== undefined) {
      throw new ConfigError("--csv and --confirm do not go together.", "Write the file, edit it, then confirm it.");
    }
    const { config } = load();
    return withBridge(config, "customers match", async ({ desk }) => {
      if (options.confirm !== undefined) {
        const choices = readMatches(options.confirm);
        await desk.confirmMatches(choices, options.by, terminal.context);
        terminal.answer(
          () => confirmedText(choices.length),
          matchJson({ proposals: [], confirmed: choices.length, report: null }),
        );
        return exitCodes.done;
      }
      const report = await desk.matches(terminal.context);
      if (options.csv !== undefined) writeMatches(options.csv, report.proposals);
      terminal.answer(
        () => proposalsText(report, options.csv ?? null),
        matchJson({ proposals: report.proposals, confirmed: 0, report }),
      );
      return exitCodes.done;
    });
  });
}

function confirmedText(count: number): string {
  if (count === 0) return "The file has no pair with a yes; nothing was recorded.\n";
  return `${count} pairs recorded. \`kivi-otrs customers plan\` shows what adopting them changes, \`customers sync\` does it.\n`;
}

function proposalsText(report: MatchReport, file: string | null): string {
  const { proposals, unmatchedRows, unmatchedRecords } = report;
  const next =
    file === null
      ? "`kivi-otrs customers match --csv FILE` writes them into a file to be confirmed. Nothing was recorded."
      : `Written to ${file}: put yes or no in the first column, then \`kivi-otrs customers match --confirm ${file}\`.`;
  return [
    ...proposals.map(proposalText),
    `${proposals.length} proposals. Without one: in kivitendo ${unmatchedRows.companies} customers and ${unmatchedRows.users} contacts,` +
      ` in the helpdesk ${unmatchedRecords.companies} companies and ${unmatchedRecords.users} users.`,
    ...(proposals.length > 0 ? [next] : []),
    "",
  ].join("\n");
}

function proposalText({ record, score, reasons, ambiguous, erp, helpdesk }: MatchProposal): string {
  const kind = record === "company" ? "customer" : "contact ";
  const ours = side([erp.number, erp.name, erp.zipCode, erp.city, erp.email]);
  const theirs = side([helpdesk.name, helpdesk.zipCode, helpdesk.city, helpdesk.email]);
  return `${String(score).padStart(3)}${ambiguous ? " ?" : "  "} ${kind}  ${ours}\n      = [${helpdesk.key}] ${theirs} (${reasons.join(", ")})`;
}

function side(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" ");
}
