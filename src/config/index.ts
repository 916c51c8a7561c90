export type { BillingConfig } from "./billing.ts";
export { exampleConfig } from "./example.ts";
export { loadConfig } from "./load.ts";
export type { LoadedConfig, LoadOptions } from "./load.ts";
export type { Config } from "./schema.ts";
export { redactConfig, showConfig } from "./show.ts";
