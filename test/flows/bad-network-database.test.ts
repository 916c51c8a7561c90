/** What networks and servers do to the connection to kivitendo's database: nothing hangs, nothing ends the process. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openDatabase } from "../../src/kivitendo/index.ts";
import { ConfigError, databaseErrorOf, UnavailableError } from "../../src/model/index.ts";
import { acquireRunnerLock } from "../../src/state/runner-lock.ts";
import { inTransaction } from "../../src/state/transaction.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { type DatabaseWire, openDatabaseWire } from "./bad-network/database-wire.ts";

let bridge: BridgeDatabase;
let wire: DatabaseWire;
let pool: Pool;
beforeAll(async () => {
  bridge = await createBridgeDatabase();
});
afterAll(() => bridge.drop());
beforeEach(async () => {
  wire = await openDatabaseWire(bridge.database.bridgeUrl);
  const limits = { statementTimeoutMs: 200, answerGraceMs: 100, connectTimeoutMs: 500 };
  pool = openDatabase({ connectionString: wire.url, applicationName: "kivi-otrs wire", ...limits });
});
afterEach(() => wire.stop());

const insert = "insert into otrs_bridge.runs (flow, started_at) values ('billing', now())";

/** Runs something, closes the pool, and answers the error with the milliseconds that both took. */
async function endOf(work: (db: Pool) => Promise<unknown>): Promise<{ error: unknown; tookMs: number }> {
  const started = performance.now();
  const error = await work(pool).then(
    () => null,
    (failed: unknown) => failed,
  );
  await pool.end();
  return { error, tookMs: performance.now() - started };
}

test.each(["stuck", "answer-stuck"] as const)("a connection that is %s ends a transaction in time", async (fate) => {
  const before = (await bridge.admin("select from otrs_bridge.runs")).length;
  wire.fateOf = (message) => (message.includes("insert into") ? fate : "pass");
  const { error, tookMs } = await endOf((db) => inTransaction(db, "write", (client) => client.query(insert)));
  expect(error).toBeInstanceOf(UnavailableError);
  expect(tookMs).toBeLessThan(2_000);
  await expect
    .poll(() => bridge.admin("select from pg_stat_activity where application_name = 'kivi-otrs wire'"))
    .toEqual([]);
  expect((await bridge.admin("select from otrs_bridge.runs")).length).toBe(before);
});

test("nobody answers a goodbye: the pool ends all the same, and so does its socket", async () => {
  await pool.query("select 1");
  const closed = new Promise((done) => pool.once("remove", done));
  wire.fateOf = () => "stuck";
  const { tookMs } = await endOf(() => Promise.resolve());
  expect(tookMs).toBeLessThan(1_000);
  await Promise.race([closed, sleep(4_000).then(() => Promise.reject(new Error("the socket stays open")))]);
});

test("a connection that breaks while nobody asks anything on it ends no process", async () => {
  const client = await pool.connect();
  wire.cutAll();
  await expect.poll(() => client.query("select 1").then(() => "answered", String)).toMatch(/error|closed|terminated/i);
  client.release(true);
  await pool.end();
});

test("the server notices soon that this machine is gone, and frees the runner's lock", async () => {
  const lock = await acquireRunnerLock(pool, "main");
  const { rows } = await pool.query(
    "select current_setting('tcp_keepalives_idle') || ' ' || current_setting('tcp_keepalives_interval') as keep",
  );
  expect(rows).toEqual([{ keep: "30 10" }]);
  await lock?.release();
  await pool.end();
});

test.each([
  { code: "25006", message: "cannot execute INSERT in a read-only transaction", what: /takes no changes/ },
  { code: "53300", message: "sorry, too many clients already", what: /could not answer now/ },
  { code: "53100", message: "could not extend file: No space left on device", what: /could not answer now/ },
  { code: "58030", message: "could not read block", what: /could not answer now/ },
  { code: "XX000", message: "could not open relation with OID 4711", what: /could not answer now/ },
  { code: "40P01", message: "deadlock detected", what: /could not answer now/ },
  { code: "", message: "timeout expired", what: /cannot be reached/ },
  { code: "", message: "Query read timeout", what: /cannot be reached/ },
])("$message: nobody has to act yet", async ({ code, message, what }) => {
  const error = databaseErrorOf(Object.assign(new Error(message), { code }));
  expect(error).toBeInstanceOf(UnavailableError);
  expect(error).not.toBeInstanceOf(ConfigError);
  expect(error.message).toMatch(what);
  await pool.end();
});
