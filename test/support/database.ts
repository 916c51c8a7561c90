/** Databases for tests: cloned from templates that are built once per run, each with roles of its own. */
import { randomBytes } from "node:crypto";
import { type Client, escapeIdentifier, escapeLiteral } from "pg";
import { inject } from "vitest";
import { createSampleKivitendo, type KivitendoRelease, urlOf } from "../../src/demo/kivitendo/index.ts";
import { dropDatabase, dropRoles, withClient } from "./postgres-admin.ts";

export { withClient };
export type { KivitendoRelease };

export interface TestDatabase {
  /** Superuser's address. */
  url: string;
  /** Address for the role that owns the database and kivitendo's tables; it is no superuser and cannot make roles. */
  ownerUrl: string;
  ownerRole: string;
  ownerPassword: string;
  /** A free name for the bridge's role, which this does not create. */
  bridgeRole: string;
  bridgePassword: string;
  /** The address for the bridge's role, once that exists. */
  bridgeUrl: string;
  name: string;
  /** Drops the database and every role whose name starts with the database's name and an underscore. */
  drop(): Promise<void>;
}

/**
 * A database shaped like that of a kivitendo release, with the sample company (`src/demo/kivitendo/company.sql`)
 * unless `sample` is false, and roles of its own. Takes about 150 ms, the first one of a kind in a run some more. Where
 * the bridge is to be set up in it as well, `createSetUpDatabase` is quicker.
 */
export async function createKivitendoDatabase(
  release: KivitendoRelease,
  { sample = true }: { sample?: boolean } = {},
): Promise<TestDatabase> {
  const template = await templateFor(release, sample);
  const database = nextDatabase();
  await withClient(inject("postgresUrl"), async (admin) => {
    await createOwner(admin, database);
    await cloneDatabase(admin, database, template.name);
  });
  await withClient(database.url, async (client) => {
    await client.query(
      `reassign owned by ${escapeIdentifier(template.owner)} to ${escapeIdentifier(database.ownerRole)}`,
    );
  });
  return database;
}

/** A database without anything in it, owned by an unprivileged role. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const database = nextDatabase();
  await withClient(inject("postgresUrl"), async (admin) => {
    await createOwner(admin, database);
    await cloneDatabase(admin, database, "template0");
  });
  return database;
}

/** Major version of the test server, such as 15. */
export async function serverVersion(): Promise<number> {
  return withClient(inject("postgresUrl"), async (admin) => {
    const { rows } = await admin.query<{ version: string }>("select current_setting('server_version_num') as version");
    return Math.floor(Number(rows[0]?.version) / 10_000);
  });
}

/** Names for one more database, and addresses; its roles are called after `roles`. Makes nothing. */
export function nextDatabase(roles?: string): TestDatabase {
  const name = `kivi_test_${inject("testRun")}_${randomBytes(4).toString("hex")}`;
  const ownerRole = `${roles ?? name}_kivitendo`;
  const bridgeRole = `${roles ?? name}_bridge`;
  const url = urlOf(inject("postgresUrl"), { database: name });
  return {
    url,
    ownerUrl: urlOf(url, { user: ownerRole, password: "owner" }),
    ownerRole,
    ownerPassword: "owner",
    bridgeRole,
    bridgePassword: "bridge",
    bridgeUrl: urlOf(url, { user: bridgeRole, password: "bridge" }),
    name,
    drop: async () => {
      await withClient(inject("postgresUrl"), async (admin) => {
        await dropDatabase(admin, name);
        await dropRoles(admin, `${name}_`);
      });
    },
  };
}

async function createOwner(admin: Client, { ownerRole, ownerPassword }: TestDatabase): Promise<void> {
  await admin.query(`create role ${escapeIdentifier(ownerRole)} login password ${escapeLiteral(ownerPassword)}`);
}

/** Makes a database of a template; its owner's role must exist. */
export async function cloneDatabase(
  admin: Client,
  { name, ownerRole }: Pick<TestDatabase, "name" | "ownerRole">,
  template: string,
): Promise<void> {
  await admin.query(
    `create database ${escapeIdentifier(name)} owner ${escapeIdentifier(ownerRole)}
     encoding 'UTF8' template ${escapeIdentifier(template)}`,
  );
}

/** The template of a kind, built by whichever worker asks first. */
async function templateFor(release: KivitendoRelease, sample: boolean): Promise<{ name: string; owner: string }> {
  const kind = `${release.replaceAll(".", "_")}_${sample ? "sample" : "bare"}`;
  const name = `kivi_test_${inject("testRun")}_template_${kind}`;
  const owner = `${name}_owner`;
  const adminUrl = inject("postgresUrl");
  await withClient(adminUrl, async (admin) => {
    // Held until the connection ends; the others wait and then find the template.
    await admin.query("select pg_advisory_lock(hashtext($1))", [name]);
    const built = await admin.query("select from pg_catalog.pg_database where datname = $1 and datistemplate", [name]);
    if (built.rowCount !== 0) return;
    await createSampleKivitendo(adminUrl, {
      database: name,
      release,
      owner: { name: owner, password: "owner" },
      sample,
    });
    // Reassigning in a clone takes along what is shared in the cluster, which the template must not be.
    await admin.query(`alter database ${escapeIdentifier(name)} owner to current_user`);
    await admin.query(`alter database ${escapeIdentifier(name)} is_template true`);
  });
  return { name, owner };
}
