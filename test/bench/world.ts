/** What a measurement needs: a kivitendo database that is set up, a helpdesk, and the program in a process of its own. */
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
import { type Config, loadConfig } from "../../src/config/index.ts";
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
  readonly config: Config;
  /** `kivi-otrs customers sync` in a process of its own. */
  sync(): Promise<MeasuredRun>;
  /** `kivi-otrs billing draft` in a process of its own. */
  draft(): Promise<MeasuredDraft>;
  end(): Promise<void>;
}

export interface MeasuredCommand {
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** The most that the process had in memory, of 1024 × 1024 bytes. */
  readonly megabytes: number;
  /** HTTP requests to the helpdesk: all, and those that write customers. */
  readonly requests: number;
  readonly writingRequests: number;
}

export interface MeasuredRun extends MeasuredCommand {
  readonly written: number;
  readonly unchanged: number;
  readonly rejected: number;
}

export interface MeasuredDraft extends MeasuredCommand {
  readonly drafts: number;
}

const Counts = z.object({
  created: z.number(),
  updated: z.number(),
  invalidated: z.number(),
  unchanged: z.number(),
  rejected: z.number(),
});
const SyncAnswer = z.object({ customers: Counts, contacts: Counts });
const DraftAnswer = z.object({ billing: z.object({ drafts: z.array(z.unknown()) }) });

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
      billing: { startDate: "2026-01-01", timeUnit: "minutes", partNumber: "ST-STD", draftOwner: "buchhaltung" },
      log: { level: "warn" },
    }),
    { mode: 0o600 },
  );
  const { config } = loadConfig({ file, environment: {}, directory });
  await setUp(config, () => undefined);
  const command = (words: readonly string[]) => measuredCommand(words, file, directory, proxy);
  return {
    tag,
    config,
    adminUrl,
    bridgeUrl: urlOf(bridgeUrl, { password: bridgePassword }),
    rules: customerRules(config, allCustomers),
    sync: async () => {
      const { answer, ...measured } = await command(["customers", "sync"]);
      const { customers, contacts } = SyncAnswer.parse(answer);
      const both = (figure: keyof typeof customers): number => customers[figure] + contacts[figure];
      const written = both("created") + both("updated") + both("invalidated");
      return { ...measured, written, unchanged: both("unchanged"), rejected: both("rejected") };
    },
    draft: async () => {
      const { answer, ...measured } = await command(["billing", "draft"]);
      return { ...measured, drafts: DraftAnswer.parse(answer).billing.drafts.length };
    },
    end: async () => {
      await proxy.stop();
      await rm(directory, { recursive: true });
    },
  };
}

async function measuredCommand(
  words: readonly string[],
  config: string,
  directory: string,
  proxy: CountingProxy,
): Promise<MeasuredCommand & { readonly answer: unknown }> {
  proxy.take();
  const usageFile = join(directory, "usage");
  const began = performance.now();
  const child = spawn(executable, [...words, "--quiet", "--json", "--config", config], {
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
  if (code !== 0) {
    throw new Error(`kivi-otrs ${words.join(" ")} ended with ${String(code)}: ${text.slice(0, 2000)}`);
  }
  const counts = proxy.take();
  return {
    seconds,
    megabytes: Number(await readFile(usageFile, "utf8")) / 2 ** 20,
    requests: [...counts.values()].reduce((sum, count) => sum + count, 0),
    writingRequests: counts.get(writingRoute) ?? 0,
    answer: JSON.parse(text),
  };
}
