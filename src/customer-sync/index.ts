export { refreshReadOnlySource } from "./read-only.ts";
export type { ReadOnlyPorts, ReadOnlyReport, ReadOnlyRules } from "./read-only.ts";
export { effectOf, refusalOf } from "./report.ts";
export type { Counts, CustomersReport } from "./report.ts";
export type { CustomerRules, ExtraField, GuardLimits, MappingRules } from "./rules.ts";
export { syncCustomers } from "./run.ts";
export type { CustomerPorts } from "./run.ts";
