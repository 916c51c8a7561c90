import type { Command } from "commander";
import type { Bridge } from "../bridge/index.ts";
import type { Choice } from "../billing/ports.ts";
import type { RecordedDecision } from "../customer-sync/index.ts";
import { ConfigError } from "../model/index.ts";
import { action, exitCodes, withBridge } from "./command.ts";
import { decisionJson } from "./json-customer-desk.ts";
import { signatureOf, signed } from "./signature.ts";
import type { SignatureOptions } from "./signature.ts";

interface Options extends SignatureOptions {
  readonly value?: string;
}

const customerChoices: readonly RecordedDecision["choice"][] = [
  "adopt",
  "append-number",
  "ignore",
  "move",
  "recreate",
  "rename",
  "retry",
  "stay",
];

const billingChoices: readonly Choice[] = ["accept", "bill", "due-again", "hold", "keep", "move", "opening", "waive"];

interface Decision extends SignatureOptions {
  readonly id: string;
  readonly word: string;
  readonly value: string | null;
}

/** `inbox decide`: what a person decides about something that waits; kept with who and why. */
export function addDecide(inbox: Command): void {
  const command = inbox
    .command("decide")
    .argument("<id>", "as `inbox` shows it, such as user-1501 or billing-12")
    .argument("<choice>", "one of those that `inbox` shows for it")
    .description("decide about something that waits")
    .option("--value <key>", "with rename: the new CustomerID or login");
  action<Options>(signed(command), async ({ words: [id = "", word = ""], options, terminal, load }) => {
    const { by, why } = signatureOf(options);
    const decision = { id, word, value: options.value ?? null, by, why };
    // What cannot be right needs no configuration to be told.
    const carryOut = id.startsWith("billing-") ? decideBilling(decision) : decideCustomer(decision);
    return withBridge(load().config, "inbox decide", async (bridge) => {
      const next = await carryOut(bridge);
      terminal.answer(
        () => `Recorded: ${id} ${word}, by ${by}. ${next}\n`,
        decisionJson({ id, choice: word, by, why }),
      );
      return exitCodes.done;
    });
  });
}

type CarryOut = (bridge: Bridge) => Promise<string>;

function decideBilling({ id, word, value, by, why = "" }: Decision): CarryOut {
  const choice = known(billingChoices, word);
  if (value !== null) throw new ConfigError("--value is for renaming customers and contacts.", "Leave it out.");
  return async (bridge) => {
    await bridge.office().decide(id, choice, { by, why });
    return "It is carried out; `kivi-otrs billing plan` shows what is due now.";
  };
}

function decideCustomer({ id, word, value, by, why = "" }: Decision): CarryOut {
  const choice = known(customerChoices, word);
  if ((choice === "rename") !== (value !== null)) {
    throw new ConfigError(
      "rename needs --value with the new key, and only rename takes it.",
      "Write for instance: rename --value eva.new@example.org.",
    );
  }
  return async ({ desk }) => {
    await desk.decide(id, { choice, value, by, why });
    return "The next run carries it out (`kivi-otrs customers sync`).";
  };
}

function known<T extends string>(choices: readonly T[], word: string): T {
  const choice = choices.find((each) => each === word);
  if (choice !== undefined) return choice;
  throw new ConfigError(
    `${word} is not a choice.`,
    `Choices are ${choices.join(", ")}; \`kivi-otrs inbox\` shows which fit.`,
  );
}
