import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setUpBridge } from "../support/bridge-setup.ts";
import { createKivitendoDatabase, type TestDatabase, withClient } from "../support/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createKivitendoDatabase("4.1.0");
  await setUpBridge(database);
});
afterAll(() => database.drop());

/** Runs one statement as the bridge's role, in a transaction that is rolled back; answers the error's code. */
async function tryAsBridge(statement: string): Promise<string> {
  return withClient(database.bridgeUrl, async (client) => {
    await client.query("begin");
    try {
      await client.query(statement);
      return "allowed";
    } catch (error) {
      return String((error as { code?: unknown }).code);
    }
  });
}

const permissionDenied = "42501";

const forbidden = [
  ...[
    "ar",
    "invoice",
    "acc_trans",
    "customer",
    "contacts",
    "oe",
    "orderitems",
    "defaults",
    "customer_contacts",
  ].flatMap((table) => [
    `insert into public.${table} default values`,
    `delete from public.${table}`,
    `truncate public.${table}`,
  ]),
  "update public.ar set notes = ''",
  "update public.invoice set description = ''",
  "update public.acc_trans set amount = 0",
  "update public.customer set notes = ''",
  "update public.contacts set cp_email = ''",
  "update public.oe set notes = ''",
  "update public.defaults set invnumber = ''",
  "update public.parts set sellprice = 0",
  "update public.drafts set form = ''",
  "delete from public.drafts",
  "truncate public.drafts",
  // reading what the bridge has no business with
  "select * from public.ar",
  "select * from public.acc_trans",
  "select * from public.invoice",
  "select * from public.oe",
  "select * from public.contacts",
  "select cp_email from public.contacts",
  "select * from public.customer_contacts",
  "select * from public.countries",
  "select * from public.customer",
  "select iban from public.customer",
  "select user_password from public.customer",
  "select lastcost from public.parts",
  "select amount from public.ar",
  "select sellprice from public.invoice",
  "select notes from public.oe",
  "select sonumber from public.defaults",
  "select nextval('public.id')",
  "select name from public.employee",
  "select company from public.defaults",
  "select * from public.custom_variables",
  "select * from public.custom_variable_configs",
  "select * from public.business",
  "select * from public.schema_info",
  "select * from public.history_erp",
  "select rolpassword from pg_catalog.pg_authid",
  // changing structure
  "create table public.x ()",
  "create view public.x as select 1",
  "create function public.x() returns int language sql as 'select 1'",
  "create table otrs_bridge.x ()",
  "create function otrs_bridge.x() returns int language sql as 'select 1'",
  "alter table public.customer add column x int",
  "alter table otrs_bridge.links add column x int",
  "drop view public.otrs_customer_contacts",
  "drop table otrs_bridge.ledger",
  "drop schema otrs_bridge cascade",
  "create schema x",
  "create role x",
  "alter table otrs_bridge.ledger disable trigger all",
  "create or replace function otrs_bridge.contact_rows() returns int language sql as 'select 1'",
  // its own memory: what was billed stays
  "delete from otrs_bridge.ledger",
  "update otrs_bridge.ledger set units = 1",
  ...["draft_id", "ticket_id", "worked_units", "reverses", "customer_id", "decided_by"].map(
    (column) => `update otrs_bridge.lines set ${column} = null`,
  ),
  ...["target", "customer_id", "period", "head", "created_at"].map(
    (column) => `update otrs_bridge.drafts set ${column} = null`,
  ),
  "update otrs_bridge.line_edits set edited_by = ''",
  "update otrs_bridge.acknowledged set decided_by = ''",
  "update otrs_bridge.billing_decisions set decided_by = ''",
  ...["lines", "drafts", "line_edits", "acknowledged", "billing_decisions", "tickets", "inbox"].map(
    (table) => `delete from otrs_bridge.${table}`,
  ),
  "delete from otrs_bridge.time_entries",
  "delete from otrs_bridge.links",
  "truncate otrs_bridge.links",
  "update otrs_bridge.guarded_changes set allowed = true",
  "delete from otrs_bridge.guarded_changes",
  "update otrs_bridge.decisions set decided_by = ''",
  "delete from otrs_bridge.decisions",
  "delete from otrs_bridge.source_rows",
  "update otrs_bridge.billing_unit set minutes_per_unit = 1",
  "delete from otrs_bridge.billing_unit",
  "insert into otrs_bridge.schema_migrations values (2, 'x', 'x')",
  "update otrs_bridge.schema_migrations set checksum = ''",
  "update otrs_bridge.identity set database_oid = 1",
  "update otrs_bridge.identity set instance = 'other'",
  "update otrs_bridge.installation set bridge_role = ''",
  "select * from otrs_bridge.installation",
];

