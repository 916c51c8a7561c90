export { checkSchedules, runDaemon } from "./daemon.ts";
export type { DaemonOptions } from "./daemon.ts";
export type { DaemonLog, Job, Watch } from "./job.ts";
