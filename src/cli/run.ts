import type { Command } from "commander";
import { bridgeJobs, createLogger, openBridge } from "../bridge/index.ts";
import { checkSchedules, runDaemon } from "../daemon/index.ts";
import { action, exitCodes } from "./command.ts";
import { schedulesOf } from "./schedules.ts";

/** `run`: the service. Logs to standard error, ends with 0 on SIGTERM or Ctrl-C. */
export function addRun(program: Command): void {
  const command = program.command("run").description("the service: both flows by their schedules, until it is stopped");
  action<object>(command, async ({ terminal, load }) => {
    const { config, file } = load();
    checkSchedules(schedulesOf(config));
    const log = createLogger(config.log.level);
    log.info({ config: file, instance: config.instance }, "starting");
    const { signal } = terminal.context;
    signal.addEventListener("abort", () => giveUpAfter(config.schedule.stopSeconds), { once: true });
    const bridge = openBridge(config, "run", log);
    try {
      await runDaemon({ jobs: bridgeJobs(bridge, config, log), timeZone: config.schedule.timeZone, log, signal });
    } finally {
      await bridge.close();
    }
    return exitCodes.done;
  });
}

/** A pass that does not come to its end is cut off; what it had in hand is found again by the next one. */
function giveUpAfter(seconds: number): void {
  setTimeout(() => process.exit(exitCodes.fault), seconds * 1000).unref();
}
