import { Option } from "commander";
import type { Command } from "commander";
import type { RecordedDecision } from "../customer-sync/index.ts";
import { ConfigError } from "../model/index.ts";
import { action, exitCodes, withBridge } from "./command.ts";
import { decisionJson } from "./json-customer-desk.ts";
import { operatorName } from "./operator.ts";

interface Options {
  readonly why?: string;
  readonly by: string;
  readonly value?: string;
}

const choices: readonly RecordedDecision["choice"][] = [
  "adopt",
  "append-number",
  "ignore",
  "move",
  "recreate",
  "rename",
  "retry",
  "stay",
];

/** `inbox decide`: what a person decides about a customer or contact that waits; kept with who and why. */
export function addDecide(inbox: Command): void {
  const command = inbox
    .command("decide")
    .argument("<id>", "as `inbox` shows it, such as user-1501")
    .argument("<choice>", choices.join(", "))
    .description("decide about a customer or contact that waits; the next run carries it out")
    .option("--value <key>", "with rename: the new CustomerID or login")
    .addOption(new Option("--by <name>", "who decides").default(operatorName()))
    .option("--why <reason>", "why; kept with the decision");
  action<Options>(command, async ({ words: [id = "", word = ""], options, terminal, load }) => {
    const choice = choices.find((each) => each === word);
    if (choice === undefined) {
      throw new ConfigError(
        `${word} is not a choice.`,
        `Choices are ${choices.join(", ")}; \`kivi-otrs inbox\` shows which fit.`,
      );
    }
    const why = options.why?.trim() ?? "";
    if (why === "") throw new ConfigError("A decision needs its reason.", 'Add --why "…".');
    if ((choice === "rename") !== (options.value !== undefined)) {
      throw new ConfigError(
        "rename needs --value with the new key, and only rename takes it.",
        "Write for instance: rename --value eva.new@example.org.",
      );
    }
    return withBridge(load().config, "inbox decide", async ({ desk }) => {
      await desk.decide(id, { choice, value: options.value ?? null, by: options.by, why });
      terminal.answer(
        () =>
          `Recorded: ${id} ${choice}, by ${options.by}. The next run carries it out (\`kivi-otrs customers sync\`).\n`,
        decisionJson({ id, choice, by: options.by, why }),
      );
      return exitCodes.done;
    });
  });
}
