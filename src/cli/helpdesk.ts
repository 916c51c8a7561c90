import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { addBackendConfig } from "./backend-config.ts";
import { action, exitCodes, withBridge } from "./command.ts";

/** `helpdesk webservice|backend-config|check`: what the admin of the helpdesk needs. */
export function addHelpdesk(program: Command): void {
  const helpdesk = program.command("helpdesk").description("the helpdesk's side");
  action<{ readonly giextension: boolean }>(
    helpdesk
      .command("webservice")
      .description("print the web-service definition to import in the helpdesk")
      .option("--giextension", "the one for helpdesk.customerOperations: giextension", false),
    async ({ options, terminal }) => {
      const file = options.giextension ? "KivitendoBridgeGIExtension.yml" : "KivitendoBridge.yml";
      const yaml = readFileSync(new URL(`../../helpdesk-addon/webservice/${file}`, import.meta.url), "utf8");
      terminal.answer(() => yaml, { webservice: yaml });
      return Promise.resolve(exitCodes.done);
    },
  );
  addBackendConfig(helpdesk);
  action<object>(
    helpdesk.command("check").description("log in and ask the add-on who and what it is"),
    async ({ terminal, load }) =>
      withBridge(load().config, "helpdesk check", async (bridge) => {
        const info = await bridge.helpdeskInfo();
        const unreadable = info.queues.filter((queue) => queue.valid && !queue.readable).map((queue) => queue.name);
        terminal.answer(
          () =>
            [
              `${info.product} ${info.productVersion}, add-on ${info.addonVersion}, agent ${info.agent}`,
              `Time zone ${info.timeZone}, label of the time unit "${info.timeUnitLabel.trim()}"`,
              `States: ${info.states
                .filter((state) => state.valid)
                .map((state) => `${state.name} (${state.type})`)
                .join(", ")}`,
              unreadable.length === 0
                ? "The agent can read every queue."
                : `Closed tickets in these queues would not be billed, because the agent cannot read them: ${unreadable.join(", ")}`,
              "",
            ].join("\n"),
          info,
        );
        return exitCodes.done;
      }),
  );
}
