/** Runs of the bridge that can end at any moment: child processes to be killed, and runs whose wires are cut. */
import { spawn } from "node:child_process";
import { createServer, connect, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
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

export interface DatabaseWire {
  /** The address to give to the bridge. */
  readonly port: number;
  /** Asked before each message to the database is passed on; false drops it and cuts every connection. */
  onMessage: (() => "pass" | "cut" | "pass-and-cut") | null;
  /** Cuts every connection and takes no new one. */
  cut(): void;
  /** Takes connections again. */
  mend(): void;
  stop(): Promise<void>;
}

/** A wire between the bridge and PostgreSQL that can be cut. */
export async function openWire(databaseUrl: string): Promise<DatabaseWire> {
  const { hostname, port } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((here) => {
    const there = connect({ host: hostname, port: Number(port) });
    for (const socket of [here, there]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        here.destroy();
        there.destroy();
      });
    }
    if (isCut) here.destroy();
    there.pipe(here);
    here.on("data", (message: Buffer) => {
      const fate = wire.onMessage?.() ?? "pass";
      if (fate === "cut") return wire.cut();
      if (fate === "pass") return void there.write(message);
      isCut = true;
      // The server gets the message whole, the bridge no answer to it.
      there.unpipe(here);
      there.write(message, () => wire.cut());
    });
  });
  const wire: DatabaseWire = {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    onMessage: null,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.destroySoon();
    },
    mend: () => {
      isCut = false;
    },
    stop: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => done());
      }),
  };
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return wire;
}
