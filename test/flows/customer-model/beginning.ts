/** A world as it was before its first history: making a new one takes much longer. */
import type { World } from "../../support/bridge.ts";

export interface Beginning {
  again(): Promise<void>;
}

const sourceTables = ["customer", "contacts", "customer_contacts", "custom_variables"];

/** Keeps copies of all that a history changes, on both sides and in the bridge's memory. */
export async function keepBeginning(world: World): Promise<Beginning> {
  const helpdesk = world.helpdesk.world.snapshot();
  const own = await world.admin.query("select tablename as name from pg_tables where schemaname = 'otrs_bridge'");
  const tables = [
    ...sourceTables.map((name) => ({ name, of: `public.${name}` })),
    ...own.map((row) => ({ name: `bridge_${String(row["name"])}`, of: `otrs_bridge.${String(row["name"])}` })),
  ];
  await world.admin.query("create schema beginning");
  for (const { name, of } of tables) await world.admin.query(`create table beginning.${name} as table ${of}`);
  const restore = [
    // No trigger and no foreign key gets in the way.
    "set session_replication_role = replica",
    ...tables.map(({ of }) => `delete from ${of}`),
    ...tables.map(({ name, of }) => `insert into ${of} overriding system value select * from beginning.${name}`),
    "set session_replication_role = origin",
  ].join(";\n");
  return {
    again: async () => {
      await world.admin.query(restore);
      world.helpdesk.world.restore(helpdesk);
    },
  };
}
