import type { Config } from "../config/index.ts";
import type { HelpdeskOptions } from "../helpdesk/index.ts";
import { ConfigError } from "../model/index.ts";
import { neededFields } from "./billing-rules.ts";

/** The helpdesk's part of the configuration as the client takes it; `caller` is who would call it. Throws ConfigError without one. */
export function helpdeskOptions({ helpdesk, billing, ...config }: Config, caller: string): HelpdeskOptions {
  if (helpdesk === undefined) {
    throw new ConfigError(
      `${caller} calls the helpdesk, and the configuration has no part \`helpdesk\`.`,
      "Add it: `kivi-otrs config example` shows the settings.",
    );
  }
  return {
    url: helpdesk.url,
    webservice: helpdesk.webservice,
    instance: config.instance,
    userLogin: helpdesk.userLogin,
    password: helpdesk.password,
    ...(helpdesk.caFile === undefined ? {} : { caFile: helpdesk.caFile }),
    customerOperations: helpdesk.customerOperations,
    ...(helpdesk.timeZone === undefined ? {} : { timeZone: helpdesk.timeZone }),
    timeoutSeconds: helpdesk.timeoutSeconds,
    maxResponseBytes: Math.round(helpdesk.maxResponseMegabytes * 1024 * 1024),
    upsertBatchSize: helpdesk.batchSize,
    upsertConcurrency: helpdesk.concurrency,
    ticketChunk: helpdesk.ticketsPerRequest,
    ...(billing ? { collect: billing.collect, ticketDynamicFields: neededFields(billing) } : {}),
  };
}
