import type { Command } from "commander";
import type { Followed } from "../bridge/index.ts";
import { plural } from "./amounts.ts";
import { whereText } from "./billing-drafts.ts";
import { action, exitCodes, withBridge } from "./command.ts";
import { followedJson } from "./json-billing-desk.ts";

/** `billing follow`: what became of drafts and orders. */
export function addFollow(billing: Command): void {
  const command = billing
    .command("follow")
    .description("look what became of drafts and orders, as each billing run does first");
  action<object>(command, async ({ terminal, load }) =>
    withBridge(load().config, "billing follow", async (bridge) => {
      const followed = await bridge.office().follow(terminal.context);
      terminal.answer(() => followedText(followed), followedJson(followed));
      return followed.inbox.added > 0 || followed.untold.length > 0 ? exitCodes.partial : exitCodes.done;
    }),
  );
}

function followedText({ changes, questions, untold, inbox }: Followed): string {
  return [
    ...changes.map(
      ({ draft, status, invoiceNumber }) =>
        `Draft ${draft.draftId}  ${draft.customerNumber}, ${draft.period}: ${whereText({ ...draft, status, invoiceNumber: invoiceNumber ?? draft.invoiceNumber })}`,
    ),
    ...questions.flatMap(({ text, hint }) => [`  ? ${text}`, `    ${hint}`]),
    ...untold.map(({ ticketNumber, why }) => `Ticket ${ticketNumber} was not told its invoice: ${why}`),
    `${plural(changes.length, "draft")} changed, ${plural(inbox.added, "new question")}, ${inbox.open} open.`,
    "",
  ].join("\n");
}
