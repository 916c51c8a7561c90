import type { BillingReport, DraftReport } from "../billing/index.ts";
import { effectOf, refusalOf } from "../customer-sync/index.ts";
import type { Counts, CustomersReport } from "../customer-sync/index.ts";
import { trimDecimal } from "../model/index.ts";

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

/** What flow 2 did, or would do, in plain words. */
export function billingText(report: BillingReport, mode: "plan" | "draft"): string {
  const questions = report.questions.map((item) => `  ? ${item.text}\n    ${item.hint}`);
  const nothing = report.drafts.length === 0 ? ["Nothing is due."] : [];
  return [
    ...report.drafts.flatMap(draftLines),
    ...nothing,
    ...report.waiting.flatMap(waitingLine),
    `Up to the end of ${report.period}: ${plural(report.ticketsBilled, "ticket")}, ${report.minutesBilled} minutes, ` +
      `${plural(report.drafts.length, "draft")}${mode === "plan" ? " to write" : " written"}.`,
    ...(questions.length > 0 ? [`Waiting for a decision (${report.inbox.added} new):`, ...questions] : []),
    ...(mode === "plan" ? [planEnd(report.drafts.length > 0, "kivi-otrs billing draft")] : []),
    "",
  ].join("\n");
}

/** Cancelled tickets are never billed, so their time is told; what only waits is in `--json`. */
function waitingLine({
  why,
  state,
  ticketNumber,
  title,
  minutes,
}: BillingReport["waiting"][number]): readonly string[] {
  return why === "state" ? [`  Not billed: ${minutes} minutes on ticket ${ticketNumber} (${title}), ${state}`] : [];
}

function planEnd(somethingToDo: boolean, command: string): string {
  return somethingToDo ? `Nothing was written. \`${command}\` does it.` : "Nothing was written.";
}

/** One draft with its lines and its sum. */
export function draftLines(draft: DraftReport): readonly string[] {
  return [
    `${draft.customerNumber} ${draft.customerName}, ${draft.period}${draft.kivitendoId === null ? "" : ` (draft ${draft.kivitendoId})`}`,
    ...draft.lines.map((line) => {
      const amount = `${trimDecimal(line.quantity)} ${line.unit} × ${moneyText(line.unitPrice)} = ${line.netAmount}`;
      return `  ${line.description}${line.late ? " (late)" : ""}: ${amount}`;
    }),
    `  ${"".padEnd(2)}${draft.minutes} minutes, net ${draft.netAmount}`,
  ];
}

/** Two decimals, more only when the price has them. */
function moneyText(value: string): string {
  return value.replace(/^(-?\d+\.\d{2}\d*?)0*$/, "$1");
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

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
