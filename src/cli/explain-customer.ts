import type { Command } from "commander";
import type { ExplainedRecord } from "../customer-sync/index.ts";
import { ConfigError } from "../model/index.ts";
import { action, exitCodes, withBridge } from "./command.ts";
import { addExplainTicket } from "./explain-ticket.ts";
import { explainedJson } from "./json-customer-desk.ts";

/** `explain customer|contact|ticket`: which rows, which rules, what is in the helpdesk, what the next run does and why. */
export function addExplain(program: Command): void {
  const explain = program.command("explain").description("why a record is as it is, and what happens next");
  addKind(explain, "customer", "<number>", "a customer, by its number, with its contacts");
  addKind(explain, "contact", "<id or e-mail>", "a contact, by its row id or e-mail address");
  addExplainTicket(explain);
}

function addKind(explain: Command, kind: "customer" | "contact", argument: string, description: string): void {
  const command = explain.command(kind).argument(argument).description(description);
  action<object>(command, async ({ words: [name = ""], terminal, load }) => {
    const choice =
      kind === "customer" ? { customerNumbers: [name], contacts: [] } : { customerNumbers: [], contacts: [name] };
    return withBridge(load().config, `explain ${kind}`, async ({ desk }) => {
      const records = await desk.explain(choice, terminal.context);
      if (records.length === 0) {
        throw new ConfigError(
          `kivitendo has no ${kind} ${name} that belongs into the helpdesk.`,
          "Contacts need an e-mail address and a customer. `kivi-otrs customers plan` lists what is to be done.",
        );
      }
      terminal.answer(() => records.map(explainedText).join("\n"), explainedJson(records));
      return exitCodes.done;
    });
  });
}

function explainedText(explained: ExplainedRecord): string {
  const { record, rowId, label } = explained;
  return [
    `${record === "company" ? "Customer" : "Contact"} ${label}`,
    `  kivitendo   row ${rowId}${sourceText(explained.source)}`,
    `  remembered  ${linkText(explained.link)}`,
    `  helpdesk    ${helpdeskText(explained.helpdesk)}`,
    ...wantedLines(explained.wanted),
    `  next run    ${nextText(explained)}`,
    ...explained.drifts.map(
      ({ field, found, wanted, ownership }) =>
        `              ${field} is "${found}" there instead of "${wanted}" (${ownership === "owned" ? "customers verify --repair" : `${ownership}: left to the agents`})`,
    ),
    "",
  ].join("\n");
}

/** Why a row is not simply valid, in words; the values themselves are in `--json`. */
function sourceText(source: ExplainedRecord["source"]): string {
  const remarks = [
    source["obsolete"] === true ? "obsolete" : "",
    source["inScope"] === false ? "out of scope" : "",
    source["active"] === false
      ? source["follows"] === true
        ? "inactive because its customers are"
        : "may not report tickets"
      : "",
    source["nameShared"] === true ? "another customer has the same name" : "",
    typeof source["keyRival"] === "string" ? `customer ${source["keyRival"]} has the same number for the helpdesk` : "",
  ].filter((remark) => remark !== "");
  return remarks.length === 0 ? "" : `: ${remarks.join(", ")}`;
}

function linkText(link: ExplainedRecord["link"]): string {
  if (link === null) return "nothing: no run has dealt with it yet";
  const { status, key, confirmed, valid, adopted, attempts, decision } = link;
  return [
    `${status} as [${key}]`,
    confirmed ? (valid ? "valid" : "invalid") : "not confirmed",
    ...(adopted ? ["adopted: its key stays"] : []),
    ...(attempts > 0 ? [`${attempts} refused tries`] : []),
    ...(decision === null ? [] : [`decided: ${decision.choice}`]),
  ].join(", ");
}

const validity: Readonly<Record<number, string>> = { 1: "valid", 2: "invalid", 3: "invalid-temporarily" };

function helpdeskText(there: ExplainedRecord["helpdesk"]): string {
  if (there === null) return "has no such record";
  const { key, validId, owner, tickets, companies } = there;
  return [
    `[${key}] ${validity[validId] ?? `validity ${validId}`}`,
    owner === null ? "without a mark" : `marked as row ${owner.rowId} of instance ${owner.instance}`,
    ...(tickets === null ? [] : [`${tickets.all} tickets (${tickets.open} open)`]),
    ...(companies.length === 0 ? [] : [`also of ${companies.join(", ")}`]),
  ].join(", ");
}

function wantedLines(wanted: ExplainedRecord["wanted"]): readonly string[] {
  if (wanted === null) return [];
  const fields = [...Object.entries(wanted.fields), ...Object.entries(wanted.dynamicFields)].map(
    ([name, value]) => `              ${name} = "${value}" (${ownershipOf(wanted, name)})`,
  );
  return ["  wanted", ...fields, ...wanted.notices.map((notice) => `              note: ${notice}`)];
}

function ownershipOf({ modes }: NonNullable<ExplainedRecord["wanted"]>, name: string): string {
  return modes[name] ?? modes[`DynamicField_${name}`] ?? "owned";
}

function nextText({ next }: ExplainedRecord): string {
  if (next === null) return "leaves it alone: nothing changed in kivitendo, or its next try is not due yet";
  const { change, result } = next;
  if (result.outcome === "rejected") return `refused, ${change.situation} (${result.code}): ${result.reason}`;
  const key = change.newKey === null ? "" : `, key becomes ${change.newKey}`;
  const waits = change.waitsFor === null ? "" : `; waits: ${change.waitsFor.reason}`;
  const fields = result.changed.length === 0 ? "" : `: ${result.changed.join(", ")}`;
  return `${result.outcome}, ${change.situation}${key}${fields}${waits}`;
}
