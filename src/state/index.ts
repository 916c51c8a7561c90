export { createState } from "./create.ts";
export type { State, StateOptions } from "./create.ts";
export type { InsertDraft } from "./drafts.ts";
export { readInbox, readRuns } from "./history.ts";
export type { InboxEntry, RunEntry } from "./history.ts";
export { acquireRunnerLock, readLockHolder } from "./runner-lock.ts";
export type { RunnerLock } from "./runner-lock.ts";
