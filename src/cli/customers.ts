import type { Command } from "commander";
import type { CustomersReport } from "../customer-sync/index.ts";
import { ConfigError } from "../model/index.ts";
import { action, collect, exitCodes, withBridge } from "./command.ts";
import { addExport } from "./export.ts";
import { customersJson } from "./json.ts";
import { addMatch } from "./match.ts";
import { runReadOnly } from "./read-only.ts";
import { customersText } from "./text.ts";
import { addVerify } from "./verify.ts";

interface Options {
  readonly customer: readonly string[];
  readonly contact: readonly string[];
  readonly allow?: string;
}

/** `customers plan|sync`: flow 1. */
export function addCustomers(program: Command): void {
  const customers = program.command("customers").description("customers and contacts from kivitendo to the helpdesk");
  addMode(customers, "plan", "show what sync would do, and what the helpdesk would say; writes nothing");
  addMode(customers, "sync", "bring the helpdesk up to date");
  addMatch(customers);
  addVerify(customers);
  addExport(customers);
}

function addMode(customers: Command, mode: "plan" | "sync", description: string): void {
  const command = customers
    .command(mode)
    .description(description)
    .option("--customer <number>", "only this customer and its contacts (repeatable)", collect, [])
    .option("--contact <id or e-mail>", "only this contact (repeatable)", collect, [])
    .option("--allow <token>", "carry out the one plan whose refusal named this token");
  action<Options>(command, async ({ options, terminal, load }) => {
    const { config } = load();
    return withBridge(config, `customers ${mode}`, async (bridge) => {
      const chosen = {
        customerNumbers: options.customer,
        contacts: options.contact,
        allow: options.allow ?? null,
      };
      if (bridge.readOnlySource !== null) return runReadOnly(bridge.readOnlySource, mode, chosen, terminal);
      const report = await bridge.customers(mode, chosen, terminal.context);
      assertSomethingMatched(report, [...options.customer, ...options.contact]);
      const open = (await bridge.inbox()).length;
      terminal.answer(() => customersText(report, mode), customersJson(report, open));
      return report.newlyRejected > 0 ? exitCodes.partial : exitCodes.done;
    });
  });
}

/** A mistyped number would otherwise look like a customer that is up to date. */
function assertSomethingMatched({ customers, contacts }: CustomersReport, chosen: readonly string[]): void {
  const found = [...Object.values(customers), ...Object.values(contacts)].some((count) => count > 0);
  if (chosen.length === 0 || found) return;
  throw new ConfigError(
    `Nothing in kivitendo that belongs into the helpdesk matches ${chosen.join(", ")}; nothing was written.`,
    "Check the customer number, and the contact's e-mail or row id. Obsolete customers that never were in the helpdesk do not count, nor do contacts without e-mail or customer.",
  );
}
