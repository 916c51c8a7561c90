import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { stringify } from "yaml";
import { setUp } from "../bridge/index.ts";
import { loadConfig } from "../config/index.ts";
import type { LoadedConfig } from "../config/index.ts";
import { startSimulatedHelpdesk } from "./helpdesk/index.ts";
import type { SimulatedHelpdesk } from "./helpdesk/index.ts";
import { createSampleKivitendo, urlOf } from "./kivitendo/index.ts";
import { freePort, removePostgres, startPostgres } from "./postgres.ts";
import type { RunningPostgres } from "./postgres.ts";

/** A whole world in one process: PostgreSQL with the sample company, and a helpdesk. */
export interface DemoEnvironment {
  readonly loaded: LoadedConfig;
  readonly helpdesk: SimulatedHelpdesk;
  readonly stop: () => Promise<void>;
}

const database = "kivitendo";
/** Of this demo only; both servers listen on the loopback address. */
const passwords = { owner: "demo-owner", bridge: "demo-bridge" };

/** Forgets everything that earlier runs of the demo left in the directory. */
export async function forgetDemo(directory: string): Promise<void> {
  await removePostgres(join(directory, "postgres"));
  for (const file of ["helpdesk.json", "bridge.yaml", "ports.json"]) rmSync(join(directory, file), { force: true });
}

/** Starts both sides (making them at the first start) and writes the configuration that leads to them. */
export async function startDemo(directory: string, say: (line: string) => void): Promise<DemoEnvironment> {
  mkdirSync(directory, { recursive: true });
  const ports = await portsOf(directory);
  say("Starting PostgreSQL with the database of a sample company (shaped like kivitendo 4.1.0) ...");
  const postgres = await startPostgres({
    directory: join(directory, "postgres"),
    port: ports.postgres,
    persistent: true,
  });
  try {
    const urls = await sampleCompany(postgres);
    say("Starting a simulated helpdesk (answers as a Znuny 6.5 with the add-on does) ...");
    const helpdesk = await startSimulatedHelpdesk({
      port: ports.helpdesk,
      stateFile: join(directory, "helpdesk.json"),
    });
    const file = join(directory, "bridge.yaml");
    writeFileSync(file, configFor(urls, helpdesk.baseUrl), { mode: 0o600 });
    const loaded = loadConfig({ file, environment: {}, directory });
    await setUp(loaded.config, () => undefined);
    const stop = async (): Promise<void> => {
      await helpdesk.stop();
      await postgres.stop();
    };
    return { loaded, helpdesk, stop };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** The same ports at every start, so that a configuration or a browser tab of yesterday still fits. */
async function portsOf(directory: string): Promise<{ postgres: number; helpdesk: number }> {
  const file = join(directory, "ports.json");
  if (existsSync(file)) {
    const known = JSON.parse(readFileSync(file, "utf8")) as { postgres: number; helpdesk: number };
    return known;
  }
  const ports = { postgres: await freePort(), helpdesk: await freePort() };
  writeFileSync(file, JSON.stringify(ports));
  return ports;
}

async function sampleCompany(postgres: RunningPostgres): Promise<{ url: string; ownerUrl: string }> {
  const url = urlOf(postgres.url, { database });
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  try {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [database]);
    if (rowCount !== 0) return { url, ownerUrl: urlOf(url, { user: "kivitendo", password: passwords.owner }) };
  } finally {
    await client.end();
  }
  return createSampleKivitendo(postgres.url, {
    database,
    release: "4.1.0",
    owner: { name: "kivitendo", password: passwords.owner },
    sample: true,
  });
}

function configFor(urls: { readonly url: string }, helpdeskUrl: string): string {
  const bridge = urlOf(urls.url, { user: "otrs_bridge", password: "" });
  return `# Written by \`npm run demo\` at each start; works while the demo runs.\n${stringify({
    instance: "demo",
    kivitendo: { databaseUrl: bridge, password: passwords.bridge, adminUrl: urls.url },
    helpdesk: { url: helpdeskUrl, userLogin: "bridge", password: "bridgepw" },
    billing: {
      startDate: "2020-01-01",
      timeUnit: "minutes",
      partNumber: "ST-STD",
      draftOwner: "buchhaltung",
    },
    schedule: { customers: "* * * * *", billing: "* * * * *" },
    log: { level: "warn" },
  })}`;
}
