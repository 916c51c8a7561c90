/** What stands on both sides after a run, in a form that can be compared. */
import { parse } from "yaml";
import { z } from "zod";
import type { World } from "./bridge.ts";

/** Everything in the helpdesk that somebody would miss or notice; sessions and times of logins are not. */
export function helpdeskRecords(world: World): object {
  const { sessions: _sessions, agents, ...rest } = world.helpdesk.world.snapshot();
  return { ...rest, agents: agents.map(({ lastLogin: _login, failedLogins: _failed, ...agent }) => agent) };
}

/** Place and version of every row of kivitendo's tables and the bridge's: equal only when not one row was written. */
export async function allRowVersions(world: World): Promise<readonly string[]> {
  const tables = await ask(
    world,
    `select c.oid::regclass::text as name
       from pg_catalog.pg_class c
      where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'otrs_bridge'::regnamespace)
      order by 1`,
  );
  const each = tables.map(
    ({ name }) => `select concat_ws(' ', '${String(name)}', ctid, xmin) as line from ${String(name)}`,
  );
  const rows = await ask(world, `${each.join(" union all ")} order by line`);
  return rows.map(({ line }) => String(line));
}

/** Rows of a query as superuser. */
export async function ask(world: World, sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return world.admin.query(sql, values);
}

const Form = z.record(z.string(), z.string());

export interface ReadDraft {
  readonly kivitendoId: string;
  readonly customerNumber: string;
  /** The head of the form, without its lines. */
  readonly head: Readonly<Record<string, string>>;
  /** Each line's fields by their name in the form, without the row's number. */
  readonly lines: readonly Readonly<Record<string, string>>[];
  readonly description: string;
  readonly ownerLogin: string;
}

/** The drafts in kivitendo, by customer number and in the order of their writing, with their forms read. */
export async function readDrafts(world: World): Promise<readonly ReadDraft[]> {
  const rows = await ask(
    world,
    `select d.id, c.customernumber as number, d.form, d.description, e.login
       from public.drafts d
       join otrs_bridge.drafts b on b.kivitendo_id = d.id
       join public.customer c on c.id = b.customer_id
       join public.employee e on e.id = d.employee_id
      where d.module = 'is' and d.submodule = 'invoice'
      order by c.customernumber, b.id`,
  );
  return rows.map((row) => {
    const form = Form.parse(parse(String(row["form"])));
    const lineField = /^(.+)_(\d+)$/;
    const lines: Record<string, string>[] = [];
    const head: Record<string, string> = {};
    for (const [key, value] of Object.entries(form)) {
      const match = lineField.exec(key);
      if (match?.[1] === undefined) head[key] = value;
      else (lines[Number(match[2]) - 1] ??= {})[match[1]] = value;
    }
    return {
      kivitendoId: String(row["id"]),
      customerNumber: String(row["number"]),
      head,
      lines,
      description: String(row["description"]),
      ownerLogin: String(row["login"]),
    };
  });
}

/** Hundredths of a unit that were billed, by ticket number and customer number: `{"2026…": {"K10001": 4500}}`. */
export async function billedUnits(world: World): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>> {
  const rows = await ask(
    world,
    `select l.ticket_number as ticket, c.customernumber as customer, sum(e.units)::integer as units
       from otrs_bridge.ledger e
       join otrs_bridge.lines l on l.id = e.line_id
       join public.customer c on c.id = l.customer_id
      where l.kind in ('billed', 'goodwill')
      group by 1, 2
     having sum(e.units) <> 0
      order by 1, 2`,
  );
  const billed: Record<string, Record<string, number>> = {};
  for (const row of rows) (billed[String(row["ticket"])] ??= {})[String(row["customer"])] = Number(row["units"]);
  return billed;
}

/** Open questions of billing as `reason subject`. */
export async function openQuestions(world: World): Promise<readonly string[]> {
  const rows = await ask(
    world,
    `select reason || ' ' || subject as question
       from otrs_bridge.inbox
      where closed_at is null
      order by 1`,
  );
  return rows.map((row) => String(row["question"]));
}

/** Links as the bridge remembers them, by kind and row id. */
export async function links(world: World): Promise<readonly Record<string, unknown>[]> {
  return ask(
    world,
    `select kind, row_id, helpdesk_key, customer_id, status, confirmed, valid, rejection_code
       from otrs_bridge.links
      order by kind, row_id`,
  );
}
