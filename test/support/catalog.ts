/** What a database's catalogs say, to compare before and after. */
import type { Client } from "pg";
import { readCatalog } from "../../src/state/catalog.ts";
import type { TestDatabase } from "./database.ts";

/** Row versions of everything that a set-up could touch: equal only when not a single row was written. */
export async function rowVersions(client: Client, { bridgeRole }: TestDatabase): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(
    `select concat_ws(' ', tableoid::regclass, oid, xmin) as line from pg_catalog.pg_class
     union all
     select concat_ws(' ', tableoid::regclass, oid, xmin) from pg_catalog.pg_proc
     union all
     select concat_ws(' ', tableoid::regclass, oid, xmin) from pg_catalog.pg_namespace
     union all
     select concat_ws(' ', tableoid::regclass, oid, xmin) from pg_catalog.pg_rewrite
     union all
     select concat_ws(' ', tableoid::regclass, attrelid, attnum, xmin) from pg_catalog.pg_attribute
     union all
     select concat_ws(' ', tableoid::regclass, oid, xmin) from pg_catalog.pg_authid where rolname = $1
     union all
     select concat_ws(' ', tableoid::regclass, ctid, xmin) from otrs_bridge.schema_migrations
     union all
     select concat_ws(' ', tableoid::regclass, ctid, xmin) from otrs_bridge.identity
     union all
     select concat_ws(' ', tableoid::regclass, ctid, xmin) from otrs_bridge.installation
      order by line`,
    [bridgeRole],
  );
  return rows.map(({ line }) => line);
}

/** Objects and rights of the whole database, but for PostgreSQL's own; a right that is a default counts as given. */
export async function objectsAndRights(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(`
    with own as (
      select oid from pg_catalog.pg_namespace where nspname <> 'information_schema' and nspname not like 'pg\\_%'
    )
    select concat_ws(' ', 'schema', n.nspname, x.*)
      from pg_catalog.pg_namespace n
     cross join lateral aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) x
     where n.oid in (select oid from own)
    union all
    select concat_ws(' ', 'relation', c.relname, c.relkind, c.relowner, x.*,
           case when c.relkind = 'v' then pg_get_viewdef(c.oid) end)
      from pg_catalog.pg_class c
     cross join lateral aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) x
     where c.relnamespace in (select oid from own)
    union all
    select concat_ws(' ', 'column', c.relname, a.attname, x.*)
      from pg_catalog.pg_attribute a
      join pg_catalog.pg_class c on c.oid = a.attrelid
     cross join lateral aclexplode(a.attacl) x
     where c.relnamespace in (select oid from own)
    union all
    select concat_ws(' ', 'function', p.oid::regprocedure, x.*)
      from pg_catalog.pg_proc p
     cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
     where p.pronamespace in (select oid from own)
    union all
    select concat_ws(' ', 'database', x.*)
      from pg_catalog.pg_database d
     cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x
     where d.datname = current_database()
     order by 1`);
  return rows.map((row) => Object.values(row).join());
}

/** What setup made, with the names that differ from one test database to the next replaced, and without times. */
export async function setupCatalog(client: Client, database: TestDatabase): Promise<string[]> {
  const lines = await readCatalog(client, database.bridgeRole);
  return lines
    .map((line) =>
      line
        .replaceAll(database.bridgeRole, "BRIDGE")
        .replaceAll(database.ownerRole, "OWNER")
        .replaceAll(database.name, "DATABASE")
        .replace(/"databaseOid":"\d+"/, "OID")
        .replace(/"\d{4}-\d{2}-\d{2} [^"]+"/, "TIME"),
    )
    .sort();
}
