import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { urlOf } from "../../src/demo/kivitendo/index.ts";
import { RefusedError } from "../../src/model/index.ts";
import { checkIdentity, rebind, type RebindOptions } from "../../src/state/index.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { setUpBridge, withPool } from "../support/bridge-setup.ts";
import { createKivitendoDatabase, type TestDatabase, withClient } from "../support/database.ts";

const helpdesk = { helpdeskId: "5f0c11112222333344445555aaaabbbb", sequence: 0 };
const otherHelpdesk = { helpdeskId: "ffff11112222333344445555aaaabbbb", sequence: 0 };

let database: TestDatabase;
let bridge: BridgeDatabase;
beforeEach(async () => {
  bridge = await createBridgeDatabase();
  database = bridge.database;
});
afterEach(() => bridge.drop());

/** As the flows do it before each run, as the bridge's own role. */
async function check(known: typeof helpdesk | null, instance = "main"): Promise<void> {
  await withPool(database.bridgeUrl, (pool) => checkIdentity(pool, { instance, helpdesk: known }));
}

async function refusal(known: typeof helpdesk | null, instance = "main"): Promise<RefusedError> {
  const error: unknown = await check(known, instance).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RefusedError);
  expect((error as RefusedError).hint).toContain("kivi-otrs setup --rebind");
  return error as RefusedError;
}

async function rebound(options: Partial<RebindOptions> = {}): Promise<string[]> {
  const said: string[] = [];
  await withPool(database.ownerUrl, (pool) =>
    rebind(pool, {
      instance: "main",
      helpdesk,
      tickets: "new",
      dryRun: false,
      say: (line) => said.push(line),
      ...options,
    }),
  );
  return said;
}

async function query(sql: string): Promise<unknown[]> {
  return withClient(database.url, async (client) => (await client.query<Record<string, unknown>>(sql)).rows);
}

/** Three runs, two links of the last one, a cursor, and a ticket of which 60 of 90 hundredths are billed. */
async function useState(): Promise<void> {
  await query(`
    insert into otrs_bridge.runs (flow, started_at, finished_at, status)
    select 'customers', now(), now(), 'done' from generate_series(1, 3);
    insert into otrs_bridge.links (kind, row_id, helpdesk_key, status, confirmed, source_hash, run_id) values
      ('company', 1150, 'K10001', 'linked', true, 'hash', 3),
      ('company', 1151, 'K10002', 'rejected', false, 'hash', 3);
    insert into otrs_bridge.cursor (changed_since, scope) values (now(), 'x');
    insert into otrs_bridge.tickets (ticket_id, ticket_number, title, queue, state, state_type) values
      (7, '2026112210000017', 'Drucker', 'Support', 'closed successful', 'closed');
    insert into otrs_bridge.time_entries (kind, source_id, created_at, ticket_id, seen_units) values
      ('article', 70, '2026-11-01', 7, 90);
    insert into otrs_bridge.drafts (target, kivitendo_id, customer_id, customer_number, period, net_amount, form_md5,
                                    run_id)
    values ('invoice-draft', 'x', 1150, 'K10001', '2026-10', 95, '', 3);
    insert into otrs_bridge.lines (kind, draft_id, position, ticket_id, ticket_number, part_number, unit_price,
                                   quantity, worked_units, net_amount, late)
    values ('billed', 1, 1, 7, '2026112210000017', 'ST-STD', 95, 1, 60, 95, false);
    insert into otrs_bridge.ledger (line_id, kind, source_id, created_at, units)
    values (1, 'article', 70, '2026-11-01', 60)`);
}

const linkRows = "select row_id, status, confirmed, source_hash, run_id from otrs_bridge.links order by row_id";

