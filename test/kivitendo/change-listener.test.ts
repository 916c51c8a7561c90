/** The listener against a real server, on a wire that can be cut and that can fall silent. */
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { urlOf } from "../../src/demo/kivitendo/index.ts";
import { type ChangeListener, listenForChanges, type ListenerOptions } from "../../src/kivitendo/index.ts";
import { ConfigError, UnavailableError } from "../../src/model/index.ts";
import { openWire, type DatabaseWire } from "../support/wire.ts";
import { createEmptyDatabase, type TestDatabase, withClient } from "../support/database.ts";

let database: TestDatabase;
let wire: DatabaseWire;
let listener: ChangeListener | null;
let story: string[];
let losses: { error: Error; pauseMs: number }[];
beforeEach(async () => {
  database = await createEmptyDatabase();
  wire = await openWire(inject("postgresUrl"));
  listener = null;
  story = [];
  losses = [];
});
afterEach(async () => {
  await listener?.close();
  await wire.stop();
  await database.drop();
});

async function listen(changes: Partial<ListenerOptions> = {}): Promise<void> {
  listener = await listenForChanges({
    connectionString: wired(wire.port),
    applicationName: "kivi-otrs listener",
    channel: "otrs_bridge",
    onChange: () => story.push("change"),
    onLost: (error, pauseMs) => {
      story.push("lost");
      losses.push({ error, pauseMs });
    },
    onListening: (again) => story.push(again ? "listening again" : "listening"),
    firstPauseMs: 10,
    longestPauseMs: 50,
    ...changes,
  });
}

function wired(port: number): string {
  const url = new URL(urlOf(database.ownerUrl, {}));
  url.port = String(port);
  return url.href;
}

function change(): Promise<unknown> {
  return withClient(database.ownerUrl, (client) => client.query("notify otrs_bridge"));
}

async function listeners(): Promise<number> {
  return withClient(database.url, async (client) => {
    const { rows } = await client.query(
      "select from pg_stat_activity where datname = $1 and application_name = 'kivi-otrs listener'",
      [database.name],
    );
    return rows.length;
  });
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await condition()); await sleep(20)) {
    if (Date.now() > deadline) throw new Error(`waited too long: ${story.join(", ")}`);
  }
}

test("tells of each change, under a name that a DBA sees, and leaves nothing behind", async () => {
  await listen();
  expect(story).toEqual(["listening"]);
  await change();
  await until(() => story.length === 2);
  await withClient(database.ownerUrl, (client) => client.query("notify other_channel; notify otrs_bridge"));
  await until(() => story.length === 3);
  expect(story).toEqual(["listening", "change", "change"]);
  expect(await listeners()).toBe(1);
  await listener?.close();
  await until(async () => (await listeners()) === 0);
  await change();
  await sleep(100);
  expect(story).toHaveLength(3);
});

test("a connection that the server ended is made again, and what was missed is caught up with once", async () => {
  await listen();
  await withClient(database.url, (client) =>
    client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kivi-otrs listener' and datname = current_database()",
    ),
  );
  await until(() => story.includes("change"));
  expect(story).toEqual(["listening", "lost", "listening again", "change"]);
  expect(losses[0]?.error).toBeInstanceOf(UnavailableError);
  await change();
  await until(() => story.length === 5);
  expect(await listeners()).toBe(1);
});

test("pauses grow while nothing answers, and begin anew after it did", async () => {
  await listen();
  wire.cut();
  await until(() => losses.length >= 5);
  wire.mend();
  await until(() => story.at(-1) === "change");
  expect(story.filter((line) => line !== "lost")).toEqual(["listening", "listening again", "change"]);
  expect(losses.slice(0, 5).map(({ pauseMs }) => pauseMs)).toEqual([10, 20, 40, 50, 50]);
  const before = losses.length;
  wire.cut();
  await until(() => losses.length > before);
  expect(losses[before]?.pauseMs).toBe(10);
});

test("a server that is down at first is waited for", async () => {
  wire.cut();
  await listen();
  expect(story).toEqual(["lost"]);
  wire.mend();
  await until(() => story.includes("change"));
  expect(story.slice(-2)).toEqual(["listening again", "change"]);
});

test("a connection that looks whole but carries nothing any more is found out", async () => {
  const silent = await silentWire(inject("postgresUrl"));
  try {
    await listen({ connectionString: wired(silent.port), checkMs: 250, answerMs: 200 });
    await sleep(300);
    expect(story).toEqual(["listening"]);
    silent.mute();
    await until(() => story.includes("lost"));
    await until(() => story.includes("change"));
    expect(story).toEqual(["listening", "lost", "listening again", "change"]);
  } finally {
    await listener?.close();
    await silent.stop();
  }
});

test("one that does not keep what it listens to, as behind a pooler, is told with what to do", async () => {
  await listen({ checkMs: 50 });
  await withClient(database.url, (client) =>
    client.query(`create or replace function pg_catalog.pg_listening_channels() returns setof text
                  language sql stable as 'select null::text where false'`),
  );
  await until(() => losses.length > 0);
  expect(losses[0]?.error).toBeInstanceOf(ConfigError);
  expect(losses[0]?.error).toMatchObject({ hint: expect.stringContaining("session mode") as unknown });
});

test("closing in a pause ends it", async () => {
  wire.cut();
  await listen({ firstPauseMs: 50 });
  await listener?.close();
  wire.mend();
  await sleep(200);
  expect(story).toEqual(["lost"]);
});

test("closing while a connection is being made does not wait for it", async () => {
  let calls = 0;
  const deaf = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    // The first call is refused, the second one is never answered.
    if (++calls === 1) socket.destroy();
  });
  await new Promise<void>((ready) => deaf.listen(0, "127.0.0.1", ready));
  try {
    await listen({ connectionString: wired((deaf.address() as AddressInfo).port), answerMs: 600_000 });
    await until(() => calls === 2);
    await listener?.close();
    expect(story).toEqual(["lost"]);
  } finally {
    deaf.close();
  }
});

interface SilentWire {
  readonly port: number;
  /** Existing connections stay open and carry nothing from now on; new ones do. */
  mute(): void;
  stop(): Promise<void>;
}

async function silentWire(databaseUrl: string): Promise<SilentWire> {
  const { hostname, port } = new URL(databaseUrl);
  const pairs = new Set<[Socket, Socket]>();
  const server = createServer((here) => {
    const there = connect({ host: hostname, port: Number(port) });
    pairs.add([here, there]);
    for (const socket of [here, there]) socket.on("error", () => socket.destroy());
    here.pipe(there);
    there.pipe(here);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    port: (server.address() as AddressInfo).port,
    mute: () => {
      for (const [here, there] of pairs) {
        here.unpipe(there).pause();
        there.unpipe(here).pause();
      }
    },
    stop: () =>
      new Promise((done) => {
        for (const socket of [...pairs].flat()) socket.destroy();
        server.close(() => done());
      }),
  };
}
