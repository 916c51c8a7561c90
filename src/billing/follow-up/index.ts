export { followUp } from "./run.ts";
export type { FollowUp, FollowUpOptions, FollowUpPorts, StatusChange } from "./run.ts";
export type { Untold } from "./tell.ts";
export { followUpReasons } from "./questions.ts";
