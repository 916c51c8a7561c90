/** A company whose tickets are billed: a kivitendo database that is set up, a simulated helpdesk, and the ports of flow 2. */
import type { Pool } from "pg";
import { everythingDue } from "../../src/bridge/index.ts";
import { billingRules } from "../../src/bridge/billing-rules.ts";
import { helpdeskOptions } from "../../src/bridge/helpdesk-options.ts";
import { billTickets, type BillingPorts, type BillingReport } from "../../src/billing/index.ts";
import { startSimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import { createHelpdesk } from "../../src/helpdesk/index.ts";
import { createKivitendoBilling, insertTarget, openDatabase } from "../../src/kivitendo/index.ts";
import { checkIdentity, createState } from "../../src/state/index.ts";
import { contactsPerCustomer, growCompany, recordAsWritten } from "./company.ts";
import { type BenchWorld, createBenchWorld } from "./world.ts";

export interface BillingBench {
  readonly world: BenchWorld;
  readonly helpdesk: Awaited<ReturnType<typeof startSimulatedHelpdesk>>;
  /** As a superuser. */
  readonly admin: Pool;
  readonly ports: BillingPorts;
  /** A moment of last month: as long as it is not told otherwise, the helpdesk's clock stands there. */
  readonly worked: Temporal.Instant;
  /** Lets the helpdesk's clock go. */
  workIsDone(): void;
  /** `billing draft` over everything, without the program around it. */
  draft(ports?: BillingPorts): Promise<BillingReport>;
  end(): Promise<void>;
}

/** The customers are `TAG-1` to `TAG-n`, in the helpdesk under the same numbers. */
export async function createBillingBench(postgresUrl: string, customers: number): Promise<BillingBench> {
  const now = Temporal.Now.instant();
  const worked = now.subtract({ hours: 24 * 31 });
  let clock: Temporal.Instant | null = worked;
  const helpdesk = await startSimulatedHelpdesk({ now: () => clock ?? Temporal.Now.instant() });
  const account = { url: helpdesk.baseUrl, userLogin: "bridge", password: "bridgepw" };
  const world = await createBenchWorld(postgresUrl, account);
  await growCompany(world.adminUrl, world.tag, 0, contactsPerCustomer * customers);
  await recordAsWritten(world.adminUrl, world.bridgeUrl, world.rules);

  const pool = open(world.bridgeUrl);
  const admin = open(world.adminUrl);
  const client = createHelpdesk(helpdeskOptions(world.config, "the benchmark"));
  const { instance } = world.config;
  const ports: BillingPorts = {
    helpdesk: client.tickets,
    kivitendo: createKivitendoBilling(pool),
    state: createState(pool, { instance, insertTarget }).billing,
    checkIdentity: (answering, mode) => checkIdentity(pool, { instance, helpdesk: answering, look: mode === "look" }),
    now: () => Temporal.Now.instant(),
  };
  return {
    world,
    helpdesk,
    admin,
    ports,
    worked,
    workIsDone: () => (clock = null),
    draft: (given = ports) => {
      const rules = billingRules(world.config.billing, everythingDue, given.now());
      return billTickets(given, rules, "draft", { report: () => undefined, signal: new AbortController().signal });
    },
    end: async () => {
      await client.close();
      await pool.end();
      await admin.end();
      await world.end();
      await helpdesk.stop();
    },
  };
}

function open(connectionString: string): Pool {
  return openDatabase({
    connectionString,
    applicationName: "bench",
    statementTimeoutMs: 600_000,
    onIdleError: () => undefined,
  });
}
