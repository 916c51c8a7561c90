import { effectOf, refusalOf } from "../customer-sync/index.ts";
import type { Counts, CustomersReport } from "../customer-sync/index.ts";

/** Records that a text answer lists before it says how many more there are; `--json` has all. */
const listedRecords = 30;

const verbs = {
  created: "create",
  adopted: "adopt",
  updated: "update",
  invalidated: "make invalid",
  unchanged: "leave",
  rejected: "refused",
} as const;

/** What flow 1 did, or would do, in plain words. */
export function customersText(report: CustomersReport, mode: "plan" | "sync"): string {
  const lines = report.outcomes.slice(0, listedRecords).map((outcome) => {
    const { change } = outcome;
    const what = change.record === "company" ? "customer" : "contact ";
    const key = change.newKey === null ? change.key : `${change.key} → ${change.newKey}`;
    const notices = change.notices.map((notice) => `\n${"".padEnd(27)}${notice}`).join("");
    return `  ${verbs[effectOf(outcome)].padEnd(12)} ${what}  ${change.label} [${key}] (${change.situation})${detailOf(outcome)}${notices}`;
  });
  const more = report.outcomes.length - lines.length;
  return [
    ...lines,
    ...(more > 0 ? [`  … and ${more} more (--json lists all)`] : []),
    `Customers: ${countsText(report.customers, mode)}`,
    `Contacts:  ${countsText(report.contacts, mode)}`,
    ...(mode === "plan" ? [planEnd(report.outcomes.length > 0, "kivi-otrs customers sync")] : []),
    "",
  ].join("\n");
}

/** How a plan ends. */
export function planEnd(somethingToDo: boolean, command: string): string {
  return somethingToDo ? `Nothing was written. \`${command}\` does it.` : "Nothing was written.";
}

function detailOf(outcome: CustomersReport["outcomes"][number]): string {
  const refusal = refusalOf(outcome);
  if (refusal !== null) return `: ${refusal.reason}`;
  const { result } = outcome;
  return result.outcome === "updated" || result.outcome === "adopted" ? `: ${result.changed.join(", ")}` : "";
}

function countsText(counts: Counts, mode: "plan" | "sync"): string {
  const future = mode === "plan" ? "to " : "";
  const text =
    mode === "plan" ? ["create", "update", "make invalid", "adopt"] : ["created", "updated", "made invalid", "adopted"];
  return [
    `${counts.created} ${future}${text[0]}`,
    ...(counts.adopted > 0 ? [`${counts.adopted} ${future}${text[3]}`] : []),
    `${counts.updated} ${future}${text[1]}`,
    `${counts.invalidated} ${future}${text[2]}`,
    `${counts.unchanged} unchanged`,
    `${counts.rejected} refused`,
  ].join(", ");
}
