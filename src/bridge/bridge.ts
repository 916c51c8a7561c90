import type { Config } from "../config/index.ts";
import { exportCustomers, refreshReadOnlySource, syncCustomers } from "../customer-sync/index.ts";
import type { CustomersReport, ExportReport, ReadOnlyReport } from "../customer-sync/index.ts";
import { insertTarget, openDatabase } from "../kivitendo/index.ts";
import type { Finding, FlowContext, HelpdeskIdentity, HelpdeskInfo } from "../model/index.ts";
import { checkIdentity, createState, readInbox, readRuns } from "../state/index.ts";
import type { InboxEntry, RunEntry } from "../state/index.ts";
import { billingOf } from "./billing.ts";
import type { BillingFlow } from "./billing.ts";
import { checkSettings } from "./check.ts";
import { type ChangeWatch, createChangeWatch } from "./change-watch.ts";
import { createCustomerDesk } from "./customer-desk.ts";
import type { CustomerDesk } from "./customer-desk.ts";
import { allCustomers, customerRules, pushRules } from "./customer-rules.ts";
import type { CustomerOptions } from "./customer-rules.ts";
import { exclusively } from "./exclusively.ts";
import { exportPorts, type ExportOptions } from "./export.ts";
import { openHelpdesk } from "./helpdesk.ts";
import type { Logger } from "./logger.ts";
import { readOnlyPorts, readOnlyRules } from "./read-only.ts";

/** The whole bridge on one configuration: what the command line, the daemon and the demo call. */
export interface Bridge extends BillingFlow {
  customers(mode: "plan" | "sync", options: CustomerOptions, context: FlowContext): Promise<CustomersReport>;
  /** Flow 1 where customers.way is read-only, else null; `customers` is for the other way. */
  readonly readOnlySource:
    ((mode: "plan" | "sync", options: CustomerOptions, context: FlowContext) => Promise<ReadOnlyReport>) | null;
  /** What people do with customers besides syncing them. */
  readonly desk: CustomerDesk;
  /** Files for helpdesks that take nothing else. */
  exportCustomers(options: ExportOptions, context: FlowContext): Promise<ExportReport>;
  /** Null when kivitendo's database is not to tell of changes. */
  readonly changes: ChangeWatch | null;
  helpdeskInfo(): Promise<HelpdeskInfo>;
  inbox(): Promise<readonly InboxEntry[]>;
  runs(limit: number): Promise<readonly RunEntry[]>;
  /** What is wrong with the configuration, as far as database and helpdesk can tell; reads only. */
  check(): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

/** Puts the adapters together. Nothing is connected before the first call. */
export function openBridge(config: Config, command: string, log: Logger): Bridge {
  const pool = openDatabase({
    connectionString: config.kivitendo.databaseUrl,
    ...(config.kivitendo.password === undefined ? {} : { password: config.kivitendo.password }),
    applicationName: `kivi-otrs ${command} (${config.instance})`,
    onIdleError: (error) => log.warn({ err: error.message }, "idle database connection lost"),
  });
  const helpdesk = openHelpdesk(config, command, log);
  const state = createState(pool, { instance: config.instance, insertTarget });
  const ports = {
    checkIdentity: (answering: HelpdeskIdentity | null, mode: "look" | "bind") =>
      checkIdentity(pool, { instance: config.instance, helpdesk: answering, look: mode === "look" }),
    now: () => Temporal.Now.instant(),
  };
  const customerPorts = { ...ports, helpdesk: helpdesk.customers, state: state.customers };
  const alone = <T>(context: FlowContext, run: (guarded: FlowContext) => Promise<T>): Promise<T> =>
    exclusively(state, context, run);
  /** A plan only looks, so it may run beside another run. */
  const unlessPlan = <T>(mode: string, context: FlowContext, run: (guarded: FlowContext) => Promise<T>): Promise<T> =>
    mode === "plan" ? run(context) : alone(context, run);
  const billing = billingOf({ ...ports, config, pool, state, log, helpdesk: helpdesk.tickets, exclusively: alone });
  return {
    ...billing,
    check: () =>
      checkSettings({ ...ports, config, customers: customerPorts, checkBilling: () => billing.checkBilling() }),
    changes: config.customers.changeTriggers ? createChangeWatch(config, pool, log) : null,
    customers: (mode, options, context) => {
      const rules = customerRules(config, options);
      return unlessPlan(mode, context, (guarded) => syncCustomers(customerPorts, rules, mode, guarded));
    },
    readOnlySource:
      config.customers.way === "push"
        ? null
        : (mode, options, context) =>
            unlessPlan(mode, context, (guarded) =>
              refreshReadOnlySource(readOnlyPorts(config, pool, state), readOnlyRules(config, options), mode, guarded),
            ),
    desk: createCustomerDesk({
      ports: customerPorts,
      rules: (choice) => pushRules(config, { ...choice, allow: null }),
      exclusively: alone,
    }),
    exportCustomers: ({ format, directory, all }, context) => {
      const { source, mapping } = customerRules(config, allCustomers);
      const exporting = exportPorts(pool, state, config.instance, directory);
      return alone(context, () => exportCustomers(exporting, { format, all, source, mapping }));
    },
    helpdeskInfo: () => helpdesk.info(),
    inbox: () => readInbox(pool),
    runs: (limit) => readRuns(pool, limit),
    close: async () => {
      await helpdesk.close();
      await pool.end();
    },
  };
}
