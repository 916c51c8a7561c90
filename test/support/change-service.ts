/** The service as a process of its own, listening to the triggers, with a schedule that does not come during a test. */
import { setTimeout as sleep } from "node:timers/promises";
import { changedConfig, startKiviOtrs } from "../cli/kivi-otrs.ts";
import type { World } from "./bridge.ts";

export interface ServiceLine {
  readonly msg: string;
  readonly [fact: string]: unknown;
}

export interface Service {
  /** The log so far. */
  lines(): readonly ServiceLine[];
  messages(): readonly string[];
  /** What the helpdesk has of a person; undefined when nothing. */
  userOf(email: string): { readonly UserFirstname: string } | undefined;
  until(condition: () => boolean): Promise<void>;
  /** SIGTERM; answers the exit code. */
  end(): Promise<number | null>;
  kill(): void;
}

/** Resolves when the first pass is done and the service waits for changes. */
export async function startService(world: World): Promise<Service> {
  const config = changedConfig(world, { schedule: { customers: "59 23 31 12 *", billing: "off" } });
  const running = startKiviOtrs(["run", "--config", config], { directory: world.directory });
  let log = "";
  running.child.stderr?.on("data", (chunk: string) => (log += chunk));
  const lines = (): readonly ServiceLine[] =>
    log
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as ServiceLine);
  const service: Service = {
    lines,
    messages: () => lines().map(({ msg }) => msg),
    userOf: (email) =>
      Object.values(world.helpdesk.world.snapshot().users).find(({ UserEmail }) => UserEmail === email),
    until: async (condition) => {
      for (const deadline = Date.now() + 30_000; !condition(); await sleep(20)) {
        if (Date.now() > deadline) throw new Error(`waited too long: ${log}`);
      }
    },
    end: async () => {
      running.child.kill("SIGTERM");
      return (await running.said).code;
    },
    kill: () => void running.child.kill("SIGKILL"),
  };
  await running.shows(/"job":"customers".*"msg":"scheduled"/);
  return service;
}
