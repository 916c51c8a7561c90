import type { Pool } from "pg";
import { z } from "zod";
import { databaseErrorOf } from "../model/index.ts";

/** The channel on which kivitendo's database says that something changed; named in sql/change-function.sql, too. */
export const changeChannel = "otrs_bridge";

/** kivitendo's tables that a customer or contact in the helpdesk is made of; customer_contacts is there since 4.1.0. */
export const changeTables = ["customer", "contacts", "customer_contacts", "custom_variables"] as const;

const Silent = z.object({ name: z.string() });

/** Those of the tables that are there without a trigger at work: what is changed in them waits for the schedule. */
export async function readSilentTables(pool: Pool): Promise<readonly string[]> {
  try {
    const { rows } = await pool.query(
      `select c.relname as name
         from unnest($1::text[]) with ordinality w (name, place)
         join pg_catalog.pg_class c on c.oid = to_regclass('public.' || w.name)
        where not exists (
                select from pg_catalog.pg_trigger t
                  join pg_catalog.pg_proc p on p.oid = t.tgfoid
                 where t.tgrelid = c.oid
                   and t.tgenabled in ('O', 'A')
                   and p.proname = 'tell_change'
                   and p.pronamespace = to_regnamespace('otrs_bridge'))
        order by w.place`,
      [changeTables],
    );
    return rows.map((row) => Silent.parse(row).name);
  } catch (error) {
    throw databaseErrorOf(error);
  }
}
