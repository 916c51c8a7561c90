/** PostgreSQL refuses to run as root: started by root, its server runs as an unprivileged user of the system. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chown, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { ConfigError } from "../model/index.ts";

export interface ServerUser {
  uid: number;
  gid: number;
}

const candidates = ["postgres", "nobody"];

/** Whom the server must run as when this process is root's; undefined for everybody else. */
export async function serverUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const candidate of candidates) {
    const [, , uid, gid] = accounts.find(([name]) => name === candidate) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new ConfigError(
    "PostgreSQL does not run as root, and there is no user postgres or nobody to run it as.",
    "Run this as a normal user.",
  );
}

/**
 * Makes a directory for the server. A place that its user cannot enter (a home directory of root, say) is replaced by
 * one under /var/tmp, always the same for the same wish.
 */
export async function enterableDirectory(wanted: string, user: ServerUser | undefined): Promise<string> {
  await mkdir(dirname(wanted), { recursive: true });
  const directory = isEnterable(dirname(wanted), user) ? wanted : substituteFor(wanted);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (user !== undefined) await chown(directory, user.uid, user.gid);
  return directory;
}

/** Whether the server's user gets into a directory, or may execute a file. */
export function isEnterable(path: string, user: ServerUser | undefined): boolean {
  return spawnSync("test", ["-x", path], { ...user, cwd: "/" }).status === 0;
}

function substituteFor(wanted: string): string {
  return `/var/tmp/kivi-otrs-${createHash("sha256").update(wanted).digest("hex").slice(0, 12)}`;
}
