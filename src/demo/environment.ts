import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { stringify } from "yaml";
import { z } from "zod";
import { setUp } from "../bridge/index.ts";
import { loadConfig } from "../config/index.ts";
import type { LoadedConfig } from "../config/index.ts";
import { ConfigError } from "../model/index.ts";
import { freePort } from "./free-port.ts";
import { startSimulatedHelpdesk } from "./helpdesk/index.ts";
import type { SimulatedHelpdesk } from "./helpdesk/index.ts";
import { createSampleKivitendo, urlOf } from "./kivitendo/index.ts";
import { removePostgres, startPostgres } from "./postgres.ts";
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
  makeDirectory(directory);
  const ports = await portsOf(directory);
  say("Starting PostgreSQL with the database of a sample company (shaped like kivitendo 4.1.0) ...");
  const postgres = await startPostgres({
    directory: join(directory, "postgres"),
    port: ports.postgres,
    persistent: true,
  });
  try {
    const url = await sampleCompany(postgres);
    say("Starting a simulated helpdesk (answers as a Znuny 6.5 with the add-on does) ...");
    const helpdesk = await startSimulatedHelpdesk({
      port: ports.helpdesk,
      stateFile: join(directory, "helpdesk.json"),
    }).catch(portTaken(ports.helpdesk));
    const file = join(directory, "bridge.yaml");
    writeFileSync(file, configFor(url, helpdesk.baseUrl), { mode: 0o600 });
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
  const known = existsSync(file) ? readPorts(readFileSync(file, "utf8")) : null;
  if (known !== null) return known;
  const ports = { postgres: await freePort(), helpdesk: await freePort() };
  writeFileSync(file, JSON.stringify(ports));
  return ports;
}

/** Makes the database beside its place and renames it when complete: a demo killed meanwhile leaves nothing half done. */
async function sampleCompany(postgres: RunningPostgres): Promise<string> {
  const url = urlOf(postgres.url, { database });
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  try {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [database]);
    if (rowCount !== 0) return url;
    await client.query(`drop database if exists ${database}_unfinished with (force)`);
    await createSampleKivitendo(postgres.url, {
      database: `${database}_unfinished`,
      release: "4.1.0",
      owner: { name: "kivitendo", password: passwords.owner },
      sample: true,
    });
    await client.query(`alter database ${database}_unfinished rename to ${database}`);
  } finally {
    await client.end();
  }
  return url;
}

const Ports = z.object({ postgres: z.number().int(), helpdesk: z.number().int() });

/** Null for a file that a killed demo left half written. */
function readPorts(text: string): z.infer<typeof Ports> | null {
  try {
    return Ports.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new ConfigError(
      `The demo's directory cannot be made: ${error instanceof Error ? error.message : String(error)}`,
      "Name another place with --directory PATH.",
      { cause: error },
    );
  }
}

function portTaken(port: number): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    throw new ConfigError(
      `Another program listens on port ${port}, which the demo's helpdesk had before.`,
      "Stop that program, or start over with --fresh.",
      { cause: error },
    );
  };
}

function configFor(url: string, helpdeskUrl: string): string {
  const bridge = urlOf(url, { user: "otrs_bridge", password: "" });
  return `# Written by \`npm run demo\` at each start; works while the demo runs.\n${stringify({
    instance: "demo",
    kivitendo: { databaseUrl: bridge, password: passwords.bridge, adminUrl: url },
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
