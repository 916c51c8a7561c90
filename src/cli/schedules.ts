import type { Config } from "../config/index.ts";

/** The schedules by the path of their setting, to be checked before anything starts. */
export function schedulesOf(config: Config): Readonly<Record<string, string>> {
  return { "schedule.customers": config.schedule.customers, "schedule.billing": config.schedule.billing };
}
