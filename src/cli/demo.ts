import type { Command } from "commander";
import { action, exitCodes } from "./command.ts";
import { demoJson } from "./json.ts";
import { billingText } from "./billing-text.ts";
import { customersText } from "./text.ts";

interface Options {
  readonly once: boolean;
  readonly fresh: boolean;
  readonly directory: string;
}

/** `demo`: a whole world in one process, for a first look. */
export function addDemo(program: Command): void {
  const command = program
    .command("demo")
    .description("both flows on an embedded PostgreSQL and a simulated helpdesk; needs nothing else")
    .option("--once", "end after both flows instead of going on as a service", false)
    .option("--fresh", "start over", false)
    .option("--directory <path>", "where the demo keeps its state", ".demo");
  action<Options>(command, async ({ options, terminal }) => {
    const tell = (text: string): void => {
      for (const line of text.trimEnd().split("\n")) terminal.remark(`   ${line}`);
    };
    // The simulated world is read by those who ask for it, not at the start of every command.
    const { runDemo } = await import("../demo/index.ts");
    const result = await runDemo(
      options,
      {
        say: (line) => terminal.remark(line),
        customersDone: (report) => tell(customersText(report, "sync")),
        billingDone: (report) => tell(billingText(report, "draft")),
      },
      terminal.context,
    );
    terminal.answer(() => "", demoJson(result.customers, result.billing, result.inbox));
    return result.customers.newlyRejected + result.billing.inbox.added > 0 ? exitCodes.partial : exitCodes.done;
  });
}
