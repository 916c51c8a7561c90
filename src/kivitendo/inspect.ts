import type { Pool } from "pg";
import { z } from "zod";
import { ConfigError, databaseErrorOf } from "../model/index.ts";
import { neededColumns } from "./needed-columns.ts";

/** What a database says about the kivitendo in it. */
export interface KivitendoInspection {
  /** Such as `4.1.0`; null when the database names no release. */
  readonly release: string | null;
  /** Such as `15.20`. */
  readonly postgresVersion: string;
  /** Whom table `customer` belongs to; null without such a table. */
  readonly owner: string | null;
  /** Those of `neededColumns` that are not there. */
  readonly missing: readonly string[];
}

const Inspection = z.object({
  database: z.string(),
  versionNumber: z.coerce.number(),
  postgresVersion: z.string(),
  owner: z.string().nullable(),
  missing: z.array(z.string()),
  hasReleases: z.boolean(),
});
const ReleaseTag = z.object({ tag: z.string() });
/** Oldest supported PostgreSQL, as in `server_version_num`. */
const oldestPostgres = 130_000;

/** Looks at a database by its catalog, with any role that may connect. */
export async function inspectKivitendo(pool: Pool): Promise<KivitendoInspection> {
  const { database: _database, versionNumber: _number, hasReleases: _releases, ...inspection } = await inspect(pool);
  return inspection;
}

/**
 * Throws ConfigError when the database holds no kivitendo that the bridge can work with: PostgreSQL too old, no such
 * tables, or columns missing; answers what was found otherwise.
 */
export async function assertKivitendoUsable(pool: Pool): Promise<KivitendoInspection & { readonly owner: string }> {
  const found = await inspect(pool);
  const { release, postgresVersion, owner, missing } = found;
  if (found.versionNumber < oldestPostgres) {
    throw new ConfigError(`PostgreSQL ${postgresVersion} is too old.`, "The bridge needs PostgreSQL 13 or newer.");
  }
  if (owner === null) {
    throw new ConfigError(
      `Database "${found.database}" has no table customer: it is not the database of a kivitendo client.`,
      "Check the database name in kivitendo.databaseUrl; kivitendo's administration lists it for each client.",
    );
  }
  if (missing.length > 0) {
    const columns = missing.map((column) => column.replaceAll("|", " or ")).join(", ");
    throw new ConfigError(
      `This kivitendo (${release === null ? "release unknown" : `release ${release}`}) lacks columns that the bridge needs: ${columns}.`,
      "The bridge works with kivitendo 3.5.8 to 4.1.0: upgrade kivitendo, or look for a newer version of the bridge.",
    );
  }
  return { release, postgresVersion, owner, missing };
}

async function inspect(pool: Pool): Promise<KivitendoInspection & z.infer<typeof Inspection>> {
  try {
    const { rows } = await pool.query(inspectionQuery, [neededColumns]);
    const found = Inspection.parse(rows[0]);
    return { ...found, release: found.hasReleases ? await readRelease(pool) : null };
  } catch (error) {
    throw databaseErrorOf(error);
  }
}

const inspectionQuery = `
  select current_database() as database,
         current_setting('server_version_num') as "versionNumber",
         current_setting('server_version') as "postgresVersion",
         (select pg_catalog.pg_get_userbyid(relowner)
            from pg_catalog.pg_class
           where oid = to_regclass('public.customer')) as owner,
         array(
           select wanted
             from unnest($1::text[]) with ordinality n (wanted, place)
            where not exists (
                    select
                      from unnest(string_to_array(wanted, '|')) choice
                      join pg_catalog.pg_attribute a
                        on a.attrelid = to_regclass('public.' || quote_ident(split_part(choice, '.', 1)))
                       and a.attname = split_part(choice, '.', 2)
                       and not a.attisdropped)
            order by place) as missing,
         coalesce(has_table_privilege(to_regclass('public.schema_info'), 'select'), false) as "hasReleases"`;

async function readRelease(pool: Pool): Promise<string | null> {
  const { rows } = await pool.query(`
    select tag
      from public.schema_info
     where tag ~ '^release_[0-9_]+$'
     order by tag`);
  const releases = z
    .array(ReleaseTag)
    .parse(rows)
    .map(({ tag }) => tag.slice("release_".length).split("_").map(Number))
    .sort(byRelease);
  return releases.at(-1)?.join(".") ?? null;
}

function byRelease(one: readonly number[], other: readonly number[]): number {
  const length = Math.max(one.length, other.length);
  for (let place = 0; place < length; place++) {
    const difference = (one[place] ?? 0) - (other[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
