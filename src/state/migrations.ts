import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { ClientBase } from "pg";
import { z } from "zod";
import { BugError, ConfigError } from "../model/index.ts";

/** A numbered change of schema `otrs_bridge`; never changed once released. */
export interface Migration {
  readonly number: number;
  /** File name without ending, such as `0001_create_state`. */
  readonly name: string;
  readonly sql: string;
  /** sha256 of the file. */
  readonly checksum: string;
}

export const sqlFolder = new URL("../../sql/", import.meta.url);
const migrationsFolder = new URL("migrations/", sqlFolder);
const fileName = /^(\d{4})_[a-z0-9_]+\.sql$/;

/** The migrations that this version of the program brings, in their order. */
export function readMigrations(): readonly Migration[] {
  const files = readdirSync(migrationsFolder)
    .filter((file) => file.endsWith(".sql"))
    .sort();
  return files.map((file, index) => {
    const number = Number(fileName.exec(file)?.[1]);
    if (number !== index + 1) throw new BugError(`sql/migrations/${file} breaks the numbering 0001, 0002, …`);
    const sql = readFileSync(new URL(file, migrationsFolder), "utf8").replaceAll("\r\n", "\n");
    const checksum = createHash("sha256").update(sql).digest("hex");
    return { number, name: file.replace(/\.sql$/, ""), sql, checksum };
  });
}

const AppliedMigration = z.object({ number: z.number().int(), name: z.string(), checksum: z.string() });
export type AppliedMigration = z.infer<typeof AppliedMigration>;

/** What the database says was applied; null when schema `otrs_bridge` is not there (or not for this role to see). */
export async function readAppliedMigrations(client: ClientBase): Promise<readonly AppliedMigration[] | null> {
  const { rows: found } = await client.query(`
    select from pg_catalog.pg_class
     where relnamespace = to_regnamespace('otrs_bridge')
       and relname = 'schema_migrations'`);
  if (found.length === 0) return null;
  const { rows } = await client.query(`
    select number, name, checksum
      from otrs_bridge.schema_migrations
     order by number`);
  return z.array(AppliedMigration).parse(rows);
}

/**
 * Throws ConfigError when the database was migrated by a newer version of the program, or by one whose migrations were
 * not these.
 */
export function assertMigrationsKnown(applied: readonly AppliedMigration[], known: readonly Migration[]): void {
  for (const { number, name, checksum } of applied) {
    const mine = known.find((migration) => migration.number === number);
    if (mine === undefined) {
      throw new ConfigError(
        `The database is newer than this program: it has migration ${name}, the program ends with ${known.at(-1)?.name}.`,
        "Install the version of kivitendo-otrs-bridge that set this database up, or a newer one.",
      );
    }
    if (mine.checksum !== checksum) {
      throw new ConfigError(
        `Migration ${name} was applied to this database with other contents than the program's ${mine.name} has.`,
        "A released migration never changes: install an unaltered version of kivitendo-otrs-bridge.",
      );
    }
  }
}

/** Throws ConfigError unless exactly the program's migrations are applied; what every command but `setup` needs. */
export function assertMigrated(applied: readonly AppliedMigration[] | null, known: readonly Migration[]): void {
  if (applied === null) {
    throw new ConfigError(
      "kivitendo's database is not set up for the bridge: schema otrs_bridge is missing.",
      "Run `kivi-otrs setup`.",
    );
  }
  assertMigrationsKnown(applied, known);
  const pending = known.filter(({ number }) => !applied.some((migration) => migration.number === number));
  if (pending.length > 0) {
    throw new ConfigError(
      `The database is older than this program: ${pending.map(({ name }) => name).join(", ")} not applied.`,
      "Run `kivi-otrs setup`.",
    );
  }
}
