/** A kivitendo-shaped database with the bridge set up in it, opened as the bridge's own role. */
import type { Pool } from "pg";
import type { Target } from "../../src/billing/ports.ts";
import { openDatabase } from "../../src/kivitendo/index.ts";
import { neutralSetup, setUpBridge } from "./bridge-setup.ts";
import { type KivitendoRelease, type TestDatabase, withClient } from "./database.ts";
import { createSetUpDatabase } from "./set-up-database.ts";

export interface BridgeDatabase {
  readonly database: TestDatabase;
  /** Connections of the bridge's role, which may do what the bridge does and nothing else. */
  readonly pool: Pool;
  /** Runs a statement as superuser: what people do in kivitendo, and what the bridge's role must not. */
  admin(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

export async function createBridgeDatabase(
  release: KivitendoRelease = "4.1.0",
  { targets = [], sample = true }: { sample?: boolean; targets?: readonly Target[] } = {},
): Promise<BridgeDatabase> {
  const database = await createSetUpDatabase({
    release,
    sample,
    instance: "main",
    sql: neutralSetup({ targets }),
    apply: (template) => setUpBridge(template, { targets }),
  });
  const pool = openDatabase({ connectionString: database.bridgeUrl, applicationName: "kivi-otrs test" });
  return {
    database,
    pool,
    admin: (sql, values = []) => withClient(database.url, async (client) => (await client.query(sql, values)).rows),
    drop: async () => {
      await pool.end();
      await database.drop();
    },
  };
}
