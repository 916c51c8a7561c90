import type { Command } from "commander";
import { ConfigError } from "../model/index.ts";
import { action, exitCodes, withBridge } from "./command.ts";
import { inboxJson, runsJson } from "./json.ts";

/** `inbox` lists what waits for a decision; `runs` what the bridge did lately. */
export function addInbox(program: Command): void {
  action<object>(program.command("inbox").description("what waits for a human"), async ({ terminal, load }) =>
    withBridge(load().config, "inbox", async (bridge) => {
      const items = await bridge.inbox();
      terminal.answer(
        () =>
          items.length === 0
            ? "Nothing waits.\n"
            : items
                .map(
                  (item) =>
                    `${item.flow}  ${item.subject} (${item.reason}, since ${item.openedAt.toString()})\n  ${item.text}\n  → ${item.hint}\n`,
                )
                .join(""),
        inboxJson(items),
      );
      return exitCodes.done;
    }),
  );
  const runs = program
    .command("runs")
    .description("the latest runs that wrote something")
    .option("--last <n>", "how many", "20");
  action<{ readonly last: string }>(runs, async ({ options, terminal, load }) => {
    const last = countOf(options.last);
    return withBridge(load().config, "runs", async (bridge) => {
      const entries = await bridge.runs(last);
      terminal.answer(
        () =>
          entries.length === 0
            ? "No runs yet.\n"
            : entries
                .map(
                  (run) =>
                    `${run.id}  ${run.flow}  ${run.startedAt.toString()}  ${run.status ?? "not finished"}  ${JSON.stringify(run.summary)}${run.error === null ? "" : `  ${run.error}`}\n`,
                )
                .join(""),
        runsJson(entries),
      );
      return exitCodes.done;
    });
  });
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new ConfigError(`--last ${text} is not a number of runs.`, "Write for instance --last 20.");
}