test.each(forbidden)("the bridge's role may not: %s", async (statement) => {
  expect(await tryAsBridge(statement)).toBe(permissionDenied);
});

const allowed = [
  "select * from public.otrs_customer_contacts",
  "select * from otrs_bridge.companies",
  "select * from otrs_bridge.variables",
  "select * from otrs_bridge.variable_defaults()",
  "select * from otrs_bridge.business_types()",
  "select otrs_bridge.fold('Ä')",
  "select id, customernumber, name, obsolete, taxzone_id, currency_id, payment_id from public.customer",
  "select id, partnumber, unit, sellprice from public.parts",
  "select name, base_unit, factor from public.units",
  "select ar_chart_id, currency_id from public.defaults",
  "select sellprice, discount, qty from public.orderitems",
  "select price from public.part_customer_prices",
  "select id, invnumber, storno from public.ar",
  "select id, login, deleted from public.employee",
  "insert into public.drafts (id, module, submodule, employee_id, form) values ('x', 'is', 'invoice', 1119, '')",
  "insert into otrs_bridge.runs (flow, started_at) values ('customers', now())",
  "update otrs_bridge.identity set helpdesk_id = 'x'",
  "select otrs_bridge.discard_draft('is-invoice-1', '')",
  "update otrs_bridge.lines set quantity = 1 where false",
  "update otrs_bridge.drafts set status = 'posted', invoice_id = 1 where false",
  "insert into otrs_bridge.inbox (flow, reason, subject, text, hint, opened_at) values ('billing', '', '', '', '', now())",
];

test.each(allowed)("the bridge's role may: %s", async (statement) => {
  expect(await tryAsBridge(statement)).toBe("allowed");
});

describe("what is granted", () => {
  test("is on the listed tables only, and nothing there beyond reading but for drafts and the bridge's own", async () => {
    await withClient(database.url, async (client) => {
      const { rows } = await client.query<{ line: string }>(
        `select distinct c.oid::regclass || ' ' || lower(x.privilege_type) as line
           from pg_catalog.pg_class c
           left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attacl is not null
          cross join lateral aclexplode(array_cat(c.relacl, a.attacl)) x
           join pg_catalog.pg_roles r on r.oid = x.grantee
          where r.rolname = $1
            and c.relnamespace = 'public'::regnamespace
          order by line`,
        [database.bridgeRole],
      );
      expect(rows.map(({ line }) => line)).toEqual([
        "ar select",
        "currencies select",
        "customer select",
        "defaults select",
        "drafts insert",
        "drafts select",
        "employee select",
        "invoice select",
        "language select",
        "oe select",
        "orderitems select",
        "otrs_customer_contacts select",
        "part_customer_prices select",
        "parts select",
        "periodic_invoices select",
        "periodic_invoices_configs select",
        "record_links select",
        "tax_zones select",
        "units select",
      ]);
    });
  });

  test("lets nobody else call the functions", async () => {
    await withClient(database.url, async (client) => {
      const { rows } = await client.query<{ line: string }>(`
        select p.proname || ' ' || coalesce(r.rolname, 'public') as line
          from pg_catalog.pg_proc p
         cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
          left join pg_catalog.pg_roles r on r.oid = x.grantee
         where p.pronamespace = 'otrs_bridge'::regnamespace
           and p.prosecdef
         order by line`);
      const lines = [
        "business_types",
        "contact_rows",
        "customer_rows",
        "discard_draft",
        "variable_defaults",
        "variable_rows",
      ].flatMap((name) => [database.bridgeRole, database.ownerRole].map((role) => `${name} ${role}`));
      expect(rows.map(({ line }) => line).sort()).toEqual(lines.sort());
    });
  });

  test("belongs to the owner of kivitendo's tables, whose functions fix their search path", async () => {
    await withClient(database.url, async (client) => {
      const { rows } = await client.query<{ owner: string; settings: string[] }>(`
        select pg_get_userbyid(proowner) as owner, proconfig as settings
          from pg_catalog.pg_proc
         where pronamespace = 'otrs_bridge'::regnamespace
         order by proname`);
      expect(rows.length).toBeGreaterThan(3);
      for (const { owner, settings } of rows) {
        expect(owner).toBe(database.ownerRole);
        expect(settings).toEqual(["search_path=pg_catalog, pg_temp"]);
      }
    });
  });

  test("a trap laid in the caller's temporary schema does not catch the functions", async () => {
    await withClient(database.bridgeUrl, async (client) => {
      await client.query("create temporary table contacts (cp_id int)");
      await client.query("create function pg_temp.btrim(text, text) returns text language sql as $$ select '' $$");
      await client.query("set search_path = pg_temp, public");
      const { rows } = await client.query("select count(*)::integer as rows from public.otrs_customer_contacts");
      expect(rows).toEqual([{ rows: 14 }]);
    });
  });
});