describe("the helpdesk", () => {
  test("is bound by the first writing run; the same one goes on, another one is refused until rebind", async () => {
    await check(null);
    await check(helpdesk);
    await check(helpdesk);
    const { message } = await refusal(otherHelpdesk);
    expect(message).toContain(helpdesk.helpdeskId);
    expect(message).toContain(otherHelpdesk.helpdeskId);
    await check(null);
    await rebound({ helpdesk: otherHelpdesk });
    await check(otherHelpdesk);
    await refusal(helpdesk);
  });

  test("is not bound by a plan, which only looks", async () => {
    const look = (known: typeof helpdesk): Promise<void> =>
      withPool(database.bridgeUrl, (pool) => checkIdentity(pool, { instance: "main", helpdesk: known, look: true }));
    await look(otherHelpdesk);
    expect(await query("select helpdesk_id from otrs_bridge.identity")).toEqual([{ helpdesk_id: null }]);
    await check(helpdesk);
    await look(helpdesk);
    await expect(look(otherHelpdesk)).rejects.toBeInstanceOf(RefusedError);
  });

  test("that knows later runs than the database: the database was restored", async () => {
    await check(helpdesk);
    await useState();
    await check({ ...helpdesk, sequence: 3 });
    const { message } = await refusal({ ...helpdesk, sequence: 9 });
    expect(message).toMatch(/run 9 .* up to 3 only/);

    await rebound({ helpdesk: { ...helpdesk, sequence: 9 } });
    await check({ ...helpdesk, sequence: 9 });
    expect(
      await query("insert into otrs_bridge.runs (flow, started_at) values ('customers', now()) returning id"),
    ).toEqual([{ id: 10 }]);
    expect(await query(linkRows)).toEqual([
      { row_id: 1150, status: "linked", confirmed: true, source_hash: null, run_id: null },
      { row_id: 1151, status: "rejected", confirmed: false, source_hash: null, run_id: null },
    ]);
  });

  test("that knows more than a state set up anew is refused at first contact", async () => {
    expect((await refusal({ ...helpdesk, sequence: 1 })).message).toContain("set up anew");
    expect(await query("select helpdesk_id from otrs_bridge.identity")).toEqual([{ helpdesk_id: null }]);
  });

  test("that forgot what it confirmed was restored", async () => {
    await check(helpdesk);
    await useState();
    const { message } = await refusal({ ...helpdesk, sequence: 2 });
    expect(message).toMatch(/nothing after run 2 .* run 3 wrote/);
    await rebound({ helpdesk: { ...helpdesk, sequence: 2 } });
    await check({ ...helpdesk, sequence: 2 });
    expect(await query("select from otrs_bridge.cursor")).toEqual([]);
    expect(await query("select ticket_id, settled_units from otrs_bridge.time_entries")).toEqual([
      { ticket_id: "7", settled_units: "60" },
    ]);
  });

  test("that has not heard of the run under way is no restored one", async () => {
    await check(helpdesk);
    await useState();
    await query("update otrs_bridge.runs set finished_at = null, status = null where id = 3");
    await check({ ...helpdesk, sequence: 2 });
  });

  test("with another instance's name in the configuration is refused; rebind drops the links", async () => {
    await check(helpdesk);
    await useState();
    expect((await refusal(helpdesk, "zweite")).message).toContain('instance "main"');
    await rebound({ instance: "zweite" });
    await check(helpdesk, "zweite");
    expect(await query(linkRows)).toEqual([]);
    expect(await query("select units from otrs_bridge.ledger")).toEqual([{ units: "60" }]);
  });
});

