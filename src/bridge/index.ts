export { everythingDue, openBridge } from "./bridge.ts";
export type { BillingOptions, Bridge } from "./bridge.ts";
export { allCustomers } from "./customer-rules.ts";
export type { CustomerOptions } from "./customer-rules.ts";
export { bridgeJobs } from "./jobs.ts";
export { createLogger } from "./logger.ts";
export type { Logger } from "./logger.ts";
export { bindAgain, setUp, setUpSql, tearDown } from "./setup.ts";
