import type { Command } from "commander";
import { ConfigError } from "../model/index.ts";
import { addDrafts } from "./billing-drafts.ts";
import { addEdit } from "./billing-edit.ts";
import { addFollow } from "./billing-follow.ts";
import { addOpening } from "./billing-opening.ts";
import { addRelease } from "./billing-release.ts";
import { billingText } from "./billing-text.ts";
import { action, collect, exitCodes, withBridge } from "./command.ts";
import { billingJson } from "./json-billing.ts";
import { signatureOf, signed } from "./signature.ts";
import type { SignatureOptions } from "./signature.ts";

interface Options extends SignatureOptions {
  readonly customer: readonly string[];
  readonly ticket: readonly string[];
  readonly period?: string;
  readonly hold: readonly string[];
  readonly release: readonly string[];
}

/** `billing …`: flow 2, and what people do with its drafts. */
export function addBilling(program: Command): void {
  const billing = program
    .command("billing")
    .description("accounted time on closed tickets to draft invoices in kivitendo");
  addMode(billing, "plan", "show the drafts that would be written; writes nothing");
  addMode(billing, "draft", "write the drafts, or proposals where billing.release is after-review");
  addDrafts(billing);
  addFollow(billing);
  addEdit(billing);
  addRelease(billing);
  addOpening(billing);
}

function addMode(billing: Command, mode: "plan" | "draft", description: string): void {
  const command = billing
    .command(mode)
    .description(description)
    .option("--customer <number>", "only this customer (repeatable)", collect, [])
    .option("--ticket <number>", "only this ticket (repeatable)", collect, [])
    .option(
      "--period <period>",
      "everything due up to its end: 2026-10, 2026-Q3, 2026-10-05..2026-10-20, previous-month",
    )
    .option("--hold <ticket>", "with draft: first keep this ticket from being billed (repeatable)", collect, [])
    .option("--release <ticket>", "with draft: first let this held ticket be billed again (repeatable)", collect, []);
  action<Options>(signed(command), async ({ options, terminal, load }) => {
    const signature = options.hold.length + options.release.length === 0 ? null : decisionOf(mode, options);
    const { config } = load();
    return withBridge(config, `billing ${mode}`, async (bridge) => {
      if (signature !== null) {
        const office = bridge.office();
        if (options.hold.length > 0) await office.hold(options.hold, true, signature, terminal.context);
        if (options.release.length > 0) await office.hold(options.release, false, signature, terminal.context);
      }
      const report = await bridge.billing(
        mode,
        { customerNumbers: options.customer, ticketNumbers: options.ticket, period: options.period ?? null },
        terminal.context,
      );
      const contingents = await bridge.office().contingents(options.customer);
      const open = (await bridge.inbox()).length;
      terminal.answer(() => billingText(report, mode, contingents), billingJson(report, contingents, open));
      return mode === "draft" && report.inbox.added + report.moved > 0 ? exitCodes.partial : exitCodes.done;
    });
  });
}

function decisionOf(mode: "plan" | "draft", options: Options): ReturnType<typeof signatureOf> {
  if (mode === "plan") {
    throw new ConfigError(
      "A plan writes nothing, so it cannot hold or release tickets.",
      "Hold them with `kivi-otrs billing hold`, then plan; or leave the option to `kivi-otrs billing draft`.",
    );
  }
  return signatureOf(options);
}
