import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "../../src/kivitendo/index.ts";
import { UnavailableError } from "../../src/model/index.ts";
import { acquireRunnerLock, readLockHolder } from "../../src/state/index.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";

let bridge: BridgeDatabase;
beforeAll(async () => {
  bridge = await createBridgeDatabase();
});
afterAll(() => bridge.drop());

test("one run of an instance at a time, and who it is", async () => {
  const service = openDatabase({
    connectionString: bridge.database.bridgeUrl,
    applicationName: "kivi-otrs run (main)",
  });
  const lock = await acquireRunnerLock(service, "main");
  if (lock === null) throw new Error("not locked");
  expect(await acquireRunnerLock(bridge.pool, "main")).toBeNull();
  expect(await readLockHolder(bridge.pool, "main")).toMatch(
    /^kivi-otrs run \(main\) \(process \d+ of the database, from .+, since \d{4}-/,
  );

  const other = await acquireRunnerLock(bridge.pool, "test-copy");
  expect(other).not.toBeNull();
  await other?.release();
  expect(await readLockHolder(bridge.pool, "test-copy")).toBeNull();

  await lock.release();
  await lock.release();
  expect(lock.lost.aborted).toBe(false);
  expect(await readLockHolder(bridge.pool, "main")).toBeNull();
  const next = await acquireRunnerLock(bridge.pool, "main");
  expect(next).not.toBeNull();
  await next?.release();
  await service.end();
});

test("a lock whose connection breaks says so, and is free for the next run", async () => {
  const service = openDatabase({ connectionString: bridge.database.bridgeUrl, applicationName: "kivi-otrs broken" });
  const lock = await acquireRunnerLock(service, "main");
  if (lock === null) throw new Error("not locked");
  await bridge.admin(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kivi-otrs broken'",
  );
  await expect.poll(() => lock.lost.aborted).toBe(true);
  expect(lock.lost.reason).toBeInstanceOf(UnavailableError);
  await lock.release();
  await service.end();
  const next = await acquireRunnerLock(bridge.pool, "main");
  expect(next).not.toBeNull();
  await next?.release();
});
