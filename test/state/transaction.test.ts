import { afterAll, beforeAll, expect, test } from "vitest";
import { RefusedError, UnavailableError } from "../../src/model/index.ts";
import { inSameSnapshot, inTransaction, type TransactionKind } from "../../src/state/transaction.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";

let bridge: BridgeDatabase;
beforeAll(async () => {
  bridge = await createBridgeDatabase();
});
afterAll(() => bridge.drop());

const insert = "insert into otrs_bridge.runs (flow, started_at) values ('billing', now())";

async function runs(): Promise<number> {
  return (await bridge.admin("select from otrs_bridge.runs")).length;
}

/** Fails like the view does when kivitendo's upgrade ran between snapshot and query, `times` times. */
async function failingAtFirst(kind: TransactionKind, times: number): Promise<number> {
  let tries = 0;
  await inTransaction(bridge.pool, kind, async (client) => {
    tries += 1;
    if (tries <= times) await client.query("do $$ begin raise exception 'moved' using errcode = '40001'; end $$");
  });
  return tries;
}

test("a write is kept, a trial and a failure are not", async () => {
  await inTransaction(bridge.pool, "write", (client) => client.query(insert));
  expect(await runs()).toBe(1);
  await inTransaction(bridge.pool, "trial", (client) => client.query(insert));
  const failing = inTransaction(bridge.pool, "write", async (client) => {
    await client.query(insert);
    throw new RefusedError("no", "do");
  });
  await expect(failing).rejects.toThrow(RefusedError);
  expect(await runs()).toBe(1);
});

test("a snapshot cannot write and sees one moment", async () => {
  await expect(inTransaction(bridge.pool, "snapshot", (client) => client.query(insert))).rejects.toThrow(/read-only/);
  await inTransaction(bridge.pool, "snapshot", async (client) => {
    const before = await client.query("select from otrs_bridge.runs");
    await bridge.admin(insert);
    expect((await client.query("select from otrs_bridge.runs")).rowCount).toBe(before.rowCount);
  });
});

test("two connections see one moment, at the same time", async () => {
  const backend = "select pg_backend_pid() as pid, (select count(*)::integer from otrs_bridge.runs) as runs";
  const [here, beside] = await inTransaction(bridge.pool, "snapshot", async (client) => {
    const before = await runs();
    await client.query("select from otrs_bridge.runs");
    await bridge.admin(insert);
    const both = await inSameSnapshot(
      bridge.pool,
      client,
      async (first) => (await first.query(backend)).rows[0],
      async (second) => (await second.query(backend)).rows[0],
    );
    expect(both).toMatchObject([{ runs: before }, { runs: before }]);
    return both.map((row: { pid: number }) => row.pid);
  });
  expect(here).not.toBe(beside);
});

test.each([
  { who: "here", statements: ["select 1/0", "select pg_sleep(0.05)"] },
  { who: "beside", statements: ["select pg_sleep(0.05)", "select 1/0"] },
])("what fails $who fails both, and connections come back", async ({ statements: [here = "", beside = ""] }) => {
  const failing = inTransaction(bridge.pool, "snapshot", (client) =>
    inSameSnapshot(
      bridge.pool,
      client,
      (first) => first.query(here),
      (second) => second.query(beside),
    ),
  );
  await expect(failing).rejects.toThrow(/zero/);
  expect(bridge.pool.idleCount).toBe(bridge.pool.totalCount);
});

test("tables that move under the other connection are looked at once more as well", async () => {
  let tries = 0;
  await inTransaction(bridge.pool, "snapshot", (client) =>
    inSameSnapshot(
      bridge.pool,
      client,
      async () => (tries += 1),
      async (beside) => {
        if (tries < 2) await beside.query("do $$ begin raise exception 'moved' using errcode = '40001'; end $$");
      },
    ),
  );
  expect(tries).toBe(2);
});

test("a snapshot is taken once more when the tables moved under it; nothing else is repeated", async () => {
  expect(await failingAtFirst("snapshot", 1)).toBe(2);
  await expect(failingAtFirst("snapshot", 2)).rejects.toThrow(UnavailableError);
  await expect(failingAtFirst("write", 1)).rejects.toThrow(UnavailableError);
});

test("connections come back to the pool, whatever happened", async () => {
  for (let round = 0; round < 10; round += 1) {
    await expect(inTransaction(bridge.pool, "write", (client) => client.query("select 1/0"))).rejects.toThrow(/zero/);
  }
  expect(bridge.pool.waitingCount).toBe(0);
  expect(bridge.pool.idleCount).toBe(bridge.pool.totalCount);
});
