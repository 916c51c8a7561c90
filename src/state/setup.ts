import type { Pool, PoolClient } from "pg";
import { DatabaseError } from "pg";
import { z } from "zod";
import { ConfigError, databaseErrorOf, RefusedError } from "../model/index.ts";
import { readCatalog } from "./catalog.ts";
import { differenceOfDatabase, readIdentity } from "./identity.ts";
import { assertMigrationsKnown, readAppliedMigrations, readMigrations } from "./migrations.ts";
import { removalSteps, type SetupStep, type SetupTarget, setupSteps, viewKindQuery } from "./setup-sql.ts";

/** A sentence about what was found or done, for whoever watches. */
export type Say = (line: string) => void;

export interface SetupOptions extends SetupTarget {
  /** Owner of kivitendo's tables. */
  readonly owner: string;
  /** True lets a database through that the state is not bound to; `rebind` must follow. */
  readonly willRebind?: boolean;
  readonly say: Say;
}

/** A number that nobody else is likely to lock: two setups of one database wait for each other. */
const setupLock = 7_468_420;

/**
 * Makes schema, views, role and rights what this version of the program needs, each step in a transaction of its own.
 * A step that would change nothing is rolled back, so that a second run leaves no trace. `pool` must log in as the
 * owner of kivitendo's tables or as a superuser. Answers whether anything changed. Throws ConfigError before the first
 * change when the database is not fit, RefusedError when the state in it belongs to another database.
 */
export async function applySetup(pool: Pool, options: SetupOptions): Promise<{ readonly changed: boolean }> {
  return withSetupLock(pool, async (client) => {
    await assertMaySetUp(client, options);
    const changed = await runSteps(client, setupSteps(options), options);
    for (const warning of await readWarnings(client, options)) options.say(warning);
    if (!changed) options.say("Nothing to do: the database is set up.");
    return { changed };
  });
}

/** The complete SQL of setup for a DBA, to be run by psql as a superuser; running it again changes nothing. */
export function printSetup(target: SetupTarget): string {
  const steps = setupSteps(target).map(({ sql }) => `begin;\n${sql.trimEnd()}\ncommit;\n`);
  const password =
    target.bridgePassword === null
      ? "-- The role is made without a password: set one with \\password, or let pg_hba.conf decide.\n"
      : "";
  return [
    "-- Sets up a kivitendo client's database for kivitendo-otrs-bridge (printed by `kivi-otrs setup --print`).",
    "-- Run it in that database as a superuser: psql -v ON_ERROR_STOP=1 -d DATABASE -f FILE",
    `${password}set client_min_messages = warning;`,
    "",
    ...steps,
    "reset client_min_messages;",
    "",
  ].join("\n");
}

/**
 * Takes away schema, views, rights and, when setup created it and nothing else needs it, the role. An otrs_customer_contacts
 * that setup replaced is put back when kivitendo's tables still allow it; else its SQL is said.
 */
export async function removeSetup(
  pool: Pool,
  options: { readonly bridgeRole: string; readonly owner: string; readonly say: Say },
): Promise<{ readonly changed: boolean }> {
  return withSetupLock(pool, async (client) => {
    await assertOwnership(client, options.owner);
    // PostgreSQL's own notices (what goes with the schema) are not for people.
    const listener = ({ message, where }: { message: string | undefined; where?: string | undefined }): void => {
      if (message !== undefined && where?.includes("at RAISE") === true) options.say(message);
    };
    client.on("notice", listener);
    try {
      const changed = await runSteps(client, removalSteps(options.bridgeRole), options);
      if (!changed) options.say("Nothing to do: the bridge is not set up in this database.");
      return { changed };
    } finally {
      client.off("notice", listener);
    }
  });
}

