import type { Command } from "commander";
import { ConfigError } from "../model/index.ts";
import type { InboxEntry, RunEntry } from "../state/index.ts";
import { action, exitCodes, withBridge } from "./command.ts";
import { addDecide } from "./decide.ts";
import { inboxJson, runsJson } from "./json.ts";

/** `inbox` lists what waits for a decision; `runs` what the bridge did lately. */
export function addInbox(program: Command): void {
  const inbox = program.command("inbox").description("what waits for a human");
  action<object>(inbox, async ({ terminal, load }) =>
    withBridge(load().config, "inbox", async (bridge) => {
      const items = await bridge.inbox();
      terminal.answer(() => (items.length === 0 ? "Nothing waits.\n" : items.map(itemText).join("")), inboxJson(items));
      return exitCodes.done;
    }),
  );
  addDecide(inbox);
  const runs = program
    .command("runs")
    .description("the latest runs that wrote something or were refused")
    .option("--last <n>", "how many", "20");
  action<{ readonly last: string }>(runs, async ({ options, terminal, load }) => {
    const last = countOf(options.last);
    return withBridge(load().config, "runs", async (bridge) => {
      const entries = await bridge.runs(last);
      terminal.answer(
        () => (entries.length === 0 ? "No runs yet.\n" : entries.map(runText).join("")),
        runsJson(entries),
      );
      return exitCodes.done;
    });
  });
}

function itemText({ id, subject, reason, text, hint, choices, effects, openedAt }: InboxEntry): string {
  const decide = choices.length === 0 ? "" : `\n  → kivi-otrs inbox decide ${id} ${choices.join("|")} --why "…"`;
  const means = Object.entries(effects).map(([choice, effect]) => `\n      ${choice}: ${effect}`);
  return `${id}  ${subject} (${reason}, since ${openedAt.toString()})\n  ${text}\n  → ${hint}${decide}${means.join("")}\n`;
}

/** One line, whatever the error has. */
function runText({ id, flow, startedAt, status, summary, error }: RunEntry): string {
  const told = [...(summary === null ? [] : [JSON.stringify(summary)]), ...(error === null ? [] : [error])];
  const head = [String(id), flow, startedAt.toString(), status ?? "not finished"];
  return `${[...head, ...told].join("  ").replaceAll("\n", " ")}\n`;
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new ConfigError(`--last ${text} is not a number of runs.`, "Write for instance --last 20.");
}
