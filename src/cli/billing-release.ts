import type { Command } from "commander";
import type { Released } from "../bridge/index.ts";
import { ConfigError } from "../model/index.ts";
import { numberArgument, plural } from "./amounts.ts";
import { storedDraftText } from "./billing-drafts.ts";
import { action, collect, exitCodes, withBridge } from "./command.ts";
import { draftsJson, heldJson, releasedJson } from "./json-billing-desk.ts";
import { signatureOf, signed } from "./signature.ts";
import type { SignatureOptions } from "./signature.ts";

interface ReleaseOptions extends SignatureOptions {
  readonly customer: readonly string[];
  readonly all: boolean;
}

/** `billing release|redo|hold|unhold`: what an accountant decides about proposals, drafts and tickets. */
export function addRelease(billing: Command): void {
  const release = billing
    .command("release")
    .argument("[drafts...]", "numbers of proposals, as `billing drafts` shows them")
    .description("write proposals into kivitendo")
    .option("--customer <number>", "all proposals of this customer (repeatable)", collect, [])
    .option("--all", "all proposals", false);
  action<ReleaseOptions>(signed(release), async ({ words, options, terminal, load }) => {
    const choice = chosen(words, options);
    const signature = signatureOf(options);
    return withBridge(load().config, "billing release", async (bridge) => {
      const office = bridge.office();
      const result = await office.release(choice, signature, terminal.context);
      terminal.answer(() => releasedText(result), releasedJson(result, office.minutesPerUnit));
      if (result.refused.length === 0) return exitCodes.done;
      return result.released.length === 0 ? exitCodes.refused : exitCodes.partial;
    });
  });
  addRedo(billing);
  addHold(billing, "hold", "keep tickets from being billed until they are released");
  addHold(billing, "unhold", "let held tickets be billed again");
}

function chosen(words: readonly string[], { customer, all }: ReleaseOptions) {
  const ways = [words.length > 0, customer.length > 0, all].filter(Boolean).length;
  if (ways !== 1) {
    throw new ConfigError(
      ways === 0
        ? "It has to be said which proposals are released."
        : "Numbers, --customer and --all exclude each other.",
      "Give numbers of proposals, --customer, or --all; `kivi-otrs billing drafts --status proposed` lists them.",
    );
  }
  return { draftIds: words.map((word) => numberArgument("draft", word)), customerNumbers: customer };
}

function releasedText({ released, refused }: Released): string {
  return [
    ...released.map(storedDraftText),
    ...refused.flatMap(({ draft, reason, hint }) => [
      `Draft ${draft.draftId} stays a proposal: ${reason}`,
      `  ${hint}`,
    ]),
    ...(released.length + refused.length === 0 ? ["No proposal waits."] : []),
    `${plural(released.length, "proposal")} released${refused.length > 0 ? `, ${refused.length} refused` : ""}.`,
    "",
  ].join("\n");
}

function addRedo(billing: Command): void {
  const command = billing
    .command("redo")
    .argument("<draft>", "number of the draft, as `billing drafts` shows it")
    .description("take back a proposal, or a draft that nobody touched: its time is due again");
  action<SignatureOptions>(signed(command), async ({ words: [word = ""], options, terminal, load }) => {
    const draftId = numberArgument("draft", word);
    const signature = signatureOf(options);
    return withBridge(load().config, "billing redo", async (bridge) => {
      const office = bridge.office();
      const draft = await office.redo(draftId, signature);
      terminal.answer(
        () =>
          `Draft ${draftId} is taken back; its time is due again. ` +
          `\`kivi-otrs billing draft --customer ${draft.customerNumber} --period ${draft.period}\` makes it anew.\n`,
        draftsJson([draft], office.minutesPerUnit),
      );
      return exitCodes.done;
    });
  });
}

function addHold(billing: Command, name: "hold" | "unhold", description: string): void {
  const command = billing.command(name).argument("<tickets...>", "ticket numbers").description(description);
  action<SignatureOptions>(signed(command), async ({ words, options, terminal, load }) => {
    const signature = signatureOf(options);
    const held = name === "hold";
    return withBridge(load().config, `billing ${name}`, async (bridge) => {
      await bridge.office().hold(words, held, signature, terminal.context);
      const what = words.length === 1 ? `Ticket ${words[0] ?? ""}` : `${words.length} tickets`;
      terminal.answer(
        () => `${what} ${held ? "held: not billed until `kivi-otrs billing unhold`" : "can be billed again"}.\n`,
        heldJson(words, held),
      );
      return exitCodes.done;
    });
  });
}
