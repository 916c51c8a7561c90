/** What a measurement of flow 1 needs: a kivitendo database that is set up, a helpdesk, and the program in a process of its own. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Client } from "pg";
import { stringify } from "yaml";
import { z } from "zod";
import { customerRules } from "../../src/bridge/customer-rules.ts";
import { allCustomers, setUp } from "../../src/bridge/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import type { CustomerRules } from "../../src/customer-sync/rules.ts";
import { createSampleKivitendo, urlOf } from "../../src/demo/kivitendo/index.ts";
import { type CountingProxy, startCountingProxy } from "./proxy.ts";

export interface HelpdeskAccount {
  /** Up to and including `/otrs`. */
  readonly url: string;
  readonly userLogin: string;
  readonly password: string;
}

export interface BenchWorld {
  /** Name of the instance, and part of every number and e-mail address: fresh for each world. */
  readonly tag: string;
  /** Superuser's address of the database. */
  readonly adminUrl: string;
  readonly bridgeUrl: string;
  /** Those that the configuration gives for a run over everything. */
  readonly rules: CustomerRules;
  /** `kivi-otrs customers sync` in a process of its own. */
  sync(): Promise<MeasuredRun>;
  end(): Promise<void>;
}

export interface MeasuredRun {
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** The most that the process had in memory, of 1024 × 1024 bytes. */
  readonly megabytes: number;
  /** HTTP requests to the helpdesk: all, and those that write customers. */
  readonly requests: number;
  readonly writingRequests: number;
  readonly written: number;
  readonly unchanged: number;
  readonly rejected: number;
}

const Counts = z.object({
  created: z.number(),
  updated: z.number(),
  invalidated: z.number(),
  unchanged: z.number(),
  rejected: z.number(),
});
const Answer = z.object({ customers: Counts, contacts: Counts });

const writingRoute = "/KivitendoBridge/Upsert";
const executable = resolve(import.meta.dirname, "../../bin/kivi-otrs");
const bridgePassword = "bench-bridge";

/** A database without a customer, on the server of `postgresUrl`, and the bridge between it and the helpdesk. */
export async function createBenchWorld(postgresUrl: string, helpdesk: HelpdeskAccount): Promise<BenchWorld> {
  const tag = `b${randomBytes(4).toString("hex")}`;
  const { url: adminUrl } = await createSampleKivitendo(postgresUrl, {
    database: `bench_${tag}`,
    release: "4.1.0",
    owner: { name: `bench_${tag}_kivitendo`, password: "bench-owner" },
    sample: true,
  });
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  await client.query("delete from customer_contacts; delete from contacts; delete from customer");
  await client.end();

  const bridgeUrl = urlOf(adminUrl, { user: `bench_${tag}_bridge`, password: "" });
  const proxy = await startCountingProxy(helpdesk.url);
  const directory = await mkdtemp(join(tmpdir(), "kivi-otrs-bench-"));
  const file = join(directory, "bridge.yaml");
  await writeFile(
    file,
    stringify({
      instance: tag,
      kivitendo: { databaseUrl: bridgeUrl, password: bridgePassword, adminUrl },
      helpdesk: { url: proxy.url, userLogin: helpdesk.userLogin, password: helpdesk.password },
      log: { level: "warn" },
    }),
    { mode: 0o600 },
  );
  const { config } = loadConfig({ file, environment: {}, directory });
  await setUp(config, () => undefined);
  return {
    tag,
    adminUrl,
    bridgeUrl: urlOf(bridgeUrl, { password: bridgePassword }),
    rules: customerRules(config, allCustomers),
    sync: () => measuredSync(file, directory, proxy),
    end: async () => {
      await proxy.stop();
      await rm(directory, { recursive: true });
    },
  };
}

async function measuredSync(config: string, directory: string, proxy: CountingProxy): Promise<MeasuredRun> {
  proxy.take();
  const usageFile = join(directory, "usage");
  const began = performance.now();
  const child = spawn(executable, ["customers", "sync", "--quiet", "--json", "--config", config], {
    env: {
      PATH: process.env["PATH"],
      // As bin/kivi-otrs has it by default, in a place of its own.
      NODE_COMPILE_CACHE: join(directory, "compiled"),
      NODE_OPTIONS: `--import ${pathToFileURL(resolve(import.meta.dirname, "usage.mjs")).href}`,
      BENCH_USAGE_FILE: usageFile,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [code] = await once(child, "close");
  const seconds = (performance.now() - began) / 1000;
  const text = Buffer.concat(chunks).toString();
  if (code !== 0) throw new Error(`kivi-otrs customers sync ended with ${String(code)}: ${text.slice(0, 2000)}`);

  const { customers, contacts } = Answer.parse(JSON.parse(text));
  const both = (figure: keyof typeof customers): number => customers[figure] + contacts[figure];
  const counts = proxy.take();
  return {
    seconds,
    megabytes: Number(await readFile(usageFile, "utf8")) / 2 ** 20,
    requests: [...counts.values()].reduce((sum, count) => sum + count, 0),
    writingRequests: counts.get(writingRoute) ?? 0,
    written: both("created") + both("updated") + both("invalidated"),
    unchanged: both("unchanged"),
    rejected: both("rejected"),
  };
}