describe("rebind to another helpdesk", () => {
  beforeEach(async () => {
    await check(helpdesk);
    await useState();
  });

  test("with tickets of its own: links go, the ledger stays, and old tickets get out of the way, twice over", async () => {
    await query(`
      insert into otrs_bridge.guarded_changes (kind, row_id, change, allowed, at)
      values ('user', 1200, 'deactivation', false, now())`);
    const said = await rebound({ helpdesk: otherHelpdesk });
    expect(
      await query("select count(*)::integer as counted from otrs_bridge.guarded_changes where not allowed"),
    ).toEqual([{ counted: 0 }]);
    expect(said.join("\n")).toMatch(/2 links are dropped/);
    expect(said.join("\n")).toMatch(/1 tickets are set aside.*30 hundredth units/);
    expect(await query(linkRows)).toEqual([]);
    const aside = "select ticket_id, seen_units, settled_units from otrs_bridge.time_entries order by source_id";
    expect(await query(aside)).toEqual([{ ticket_id: "-7", seen_units: "60", settled_units: "60" }]);
    expect(await query("select ticket_id from otrs_bridge.lines")).toEqual([{ ticket_id: "-7" }]);

    await query(`
      insert into otrs_bridge.tickets (ticket_id, ticket_number, title, queue, state, state_type)
      values (7, '1', 'Anderer', 'Raw', 'open', 'open')`);
    await rebound({ helpdesk });
    expect(await query("select ticket_id, title from otrs_bridge.tickets order by ticket_id")).toEqual([
      { ticket_id: "-14", title: "Anderer" },
      { ticket_id: "-7", title: "Drucker" },
    ]);
  });

  test("that holds the same tickets: everything stays and is compared again", async () => {
    await rebound({ helpdesk: otherHelpdesk, tickets: "moved" });
    expect(await query(linkRows)).toHaveLength(2);
    expect(await query("select ticket_id, seen_units from otrs_bridge.time_entries")).toEqual([
      { ticket_id: "7", seen_units: "90" },
    ]);
    await check(otherHelpdesk);
  });

  test("says the same in a dry run and changes nothing", async () => {
    const said = await rebound({ helpdesk: otherHelpdesk, dryRun: true });
    expect(await query(linkRows)).toHaveLength(2);
    await check({ ...helpdesk, sequence: 3 });
    expect(await rebound({ helpdesk: otherHelpdesk })).toEqual(said);
  });

  test("without a difference does nothing", async () => {
    expect(await rebound({ helpdesk: { ...helpdesk, sequence: 3 } })).toEqual([
      "Nothing to do: the state belongs to this database and this helpdesk.",
    ]);
  });
});

describe("the database", () => {
  test("may be renamed in place", async () => {
    await check(helpdesk);
    const renamed = `${database.name}_renamed`;
    await withClient(urlOf(database.url, { database: "postgres" }), async (admin) => {
      await admin.query(`alter database ${database.name} rename to ${renamed}`);
      try {
        await withPool(urlOf(database.bridgeUrl, { database: renamed }), (pool) =>
          checkIdentity(pool, { instance: "main", helpdesk }),
        );
      } finally {
        await admin.query(`alter database ${renamed} rename to ${database.name}`);
      }
    });
  });

  test("is refused as a copy, by the flows and by setup, until rebind", async () => {
    await check(helpdesk);
    await useState();
    const copy = `${database.name}_copy`;
    const at = (url: string): string => urlOf(url, { database: copy });
    const original = database;
    await withClient(urlOf(database.url, { database: "postgres" }), async (admin) => {
      await admin.query(`create database ${copy} template ${database.name} owner ${database.ownerRole}`);
      try {
        database = {
          ...original,
          url: at(original.url),
          ownerUrl: at(original.ownerUrl),
          bridgeUrl: at(original.bridgeUrl),
        };
        expect((await refusal({ ...helpdesk, sequence: 3 })).message).toMatch(/bound to ".*_\w+".*found in ".*_copy"/);
        await expect(setUpBridge(database)).rejects.toBeInstanceOf(RefusedError);
        expect(await setUpBridge(database, { willRebind: true })).toEqual(["Nothing to do: the database is set up."]);
        await rebound({ helpdesk: null });
        await check({ ...helpdesk, sequence: 3 });
        expect(await query("select helpdesk_id, database_name from otrs_bridge.identity")).toEqual([
          { helpdesk_id: helpdesk.helpdeskId, database_name: copy },
        ]);
      } finally {
        database = original;
        await admin.query(`drop database ${copy} with (force)`);
      }
    });
  });
});

test("a database that is not set up, or not for this version, is no fault of the program", async () => {
  const bare = await createKivitendoDatabase("4.1.0");
  try {
    await withPool(bare.ownerUrl, async (pool) => {
      await expect(checkIdentity(pool, { instance: "main", helpdesk })).rejects.toMatchObject({
        name: "ConfigError",
        hint: "Run `kivi-otrs setup`.",
      });
    });
    await query("delete from otrs_bridge.schema_migrations");
    await expect(check(helpdesk)).rejects.toMatchObject({ name: "ConfigError", hint: "Run `kivi-otrs setup`." });
  } finally {
    await bare.drop();
  }
});
