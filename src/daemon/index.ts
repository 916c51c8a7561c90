export { checkSchedules, runDaemon } from "./daemon.ts";
export type { DaemonLog, DaemonOptions, Job } from "./daemon.ts";
