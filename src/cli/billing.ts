import type { Command } from "commander";
import { action, collect, exitCodes, withBridge } from "./command.ts";
import { billingJson } from "./json.ts";
import { billingText } from "./text.ts";

interface Options {
  readonly customer: readonly string[];
  readonly ticket: readonly string[];
  readonly period?: string;
}

/** `billing plan|draft`: flow 2. */
export function addBilling(program: Command): void {
  const billing = program
    .command("billing")
    .description("accounted time on closed tickets to draft invoices in kivitendo");
  addMode(billing, "plan", "show the drafts that would be written; writes nothing");
  addMode(billing, "draft", "write the drafts");
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
    );
  action<Options>(command, async ({ options, terminal, load }) => {
    const { config } = load();
    return withBridge(config, `billing ${mode}`, async (bridge) => {
      const report = await bridge.billing(
        mode,
        { customerNumbers: options.customer, ticketNumbers: options.ticket, period: options.period ?? null },
        terminal.context,
      );
      const open = (await bridge.inbox()).length;
      terminal.answer(() => billingText(report, mode), billingJson(report, open));
      return mode === "draft" && report.inbox.added > 0 ? exitCodes.partial : exitCodes.done;
    });
  });
}
