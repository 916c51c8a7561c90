import type { ContingentBalance } from "../bridge/index.ts";
import type { BillingReport, DraftReport, SettledReport } from "../billing/index.ts";
import { sumAmounts, trimDecimal } from "../model/index.ts";
import { moneyText, plural } from "./amounts.ts";
import { remarksText, whereText } from "./billing-drafts.ts";
import { planEnd } from "./text.ts";

/** Tickets that a text answer lists before it says how many more there are; `--json` has all. */
const listedTickets = 30;

/** What flow 2 did, or would do, in plain words. */
export function billingText(
  report: BillingReport,
  mode: "plan" | "draft",
  contingents: readonly ContingentBalance[] = [],
): string {
  const { drafts, questions, inbox } = report;
  const nothing = drafts.length === 0 && report.settled.length === 0 ? ["Nothing is due."] : [];
  return [
    ...report.changes.map(changeText),
    ...drafts.flatMap(draftLines),
    ...nothing,
    ...settledLines(report.settled),
    ...waitingLines(report.waiting),
    ...contingents.map((balance) => contingentText(balance, mode)),
    `Up to the end of ${report.period}: ${plural(report.ticketsBilled, "ticket")}, ${report.minutesBilled} minutes, ${writtenText(drafts, mode)}.`,
    ...report.untold.map(({ ticketNumber, why }) => `Ticket ${ticketNumber} was not told its invoice: ${why}`),
    ...(questions.length > 0 ? [`Waiting for a decision (${inbox.added} new):`] : []),
    ...questions.map((item) => `  ? ${item.text}\n    ${item.hint}`),
    ...(mode === "plan" ? [planEnd(drafts.length + report.settled.length > 0, "kivi-otrs billing draft")] : []),
    ...(mode === "draft" && drafts.some(({ proposed }) => proposed)
      ? [
          'Proposals are not in kivitendo yet: `kivi-otrs billing drafts` shows them, `kivi-otrs billing release --all --why "…"` writes them.',
        ]
      : []),
    "",
  ].join("\n");
}

function writtenText(drafts: readonly DraftReport[], mode: "plan" | "draft"): string {
  const proposed = drafts.filter((draft) => draft.proposed).length;
  const kinds = [
    ...(proposed < drafts.length || proposed === 0
      ? [`${plural(drafts.length - proposed, "draft")}${mode === "plan" ? " to write" : " written"}`]
      : []),
    ...(proposed > 0 ? [`${plural(proposed, "proposal")}${mode === "plan" ? " to make" : " made"}`] : []),
  ];
  return kinds.join(", ");
}

function changeText({
  draftId,
  customerNumber,
  period,
  status,
  invoiceNumber,
}: BillingReport["changes"][number]): string {
  const what = status === "posted" ? `posted as ${invoiceNumber ?? "an invoice"}` : status;
  return `Draft ${draftId} of ${customerNumber}, ${period}: ${what}`;
}

/** One draft with its lines and its sum. */
export function draftLines(draft: DraftReport): readonly string[] {
  const { customerNumber, customerName, period, target, proposed, draftId } = draft;
  const where =
    draftId === null
      ? [proposed ? "proposal" : "", target === "invoice-draft" ? "" : target].filter((each) => each !== "").join(", ")
      : `${draftId}: ${whereText({ ...draft, status: proposed ? "proposed" : "waiting", invoiceNumber: null })}`;
  return [
    `${customerNumber} ${customerName}, ${period}${where === "" ? "" : ` (${draftId === null ? "" : "draft "}${where})`}`,
    ...draft.lines.map((line) => {
      const amount = `${trimDecimal(line.quantity)} ${line.unit} × ${moneyText(line.unitPrice)} = ${line.netAmount}`;
      return `  ${line.description}: ${amount}${remarksText(line)}`;
    }),
    `    ${draft.minutes} minutes, net ${draft.netAmount}`,
  ];
}

const settledWords: Readonly<Partial<Record<SettledReport["kind"], string>>> = {
  included: "within included hours",
  excluded: "not billable",
  transfer: "not charged: moved, or within what was charged",
};

/** Sums by customer, kind and rule. */
function settledLines(settled: readonly SettledReport[]): readonly string[] {
  const groups = Map.groupBy(settled, ({ customerNumber, kind, rule }) =>
    [customerNumber ?? "Customer not known", settledWords[kind] ?? kind, rule === null ? "" : ` (rule ${rule})`].join(
      "\u0000",
    ),
  );
  return [...groups].map(([key, own]) => {
    const [customer = "", kind = "", rule = ""] = key.split("\u0000");
    return `${customer}: ${kind}${rule}, ${trimDecimal(sumAmounts(own.map(({ minutes }) => minutes)))} minutes without a line`;
  });
}

/** Why time waits, in words. */
export const waitReasons: Readonly<Record<BillingReport["waiting"][number]["why"], string>> = {
  state: "its state is told, not billed",
  held: "held: `kivi-otrs billing unhold`",
  "just-closed": "closed too short a time ago (billing.waitHours)",
  period: "dated after the period",
  "too-small": "nothing to charge for it yet",
};

/** Cancelled tickets are never billed, so their time is told first. */
function waitingLines(waiting: BillingReport["waiting"]): readonly string[] {
  const told = waiting.filter(({ why }) => why === "state");
  const later = waiting.filter(({ why }) => why !== "state");
  const more = later.length - listedTickets;
  return [
    ...told.map(
      ({ minutes, ticketNumber, title, state }) =>
        `Not billed: ${trimDecimal(minutes)} minutes on ticket ${ticketNumber} (${title}), ${state}`,
    ),
    ...later
      .slice(0, listedTickets)
      .map(
        ({ minutes, ticketNumber, title, why }) =>
          `Waits: ${trimDecimal(minutes)} minutes on ticket ${ticketNumber} (${title}), ${waitReasons[why]}`,
      ),
    ...(more > 0 ? [`… and ${more} more that wait (--json lists all)`] : []),
  ];
}

function contingentText(
  { customerNumber, month, includedMinutes, usedMinutes }: ContingentBalance,
  mode: "plan" | "draft",
): string {
  const before = mode === "plan" ? " before this" : "";
  return `${customerNumber}: ${trimDecimal(usedMinutes)} of ${trimDecimal(includedMinutes)} included minutes of ${month} used${before}`;
}
