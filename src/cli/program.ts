import { Command, CommanderError } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { addBilling } from "./billing.ts";
import { addConfig } from "./config.ts";
import { addCustomers } from "./customers.ts";
import { addDemo } from "./demo.ts";
import { addExplain } from "./explain-customer.ts";
import { exitCodes } from "./explain.ts";
import { addHelpdesk } from "./helpdesk.ts";
import { addInbox } from "./inbox.ts";
import { errorJson } from "./json.ts";
import { addReport } from "./report.ts";
import { addRun } from "./run.ts";
import { addSetup } from "./setup.ts";

/** Runs one command line and ends the process; the exit code is left in `process.exitCode`. */
export async function runCommandLine(words: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", unlessNobodyReads);
  await carryOut(words);
  endEvenIfSomethingStaysOpen();
}

/** `kivi-otrs … | head` has read enough: what was done is done, and ends as it would. */
function unlessNobodyReads(error: Error): void {
  if (!("code" in error) || error.code !== "EPIPE") throw error;
}

/** Runs one command line; the exit code is left in `process.exitCode`. */
export async function carryOut(words: readonly string[]): Promise<void> {
  const program = new Command("kivi-otrs")
    .description("kivitendo ⇄ OTRS/Znuny/OTOBO: customers into the helpdesk, accounted time back as draft invoices")
    .version(packageJson.version)
    .showHelpAfterError("(--help tells the options)")
    .exitOverride();
  addDemo(program);
  addSetup(program);
  addConfig(program);
  addCustomers(program);
  addBilling(program);
  addInbox(program);
  addExplain(program);
  addHelpdesk(program);
  addReport(program);
  addRun(program);
  for (const command of allCommands(program)) command.exitOverride();
  try {
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander has said what is wrong; help and version end with 0.
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (error.exitCode !== 0 && words.includes("--json")) process.stdout.write(`${JSON.stringify(usageJson(error))}\n`);
  }
}

/** pg leaves its socket open when a login breaks off half way, and the server closes it after a minute only. */
function endEvenIfSomethingStaysOpen(): void {
  setTimeout(() => process.exit(), 500).unref();
}

/** Whoever asked for JSON gets some, even when the rest of the line was not understood. */
function usageJson({ message }: CommanderError): unknown {
  return errorJson({
    exitCode: exitCodes.usage,
    kind: "ConfigError",
    message: message.replace(/^error: /, ""),
    hint: "Run the same command with --help: it tells the options.",
  });
}

function allCommands(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)]);
}
