export { checkBilling } from "./check.ts";
export { collectOpening } from "./collect.ts";
export { followUp, followUpReasons } from "./follow-up/index.ts";
export type { FollowUp, StatusChange, Untold } from "./follow-up/index.ts";
export type { BillingRule, BillingRules, Contingent, CustomerSettings, PriceSource, Rounding } from "./rules.ts";
export type { BillingReport, ChangeReport, DraftReport, LineReport, SettledReport, WaitingReport } from "./report.ts";
export { billTickets, readTickets } from "./run.ts";
export type { BillingPorts } from "./run.ts";
