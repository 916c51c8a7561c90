import { createServer, type Server } from "node:net";
import type { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "../../src/kivitendo/index.ts";
import { BugError, ConfigError, databaseErrorOf, RefusedError, UnavailableError } from "../../src/model/index.ts";
import { inTransaction } from "../../src/state/transaction.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { urlOf } from "../../src/demo/kivitendo/index.ts";
import { createEmptyDatabase, createKivitendoDatabase, type TestDatabase } from "../support/database.ts";

let bridge: BridgeDatabase;
beforeAll(async () => {
  bridge = await createBridgeDatabase();
});
afterAll(() => bridge.drop());

async function errorOf(pool: Pool, sql: string): Promise<Error> {
  try {
    await inTransaction(pool, "write", (client) => client.query(sql));
  } catch (error) {
    return error as Error;
  }
  throw new Error(`${sql} went well`);
}

async function errorAt(connectionString: string, sql = "select 1", password?: string): Promise<Error> {
  const pool = openDatabase({
    connectionString,
    applicationName: "kivi-otrs test",
    connectTimeoutMs: 1_000,
    ...(password === undefined ? {} : { password }),
  });
  try {
    return await errorOf(pool, sql);
  } finally {
    await pool.end();
  }
}

describe("connections", () => {
  test("a password beside the address, whatever is in it", async () => {
    await bridge.admin(`alter role ${bridge.database.bridgeRole} password 'a%2F/ä&?#@: "'`);
    const connectionString = urlOf(bridge.database.url, { user: bridge.database.bridgeRole, password: "" });
    const pool = openDatabase({ connectionString, password: 'a%2F/ä&?#@: "', applicationName: "kivi-otrs plan" });
    const { rows } = await pool.query("select current_user as me, current_setting('application_name') as program");
    await pool.end();
    await bridge.admin(`alter role ${bridge.database.bridgeRole} password '${bridge.database.bridgePassword}'`);
    expect(rows).toEqual([{ me: bridge.database.bridgeRole, program: "kivi-otrs plan" }]);
  });

  test("limits hold, and numbers and times arrive as text", async () => {
    const { rows } = await bridge.pool.query(
      `select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement,
              current_setting('idle_in_transaction_session_timeout') as idle, 1.10::numeric as price,
              9007199254740993::bigint as units, timestamptz '2026-11-22 03:15:00.123456+01' as moment`,
    );
    expect(rows[0]).toMatchObject({
      lock: "5s",
      statement: "1min",
      idle: "30s",
      price: "1.10",
      units: "9007199254740993",
    });
    expect(Temporal.Instant.from(String(rows[0]?.moment)).toString()).toBe("2026-11-22T02:15:00.123456Z");
  });

  test("a connection that breaks while idle is replaced", async () => {
    const broken: Error[] = [];
    const pool = openDatabase({
      connectionString: bridge.database.bridgeUrl,
      applicationName: "kivi-otrs idle",
      onIdleError: (error) => broken.push(error),
    });
    await pool.query("select 1");
    await bridge.admin(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kivi-otrs idle'",
    );
    await expect.poll(() => broken.length).toBe(1);
    expect((await pool.query("select 2 as two")).rows).toEqual([{ two: 2 }]);
    await pool.end();
  });

  test("a connection that breaks inside a transaction makes the run wait", async () => {
    const error = await errorOf(bridge.pool, "select pg_terminate_backend(pg_backend_pid())");
    expect(error).toBeInstanceOf(UnavailableError);
    expect((await bridge.pool.query("select 2 as two")).rows).toEqual([{ two: 2 }]);
  });
});

describe("errors say who must act", () => {
  let empty: TestDatabase;
  let notSetUp: TestDatabase;
  let silent: Server;
  beforeAll(async () => {
    empty = await createEmptyDatabase();
    notSetUp = await createKivitendoDatabase("4.1.0");
    // Takes connections and never answers.
    silent = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
  });
  afterAll(async () => {
    silent.close();
    await empty.drop();
    await notSetUp.drop();
  });

  test("database down", async () => {
    const error = await errorAt("postgresql://nobody@127.0.0.1:1/none");
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error.message).toMatch(/cannot be reached: .*127\.0\.0\.1:1/);
  });

  test("database that does not answer", async () => {
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    expect(await errorAt(`postgresql://nobody@127.0.0.1:${port}/none`)).toBeInstanceOf(UnavailableError);
  });

  test("unknown database", async () => {
    const error = await errorAt(urlOf(bridge.database.bridgeUrl, { database: "gibt_es_nicht" }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ hint: expect.stringContaining("kivitendo.databaseUrl") });
  });

  test("not set up", async () => {
    const error = await errorAt(notSetUp.ownerUrl, "select * from otrs_bridge.companies");
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ hint: expect.stringContaining("kivi-otrs setup") });
    expect(await errorAt(empty.ownerUrl, "select id from public.customer")).toBeInstanceOf(ConfigError);
  });

  test("a view without rights", async () => {
    await bridge.admin(`revoke select on public.otrs_customer_contacts from ${bridge.database.bridgeRole}`);
    const error = await errorOf(bridge.pool, "select * from public.otrs_customer_contacts");
    await bridge.admin(`grant select on public.otrs_customer_contacts to ${bridge.database.bridgeRole}`);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(/lacks a right: permission denied for view otrs_customer_contacts/);
    expect(error).toMatchObject({ hint: expect.stringContaining("kivi-otrs setup") });
  });

  test("what kivitendo's users hold is waited for a while only", async () => {
    const holder = await bridge.pool.connect();
    await holder.query("begin");
    await holder.query("insert into public.drafts (id, module, submodule) values ('held', 'is', 'invoice')");
    const error = await errorOf(
      bridge.pool,
      "set local lock_timeout = '50ms'; insert into public.drafts (id, module, submodule) values ('held', 'is', 'invoice')",
    );
    await holder.query("rollback");
    holder.release();
    expect(error).toBeInstanceOf(UnavailableError);
  });

  test("anything else is a fault of the program, and our own errors stay what they are", async () => {
    expect(await errorOf(bridge.pool, "select 1/0")).toBeInstanceOf(BugError);
    const refused = new RefusedError("no", "do");
    expect(databaseErrorOf(refused)).toBe(refused);
    expect(
      databaseErrorOf(new Error("SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string")),
    ).toBeInstanceOf(ConfigError);
    expect(
      databaseErrorOf(Object.assign(new Error("password authentication failed"), { code: "28P01" })),
    ).toBeInstanceOf(ConfigError);
  });
});
