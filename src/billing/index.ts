export { scopeOf } from "./rules.ts";
export type {
  BillingRule,
  BillingRules,
  Contingent,
  CustomerSettings,
  PriceSource,
  Rounding,
} from "./rules.ts";
export type { BillingReport, DraftReport, LineReport } from "./report.ts";
export { billTickets } from "./run.ts";
export type { BillingPorts } from "./run.ts";
