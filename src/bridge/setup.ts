import type { TicketSnapshot } from "../billing/ports.ts";
import type { Config } from "../config/index.ts";
import { createHelpdesk } from "../helpdesk/index.ts";
import { assertKivitendoUsable, inspectKivitendo, neededColumns, openDatabase } from "../kivitendo/index.ts";
import { ConfigError } from "../model/index.ts";
import type { HelpdeskIdentity, TicketId } from "../model/index.ts";
import { applySetup, printSetup, rebind, removeSetup } from "../state/index.ts";
import type { SetupTarget } from "../state/index.ts";
import { helpdeskOptions } from "./helpdesk-options.ts";

type Say = (line: string) => void;

/** Schema, views, role and rights in the client's database. Needs `kivitendo.adminUrl`. */
export async function setUp(config: Config, say: Say): Promise<{ readonly changed: boolean }> {
  return asAdmin(config, async (pool) => {
    const { owner, release, postgresVersion } = await assertKivitendoUsable(pool);
    say(
      `kivitendo ${release ?? "of an unknown release"} on PostgreSQL ${postgresVersion}; its tables belong to "${owner}".`,
    );
    return applySetup(pool, { ...targetOf(config), owner, say });
  });
}

/** The SQL of `setUp`, for a DBA. Connects to nothing. */
export function setUpSql(config: Config): string {
  return printSetup(targetOf(config));
}

/** Takes everything away again. */
export async function tearDown(config: Config, say: Say): Promise<{ readonly changed: boolean }> {
  return asAdmin(config, async (pool) => {
    // Also from a kivitendo that the bridge cannot work with (any more).
    const { owner } = await inspectKivitendo(pool);
    if (owner === null) {
      throw new ConfigError(
        "The database in kivitendo.adminUrl has no table customer: it is not that of a kivitendo client.",
        "Check the database name in kivitendo.adminUrl.",
      );
    }
    return removeSetup(pool, { bridgeRole: roleOf(config), owner, say });
  });
}

/** Binds the state to the database and helpdesk at hand: after a restore, a copy, or a move. */
export async function bindAgain(
  config: Config,
  options: {
    readonly tickets: "new" | "moved";
    /** The time zone that the helpdesk had before, when its own was changed. */
    readonly zoneBefore?: string | undefined;
    readonly dryRun: boolean;
  },
  say: Say,
): Promise<{ readonly changed: boolean }> {
  // Where nothing calls a helpdesk there is none to be bound to.
  const helpdesk = config.helpdesk === undefined ? null : await identifyHelpdesk(config);
  const { zoneBefore, ...how } = options;
  const rezone = zoneBefore === undefined ? {} : { rezone: await rezoneOf(config, zoneBefore) };
  return asAdmin(config, async (pool) => {
    const { owner } = await assertKivitendoUsable(pool);
    // A restored database may lack the role or its rights.
    if (!options.dryRun) await applySetup(pool, { ...targetOf(config), owner, willRebind: true, say });
    return rebind(pool, { instance: config.instance, helpdesk, ...how, ...rezone, say });
  });
}

async function rezoneOf(config: Config, before: string): Promise<NonNullable<Parameters<typeof rebind>[1]["rezone"]>> {
  const { timeZone } = await withHelpdesk(config, ({ tickets }) => tickets.info());
  const readTickets = (ids: readonly TicketId[]): Promise<readonly TicketSnapshot[]> =>
    withHelpdesk(config, async ({ tickets }) => {
      const found: TicketSnapshot[] = [];
      for await (const batch of tickets.read(ids, new AbortController().signal)) found.push(...batch.tickets);
      return found;
    });
  return { before, now: timeZone, readTickets };
}

async function identifyHelpdesk(config: Config): Promise<HelpdeskIdentity> {
  return withHelpdesk(config, ({ customers }) => customers.identify());
}

async function withHelpdesk<T>(
  config: Config,
  act: (helpdesk: ReturnType<typeof createHelpdesk>) => Promise<T>,
): Promise<T> {
  const helpdesk = createHelpdesk(helpdeskOptions(config, "`kivi-otrs setup --rebind`"));
  try {
    return await act(helpdesk);
  } finally {
    await helpdesk.close();
  }
}

function targetOf(config: Config): SetupTarget {
  return {
    bridgeRole: roleOf(config),
    bridgePassword: config.kivitendo.password ?? null,
    instance: config.instance,
    neededColumns,
    readerRole: config.customers.readerRole ?? null,
    targets: targetsOf(config),
    changeTriggers: config.customers.changeTriggers,
  };
}

/** Everything that billing may write, by default and for single customers. */
function targetsOf({ billing }: Config): NonNullable<SetupTarget["targets"]> {
  if (billing === undefined) return [];
  return [billing.target, ...Object.values(billing.customers).flatMap(({ target }) => target ?? [])];
}

/** The role that kivitendo.databaseUrl logs in with. */
function roleOf(config: Config): string {
  const role = decodeURIComponent(new URL(config.kivitendo.databaseUrl).username);
  if (role !== "") return role;
  throw new ConfigError(
    "kivitendo.databaseUrl names no role.",
    "Write postgresql://otrs_bridge@host:port/database, with the role that the bridge is to use.",
  );
}

type Pool = ReturnType<typeof openDatabase>;

async function asAdmin<T>(config: Config, use: (pool: Pool) => Promise<T>): Promise<T> {
  const { adminUrl, adminPassword } = config.kivitendo;
  if (adminUrl === undefined) {
    throw new ConfigError(
      "Setup needs kivitendo.adminUrl: the owner of kivitendo's tables, or a superuser.",
      "Set it (or KIVI_OTRS_KIVITENDO_ADMIN_URL for this one call), or give a DBA what `kivi-otrs setup --print` writes.",
    );
  }
  const pool = openDatabase({
    connectionString: adminUrl,
    ...(adminPassword === undefined ? {} : { password: adminPassword }),
    applicationName: `kivi-otrs setup (${config.instance})`,
  });
  try {
    return await use(pool);
  } finally {
    await pool.end();
  }
}
