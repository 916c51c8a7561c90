import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCursor, readOpenTickets } from "../../src/state/collecting.ts";
import { createCustomerState } from "../../src/state/customers.ts";
import { readInbox } from "../../src/state/index.ts";
import { settle } from "../../src/state/settle.ts";
import { setupSteps } from "../../src/state/setup-sql.ts";
import { setUpBridge, setupTarget, withPool } from "../support/bridge-setup.ts";
import { linkedAs, plainSource } from "../support/customer-run.ts";
import { createKivitendoDatabase, type TestDatabase, withClient } from "../support/database.ts";
import { settlementOf } from "../support/tickets.ts";

const now = Temporal.Instant.from("2026-11-22T08:00:00Z");

/** The view of companies and its function before they had types of business. */
const earlierViews = `
  drop view otrs_bridge.companies, otrs_bridge.variables;
  drop function otrs_bridge.customer_rows, otrs_bridge.variable_rows, otrs_bridge.variable_defaults, otrs_bridge.fold;
  create function otrs_bridge.company_rows()
  returns table (
    customer_id integer, customernumber text, name text, department_1 text, department_2 text,
    street text, zipcode text, city text, country text, country_code text,
    phone text, fax text, homepage text, email text, notes text, greeting text, gln text, ustid text, language text,
    obsolete boolean, create_time timestamp, change_time timestamp
  )
  language plpgsql volatile security definer
  set search_path = pg_catalog, pg_temp
  as $$
  begin
    return query
      select k.id, k.customernumber, k.name, k.department_1, k.department_2, k.street, k.zipcode, k.city, null::text,
             null::text, k.phone, k.fax, k.homepage, k.email, k.notes, k.greeting, k.gln, k.ustid, null::text,
             coalesce(k.obsolete, false), k.itime, k.mtime
        from public.customer k;
  end
  $$;
  revoke all on function otrs_bridge.company_rows() from public;
  create view otrs_bridge.companies as
    select customer_id, customernumber, name, department_1, department_2, street, zipcode, city, country, country_code,
           phone, fax, homepage, email, notes, greeting, gln, ustid, language, obsolete, create_time, change_time
      from otrs_bridge.company_rows()`;

const earlierRows = `
  insert into otrs_bridge.runs (flow, started_at) values ('customers', '2026-11-20 08:00:00+00');
  insert into otrs_bridge.links
    (kind, row_id, helpdesk_key, status, confirmed, source_hash, rejection_code, rejection_reason, run_id)
  values ('company', 1150, 'K10001', 'linked', true, 'old', null, null, 1),
         ('company', 1151, 'K10002', 'rejected', false, 'old', 'name-taken', 'taken', 1);
  insert into otrs_bridge.cursor (changed_since, scope) values ('2026-11-20 08:00:00+00', 'closed');
  insert into otrs_bridge.tickets (ticket_id, ticket_number, title, queue, state, state_type, company_key, closed_at,
                                   total_units)
  values (11, '2026102210000011', 'Drucker', 'Raw', 'closed successful', 'closed', 'K10001', '2026-10-22 10:00:00+00', 165);
  insert into otrs_bridge.articles (article_id, created_at, ticket_id, seen_units)
  values (101, '2026-10-05 08:00:00+00', 11, 150), (102, '2026-10-06 08:00:00+00', 11, 0),
         (103, '2026-10-07 08:00:00+00', 11, 15);
  insert into otrs_bridge.drafts (target, kivitendo_id, customer_id, customer_number, period, net_amount, form_md5, run_id)
  values ('invoice-draft', 'is-1', 1150, 'K10001', '2026-10', 95, 'md5', 1);
  insert into otrs_bridge.draft_lines (draft_id, position, ticket_id, ticket_number, part_number, unit_price, quantity,
                                       worked_units, net_amount, late)
  values (1, 1, 11, '2026102210000011', 'ST-STD', 95, 1, 100, 95, false);
  insert into otrs_bridge.ledger (line_id, article_id, article_created_at, units)
  values (1, 101, '2026-10-05 08:00:00+00', 70), (1, 102, '2026-10-06 08:00:00+00', 30)`;

