import type { ClientBase } from "pg";
import { z } from "zod";
import { readIdentity } from "./identity.ts";
import { readAppliedMigrations } from "./migrations.ts";

const Line = z.object({ line: z.string() });

/**
 * Everything that setup makes, as the database's catalogs tell it now: one line for each object, right and row. Equal
 * answers mean that a step changed nothing.
 */
export async function readCatalog(client: ClientBase, bridgeRole: string): Promise<readonly string[]> {
  // With a name it is planned once for all steps of a setup.
  const { rows } = await client.query({ name: "catalog", text: catalogQuery, values: [bridgeRole] });
  const lines = z
    .array(Line)
    .parse(rows)
    .map(({ line }) => line);
  if ((await readAppliedMigrations(client)) === null) return lines;
  const { rows: own } = await client.query(`
    select 'migration ' || m::text as line from otrs_bridge.schema_migrations m
    union all
    select 'installation ' || i::text from otrs_bridge.installation i
    order by line`);
  const identity = await readIdentity(client);
  const ownLines = z
    .array(Line)
    .parse(own)
    .map(({ line }) => line);
  return [...lines, ...ownLines, ...(identity === null ? [] : [`identity ${JSON.stringify(identity)}`])];
}

const catalogQuery = `
  with bridge as (
    select * from pg_catalog.pg_roles where rolname = $1
  ),
  relations as (
    select c.*
      from pg_catalog.pg_class c
     where c.relnamespace = to_regnamespace('otrs_bridge')
        or c.oid = to_regclass('public.otrs_customer_contacts')
  ),
  functions as (
    select p.* from pg_catalog.pg_proc p where p.pronamespace = to_regnamespace('otrs_bridge')
  ),
  rights (catalog, id, part, namespace, acl) as (
    select 'pg_catalog.pg_database'::regclass, oid, 0, 0, datacl
      from pg_catalog.pg_database
     where datname = current_database()
    union all
    select 'pg_catalog.pg_namespace'::regclass, oid, 0, oid, nspacl
      from pg_catalog.pg_namespace
     where nspname in ('public', 'otrs_bridge')
    union all
    select 'pg_catalog.pg_class'::regclass, oid, 0, relnamespace, relacl
      from pg_catalog.pg_class
     where relacl is not null
    union all
    select 'pg_catalog.pg_class'::regclass, a.attrelid, a.attnum, c.relnamespace, a.attacl
      from pg_catalog.pg_attribute a
      join pg_catalog.pg_class c on c.oid = a.attrelid
     where a.attacl is not null
    union all
    select 'pg_catalog.pg_proc'::regclass, oid, 0, pronamespace, coalesce(proacl, acldefault('f', proowner))
      from functions
  )
  select 'role ' || rolname || ' ' || concat_ws(' ', rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls,
         shobj_description(oid, 'pg_authid')) as line
    from bridge
  union all
  select 'schema otrs_bridge of ' || pg_get_userbyid(nspowner)
    from pg_catalog.pg_namespace
   where nspname = 'otrs_bridge'
  union all
  select concat_ws(' ', 'relation', relname, relkind, pg_get_userbyid(relowner),
         case when relkind = 'v' then pg_get_viewdef(oid) when relkind = 'i' then pg_get_indexdef(oid) end)
    from relations
  union all
  -- Counted anew: the numbers of columns that were dropped are not given again.
  select concat_ws(' ', 'column', c.relname, row_number() over (partition by c.oid order by a.attnum), a.attname,
         format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
         pg_get_expr(d.adbin, d.adrelid))
    from relations c
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where c.relkind in ('r', 'v')
  union all
  -- Since PostgreSQL 18 a column's NOT NULL is a constraint of type n; the column says it already.
  select concat_ws(' ', 'constraint', c.relname, k.conname, pg_get_constraintdef(k.oid))
    from relations c
    join pg_catalog.pg_constraint k on k.conrelid = c.oid and k.contype <> 'n'
  union all
  select 'trigger ' || pg_get_triggerdef(t.oid)
    from relations c
    join pg_catalog.pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal
  union all
  select concat_ws(' ', 'trigger', t.tgenabled, pg_get_triggerdef(t.oid))
    from functions f
    join pg_catalog.pg_trigger t on t.tgfoid = f.oid
   where t.tgrelid not in (select oid from relations)
  union all
  select 'function of ' || pg_get_userbyid(proowner) || ' ' || pg_get_functiondef(oid)
    from functions
  union all
  select concat_ws(' ', 'right', pg_describe_object(r.catalog, r.id, r.part), x.privilege_type,
         coalesce(g.rolname, 'public'), 'by', pg_get_userbyid(x.grantor), x.is_grantable)
    from rights r
   cross join lateral aclexplode(r.acl) x
    left join pg_catalog.pg_roles g on g.oid = x.grantee
   where x.grantee = (select oid from bridge)
      or r.namespace = to_regnamespace('otrs_bridge')
      or r.id = to_regclass('public.otrs_customer_contacts')
   order by line`;
