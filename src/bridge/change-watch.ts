import type { Config } from "../config/index.ts";
import type { Watch } from "../daemon/index.ts";
import { listenForChanges } from "../kivitendo/index.ts";
import type { openDatabase } from "../kivitendo/index.ts";
import { changeChannel, readSilentTables } from "../state/index.ts";
import type { Logger } from "./logger.ts";

/** kivitendo's database telling that something changed. */
export interface ChangeWatch {
  /** Calls `changed` from now on; resolves when it listens, or has found that it cannot yet. */
  start(changed: () => void): Promise<Watch>;
  /** Logs which tables tell nothing, when that has changed since it was logged. */
  check(): Promise<void>;
}

export function createChangeWatch(config: Config, pool: ReturnType<typeof openDatabase>, log: Logger): ChangeWatch {
  const { databaseUrl, password } = config.kivitendo;
  let silent = "";
  return {
    start: async (changed) => {
      let lost = false;
      return listenForChanges({
        connectionString: databaseUrl,
        ...(password === undefined ? {} : { password }),
        applicationName: `kivi-otrs listener (${config.instance})`,
        channel: changeChannel,
        onChange: changed,
        onListening: () => {
          lost = false;
          log.info({}, "listening for changes in kivitendo");
        },
        onLost: (error, pauseMs) => {
          // Told once; that it goes on is no news.
          const facts = { reason: error.message, hint: "hint" in error ? error.hint : undefined, pauseMs };
          log[lost ? "debug" : "warn"](facts, "not listening for changes: they wait for the schedule");
          lost = true;
        },
      });
    },
    check: async () => {
      const found = (await readSilentTables(pool)).join(", ");
      if (found === silent) return;
      silent = found;
      if (found === "") log.info({}, "all tables tell of their changes");
      else {
        log.warn(
          { tables: found, hint: "Run `kivi-otrs setup`: it installs the triggers that are missing." },
          "changes in some tables are not told: they wait for the schedule",
        );
      }
    },
  };
}
