import type { ClientBase, Pool } from "pg";
import { z } from "zod";
import { ConfigError, type HelpdeskIdentity } from "../model/index.ts";
import {
  type BoundIdentity,
  differenceOfDatabase,
  differenceOfHelpdesk,
  type IdentityDifference,
  readHere,
  readIdentity,
} from "./identity.ts";
import { assertMigrated, readAppliedMigrations, readMigrations } from "./migrations.ts";
import { rezone, type Rezone } from "./rezone.ts";
import { inTransaction } from "./transaction.ts";

export interface RebindOptions {
  readonly instance: string;
  /** The helpdesk that answers now; null leaves the binding to a helpdesk as it is. */
  readonly helpdesk: HelpdeskIdentity | null;
  /**
   * Only for another helpdesk: `new` has tickets of its own, whose ids mean nothing here; `moved` holds the same
   * tickets and records under the same ids (a migration from Znuny to OTOBO, say).
   */
  readonly tickets: "new" | "moved";
  /** The helpdesk's own time zone was changed. */
  readonly rezone?: Rezone;
  /** Only says what would be done. */
  readonly dryRun: boolean;
  readonly say: (line: string) => void;
}

const Counts = z.object({ links: z.number().int(), tickets: z.number().int(), open: z.string() });

/**
 * Binds the state to the database, instance and helpdesk at hand, after saying what that means. Needs the rights of
 * setup. Answers whether anything was to be done.
 *
 * | what differs                | links                   | tickets and ledger                         |
 * |-----------------------------|-------------------------|--------------------------------------------|
 * | database, restored backup   | kept, all asked again   | kept                                       |
 * | restored helpdesk           | kept, all asked again   | kept                                       |
 * | another helpdesk, `moved`   | kept, all asked again   | kept                                       |
 * | another helpdesk, `new`     | dropped                 | ledger kept; tickets set aside, never due  |
 * | instance                    | dropped: marks in the helpdesk carry the other name | kept           |
 * | the helpdesk's time zone    | kept                    | kept under the moments of now; see rezone  |
 *
 * In each case all tickets are read again, and the runs go on counting above what the helpdesk remembers.
 */
export async function rebind(pool: Pool, options: RebindOptions): Promise<{ readonly changed: boolean }> {
  return inTransaction(pool, options.dryRun ? "trial" : "write", async (client) => {
    assertMigrated(await readAppliedMigrations(client), readMigrations());
    const bound = await readIdentity(client);
    if (bound === null) {
      throw new ConfigError("The bridge's state is bound to no database.", "Run `kivi-otrs setup`.");
    }
    const differences = await readDifferencesOf(client, bound, options);
    if (options.rezone !== undefined) {
      await becomeOwner(client);
      await rezoneState(client, options.rezone, options.say);
      if (differences.length === 0) return { changed: true };
    }
    if (differences.length === 0) {
      options.say("Nothing to do: the state belongs to this database and this helpdesk.");
      return { changed: false };
    }
    for (const { message } of differences) options.say(message);
    await becomeOwner(client);
    await rebindState(client, bound, new Set(differences.map(({ kind }) => kind)), options);
    return { changed: true };
  });
}

async function rezoneState(client: ClientBase, given: Rezone, say: RebindOptions["say"]): Promise<void> {
  const moved = await rezone(client, given);
  await client.query("delete from otrs_bridge.cursor");
  say(
    `${moved} entries of time get the moments that they have in ${given.now} instead of ${given.before}: what was billed stays billed. The next billing run reads all tickets again.`,
  );
}

async function readDifferencesOf(
  client: ClientBase,
  bound: BoundIdentity,
  { instance, helpdesk }: RebindOptions,
): Promise<IdentityDifference[]> {
  const found = [
    await differenceOfDatabase(client, bound, instance),
    helpdesk === null ? null : await differenceOfHelpdesk(client, bound, helpdesk),
  ];
  return found.filter((difference) => difference !== null);
}

async function rebindState(
  client: ClientBase,
  bound: BoundIdentity,
  kinds: ReadonlySet<IdentityDifference["kind"]>,
  options: RebindOptions,
): Promise<void> {
  const { instance, helpdesk, tickets, say } = options;
  const newTickets = kinds.has("helpdesk") && tickets === "new";
  const counts = await readCounts(client);
  if (newTickets || kinds.has("instance")) {
    await client.query("delete from otrs_bridge.links");
    // What was done to other records is no measure for the guard of these.
    await client.query("update otrs_bridge.guarded_changes set allowed = true where not allowed");
    say(`${counts.links} links are dropped: nothing in that helpdesk carries our mark, so the next run starts anew.`);
  } else {
    await client.query(`
      update otrs_bridge.links
         set source_hash = null, run_id = null, next_attempt_at = case when status = 'rejected' then now() end`);
    say(`${counts.links} links are kept; the next run compares every record with the helpdesk again.`);
  }
  if (newTickets) {
    await setTicketsAside(client);
    say(
      `${counts.tickets} tickets are set aside: what was billed stays in the ledger, and the ${counts.open} hundredth units that were not billed will not be.`,
    );
  }
  await client.query("delete from otrs_bridge.cursor");
  say("The next billing run reads all tickets again.");

  const here = await readHere(client);
  const floor = newTickets ? (helpdesk?.sequence ?? 0) : Math.max(bound.sequenceFloor, helpdesk?.sequence ?? 0);
  await client.query(
    `update otrs_bridge.identity
        set instance = $1, database_system_id = $2, database_oid = $3::oid, database_name = $4,
            helpdesk_id = coalesce($5, helpdesk_id), sequence_floor = $6, bound_at = now()`,
    [instance, here.systemId, here.oid, here.name, helpdesk?.helpdeskId ?? null, floor],
  );
  // The next run's id is the sequence that the helpdesk is told: it has to be above what it remembers. Restarting, unlike
  // setval, is undone by a rollback.
  await client.query(`
    do $restart$
    begin
      execute format('alter table otrs_bridge.runs alter column id restart with %s',
                     greatest((select max(id) from otrs_bridge.runs),
                              (select sequence_floor from otrs_bridge.identity)) + 1);
    end
    $restart$`);
  say(
    `The state is bound to database "${here.name}", instance "${instance}"${helpdesk === null ? "; the binding to the helpdesk stays as it is" : ` and helpdesk ${helpdesk.helpdeskId}`}.`,
  );
}

/** Moves tickets to negative ids, so that the other helpdesk's ids cannot meet them; what they owe is given up. */
async function setTicketsAside(client: ClientBase): Promise<void> {
  // Their time and lines follow.
  await client.query(`
    update otrs_bridge.tickets
       set ticket_id = least((select min(ticket_id) from otrs_bridge.tickets), 0) - ticket_id, billed_elsewhere = false
     where ticket_id > 0`);
  await client.query("update otrs_bridge.time_entries set seen_units = settled_units where open");
}

async function readCounts(client: ClientBase): Promise<z.infer<typeof Counts>> {
  const { rows } = await client.query(`
    select (select count(*)::integer from otrs_bridge.links) as links,
           (select count(*)::integer from otrs_bridge.tickets where ticket_id > 0) as tickets,
           (select coalesce(sum(seen_units - settled_units), 0)::text from otrs_bridge.time_entries where open) as open`);
  return Counts.parse(rows[0]);
}

async function becomeOwner(client: ClientBase): Promise<void> {
  await client.query(`
    select set_config('role', pg_get_userbyid(nspowner), true)
      from pg_catalog.pg_namespace
     where nspname = 'otrs_bridge'`);
}
