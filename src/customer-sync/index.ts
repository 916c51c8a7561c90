export type { DeactivationLimits } from "./guard.ts";
export { refreshReadOnlySource } from "./read-only.ts";
export type { ReadOnlyPorts, ReadOnlyReport, ReadOnlyRules } from "./read-only.ts";
export { effectOf } from "./report.ts";
export type { Counts, CustomersReport } from "./report.ts";
export { syncCustomers } from "./run.ts";
export type { CustomerPorts, CustomerRules } from "./run.ts";
