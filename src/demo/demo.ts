import { resolve } from "node:path";
import type { BillingReport } from "../billing/index.ts";
import { allCustomers, bridgeJobs, createLogger, everythingDue, openBridge } from "../bridge/index.ts";
import type { Bridge } from "../bridge/index.ts";
import type { CustomersReport } from "../customer-sync/index.ts";
import { runDaemon } from "../daemon/index.ts";
import type { FlowContext } from "../model/index.ts";
import { forgetDemo, startDemo } from "./environment.ts";
import type { DemoEnvironment } from "./environment.ts";
import { workLastMonth } from "./tickets.ts";

export interface DemoOptions {
  /** Where the demo keeps its state between runs. */
  readonly directory: string;
  /** Start over. */
  readonly fresh: boolean;
  /** End after both flows; otherwise the service goes on until the signal. */
  readonly once: boolean;
}

/** Tells the story while it happens. */
export interface DemoAudience {
  readonly say: (line: string) => void;
  readonly customersDone: (report: CustomersReport) => void;
  readonly billingDone: (report: BillingReport) => void;
}

export interface DemoResult {
  readonly customers: CustomersReport;
  readonly billing: BillingReport;
  /** Open inbox items. */
  readonly inbox: number;
}

/** Both flows on embedded parts, once; then, unless `once`, the service on the same parts. */
export async function runDemo(options: DemoOptions, audience: DemoAudience, context: FlowContext): Promise<DemoResult> {
  const directory = resolve(options.directory);
  if (options.fresh) await forgetDemo(directory);
  const demo = await startDemo(directory, audience.say);
  try {
    const bridge = openBridge(demo.loaded.config, "demo", createLogger("warn"));
    try {
      const result = await bothFlows(demo, bridge, audience, context);
      audience.say(`Configuration for other commands while the demo runs: ${demo.loaded.file}`);
      if (!options.once) await serve(demo, bridge, audience, context.signal);
      return result;
    } finally {
      await bridge.close();
    }
  } finally {
    await demo.stop();
  }
}

async function bothFlows(
  demo: DemoEnvironment,
  bridge: Bridge,
  audience: DemoAudience,
  context: FlowContext,
): Promise<DemoResult> {
  audience.say("1. Customers and contacts: kivitendo → helpdesk");
  const customers = await bridge.customers("sync", allCustomers, context);
  audience.customersDone(customers);
  context.signal.throwIfAborted();
  if (demo.helpdesk.world.counts().tickets <= freshTickets) {
    const count = workLastMonth(demo.helpdesk.world, Temporal.Now.zonedDateTimeISO("Europe/Berlin"));
    audience.say(`   Meanwhile the agents worked: ${count} tickets of last month, most of them closed.`);
  }
  audience.say("2. Accounted time: helpdesk → draft invoices in kivitendo");
  const billing = await bridge.billing("draft", everythingDue, context);
  audience.billingDone(billing);
  return { customers, billing, inbox: (await bridge.inbox()).length };
}

/** A new helpdesk has one ticket of its own, the welcome message. */
const freshTickets = 1;

async function serve(
  demo: DemoEnvironment,
  bridge: Bridge,
  audience: DemoAudience,
  signal: AbortSignal,
): Promise<void> {
  const { config, file } = demo.loaded;
  audience.say(`The service goes on, both flows every minute. Try: bin/kivi-otrs billing plan --config ${file}`);
  audience.say("Ctrl-C ends it; the next run finds everything as it was (-- --fresh starts over).");
  const log = createLogger("warn");
  await runDaemon({ jobs: bridgeJobs(bridge, config, log), timeZone: config.schedule.timeZone, log, signal });
  audience.say("Stopped.");
}
