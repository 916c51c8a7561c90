/** A database shaped like kivitendo's, with a sample company in it: for the demo, the containers and the tests. */
import { readFile } from "node:fs/promises";
import { Client, escapeIdentifier, escapeLiteral } from "pg";

export const kivitendoReleases = ["3.5.8", "3.9.2", "4.0.0", "4.1.0"] as const;
export type KivitendoRelease = (typeof kivitendoReleases)[number];

export interface SampleKivitendo {
  /** Name of the database to make; it must not exist yet. */
  database: string;
  release: KivitendoRelease;
  /** Role that owns database and tables, as kivitendo's own does: no superuser. Made when missing. */
  owner: { name: string; password: string };
  /** Whether the sample company is filled in; without it the tables are empty but for `schema_info`. */
  sample: boolean;
}

/**
 * Makes a database of the given release through a superuser's address and tells the superuser's and the owner's
 * addresses of the new database.
 */
export async function createSampleKivitendo(
  adminUrl: string,
  { database, release, owner, sample }: SampleKivitendo,
): Promise<{ url: string; ownerUrl: string }> {
  await withClient(adminUrl, async (admin) => {
    await createOwner(admin, owner);
    await admin.query(
      `create database ${escapeIdentifier(database)} owner ${escapeIdentifier(owner.name)}
       encoding 'UTF8' template template0`,
    );
  });
  const url = urlOf(adminUrl, { database });
  await withClient(url, async (client) => {
    await client.query(`set role ${escapeIdentifier(owner.name)}`);
    await client.query(await script(`schema-${release}.sql`));
    if (sample) await client.query(await script("company.sql"));
  });
  return { url, ownerUrl: urlOf(url, { user: owner.name, password: owner.password }) };
}

/** A PostgreSQL address with another database, user or password. */
export function urlOf(url: string, changes: { database?: string; user?: string; password?: string }): string {
  const changed = new URL(url);
  if (changes.database !== undefined) changed.pathname = `/${encodeURIComponent(changes.database)}`;
  if (changes.user !== undefined) changed.username = encodeURIComponent(changes.user);
  if (changes.password !== undefined) changed.password = encodeURIComponent(changes.password);
  return changed.href;
}

/** Makes a role that may log in and nothing else, or sets the password of an existing one. */
async function createOwner(admin: Client, { name, password }: SampleKivitendo["owner"]): Promise<void> {
  const known = await admin.query("select from pg_catalog.pg_roles where rolname = $1", [name]);
  const verb = known.rowCount === 0 ? "create" : "alter";
  await admin.query(`${verb} role ${escapeIdentifier(name)} login password ${escapeLiteral(password)}`);
}

async function script(name: string): Promise<string> {
  return readFile(new URL(name, import.meta.url), "utf8");
}

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
