import type { Command } from "commander";
import { action, exitCodes, withBridge } from "./command.ts";

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
        { inbox: items },
      );
      return exitCodes.done;
    }),
  );
  const runs = program
    .command("runs")
    .description("the latest runs that wrote something")
    .option("--last <n>", "how many", "20");
  action<{ readonly last: string }>(runs, async ({ options, terminal, load }) =>
    withBridge(load().config, "runs", async (bridge) => {
      const entries = await bridge.runs(Math.max(1, Number.parseInt(options.last, 10) || 20));
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
        { runs: entries },
      );
      return exitCodes.done;
    }),
  );
}
