/** The set-up of a test database, put together as the command line does. */
import type { Pool } from "pg";
import { assertKivitendoUsable, neededColumns, openDatabase } from "../../src/kivitendo/index.ts";
import { applySetup, printSetup, removeSetup, type SetupTarget } from "../../src/state/index.ts";
import type { TestDatabase } from "./database.ts";

/** Runs something with a pool that is closed afterwards. */
export async function withPool<T>(url: string, use: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = openDatabase({ connectionString: url, applicationName: "kivi-otrs test" });
  try {
    return await use(pool);
  } finally {
    await pool.end();
  }
}

export function setupTarget(database: TestDatabase, changes: Partial<SetupTarget> = {}): SetupTarget {
  return {
    bridgeRole: database.bridgeRole,
    bridgePassword: database.bridgePassword,
    instance: "main",
    neededColumns,
    ...changes,
  };
}

/** `kivi-otrs setup`, as a superuser or with the address given; answers the lines that it says. */
export async function setUpBridge(
  database: TestDatabase,
  {
    url = database.url,
    willRebind = false,
    ...changes
  }: Partial<SetupTarget> & { url?: string; willRebind?: boolean } = {},
): Promise<string[]> {
  const said: string[] = [];
  await withPool(url, async (pool) => {
    const { owner } = await assertKivitendoUsable(pool);
    await applySetup(pool, { ...setupTarget(database, changes), owner, willRebind, say: (line) => said.push(line) });
  });
  return said;
}

/** The SQL of setup with nothing in it that names a database, a role or an installation. */
export function neutralSetup(changes: Partial<SetupTarget>): string {
  return printSetup({ bridgeRole: "bridge", bridgePassword: null, instance: "neutral", neededColumns, ...changes });
}

/** `kivi-otrs setup --remove`. */
export async function removeBridge(database: TestDatabase, url = database.url): Promise<string[]> {
  const said: string[] = [];
  await withPool(url, async (pool) => {
    const { owner } = await assertKivitendoUsable(pool);
    await removeSetup(pool, { bridgeRole: database.bridgeRole, owner, say: (line) => said.push(line) });
  });
  return said;
}
