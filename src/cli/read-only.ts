import type { Bridge, CustomerOptions } from "../bridge/index.ts";
import type { ReadOnlyReport } from "../customer-sync/index.ts";
import { ConfigError } from "../model/index.ts";
import { exitCodes } from "./command.ts";
import type { ExitCode } from "./explain.ts";
import { outputs } from "./json.ts";
import type { Terminal } from "./terminal.ts";

/** Rows that a text answer lists before it says how many more there are; `--json` has all. */
const listedRows = 30;

const verbs = { created: "create", updated: "update", invalidated: "make invalid", rejected: "left out" } as const;

/** `customers plan|sync` where customers.way is read-only. Rows that are left out are told each time. */
export async function runReadOnly(
  refresh: NonNullable<Bridge["readOnlySource"]>,
  mode: "plan" | "sync",
  options: CustomerOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (options.customerNumbers.length > 0 || options.contacts.length > 0) {
    throw new ConfigError(
      "With customers.way read-only the tables are always refreshed as a whole; nothing was written.",
      `Run \`kivi-otrs customers ${mode}\` without --customer and --contact.`,
    );
  }
  const report = await refresh(mode, options, terminal.context);
  terminal.answer(() => readOnlyText(report, mode), readOnlyJson(report));
  return exitCodes.done;
}

function readOnlyText({ customers, contacts, changes }: ReadOnlyReport, mode: "plan" | "sync"): string {
  const lines = changes.slice(0, listedRows).map(({ outcome, record, label, key, reason }) => {
    const what = record === "company" ? "customer" : "contact ";
    return `  ${verbs[outcome].padEnd(12)} ${what}  ${label} [${key}]${reason === null ? "" : `: ${reason}`}`;
  });
  const more = changes.length - lines.length;
  const sum = (counts: ReadOnlyReport["customers"]): string =>
    `${counts.created} ${mode === "plan" ? "to create" : "created"}, ${counts.updated} ${mode === "plan" ? "to update" : "updated"}, ` +
    `${counts.invalidated} ${mode === "plan" ? "to make invalid" : "made invalid"}, ${counts.unchanged} unchanged, ${counts.rejected} left out`;
  return [
    ...lines,
    ...(more > 0 ? [`  … and ${more} more (--json lists all)`] : []),
    `Customers in otrs_bridge.helpdesk_companies: ${sum(customers)}`,
    `Contacts in otrs_bridge.helpdesk_users:      ${sum(contacts)}`,
    ...(mode === "plan" ? ["Nothing was written."] : []),
    "",
  ].join("\n");
}

function readOnlyJson({ customers, contacts, changes }: ReadOnlyReport): unknown {
  return outputs["customers read-only"].parse({
    customers,
    contacts,
    changes: changes.map(({ record, rowId, label, key, outcome, code, reason }) => ({
      record: record === "company" ? "customer" : "contact",
      kivitendoId: rowId,
      label,
      helpdeskKey: key,
      outcome,
      code,
      reason,
    })),
  });
}
