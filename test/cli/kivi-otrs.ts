/** The real executable as a child process, and what it said. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { outputs } from "../../src/cli/json.ts";
import { carryOut } from "../../src/cli/program.ts";
import type { Settings, World } from "../support/bridge.ts";
import { allRowVersions, helpdeskRecords } from "../support/evidence.ts";

export const repository = join(import.meta.dirname, "..", "..");

export interface Said {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly said: Promise<Said>;
  /** Resolves when the text appears on either stream; rejects when the process ends before. */
  shows(wanted: RegExp): Promise<void>;
}

export interface Place {
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts any program in a directory, with an environment that holds nothing of the tests' own. */
export function start(program: string, words: readonly string[], { directory, environment = {} }: Place): Running {
  const child = spawn(program, words, {
    cwd: directory,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: process.env["HOME"] ?? directory,
      // Compiling takes most of a short command's time, and is the same for all of them.
      NODE_COMPILE_CACHE: join(repository, "node_modules", ".cache", "kivi-otrs-test"),
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  const watchers = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      text[name] += chunk;
      for (const watch of watchers) watch();
    });
  }
  const said = new Promise<Said>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, ...text }));
  });
  const shows = (wanted: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const watch = (): void => {
        if (!wanted.test(text.stdout) && !wanted.test(text.stderr)) return;
        watchers.delete(watch);
        resolve();
      };
      watchers.add(watch);
      watch();
      void said.then(({ code, stderr }) => reject(new Error(`ended with ${code} before ${wanted}: ${stderr}`)), reject);
    });
  return { child, said, shows };
}

/** Starts `bin/kivi-otrs`. */
export function startKiviOtrs(words: readonly string[], place: Place): Running {
  return start(join(repository, "bin", "kivi-otrs"), words, place);
}

/** Runs `bin/kivi-otrs` to its end. */
export async function kiviOtrs(words: readonly string[], place: Place): Promise<Said> {
  return startKiviOtrs(words, place).said;
}

/** Sections of a configuration file. */
const File = z.record(z.string(), z.record(z.string(), z.unknown()));

/** Writes a copy of the world's configuration with some settings changed; answers its name in the world's directory. */
export function changedConfig(world: World, settings: Settings): string {
  const file = File.parse(parse(readFileSync(join(world.directory, "bridge.yaml"), "utf8")));
  for (const [name, section] of Object.entries(settings)) file[name] = { ...file[name], ...section };
  writeFileSync(join(world.directory, "changed.yaml"), stringify(file));
  return "changed.yaml";
}

/** A command on the configuration of a world, with some settings changed. */
export async function inWorld(world: World, words: readonly string[], settings: Settings = {}): Promise<Said> {
  return kiviOtrs([...words, "--config", changedConfig(world, settings)], { directory: world.directory });
}

/**
 * A command on the configuration of a world inside this process: the same words, streams and exit code as `inWorld`,
 * without the second that starting a process takes.
 */
export async function typedIn(world: World, words: readonly string[], settings: Settings = {}): Promise<Said> {
  const config = join(world.directory, changedConfig(world, settings));
  const text = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      text[name] += String(chunk);
      return true;
    }),
  );
  process.exitCode = undefined;
  try {
    await carryOut([...words, "--config", config]);
    return { code: exitCodeNow(), signal: null, ...text };
  } finally {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
}

function exitCodeNow(): number {
  return Number(process.exitCode ?? 0);
}

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];
const Schemas = z.record(z.string(), z.custom<JsonSchema>());
const schemas = Schemas.parse(JSON.parse(readFileSync(join(repository, "docs", "json-output.schema.json"), "utf8")));

/** The one document on standard output; fails unless it is all there is and conforms to the committed schema. */
export function documentOf<Name extends keyof typeof outputs>(name: Name, said: Said): z.infer<(typeof outputs)[Name]> {
  expect(said.stdout, said.stderr).toMatch(/^[^\n]+\n$/);
  const document: unknown = JSON.parse(said.stdout);
  const schema = schemas[name];
  if (schema === undefined) throw new Error(`docs/json-output.schema.json lacks ${name}`);
  z.fromJSONSchema(schema).parse(document);
  return outputs[name].parse(document) as z.infer<(typeof outputs)[Name]>;
}

/** Every row of both sides, to be compared before and after. */
export async function bothSides(world: World): Promise<readonly [readonly string[], unknown]> {
  return [await allRowVersions(world), helpdeskRecords(world)];
}

/** Failing commands tell the same on both streams: a JSON document, and for people what happened and what to do next. */
export function failureOf(said: Said): {
  readonly code: number | null;
  readonly message: string;
  readonly hint: string;
} {
  const { error } = documentOf("error", said);
  expect(error.exitCode).toBe(said.code);
  expect(said.stderr).toContain(`${error.message}\n→ ${error.hint}\n`);
  expect(error.hint).toMatch(/^[A-Z`].*[.?]$/s);
  return { code: said.code, message: error.message, hint: error.hint };
}
