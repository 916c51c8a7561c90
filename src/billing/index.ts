export { collectOpening } from "./collect.ts";
export { followUp } from "./follow-up/index.ts";
export type { FollowUp, StatusChange, Untold } from "./follow-up/index.ts";
export { scopeOf } from "./rules.ts";
export type { BillingRule, BillingRules, Contingent, CustomerSettings, PriceSource, Rounding } from "./rules.ts";
export type { BillingReport, DraftReport, LineReport } from "./report.ts";
export { billTickets } from "./run.ts";
export type { BillingPorts } from "./run.ts";
