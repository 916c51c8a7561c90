import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import type { DraftStatus, StoredDraft, StoredLine } from "../billing/ports.ts";
import { trimDecimal } from "../model/index.ts";
import { moneyText, numberArgument } from "./amounts.ts";
import { action, collect, exitCodes, withBridge } from "./command.ts";
import { draftsJson } from "./json-billing-desk.ts";

interface Options {
  readonly status: readonly string[];
  readonly customer: readonly string[];
  readonly draft: readonly string[];
}

const statuses: readonly DraftStatus[] = ["proposed", "waiting", "changed", "posted", "gone", "superseded", "dropped"];
/** Those that somebody still has to do something about. */
const unfinished: readonly DraftStatus[] = ["proposed", "waiting", "changed", "gone"];

/** `billing drafts`: what was written or proposed, and what became of it. */
export function addDrafts(billing: Command): void {
  const command = billing
    .command("drafts")
    .description("drafts, orders and proposals with their lines, and what became of them")
    .addOption(
      new Option(
        "--status <status>",
        `only these (repeatable): ${[...statuses, "all"].join(", ")}; default: ${unfinished.join(", ")}`,
      )
        .default([], "those that are not finished")
        .argParser(collectStatus),
    )
    .option("--customer <number>", "only this customer's (repeatable)", collect, [])
    .option("--draft <number>", "this draft, whatever its status (repeatable)", collect, []);
  action<Options>(command, async ({ options, terminal, load }) =>
    withBridge(load().config, "billing drafts", async (bridge) => {
      const office = bridge.office();
      const drafts = await office.drafts({
        statuses: chosenStatuses(options),
        draftIds: options.draft.map((text) => numberArgument("draft", text)),
        customerNumbers: options.customer,
      });
      terminal.answer(() => draftsText(drafts), draftsJson(drafts, office.minutesPerUnit));
      return exitCodes.done;
    }),
  );
}

/** commander checks choices only where they are not collected. */
function collectStatus(value: string, earlier: readonly string[]): readonly string[] {
  const known: readonly string[] = [...statuses, "all"];
  if (!known.includes(value)) throw new InvalidArgumentError(`Allowed choices are ${known.join(", ")}.`);
  return [...earlier, value];
}

function chosenStatuses({ status, draft }: Options): readonly DraftStatus[] {
  if (status.includes("all") || (status.length === 0 && draft.length > 0)) return [];
  return status.length === 0 ? unfinished : statuses.filter((each) => status.includes(each));
}

function draftsText(drafts: readonly StoredDraft[]): string {
  if (drafts.length === 0) return "No drafts.\n";
  return drafts.map((draft) => `${storedDraftText(draft)}\n`).join("");
}

/** One draft with its lines. */
export function storedDraftText(draft: StoredDraft): string {
  const { draftId, customerNumber, period, netAmount, lines } = draft;
  return [
    `Draft ${draftId}  ${customerNumber}, ${period}, net ${moneyText(netAmount)}: ${whereText(draft)}`,
    ...lines.flatMap((line) => [
      `  ${lineText(line)}`,
      ...line.edits.map(
        ({ change, by, why, at }) =>
          `      ${at.toString().slice(0, 10)} ${by}: ${Object.entries(change).map(changeText).join(", ")} (${why})`,
      ),
    ]),
  ].join("\n");
}

function changeText([field, { from, to }]: readonly [string, { readonly from: string; readonly to: string }]): string {
  return `${field} ${valueText(from)} → ${valueText(to)}`;
}

function valueText(value: string): string {
  if (value.length > 60) return `${value.slice(0, 59)}…`;
  return /^-?\d+\.\d+$/.test(value) ? value.replace(/\.?0+$/, "") : `"${value}"`;
}

const targets = {
  "invoice-draft": "draft",
  "sales-order": "order",
  "recurring-order": "recurring order",
} as const;

/** Where a draft stands, in words. */
export function whereText(
  draft: Pick<StoredDraft, "status" | "target" | "kivitendoId" | "kivitendoNumber" | "invoiceNumber">,
): string {
  const what = targets[draft.target];
  const name = `${what} ${draft.kivitendoNumber ?? draft.kivitendoId ?? ""}`.trim();
  const texts: Readonly<Record<DraftStatus, string>> = {
    proposed: `proposal for ${what === "order" ? "an" : "a"} ${what}, not in kivitendo yet`,
    waiting: `${name} waits in kivitendo`,
    changed: `${name}, changed in kivitendo`,
    posted: `posted as ${draft.invoiceNumber ?? "an invoice"}`,
    gone:
      draft.invoiceNumber === null
        ? `${name} is no longer in kivitendo`
        : `posted as ${draft.invoiceNumber}, which was cancelled or deleted`,
    superseded: `${name}, taken back`,
    dropped: "proposal, taken back",
  };
  return texts[draft.status];
}

function lineText(line: StoredLine): string {
  const amount = `${trimDecimal(line.quantity)} ${line.unit ?? ""} × ${moneyText(line.unitPrice)} = ${moneyText(line.netAmount)}`;
  return `line ${line.lineId}  ${line.description}: ${amount}${remarksText(line)}`;
}

/** Kind, rule and source of the price, where they are not the plain ones. */
export function remarksText(
  line: Pick<StoredLine, "kind" | "discount" | "rule" | "priceSource" | "late"> & { readonly reversed?: boolean },
): string {
  const remarks = [
    line.kind === "billed" ? "" : line.kind,
    /[1-9]/.test(line.discount) ? `discount ${trimDecimal(line.discount)}` : "",
    line.rule === null ? "" : `rule ${line.rule}`,
    line.priceSource === null || line.priceSource === "part" ? "" : `price: ${line.priceSource}`,
    line.late ? "late" : "",
    line.reversed === true ? "taken out" : "",
  ].filter((remark) => remark !== "");
  return remarks.length === 0 ? "" : ` [${remarks.join("; ")}]`;
}
