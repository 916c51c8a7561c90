import type { Command } from "commander";
import type { LoadedConfig } from "../config/index.ts";
import { checkSchedules } from "../daemon/index.ts";
import type { Finding } from "../model/index.ts";
import { action, exitCodes, withBridge } from "./command.ts";
import { explain } from "./explain.ts";
import type { ExitCode } from "./explain.ts";
import { schedulesOf } from "./schedules.ts";

/** `config check`: the file, and what it names on both sides. */
export function addConfigCheck(config: Command): void {
  const command = config
    .command("check")
    .description("check the configuration, also against database and helpdesk, and name every problem; writes nothing")
    .option("--offline", "only the file: ask neither database nor helpdesk", false);
  action<{ readonly offline: boolean }>(command, async ({ options, terminal, load }) => {
    const loaded = load();
    checkSchedules(schedulesOf(loaded.config));
    const findings = options.offline ? [] : await withBridge(loaded.config, "config check", (bridge) => bridge.check());
    terminal.answer(() => checkText(loaded, findings, options.offline), {
      file: loaded.file,
      problems: findings.map(({ message }) => message),
      hints: findings.map(({ hint }) => hint),
      offline: options.offline,
    });
    return worst(findings);
  });
}

function checkText({ file }: LoadedConfig, findings: readonly Finding[], offline: boolean): string {
  if (findings.length === 0) {
    return offline
      ? `${file} is in order. Database and helpdesk were not asked.\n`
      : `${file} is in order, and so is what it names in kivitendo and the helpdesk.\n`;
  }
  const listed = findings.map(({ message, hint }) => `  - ${message.replaceAll("\n", "\n    ")}\n    → ${hint}\n`);
  return `${file} has ${findings.length === 1 ? "a problem" : `${findings.length} problems`}:\n${listed.join("")}`;
}

/** What somebody has to mend goes before what may pass by itself. */
function worst(findings: readonly Finding[]): ExitCode {
  const codes = findings.map((finding) => explain(finding).exitCode);
  const order = [exitCodes.usage, exitCodes.refused, exitCodes.partial, exitCodes.unavailable];
  return order.find((code) => codes.includes(code)) ?? exitCodes.done;
}
