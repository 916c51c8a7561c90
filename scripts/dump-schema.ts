/**
 * Writes `sql/schema.sql`: what the migrations and views make of schema `otrs_bridge`, for reading and for the test that
 * compares it. Run `TEST_DATABASE_URL=postgres://… node scripts/dump-schema.ts` against a PostgreSQL 15 after a change.
 */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { createSampleKivitendo, urlOf } from "../src/demo/kivitendo/index.ts";
import { assertKivitendoUsable, neededColumns, openDatabase } from "../src/kivitendo/index.ts";
import { applySetup } from "../src/state/index.ts";
import { dropDatabase, dropRoles, withClient } from "../test/support/postgres-admin.ts";

const run = promisify(execFile);

/** The dump is made with this version, because each one words its output a little differently. */
export const dumpVersion = 15;
export const schemaFile = new URL("../sql/schema.sql", import.meta.url);

/** A PostgreSQL client program of a major version or newer on this machine; null when there is none. */
export async function findProgram(name: "pg_dump" | "psql", major: number): Promise<string | null> {
  for (const path of [`/usr/lib/postgresql/${major}/bin/${name}`, name]) {
    const version = await run(path, ["--version"]).then(
      ({ stdout }) => Number(/ (\d+)/.exec(stdout)?.[1]),
      () => null,
    );
    if (version !== null && version >= major) return path;
  }
  return null;
}

/** Schema `otrs_bridge` as pg_dump writes it, without owners, rights and what differs between patch releases. */
export async function dumpSchema(pgDump: string, url: string): Promise<string> {
  const { stdout } = await run(pgDump, [
    "--schema-only",
    "--no-owner",
    "--no-privileges",
    "--schema=otrs_bridge",
    `--dbname=${url}`,
  ]);
  const lines = stdout.split("\n").filter((line) => !/^(--|\\restrict|\\unrestrict)/.test(line));
  return `-- Written by scripts/dump-schema.ts; do not edit.\n${lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim()}\n`;
}

async function main(adminUrl: string | undefined): Promise<void> {
  if (adminUrl === undefined) throw new Error("set TEST_DATABASE_URL to a superuser's address of a PostgreSQL 15");
  const pgDump = await findProgram("pg_dump", dumpVersion);
  if (pgDump === null) throw new Error(`pg_dump ${dumpVersion} is not on this machine`);
  const database = `kivi_dump_${randomBytes(4).toString("hex")}`;
  const url = urlOf(adminUrl, { database });
  await createSampleKivitendo(adminUrl, {
    database,
    release: "4.1.0",
    owner: { name: `${database}_owner`, password: "owner" },
    sample: false,
  });
  const pool = openDatabase({ connectionString: url, applicationName: "dump-schema" });
  try {
    const { owner } = await assertKivitendoUsable(pool);
    await applySetup(pool, {
      bridgeRole: `${database}_bridge`,
      bridgePassword: null,
      instance: "main",
      neededColumns,
      owner,
      say: (line) => console.log(line),
    });
    await writeFile(schemaFile, await dumpSchema(pgDump, url));
  } finally {
    await pool.end();
    await withClient(adminUrl, async (admin) => {
      await dropDatabase(admin, database);
      await dropRoles(admin, `${database}_`);
    });
  }
}

if (import.meta.main) await main(process.env["TEST_DATABASE_URL"]);
