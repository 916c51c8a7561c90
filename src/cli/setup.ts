import type { Command } from "commander";
import { bindAgain, setUp, setUpSql, tearDown } from "../bridge/index.ts";
import { ConfigError, RefusedError } from "../model/index.ts";
import { action, exitCodes } from "./command.ts";
import { confirm } from "./terminal.ts";

interface Options {
  readonly print: boolean;
  readonly remove: boolean;
  readonly rebind: boolean;
  readonly tickets: string;
  readonly zoneBefore?: string;
  readonly yes: boolean;
}

/** `setup`: what the bridge needs inside kivitendo's database. */
export function addSetup(program: Command): void {
  const command = program
    .command("setup")
    .description("make views, schema, role and rights in kivitendo's database; safe to run again")
    .option("--print", "print the SQL for a DBA instead", false)
    .option("--remove", "take everything away again, with all that the bridge remembers", false)
    .option("--rebind", "bind the state to this database and this helpdesk: after a restore, a copy or a move", false)
    .option("--tickets <new|moved>", "with --rebind to another helpdesk: whether the same tickets moved there", "new")
    .option("--zone-before <zone>", "with --rebind: the time zone that the helpdesk had, when its own was changed")
    .option("--yes", "do not ask", false);
  action<Options>(command, async ({ options, terminal, load }) => {
    if ([options.print, options.remove, options.rebind].filter(Boolean).length > 1) {
      throw new ConfigError("--print, --remove and --rebind exclude each other.", "Give one of them.");
    }
    if (options.zoneBefore !== undefined && !options.rebind) {
      throw new ConfigError("--zone-before belongs to --rebind.", "Write: setup --rebind --zone-before Europe/Berlin");
    }
    const { config } = load();
    if (options.print) {
      const sql = setUpSql(config);
      terminal.answer(() => sql, { sql });
      return exitCodes.done;
    }
    const said: string[] = [];
    const say = (line: string): void => {
      said.push(line);
      terminal.remark(line);
    };
    const run = async (): Promise<{ readonly changed: boolean }> => {
      if (options.remove) {
        await assertYes(
          options,
          "Take away the views, schema otrs_bridge and everything it remembers (links, ledger)?",
        );
        return tearDown(config, say);
      }
      if (!options.rebind) return setUp(config, say);
      const tickets = ticketsOf(options.tickets);
      const { zoneBefore } = options;
      const planned = await bindAgain(config, { tickets, zoneBefore, dryRun: true }, say);
      if (!planned.changed) return planned;
      await assertYes(options, "Bind the state to this database and helpdesk?");
      return bindAgain(config, { tickets, zoneBefore, dryRun: false }, say);
    };
    const { changed } = await run();
    terminal.answer(() => "", { changed, said });
    return exitCodes.done;
  });
}

function ticketsOf(text: string): "new" | "moved" {
  if (text === "new" || text === "moved") return text;
  throw new ConfigError(`--tickets ${text} is not known.`, "Write --tickets new or --tickets moved.");
}

async function assertYes(options: Options, question: string): Promise<void> {
  if (options.yes || (await confirm(question))) return;
  throw new RefusedError("Not confirmed; nothing was changed.", "Add --yes to do it without a question.");
}
