import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../../src/demo/free-port.ts";
import { removePostgres, type RunningPostgres, startPostgres } from "../../src/demo/postgres.ts";
import { withClient } from "../support/database.ts";

let place: string;
let directory: string;
let running: RunningPostgres | undefined;
let holder: ChildProcess | undefined;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "kivi-otrs-postgres-"));
  directory = join(place, "postgres");
});
afterEach(async () => {
  holder?.kill("SIGKILL");
  await running?.stop();
  [running, holder] = [undefined, undefined];
  await removePostgres(directory);
  await rm(place, { recursive: true, force: true });
});

test("keeps its data and its password between two starts, on the port that is asked for", async () => {
  const port = await freePort();
  running = await startPostgres({ directory, persistent: true, port });
  expect(running.port).toBe(port);
  await withClient(running.url, (client) => client.query("create table kept as select 'Größe' as word"));
  await running.stop();
  await running.stop();

  const { url } = running;
  running = await startPostgres({ directory, persistent: true, port });
  expect(running.url).toBe(url);
  const kept = await withClient(running.url, (client) => client.query("select upper(word) as word from kept"));
  expect(kept.rows).toEqual([{ word: "GRÖßE" }]);
});

test("leaves nothing behind when it is not persistent", async () => {
  running = await startPostgres({ directory, persistent: false, fsync: false });
  const used = running.directory;
  await running.stop();
  await expect(stat(used)).rejects.toThrow(/ENOENT/);
});

test("starts again after its program was killed, and the server did not live on", async () => {
  const url = await startHolder();
  holder?.kill("SIGKILL");
  running = await startPostgres({ directory, persistent: true });
  await expect(withClient(url, (client) => client.query("select 1"))).rejects.toThrow(/ECONNREFUSED/);
  await withClient(running.url, (client) => client.query("select 1"));
});

test("starts over a lock file whose process id belongs to somebody else by now", async () => {
  running = await startPostgres({ directory, persistent: true });
  const lock = join(running.directory, "data", "postmaster.pid");
  const text = await readFile(lock, "utf8");
  await running.stop();
  await writeFile(lock, text.replace(/^\d+/, String(process.pid)));
  running = await startPostgres({ directory, persistent: true });
  await withClient(running.url, (client) => client.query("select 1"));
});

test("refuses a directory that another program is using", async () => {
  await startHolder();
  await expect(startPostgres({ directory, persistent: true, lockPatienceMs: 300 })).rejects.toThrow(
    /Another program \(PostgreSQL with process id \d+\) is using .*: stop it/,
  );
});

test("tells the server's own complaint when the port is taken", async () => {
  const blocker = createServer();
  const port = await freePort();
  blocker.listen(port, "127.0.0.1");
  await once(blocker, "listening");
  const start = startPostgres({ directory, persistent: true, port });
  await expect(start).rejects.toThrow(/PostgreSQL did not start[^]*could not bind/);
  blocker.close();
});

async function startHolder(): Promise<string> {
  const program = spawn(process.execPath, [join(import.meta.dirname, "postgres-holder.ts"), directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  holder = program;
  const [line] = await once(program.stdout, "data");
  return String(line).trim();
}