/** What the first version of the program left behind, with somebody's rights on it. */
async function createEarlier(database: TestDatabase, others: string): Promise<void> {
  const first = setupSteps(setupTarget(database)).filter(
    ({ done }) => /^(checked|schema|views)/.test(done) || done.includes("0001_create_state"),
  );
  await withClient(database.url, async (client) => {
    for (const { sql } of first) await client.query(`begin; ${sql}; commit`);
    await client.query(`set role "${database.ownerRole}"; ${earlierViews}; ${earlierRows}; reset role`);
    await client.query(`create role "${database.name}_reports" login password 'reports'`);
    await client.query(`grant usage on schema otrs_bridge to "${database.name}_reports"`);
    await client.query(others.replaceAll("READER", `"${database.name}_reports"`));
  });
}

describe("setup over what an earlier version set up", () => {
  let database: TestDatabase;
  let said: string[];
  beforeAll(async () => {
    database = await createKivitendoDatabase("4.1.0");
    await createEarlier(
      database,
      "grant select on otrs_bridge.companies to READER; grant execute on function otrs_bridge.company_rows() to READER",
    );
    said = await setUpBridge(database);
  });
  afterAll(() => database.drop());

  test("brings it up to date, once", async () => {
    expect(said).toContain("migration 0002_customer_depth applied.");
    expect(said).not.toContain("migration 0001_create_state applied.");
    expect(await setUpBridge(database)).toEqual(["Nothing to do: the database is set up."]);
    await withClient(database.url, async (client) => {
      const { rows } = await client.query("select to_regprocedure('otrs_bridge.company_rows()') as earlier");
      expect(rows).toEqual([{ earlier: null }]);
    });
  });

  test("keeps what was remembered, and asks for all of it again", async () => {
    await withPool(database.bridgeUrl, async (pool) => {
      const { companies } = await createCustomerState(pool).readDifferences({
        mapping: "1",
        selection: { customerNumbers: [], contacts: [] },
        source: plainSource,
        everything: false,
        now,
      });
      expect(companies[0]?.link).toEqual({ ...linkedAs("K10001"), sourceKey: null });
      expect(await readInbox(pool)).toMatchObject([
        {
          id: "company-1151",
          subject: "customer K10002",
          openedAt: Temporal.Instant.from("2026-11-20T08:00:00Z"),
          choices: ["append-number", "retry", "ignore"],
        },
      ]);
    });
  });

  test("goes on with the ledger: what was billed stays billed, and all tickets are read again", async () => {
    await withPool(database.bridgeUrl, async (pool) => {
      expect(await readCursor(pool, "closed")).toBeNull();
      expect(await readOpenTickets(pool, { billedSince: null, ticketNumbers: [], unbilledStates: [] })).toEqual([11]);
      const article = (sourceId: number, day: number, units: number, settledUnits: number): unknown => {
        const createdAt = Temporal.Instant.from(`2026-10-0${day}T08:00:00Z`);
        const row = { rowId: 0, units, bookedAt: createdAt, agentLogin: null, agentName: null, subject: null };
        return {
          key: { kind: "article", sourceId, createdAt },
          units,
          settledUnits,
          rows: units === 0 ? [] : [row],
        };
      };
      expect((await settle(pool, settlementOf([]))).due).toMatchObject([
        {
          ticketId: 11,
          customerId: 1150,
          createdAt: null,
          held: false,
          entries: [article(101, 5, 150, 70), article(102, 6, 0, 30), article(103, 7, 15, 0)],
          lines: [{ kind: "billed", draftId: 1, customerId: 1150, workedUnits: 100, discount: "0.00000" }],
        },
      ]);
    });
  });

  test("leaves others their right to read", async () => {
    const url = new URL(database.url);
    url.username = `${database.name}_reports`;
    url.password = "reports";
    await withClient(url.href, async (client) => {
      const { rows } = await client.query("select count(*)::integer as companies from otrs_bridge.companies");
      expect(rows).toEqual([{ companies: 8 }]);
      await expect(client.query("select * from otrs_bridge.variables")).rejects.toThrow(/permission denied/);
    });
  });
});

test("a view of somebody else's over the earlier function goes on working", async () => {
  const database = await createKivitendoDatabase("4.1.0");
  try {
    await createEarlier(database, "create view public.our_customers as select name from otrs_bridge.company_rows()");
    await setUpBridge(database);
    expect(await setUpBridge(database)).toEqual(["Nothing to do: the database is set up."]);
    await withClient(database.url, async (client) => {
      expect((await client.query("select * from public.our_customers")).rowCount).toBe(8);
      expect((await client.query("select business_type from otrs_bridge.companies")).rowCount).toBe(8);
    });
  } finally {
    await database.drop();
  }
});
