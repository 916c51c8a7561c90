/**
 * Databases in which the bridge is set up. Setup asks for the whole catalog after each of its steps, which is most of what
 * a small world costs, so it runs once for each kind of setup and vitest worker; the rest are clones.
 */
import { createHash } from "node:crypto";
import { escapeIdentifier } from "pg";
import { inject } from "vitest";
import { setUp, setUpSql } from "../../src/bridge/index.ts";
import type { Config } from "../../src/config/index.ts";
import { cloneDatabase, createKivitendoDatabase, type KivitendoRelease, nextDatabase } from "./database.ts";
import type { TestDatabase } from "./database.ts";
import { withClient } from "./postgres-admin.ts";

export interface SetUpOptions {
  readonly release: KivitendoRelease;
  /** Whether the sample company is in it. */
  readonly sample: boolean;
  /** Name of the installation. */
  readonly instance: string;
  /** What setup does, for roles and an installation of whatever name: equal texts share a template. */
  readonly sql: string;
  /** Sets the bridge up in a database; done in the template only. */
  readonly apply: (database: TestDatabase) => Promise<unknown>;
}

/**
 * A database with the bridge set up in it. All of a kind share their two roles, so nobody may change these for good; no
 * other worker has them, so what a test does to its role's connections reaches no other file.
 */
export async function createSetUpDatabase(options: SetUpOptions): Promise<TestDatabase> {
  const template = await templateOf(options);
  const database = nextDatabase(template.roles);
  await withClient(inject("postgresUrl"), (admin) => cloneDatabase(admin, database, template.name));
  // The clone is bound as setup binds a new database.
  await withClient(database.url, (client) =>
    client.query(
      `update otrs_bridge.identity
          set instance = $1, database_oid = d.oid, database_name = d.datname
         from pg_catalog.pg_database d
        where d.datname = current_database()`,
      [options.instance],
    ),
  );
  return database;
}

/** A database set up for a configuration, which is made of a database's names and addresses. */
export async function createConfiguredDatabase(
  options: Pick<SetUpOptions, "release" | "sample">,
  configFor: (database: TestDatabase) => Config,
): Promise<TestDatabase> {
  const { instance, ...config } = configFor(nextDatabase());
  const { password: _, ...kivitendo } = config.kivitendo;
  const neutral = { ...kivitendo, databaseUrl: "postgresql://bridge@localhost/neutral" };
  return createSetUpDatabase({
    ...options,
    instance,
    sql: setUpSql({ ...config, kivitendo: neutral, instance: "neutral" }),
    apply: (template) => setUp(configFor(template), () => undefined),
  });
}

interface Template {
  readonly name: string;
  /** What the names of its roles start with. */
  readonly roles: string;
}

async function templateOf({ release, sample, sql, apply }: SetUpOptions): Promise<Template> {
  const kind = createHash("sha256").update(`${release} ${sample} ${sql}`).digest("hex").slice(0, 8);
  const worker = process.env["VITEST_POOL_ID"] ?? "0";
  const name = `kivi_test_${inject("testRun")}_setup_${worker}_${kind}`;
  return withClient(inject("postgresUrl"), async (admin) => {
    const { rows } = await admin.query<{ roles: string }>(
      `select shobj_description(oid, 'pg_database') as roles
         from pg_catalog.pg_database
        where datname = $1 and datistemplate`,
      [name],
    );
    if (rows[0] !== undefined) return { name, roles: rows[0].roles };
    const database = await createKivitendoDatabase(release, { sample });
    await apply(database);
    await admin.query(`alter database ${escapeIdentifier(database.name)} rename to ${escapeIdentifier(name)}`);
    await admin.query(`comment on database ${escapeIdentifier(name)} is '${database.name}'`);
    await admin.query(`alter database ${escapeIdentifier(name)} is_template true`);
    return { name, roles: database.name };
  });
}
