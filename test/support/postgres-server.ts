/**
 * The PostgreSQL server of a test run, from one of three sources: `TEST_DATABASE_URL` (a superuser's address of a
 * running server), `TEST_DATABASE=testcontainers` (image `TEST_POSTGRES_IMAGE`, default postgres:18), else embedded.
 */
import { randomBytes } from "node:crypto";
import { access, glob, mkdtemp, rm, stat, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import type { ProvidedContext } from "vitest";
import { startPostgres } from "../../src/demo/postgres.ts";
import { dropLeftovers } from "./postgres-admin.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Superuser's address of the test server. */
    postgresUrl: string;
    /** Part of every database's and role's name, so that two runs on one server do not meet. */
    testRun: string;
  }
}

interface TestProject {
  provide<Key extends keyof ProvidedContext>(key: Key, value: ProvidedContext[Key]): void;
}

interface TestServer {
  source: string;
  url: string;
  stop: () => Promise<void>;
}

/** As statfs(2) names it. */
const tmpfs = 0x01021994;
/** A gigabyte of write-ahead log, and the databases of two workers. */
const neededBytes = 3 * 2 ** 30;

/** Called by vitest before the first test file; the returned function after the last one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await testServer();
  const testRun = randomBytes(3).toString("hex");
  console.log(`PostgreSQL for the tests: ${await version(server.url)}, ${server.source}`);
  project.provide("postgresUrl", server.url);
  project.provide("testRun", testRun);
  return async () => {
    await dropLeftovers(server.url, testRun);
    await server.stop();
  };
}

async function testServer(): Promise<TestServer> {
  const url = process.env["TEST_DATABASE_URL"];
  if (url !== undefined && url !== "") {
    return { source: "the server named in TEST_DATABASE_URL", url, stop: async () => {} };
  }
  const source = process.env["TEST_DATABASE"] ?? "embedded";
  if (source === "testcontainers") return startContainer();
  if (source === "embedded") return startEmbedded();
  throw new Error(`TEST_DATABASE is "${source}": write "embedded" or "testcontainers", or set TEST_DATABASE_URL`);
}

async function startEmbedded(): Promise<TestServer> {
  const place = await quickPlace();
  await removeAbandoned(place);
  const directory = await mkdtemp(join(place, "kivi-otrs-test-"));
  const server = await startPostgres({ directory, persistent: false, fsync: false });
  return {
    source: "embedded",
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * In memory where there is room. Each test clones and drops a database of 600 files: on ext4, which does not give a
 * freed inode away again at once, that took 280 ms of CPU, in memory it takes 30.
 */
async function quickPlace(): Promise<string> {
  const memory = "/dev/shm";
  const { type, bavail, bsize } = await statfs(memory).catch(() => ({ type: 0, bavail: 0, bsize: 0 }));
  return type === tmpfs && bavail * bsize >= neededBytes ? memory : tmpdir();
}

/** What runs left that were killed, an hour ago or longer; their servers have ended and taken their lock files away. */
async function removeAbandoned(place: string): Promise<void> {
  for await (const name of glob("kivi-otrs-test-*", { cwd: place })) {
    const directory = join(place, name);
    const found = await stat(directory).catch(() => null);
    if (found === null || Date.now() - found.mtimeMs < 3_600_000) continue;
    const isRunning = await access(join(directory, "data", "postmaster.pid")).then(
      () => true,
      () => false,
    );
    // Those of another user of the machine stay.
    if (!isRunning) await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function startContainer(): Promise<TestServer> {
  // Ryuk is an image of its own that cannot be pulled everywhere; the container is stopped at the end of the run.
  process.env["TESTCONTAINERS_RYUK_DISABLED"] ??= "true";
  const { GenericContainer, Wait } = await import("testcontainers");
  const image = process.env["TEST_POSTGRES_IMAGE"] ?? "postgres:18";
  const container = await new GenericContainer(image)
    .withEnvironment({
      POSTGRES_PASSWORD: "test",
      POSTGRES_INITDB_ARGS: "--encoding=UTF8 --locale=C.UTF-8",
      PGDATA: "/memory/data",
    })
    .withTmpFs({ "/memory": "rw" })
    .withExposedPorts(5432)
    // The image starts the server twice: once to set itself up, then for good.
    .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2))
    .start();
  return {
    source: `testcontainers, image ${image}`,
    url: `postgres://postgres:test@${container.getHost()}:${container.getMappedPort(5432)}/postgres`,
    stop: async () => {
      await container.stop();
    },
  };
}

async function version(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    return rows[0]?.server_version ?? "of unknown version";
  } finally {
    await client.end();
  }
}
