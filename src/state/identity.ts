import type { ClientBase, Pool } from "pg";
import { z } from "zod";
import { ConfigError, type HelpdeskIdentity, RefusedError } from "../model/index.ts";
import { assertMigrated, readAppliedMigrations, readMigrations } from "./migrations.ts";
import { inTransaction } from "./transaction.ts";

/** What the state in schema `otrs_bridge` is bound to. */
export interface BoundIdentity {
  readonly instance: string;
  /** PostgreSQL's system identifier; `unknown` where it was not readable. */
  readonly databaseSystemId: string;
  readonly databaseOid: string;
  readonly databaseName: string;
  /** Null until the first contact with the helpdesk. */
  readonly helpdeskId: string | null;
  /** Sequences up to this one count as ours. */
  readonly sequenceFloor: number;
}

const IdentityRow = z.object({
  instance: z.string(),
  databaseSystemId: z.string(),
  databaseOid: z.string(),
  databaseName: z.string(),
  helpdeskId: z.string().nullable(),
  sequenceFloor: z.number().int(),
});
const Here = z.object({ systemId: z.string(), oid: z.string(), name: z.string() });
const Sequences = z.object({ lastRun: z.number().int(), lastConfirmed: z.number().int() });

/** What differs, as a sentence, and what to do. */
export interface IdentityDifference {
  readonly kind: "database" | "instance" | "helpdesk" | "state-restored" | "helpdesk-restored";
  readonly message: string;
  readonly hint: string;
}

const rebindHint =
  "If this is meant, run `kivi-otrs setup --rebind`, which says what it will do. A test copy needs a helpdesk of its own in its configuration first.";

/** What the state is bound to; null before setup bound it. */
export async function readIdentity(client: ClientBase): Promise<BoundIdentity | null> {
  const { rows: found } = await client.query("select where to_regclass('otrs_bridge.identity') is not null");
  if (found.length === 0) return null;
  const { rows } = await client.query(`
    select instance, database_system_id as "databaseSystemId", database_oid::text as "databaseOid",
           database_name as "databaseName", helpdesk_id as "helpdeskId", sequence_floor as "sequenceFloor"
      from otrs_bridge.identity`);
  return rows.length === 0 ? null : IdentityRow.parse(rows[0]);
}

/**
 * Refuses (RefusedError, exit 4) when the state belongs to another database, instance or helpdesk, or when one of the
 * two was restored from a backup; ConfigError when the database is not set up for this version. The first writing run
 * binds the helpdesk; with `look` nothing is written. Without a helpdesk (null) only the database is checked. Call it
 * before each run.
 */
export async function checkIdentity(
  pool: Pool,
  {
    instance,
    helpdesk,
    look = false,
  }: { readonly instance: string; readonly helpdesk: HelpdeskIdentity | null; readonly look?: boolean },
): Promise<void> {
  await inTransaction(pool, look ? "snapshot" : "write", async (client) => {
    assertMigrated(await readAppliedMigrations(client), readMigrations());
    const bound = await readIdentity(client);
    if (bound === null) {
      throw new ConfigError("The bridge's state is bound to no database.", "Run `kivi-otrs setup`.");
    }
    const difference =
      (await differenceOfDatabase(client, bound, instance)) ??
      (helpdesk === null ? null : await differenceOfHelpdesk(client, bound, helpdesk));
    if (difference !== null) throw new RefusedError(difference.message, difference.hint);
    if (!look && helpdesk !== null && bound.helpdeskId === null) {
      await client.query("update otrs_bridge.identity set helpdesk_id = $1 where helpdesk_id is null", [
        helpdesk.helpdeskId,
      ]);
    }
  });
}

/** How the database that we are connected to differs from the one that the state is bound to; a new name alone does not. */
export async function differenceOfDatabase(
  client: ClientBase,
  bound: BoundIdentity,
  instance: string,
): Promise<IdentityDifference | null> {
  if (bound.instance !== instance) {
    return {
      kind: "instance",
      message: `The bridge's state in this database belongs to instance "${bound.instance}", the configuration says "${instance}": records in the helpdesk carry the first name.`,
      hint: `Set instance to ${bound.instance} again. ${rebindHint}`,
    };
  }
  const here = await readHere(client);
  const otherServer =
    here.systemId !== "unknown" && bound.databaseSystemId !== "unknown" && here.systemId !== bound.databaseSystemId;
  if (!otherServer && here.oid === bound.databaseOid) return null;
  return {
    kind: "database",
    message: `The bridge's state was made in another database: bound to "${bound.databaseName}" (server ${bound.databaseSystemId}, oid ${bound.databaseOid}), found in "${here.name}" (server ${here.systemId}, oid ${here.oid}). This is a copy or a restored backup.`,
    hint: rebindHint,
  };
}

/** How the helpdesk differs from the one that the state is bound to, by its id and by the sequence that it remembers. */
export async function differenceOfHelpdesk(
  client: ClientBase,
  bound: BoundIdentity,
  helpdesk: HelpdeskIdentity,
): Promise<IdentityDifference | null> {
  if (bound.helpdeskId !== null && bound.helpdeskId !== helpdesk.helpdeskId) {
    return {
      kind: "helpdesk",
      message: `Another helpdesk answers: the bridge's state is bound to helpdesk ${bound.helpdeskId}, this one is ${helpdesk.helpdeskId}.`,
      hint: `Check helpdesk.url. ${rebindHint}`,
    };
  }
  if (helpdesk.sequence === null) return null;
  const { lastRun, lastConfirmed } = await readSequences(client);
  const lastKnown = Math.max(lastRun, bound.sequenceFloor);
  if (helpdesk.sequence > lastKnown) {
    return {
      kind: "state-restored",
      message: `The helpdesk remembers run ${helpdesk.sequence} of instance "${bound.instance}", this database knows runs up to ${lastKnown} only: it was restored from a backup or set up anew, or a copy of it is at work.`,
      hint: rebindHint,
    };
  }
  if (helpdesk.sequence < lastConfirmed) {
    return {
      kind: "helpdesk-restored",
      message: `The helpdesk remembers nothing after run ${helpdesk.sequence} of instance "${bound.instance}", but confirmed what run ${lastConfirmed} wrote: the helpdesk was restored from a backup.`,
      hint: rebindHint,
    };
  }
  return null;
}

/** The database that we are connected to. */
export async function readHere(client: ClientBase): Promise<z.infer<typeof Here>> {
  const { rows } = await client.query(`
    select d.oid::text as oid,
           d.datname as name,
           has_function_privilege('pg_catalog.pg_control_system()', 'execute') as readable
      from pg_catalog.pg_database d
     where d.datname = current_database()`);
  const { readable, ...here } = z.object({ oid: z.string(), name: z.string(), readable: z.boolean() }).parse(rows[0]);
  if (!readable) return { ...here, systemId: "unknown" };
  const { rows: control } = await client.query(
    `select system_identifier::text as "systemId" from pg_catalog.pg_control_system()`,
  );
  return { ...here, ...z.object({ systemId: z.string() }).parse(control[0]) };
}

async function readSequences(client: ClientBase): Promise<z.infer<typeof Sequences>> {
  const { rows } = await client.query(`
    select (select coalesce(max(id), 0) from otrs_bridge.runs) as "lastRun",
           -- Only what ended: a run under way may have written since the helpdesk was asked.
           (select coalesce(max(l.run_id), 0)
              from otrs_bridge.links l
              join otrs_bridge.runs r on r.id = l.run_id
             where l.status = 'linked' and l.confirmed and r.finished_at is not null) as "lastConfirmed"`);
  return Sequences.parse(rows[0]);
}
