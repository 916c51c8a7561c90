import type { Config } from "../config/index.ts";
import { createHelpdesk } from "../helpdesk/index.ts";
import type { Helpdesk } from "../helpdesk/index.ts";
import { helpdeskOptions } from "./helpdesk-options.ts";
import type { Logger } from "./logger.ts";

/** The helpdesk of the configuration. Where that has none, whatever would call it throws a ConfigError that names the command. */
export function openHelpdesk(config: Config, command: string, log: Logger): Helpdesk {
  const open = (): Helpdesk => createHelpdesk({ ...helpdeskOptions(config, `\`kivi-otrs ${command}\``), log });
  if (config.helpdesk !== undefined) return open();
  // Throws: there is nothing to be opened.
  const { customers, tickets, info } = lazily(open);
  return { customers, tickets, info, close: () => Promise.resolve() };
}

/** Opened by the first call of one of its methods. */
function lazily(open: () => Helpdesk): Omit<Helpdesk, "close"> {
  return {
    customers: {
      identify: async () => open().customers.identify(),
      upsert: async (...asked) => open().customers.upsert(...asked),
      describe: async () => open().customers.describe(),
      lookUp: async (...asked) => open().customers.lookUp(...asked),
      list: (...asked) => open().customers.list(...asked),
    },
    tickets: {
      detail: "rows",
      info: async () => open().tickets.info(),
      changed: (...asked) => open().tickets.changed(...asked),
      closedBefore: (...asked) => open().tickets.closedBefore(...asked),
      read: (...asked) => open().tickets.read(...asked),
      now: () => null,
      writeField: async (...asked) => open().tickets.writeField(...asked),
    },
    info: async () => open().info(),
  };
}
