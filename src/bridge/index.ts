export { allCustomers, everythingDue, openBridge } from "./bridge.ts";
export type { BillingOptions, Bridge, CustomerOptions } from "./bridge.ts";
export { bridgeJobs } from "./jobs.ts";
export { createLogger } from "./logger.ts";
export type { Logger } from "./logger.ts";
export { bindAgain, setUp, setUpSql, tearDown } from "./setup.ts";
