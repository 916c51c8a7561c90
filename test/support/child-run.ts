/** Runs of the bridge in processes of their own, which can be killed at any moment. */
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { withClient } from "./database.ts";
import type { World } from "./bridge.ts";

export interface ChildRun {
  readonly kill: () => void;
  readonly ended: Promise<{ readonly code: number | null; readonly killed: boolean; readonly output: string }>;
}

/** `kivi-otrs …` in a process of its own, with the world's configuration file. */
export function startChild(world: World, words: readonly string[]): ChildRun {
  const main = resolve(import.meta.dirname, "../../src/main.ts");
  const child = spawn(process.execPath, [main, ...words, "--config", world.loaded.file, "--json"], {
    cwd: world.directory,
    // The cache halves the time that a process needs before it does anything.
    env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: join(world.directory, "compiled") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return {
    kill: () => void child.kill("SIGKILL"),
    ended: new Promise((done, fail) => {
      child.once("error", fail);
      child.once("close", (code, signal) => done({ code, killed: signal === "SIGKILL", output }));
    }),
  };
}

/** Waits until PostgreSQL has noticed that the connections of a killed run are gone, and with them its lock. */
export async function bridgeIsGone(world: World): Promise<void> {
  await withClient(world.database.url, async (client) => {
    for (let tries = 0; tries < 2_000; tries++) {
      const { rowCount } = await client.query(
        `select
           from pg_catalog.pg_stat_activity
          where datname = current_database() and usename = $1 and application_name not like 'kivi-otrs test %'`,
        [world.database.bridgeRole],
      );
      if (rowCount === 0) return;
      await new Promise((wait) => setTimeout(wait, 5));
    }
    throw new Error("PostgreSQL still has connections of the bridge");
  });
}
