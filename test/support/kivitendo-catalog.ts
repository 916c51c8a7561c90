/** Compares a database with a release's catalog in `test/fixtures/kivitendo-schema/`. */
import type { Client } from "pg";
import { isDangling, type KivitendoCatalog } from "../../scripts/build-kivitendo-schema.ts";

/** What a database consists of: a name such as `contacts.cp_email` or `contacts: key contacts_pkey`, and its definition. */
export type Shape = ReadonlyMap<string, string>;

/** The shape that a catalog asks for, without the foreign keys that its excerpt cannot hold. */
export function catalogShape(catalog: KivitendoCatalog): Shape {
  const shape = new Map<string, string>();
  for (const [table, { columns, constraints, unique_indexes: indexes, triggers }] of Object.entries(catalog.tables)) {
    for (const column of columns) {
      shape.set(`${table}.${column.name}`, columnText(column.type, column.nullable, column.default));
    }
    for (const constraint of constraints) {
      if (isDangling(catalog, table, constraint)) continue;
      shape.set(`${table}: key ${constraint.name}`, constraint.definition);
    }
    for (const { name, definition } of indexes) shape.set(`${table}: index ${name}`, definition);
    for (const { name, definition } of triggers) shape.set(`${table}: trigger ${name}`, definition);
  }
  for (const name of catalog.sequences) shape.set(`sequence ${name}`, "");
  for (const [name, values] of Object.entries(catalog.enums)) shape.set(`enum ${name}`, values.join(", "));
  return shape;
}

/** The shape of schema `public` as PostgreSQL's own catalogs describe it. */
export async function databaseShape(client: Client): Promise<Shape> {
  const { rows } = await client.query<{ name: string; definition: string }>(shapeQuery);
  return new Map(rows.map(({ name, definition }) => [name, definition]));
}

/** One line for everything that is missing, too much or different; empty when the shapes are equal. */
export function shapeDifferences(wanted: Shape, found: Shape): string[] {
  const names = [...new Set([...wanted.keys(), ...found.keys()])].sort();
  return names.flatMap((name) => {
    const [want, have] = [wanted.get(name), found.get(name)];
    if (want === have) return [];
    if (have === undefined) return [`${name} is missing: ${want}`];
    if (want === undefined) return [`${name} is too much: ${have}`];
    return [`${name} is ${have}, not ${want}`];
  });
}

function columnText(type: string, nullable: boolean, defaultText: string | null): string {
  return `${type}${nullable ? "" : " not null"}${defaultText === null ? "" : ` default ${defaultText}`}`;
}

const shapeQuery = `
  with tables as (
    select c.oid, c.relname
      from pg_catalog.pg_class c
     where c.relnamespace = 'public'::regnamespace
       and c.relkind = 'r')
  select t.relname || '.' || a.attname as name,
         format_type(a.atttypid, a.atttypmod)
           || case when a.attnotnull then ' not null' else '' end
           || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as definition
    from tables t
    join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  union all
  -- Since PostgreSQL 18 a column's NOT NULL is a constraint of type n; the column's text says it already.
  select t.relname || ': key ' || k.conname, pg_get_constraintdef(k.oid)
    from tables t
    join pg_catalog.pg_constraint k on k.conrelid = t.oid and k.contype in ('p', 'u', 'f', 'c')
  union all
  select t.relname || ': index ' || i.relname, pg_get_indexdef(i.oid)
    from tables t
    join pg_catalog.pg_index x on x.indrelid = t.oid and x.indisunique
    join pg_catalog.pg_class i on i.oid = x.indexrelid
  union all
  select t.relname || ': trigger ' || g.tgname, pg_get_triggerdef(g.oid)
    from tables t
    join pg_catalog.pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal
  union all
  select 'sequence ' || s.relname, ''
    from pg_catalog.pg_class s
   where s.relnamespace = 'public'::regnamespace
     and s.relkind = 'S'
  union all
  select 'enum ' || y.typname, string_agg(e.enumlabel, ', ' order by e.enumsortorder)
    from pg_catalog.pg_type y
    join pg_catalog.pg_enum e on e.enumtypid = y.oid
   where y.typnamespace = 'public'::regnamespace
   group by y.typname
   order by 1`;
