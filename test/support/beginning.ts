/** A world as it was before its first history: making a new one takes much longer. */
import type { World } from "./bridge.ts";

export interface Beginning {
  again(): Promise<void>;
}

/** Keeps copies of what a history changes, on both sides and in the bridge's memory; `tables` are kivitendo's. */
export async function keepBeginning(world: World, tables: readonly string[]): Promise<Beginning> {
  const helpdesk = world.helpdesk.world.snapshot();
  const rows = await world.admin.query(
    `select c.relname as name, n.nspname as schema,
            (select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
               from pg_attribute a
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and (n.nspname = 'otrs_bridge' or n.nspname = 'public' and c.relname = any ($1))`,
    [tables],
  );
  const kept = rows.map(({ name, schema, columns }) => ({
    copy: `beginning.${String(schema)}_${String(name)}`,
    of: `${String(schema)}.${String(name)}`,
    columns: String(columns),
  }));
  await world.admin.query("create schema beginning");
  for (const { copy, of } of kept) await world.admin.query(`create table ${copy} as table ${of}`);
  const restore = [
    // No trigger and no foreign key gets in the way.
    "set session_replication_role = replica",
    ...kept.map(({ of }) => `delete from ${of}`),
    ...kept.map(
      ({ of, copy, columns }) =>
        `insert into ${of} (${columns}) overriding system value select ${columns} from ${copy}`,
    ),
    "set session_replication_role = origin",
  ].join(";\n");
  return {
    again: async () => {
      await world.admin.query(restore);
      world.helpdesk.world.restore(helpdesk);
    },
  };
}
