import type { Command } from "commander";
import type { Comparison, VerifyReport } from "../customer-sync/index.ts";
import { ConfigError } from "../model/index.ts";
import { action, collect, exitCodes, withBridge } from "./command.ts";
import { verifyJson } from "./json-customer-desk.ts";

interface Options {
  readonly customer: readonly string[];
  readonly contact: readonly string[];
  readonly repair: boolean;
}

/** Differences that a text answer lists before it says how many more there are; `--json` has all. */
const listed = 50;

/** `customers verify`: what was changed in the helpdesk by hand. */
export function addVerify(customers: Command): void {
  const command = customers
    .command("verify")
    .description("compare the helpdesk's records with kivitendo: what was changed there by hand")
    .option("--customer <number>", "only this customer and its contacts (repeatable)", collect, [])
    .option("--contact <id or e-mail>", "only this contact (repeatable)", collect, [])
    .option("--repair", "put owned fields right", false);
  action<Options>(command, async ({ options, terminal, load }) => {
    const { config } = load();
    return withBridge(config, "customers verify", async ({ desk }) => {
      const choice = { customerNumbers: options.customer, contacts: options.contact };
      const report = await desk.verify(options.repair ? "repair" : "look", choice, terminal.context);
      assertSomethingMatched(report, [...options.customer, ...options.contact]);
      terminal.answer(() => verifyText(report, options.repair), verifyJson(report, options.repair));
      const isRefused = options.repair && report.repairs.some(({ result }) => result.outcome === "rejected");
      return isRefused ? exitCodes.partial : exitCodes.done;
    });
  });
}

/** A mistyped number would otherwise look like a customer without a difference. */
function assertSomethingMatched({ companies, users, pending }: VerifyReport, chosen: readonly string[]): void {
  const found = [companies, users].some(({ checked, lost }) => checked + lost.length > 0);
  if (chosen.length === 0 || found || pending.companies + pending.users > 0) return;
  throw new ConfigError(
    `Nothing that is in the helpdesk, or is to be, matches ${chosen.join(", ")}.`,
    "Check the customer number, and the contact's e-mail or row id. `kivi-otrs explain` tells more about one record.",
  );
}

function verifyText(report: VerifyReport, isRepaired: boolean): string {
  const { companies, users, pending, repairs } = report;
  const lines = [...linesOf(companies), ...linesOf(users)];
  const refused = repairs.flatMap(({ change, result }) =>
    result.outcome === "rejected" ? [`  refused ${change.label} [${change.key}]: ${result.reason}`] : [],
  );
  const repairable = repairs.length - refused.length;
  return [
    ...lines.slice(0, listed),
    ...(lines.length > listed ? [`  … and ${lines.length - listed} more (--json lists all)`] : []),
    ...refused,
    `Compared ${companies.checked} customers and ${users.checked} contacts: ${companies.drifts.length + users.drifts.length} fields differ, ` +
      `${companies.lost.length + users.lost.length} records are lost, ${companies.orphans.length + users.orphans.length} carry our mark without being known.`,
    ...(pending.companies + pending.users > 0
      ? [
          `Left to the next sync: ${pending.companies} customers and ${pending.users} contacts that changed in kivitendo.`,
        ]
      : []),
    ...(repairs.length === 0
      ? []
      : [
          isRepaired
            ? `Repaired ${repairable} records.`
            : `\`kivi-otrs customers verify --repair\` puts ${repairable} records right. Nothing was written.`,
        ]),
    "",
  ].join("\n");
}

const losses = {
  missing: "is not in the helpdesk any more",
  unmarked: "carries no mark of the bridge any more",
  foreign: "carries somebody else's mark",
} as const;

function linesOf({ drifts, lost, orphans }: Comparison): readonly string[] {
  return [
    ...drifts.map(({ label, key, field, wanted, found, ownership }) => {
      const whose = ownership === "owned" ? "" : ` (${ownership}: left to the agents)`;
      return `  ${label} [${key}] ${field}: "${found}" instead of "${wanted}"${whose}`;
    }),
    ...lost.map(({ label, key, why }) => `  ${label} [${key}] ${losses[why]}`),
    ...orphans.map(({ key, rowId }) => `  [${key}] carries our mark of row ${rowId}, which no link knows`),
  ];
}
