import type { Config } from "../config/index.ts";

/** The schedules by the path of their setting, to be checked before anything starts. */
export function schedulesOf(config: Config): Readonly<Record<string, string>> {
  const { customers, billing, followUp } = config.schedule;
  return { "schedule.customers": customers, "schedule.billing": billing, "schedule.followUp": followUp };
}
