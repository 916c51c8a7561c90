import type { Command } from "commander";
import { exampleConfig, redactConfig, showConfig } from "../config/index.ts";
import { action, exitCodes } from "./command.ts";
import { addConfigCheck } from "./config-check.ts";

/** `config check|show|example`. */
export function addConfig(program: Command): void {
  const config = program.command("config").description("the configuration file");
  addConfigCheck(config);
  action<object>(
    config
      .command("show")
      .description("show the configuration in force: file, environment, defaults; secrets are not shown"),
    async ({ terminal, load }) => {
      const loaded = load();
      terminal.answer(() => `# ${loaded.file}\n${showConfig(loaded.config)}`, {
        file: loaded.file,
        config: redactConfig(loaded.config),
      });
      return Promise.resolve(exitCodes.done);
    },
  );
  action<object>(config.command("example").description("print an example with every setting"), async ({ terminal }) => {
    terminal.answer(exampleConfig, { example: exampleConfig() });
    return Promise.resolve(exitCodes.done);
  });
}
