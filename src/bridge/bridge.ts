import { billTickets } from "../billing/index.ts";
import type { BillingReport, BillingRules } from "../billing/index.ts";
import type { BillingConfig, Config } from "../config/index.ts";
import { refreshReadOnlySource, syncCustomers } from "../customer-sync/index.ts";
import type { CustomersReport, ReadOnlyReport } from "../customer-sync/index.ts";
import { createHelpdesk } from "../helpdesk/index.ts";
import { createKivitendoBilling, insertDraft, openDatabase } from "../kivitendo/index.ts";
import { ConfigError, parsePeriod, UnavailableError } from "../model/index.ts";
import type { FlowContext, HelpdeskIdentity, HelpdeskInfo, MinutesPerUnit, PartNumber } from "../model/index.ts";
import { checkIdentity, createState, readInbox, readRuns } from "../state/index.ts";
import type { InboxEntry, RunEntry, State } from "../state/index.ts";
import { type ChangeWatch, createChangeWatch } from "./change-watch.ts";
import { customerRules } from "./customer-rules.ts";
import type { CustomerOptions } from "./customer-rules.ts";
import { helpdeskOptions } from "./helpdesk-options.ts";
import type { Logger } from "./logger.ts";
import { readOnlyPorts, readOnlyRules } from "./read-only.ts";

/** What an operator chose for one run of flow 2. */
export interface BillingOptions {
  readonly customerNumbers: readonly string[];
  readonly ticketNumbers: readonly string[];
  /** Null takes the configured one. */
  readonly period: string | null;
}

/** The whole bridge on one configuration: what the command line, the daemon and the demo call. */
export interface Bridge {
  customers(mode: "plan" | "sync", options: CustomerOptions, context: FlowContext): Promise<CustomersReport>;
  /** Flow 1 where customers.way is read-only, else null; `customers` is for the other way. */
  readonly readOnlySource:
    ((mode: "plan" | "sync", options: CustomerOptions, context: FlowContext) => Promise<ReadOnlyReport>) | null;
  billing(mode: "plan" | "draft", options: BillingOptions, context: FlowContext): Promise<BillingReport>;
  readonly bills: boolean;
  /** Null when kivitendo's database is not to tell of changes. */
  readonly changes: ChangeWatch | null;
  helpdeskInfo(): Promise<HelpdeskInfo>;
  inbox(): Promise<readonly InboxEntry[]>;
  runs(limit: number): Promise<readonly RunEntry[]>;
  close(): Promise<void>;
}

export const everythingDue: BillingOptions = { customerNumbers: [], ticketNumbers: [], period: null };

/** Puts the adapters together. Nothing is connected before the first call. */
export function openBridge(config: Config, command: string, log: Logger): Bridge {
  const pool = openDatabase({
    connectionString: config.kivitendo.databaseUrl,
    ...(config.kivitendo.password === undefined ? {} : { password: config.kivitendo.password }),
    applicationName: `kivi-otrs ${command} (${config.instance})`,
    onIdleError: (error) => log.warn({ err: error.message }, "idle database connection lost"),
  });
  const helpdesk = createHelpdesk({ ...helpdeskOptions(config), log });
  const state = createState(pool, { instance: config.instance, insertDraft });
  const ports = {
    checkIdentity: (answering: HelpdeskIdentity, mode: "look" | "bind") =>
      checkIdentity(pool, { instance: config.instance, helpdesk: answering, look: mode === "look" }),
    now: () => Temporal.Now.instant(),
  };
  const customerPorts = { ...ports, helpdesk: helpdesk.customers, state: state.customers };
  const billingPorts = {
    ...ports,
    helpdesk: helpdesk.tickets,
    kivitendo: createKivitendoBilling(pool),
    state: state.billing,
  };
  return {
    bills: config.billing !== undefined,
    changes: config.customers.changeTriggers ? createChangeWatch(config, pool, log) : null,
    customers: (mode, options, context) => {
      const rules = customerRules(config, options);
      const run = (guarded: FlowContext) => syncCustomers(customerPorts, rules, mode, guarded);
      return mode === "plan" ? run(context) : exclusively(state, context, run);
    },
    readOnlySource:
      config.customers.way === "push"
        ? null
        : (mode, options, context) => {
            const run = (guarded: FlowContext) =>
              refreshReadOnlySource(readOnlyPorts(config, pool, state), readOnlyRules(config, options), mode, guarded);
            return mode === "plan" ? run(context) : exclusively(state, context, run);
          },
    billing: async (mode, options, context) => {
      const rules = billingRules(config.billing, options, ports.now());
      const run = (guarded: FlowContext) => billTickets(billingPorts, rules, mode, guarded);
      return mode === "plan" ? run(context) : exclusively(state, context, run);
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

/** Only one writing run at a time, whoever starts it: a plan may run beside it. Losing the lock aborts the run. */
async function exclusively<T>(
  state: State,
  context: FlowContext,
  run: (guarded: FlowContext) => Promise<T>,
): Promise<T> {
  const lock = await state.lock();
  if (lock === null) {
    throw new UnavailableError(
      `Another run of the bridge is under way: ${(await state.lockHolder()) ?? "it has just ended"}.`,
      "Wait until it has ended (the service runs by its schedule), then try again.",
    );
  }
  try {
    return await run({ ...context, signal: AbortSignal.any([context.signal, lock.lost]) });
  } finally {
    await lock.release();
  }
}

function billingRules(
  billing: BillingConfig | undefined,
  options: BillingOptions,
  now: Temporal.Instant,
): BillingRules {
  if (billing === undefined) {
    throw new ConfigError(
      "The configuration has no part `billing`.",
      "Add it: `kivi-otrs config example` shows the settings.",
    );
  }
  const today = now.toZonedDateTimeISO(billing.timeZone).toPlainDate();
  return {
    startDate: Temporal.PlainDate.from(billing.startDate),
    timeZone: billing.timeZone,
    minutesPerUnit: minutesPerUnit(billing.timeUnit),
    stateNames: billing.states.names,
    stateTypes: billing.states.types,
    period: parsePeriod(options.period ?? billing.period, today),
    partNumber: billing.partNumber as PartNumber,
    draftOwner: billing.draftOwner,
    customerNumbers: options.customerNumbers,
    ticketNumbers: options.ticketNumbers,
    complete: options.period === null && options.customerNumbers.length === 0 && options.ticketNumbers.length === 0,
  };
}

/** `minutes`, `hours` or `15 minutes`, as the configuration's schema allows. */
function minutesPerUnit(timeUnit: string): MinutesPerUnit {
  if (timeUnit === "minutes") return "1" as MinutesPerUnit;
  if (timeUnit === "hours") return "60" as MinutesPerUnit;
  return timeUnit.replace(/ minutes$/, "") as MinutesPerUnit;
}
