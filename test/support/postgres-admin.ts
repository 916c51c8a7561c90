/** What the test support does on the server itself; apart from `database.ts` because it also runs outside a test. */
import { Client, escapeIdentifier } from "pg";

/** Runs something with a connection that is closed afterwards. */
export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Removes the databases and roles of a run that its tests did not drop, templates included. */
export async function dropLeftovers(adminUrl: string, testRun: string): Promise<void> {
  await withClient(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ datname: string }>(
      "select datname from pg_catalog.pg_database where starts_with(datname, $1) order by datname",
      [`kivi_test_${testRun}_`],
    );
    for (const { datname } of rows) await dropDatabase(admin, datname);
    await dropRoles(admin, `kivi_test_${testRun}_`);
  });
}

/** Drops a database, connections or not; a missing one is no error. */
export async function dropDatabase(admin: Client, name: string): Promise<void> {
  const { rowCount } = await admin.query("select from pg_catalog.pg_database where datname = $1", [name]);
  if (rowCount === 0) return;
  await admin.query(`alter database ${escapeIdentifier(name)} is_template false`);
  await admin.query(`drop database ${escapeIdentifier(name)} with (force)`);
}

/** Drops the roles whose name starts with a prefix; what they own must be gone. */
export async function dropRoles(admin: Client, prefix: string): Promise<void> {
  const { rows } = await admin.query<{ rolname: string }>(
    "select rolname from pg_catalog.pg_roles where starts_with(rolname, $1) order by rolname",
    [prefix],
  );
  for (const { rolname } of rows) await admin.query(`drop role ${escapeIdentifier(rolname)}`);
}
