import type { Pool, PoolClient } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { readOpenTickets } from "../../src/state/collecting.ts";
import { settle } from "../../src/state/settle.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { settlementOf, ticket } from "../support/tickets.ts";

/** Tickets that were billed, each with an article and a line. */
const billed = 50_000;

let bridge: BridgeDatabase;
beforeAll(async () => {
  bridge = await createBridgeDatabase();
  await bridge.admin(`
    set session_replication_role = replica;
    insert into otrs_bridge.links (kind, row_id, helpdesk_key, status, confirmed)
    values ('company', 1150, 'K10001', 'linked', true);
    insert into otrs_bridge.runs (flow, started_at) values ('billing', '2026-09-01');
    insert into otrs_bridge.tickets (ticket_id, ticket_number, title, queue, state, state_type, company_key, created_at,
                                     closed_at)
    select n, '2026' || n, 'Ticket ' || n, 'Support', 'closed successful', 'closed', 'K10001', '2026-08-01', '2026-08-02'
      from generate_series(1000, 999 + ${billed}) n;
    insert into otrs_bridge.time_entries (kind, source_id, created_at, ticket_id, seen_units, settled_units)
    select 'article', n, '2026-08-01', n, 50, 50
      from generate_series(1000, 999 + ${billed}) n;
    insert into otrs_bridge.drafts (target, kivitendo_id, customer_id, customer_number, period, net_amount, form_md5,
                                    run_id, status)
    select 'invoice-draft', 'd' || n, 1150, 'K10001', '2026-08', 95, '', 1, 'posted'
      from generate_series(1, ${billed / 100}) n;
    insert into otrs_bridge.lines (kind, draft_id, position, ticket_id, ticket_number, customer_id, part_number, unit_price,
                                   quantity, worked_units, net_amount, late, made_at)
    select 'billed', 1 + (n - 1000) / 100, 1 + n % 100, n, '2026' || n, 1150, 'ST-STD', 95, 0.5, 50, 47.5, false,
           '2026-09-01'
      from generate_series(1000, 999 + ${billed}) n;
    insert into otrs_bridge.ledger (line_id, kind, source_id, created_at, units)
    select l.id, 'article', l.ticket_id, '2026-08-01', 50
      from otrs_bridge.lines l;
    analyze`);
});
afterAll(() => bridge.drop());

interface Asked {
  readonly text: string;
  readonly values: unknown[];
}

const Node = z.object({
  "Node Type": z.string(),
  "Actual Rows": z.number(),
  "Actual Loops": z.number(),
  "Rows Removed by Filter": z.number().optional(),
  "Rows Removed by Index Recheck": z.number().optional(),
  "Relation Name": z.string().optional(),
  get Plans() {
    return z.array(Node).optional();
  },
});
const Explained = z.array(z.object({ "QUERY PLAN": z.array(z.object({ Plan: Node })) }));

/** The pool, and what is asked through it. */
function listening(pool: Pool): { readonly pool: Pool; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const connect = async (): Promise<PoolClient> => {
    const client = await pool.connect();
    return new Proxy(client, {
      get(target, name) {
        if (name !== "query") return bound(target, name);
        return (text: string, values: unknown[] = []) => {
          if (/^\s*(with|select|insert|update|delete)/.test(text)) asked.push({ text, values });
          return target.query(text, values);
        };
      },
    });
  };
  return {
    asked,
    pool: new Proxy(pool, { get: (target, name) => (name === "connect" ? connect : bound(target, name)) }),
  };
}

function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === "function" ? value.bind(target) : value;
}

/** Rows of our tables that the statements looked at, by table. */
async function touched(asked: readonly Asked[]): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  const count = (node: z.infer<typeof Node>): void => {
    const table = node["Relation Name"];
    if (table !== undefined && node["Node Type"].includes("Scan")) {
      const rows =
        node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0) + (node["Rows Removed by Index Recheck"] ?? 0);
      sums[table] = (sums[table] ?? 0) + Math.round(rows * node["Actual Loops"]);
    }
    for (const plan of node.Plans ?? []) count(plan);
  };
  for (const { text, values } of asked) {
    const rows = await bridge.admin(`explain (analyze, format json) ${text}`, values);
    for (const { "QUERY PLAN": plans } of Explained.parse(rows)) for (const { Plan } of plans) count(Plan);
  }
  return sums;
}

test(`with ${billed} billed tickets, a run with nothing new looks at none of them`, async () => {
  const { pool, asked } = listening(bridge.pool);
  const nothingNew = settlementOf([]);
  expect(await settle(pool, nothingNew)).toEqual({ due: [], setAside: [] });
  expect(
    await readOpenTickets(pool, {
      billedSince: Temporal.Instant.from("2026-09-02T12:00:00Z"),
      ticketNumbers: [],
      unbilledStates: [],
    }),
  ).toEqual([]);
  expect(asked.length).toBeGreaterThan(3);
  const rows = await touched(asked);
  expect(Object.values(rows).reduce((sum, count) => sum + count, 0)).toBeLessThan(20);
});

test("and one with three tickets to bill looks at theirs", async () => {
  const { pool, asked } = listening(bridge.pool);
  const read = [1, 2, 3].map((id) => ticket(id, { [id]: 50 }));
  const { due } = await settle(pool, settlementOf(read));
  expect(due.length).toBe(3);
  const rows = await touched(asked);
  expect(Object.values(rows).reduce((sum, count) => sum + count, 0)).toBeLessThan(150);
});
