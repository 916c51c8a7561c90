import type { Command } from "commander";
import { createLogger, openBridge } from "../bridge/index.ts";
import type { Bridge } from "../bridge/index.ts";
import { loadConfig } from "../config/index.ts";
import type { LoadedConfig } from "../config/index.ts";
import { exitCodes, explain } from "./explain.ts";
import type { ExitCode } from "./explain.ts";
import { errorJson } from "./json.ts";
import { openTerminal } from "./terminal.ts";
import type { Terminal } from "./terminal.ts";

/** Options that every command has. */
export interface CommonOptions {
  readonly config?: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

export interface CommandCall<Options> {
  readonly options: Options & CommonOptions;
  /** The command's own arguments, as it declares them. */
  readonly words: readonly string[];
  readonly terminal: Terminal;
  /** Reads the configuration; a command that needs none does not call it. */
  readonly load: () => LoadedConfig;
}

/** Adds the common options and runs the action with one place for errors and exit codes. */
export function action<Options>(command: Command, run: (call: CommandCall<Options>) => Promise<ExitCode>): Command {
  return command
    .option(
      "--config <file>",
      "configuration file (default: config/bridge.yaml, /etc/kivitendo-otrs-bridge/bridge.yaml)",
    )
    .option("--json", "print one JSON document on standard output", false)
    .option("--quiet", "no remarks and no progress", false)
    .action(async () => {
      // `inbox` has the common options and a subcommand: it takes them wherever on the line they stand.
      const options = command.optsWithGlobals<Options & CommonOptions>();
      const terminal = openTerminal(options);
      try {
        process.exitCode = await run({
          options,
          words: command.args,
          terminal,
          load: () => loadConfig({ file: options.config, environment: process.env, directory: process.cwd() }),
        });
      } catch (error) {
        process.exitCode = fail(error, options, terminal);
      } finally {
        terminal.close();
      }
    });
}

/** Opens the bridge for one command and closes it whatever happens. */
export async function withBridge<T>(
  config: LoadedConfig["config"],
  command: string,
  use: (bridge: Bridge) => Promise<T>,
): Promise<T> {
  const bridge = openBridge(config, command, createLogger(config.log.level === "debug" ? "debug" : "warn"));
  try {
    return await use(bridge);
  } finally {
    await bridge.close();
  }
}

/** Says what happened and what to do next; returns the exit code. */
export function fail(error: unknown, options: { readonly json: boolean }, terminal: Terminal): ExitCode {
  const explanation = explain(error);
  if (options.json) terminal.answer(() => "", errorJson(explanation));
  process.stderr.write(`${explanation.message}\n→ ${explanation.hint}\n`);
  return explanation.exitCode;
}

/** Collects a repeatable option. */
export function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}

export { exitCodes };
