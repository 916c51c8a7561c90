export * from "./decimal.ts";
export * from "./errors.ts";
export * from "./helpdesk.ts";
export * from "./ids.ts";
export * from "./period.ts";
export * from "./progress.ts";
export * from "./run.ts";
export * from "./time.ts";