async function withSetupLock<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  let client: PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw databaseErrorOf(error);
  }
  try {
    await client.query("select pg_advisory_lock($1)", [setupLock]);
    return await work(client);
  } catch (error) {
    throw setupErrorOf(error);
  } finally {
    // Destroyed, not handed back: takes the lock and all settings with it.
    client.release(true);
  }
}

/** Runs the steps, saying each that changed something. Answers whether any did. */
async function runSteps(
  client: PoolClient,
  steps: readonly SetupStep[],
  { bridgeRole, say }: { readonly bridgeRole: string; readonly say: Say },
): Promise<boolean> {
  const before = await readCatalog(client, bridgeRole);
  let now = before;
  for (const step of steps) {
    const after = await runStep(client, step, bridgeRole, now);
    if (after === now) continue;
    now = after;
    say(`${step.done}.`);
  }
  return now !== before;
}

/**
 * Runs a step and keeps it only when the catalog differs afterwards. Answers the catalog, the very same one when
 * nothing changed.
 */
async function runStep(
  client: PoolClient,
  step: SetupStep,
  bridgeRole: string,
  before: readonly string[],
): Promise<readonly string[]> {
  await client.query("begin");
  try {
    await client.query(step.sql);
    await client.query("set local role none");
    // Most steps of a second setup write nothing, and the catalog is long.
    const after = (await hasWritten(client)) ? await readCatalog(client, bridgeRole) : before;
    const changed = before.join("\n") !== after.join("\n");
    await client.query(changed ? "commit" : "rollback");
    return changed ? after : before;
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

/** Whether the transaction was given a number, which it gets with the first thing that it writes. */
async function hasWritten(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query("select from pg_catalog.txid_current_if_assigned() as id where id is not null");
  return rows.length > 0;
}

async function assertMaySetUp(client: PoolClient, options: SetupOptions): Promise<void> {
  const account = await assertOwnership(client, options.owner);
  await assertRole(client, options, account);
  const { rows } = await client.query(viewKindQuery());
  const { kind } = ViewKind.parse(rows[0]);
  if (kind === "foreign") {
    throw new ConfigError(
      "public.otrs_customer_contacts exists and is not a view over kivitendo's contacts and customers.",
      "Find out what it is for, rename or drop it, then run `kivi-otrs setup` again.",
    );
  }
  const applied = await readAppliedMigrations(client);
  if (applied !== null) {
    assertMigrationsKnown(applied, readMigrations());
    const identity = await readIdentity(client);
    const difference = identity === null ? null : await differenceOfDatabase(client, identity, options.instance);
    if (difference !== null && options.willRebind !== true) throw new RefusedError(difference.message, difference.hint);
  }
  if (kind === "earlier") {
    const { rows: definitions } = await client.query(
      "select pg_get_viewdef('public.otrs_customer_contacts'::regclass) as definition",
    );
    const { definition } = z.object({ definition: z.string() }).parse(definitions[0]);
    options.say(`public.otrs_customer_contacts is an earlier view and is replaced; it was:\n${definition}`);
  }
}

const ViewKind = z.object({ kind: z.enum(["none", "own", "earlier", "foreign"]) });
const Account = z.object({
  name: z.string(),
  isOwner: z.boolean(),
  mayCreateRoles: z.boolean(),
});

async function assertOwnership(client: PoolClient, owner: string): Promise<z.infer<typeof Account>> {
  const { rows } = await client.query(
    `select rolname as name, pg_has_role(rolname, $1, 'member') as "isOwner", rolsuper or rolcreaterole as "mayCreateRoles"
       from pg_catalog.pg_roles
      where rolname = current_user`,
    [owner],
  );
  const account = Account.parse(rows[0]);
  if (account.isOwner) return account;
  throw new ConfigError(
    `kivitendo's tables belong to role "${owner}", but setup is connected as "${account.name}".`,
    `Set kivitendo.adminUrl to an address for "${owner}" or a superuser, or give a DBA what \`kivi-otrs setup --print\` writes.`,
  );
}

const BridgeRole = z.object({ isSuperuser: z.boolean(), isMember: z.boolean(), mayMore: z.boolean() });

async function assertRole(
  client: PoolClient,
  { bridgeRole, owner }: SetupOptions,
  account: z.infer<typeof Account>,
): Promise<void> {
  const { rows } = await client.query(
    `select rolsuper as "isSuperuser",
            pg_has_role(rolname, $2, 'member') as "isMember",
            rolcreatedb or rolcreaterole or rolbypassrls or rolreplication as "mayMore"
       from pg_catalog.pg_roles
      where rolname = $1`,
    [bridgeRole, owner],
  );
  if (rows.length === 0) {
    if (account.mayCreateRoles) return;
    throw new ConfigError(
      `The bridge's role "${bridgeRole}" does not exist, and "${account.name}" may not create roles.`,
      `Have a DBA run \`create role "${bridgeRole}" login password '…'\` or all that \`kivi-otrs setup --print\` writes; then run \`kivi-otrs setup\` again.`,
    );
  }
  const role = BridgeRole.parse(rows[0]);
  if (role.isSuperuser || role.isMember || role.mayMore) {
    throw new ConfigError(
      `Role "${bridgeRole}" may do more than the bridge needs: ${role.isSuperuser ? "it is a superuser" : role.isMember ? `it is or belongs to "${owner}", the owner of kivitendo's tables` : "it may create databases or roles, or passes row security"}.`,
      "Name a role of its own in kivitendo.databaseUrl; setup creates it when it does not exist.",
    );
  }
}

const Warnings = z.object({ publicMayCreate: z.boolean(), otherRights: z.string().nullable() });

/** What setup does not change, but somebody should know. */
async function readWarnings(client: PoolClient, { bridgeRole, owner }: SetupOptions): Promise<string[]> {
  const { rows } = await client.query(
    `select has_schema_privilege($1, 'public', 'create') as "publicMayCreate",
            (select string_agg(distinct c.oid::regclass::text, ', ')
               from pg_catalog.pg_class c
               left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attacl is not null
              cross join lateral aclexplode(array_cat(c.relacl, a.attacl)) x
              where x.grantee = (select oid from pg_catalog.pg_roles where rolname = $1)
                and x.grantor <> (select oid from pg_catalog.pg_roles where rolname = $2)) as "otherRights"`,
    [bridgeRole, owner],
  );
  const { publicMayCreate, otherRights } = Warnings.parse(rows[0]);
  const warnings: string[] = [];
  if (publicMayCreate) {
    warnings.push(
      `Every role may create tables in schema public of this database, "${bridgeRole}" too (the default before PostgreSQL 15). A DBA can end that: grant create on schema public to "${owner}"; revoke create on schema public from public;`,
    );
  }
  if (otherRights !== null) {
    warnings.push(`Somebody else gave "${bridgeRole}" rights that the bridge does not need, on: ${otherRights}.`);
  }
  return warnings;
}

/** The SQL files raise exceptions with a hint for what an operator must mend. */
function setupErrorOf(error: unknown): Error {
  if (!(error instanceof DatabaseError)) return databaseErrorOf(error);
  const cause = { cause: error };
  if (error.code === "P0001") {
    return new ConfigError(error.message, error.hint ?? "Mend it, then run `kivi-otrs setup` again.", cause);
  }
  if (error.code === "2BP01") {
    return new ConfigError(
      `Other objects depend on what setup replaces: ${error.detail ?? error.message}`,
      "Drop them, run `kivi-otrs setup` again, then make them again.",
      cause,
    );
  }
  if (error.code === "42501") {
    return new ConfigError(
      `Setup lacks a right: ${error.message}`,
      "Set kivitendo.adminUrl to an address for a superuser, or give a DBA what `kivi-otrs setup --print` writes.",
      cause,
    );
  }
  return databaseErrorOf(error);
}
