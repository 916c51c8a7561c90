import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createWorld, type HelpdeskWorld } from "./by-hand.ts";
import { Faults } from "./faults.ts";
import { handleRequest } from "./server.ts";
import { defaultSettings, openSimulation, type HelpdeskSettings } from "./simulation.ts";

export type { HelpdeskWorld, Step } from "./by-hand.ts";
export type { Fault, Faults } from "./faults.ts";
export type { HelpdeskSettings } from "./simulation.ts";

export interface SimulatedHelpdeskOptions extends Partial<HelpdeskSettings> {
  /** 0 (default): any free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Where the state is kept between runs; without it, in memory only. */
  stateFile?: string;
  /** The helpdesk's clock. */
  now?: () => Temporal.Instant;
}

export interface SimulatedHelpdesk {
  /** For instance `http://127.0.0.1:40001/otrs`. */
  baseUrl: string;
  /** What agents do by hand, and what tests look at. */
  world: HelpdeskWorld;
  /** What shall go wrong on the way. */
  faults: Faults;
  /** Can be changed while it runs, `timeZone` excepted. */
  settings: HelpdeskSettings;
  stop(): Promise<void>;
}

/**
 * Starts an HTTP server that behaves as a Znuny 6.5.1 with the add-on does, as far as the bridge can tell. Every change
 * is in the state file before its answer goes out. Throws when the port is taken or the state file is not ours.
 */
export async function startSimulatedHelpdesk(options: SimulatedHelpdeskOptions = {}): Promise<SimulatedHelpdesk> {
  const { port = 0, host = "127.0.0.1", stateFile, now = () => Temporal.Now.instant(), ...given } = options;
  const settings: HelpdeskSettings = { ...defaultSettings, ...given };
  const sim = openSimulation(settings, now, stateFile);
  const faults = new Faults();
  const server = createServer((request, response) => {
    handleRequest(sim, faults, request, response).catch((error: unknown) => {
      // A fault of the simulation itself must be seen by whoever asked, not end the process.
      if (!response.headersSent) response.writeHead(500, { "Content-Type": "text/plain" });
      response.end(`simulated helpdesk: ${error instanceof Error ? error.stack : String(error)}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  return {
    baseUrl: `http://${host}:${address.port}/otrs`,
    world: createWorld(sim),
    faults,
    settings,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
