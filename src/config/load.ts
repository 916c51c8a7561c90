import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse as parseDotenv } from "dotenv";
import { parseDocument } from "yaml";
import { ConfigError } from "../model/index.ts";
import { environmentName, leafFields } from "./fields.ts";
import { problemsOf } from "./problems.ts";
import { Config } from "./schema.ts";
import { suggestion } from "./suggestion.ts";

export interface LoadOptions {
  /** `--config`; else KIVI_OTRS_CONFIG; else the usual places. */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where `.env` and `config/bridge.yaml` are looked for. */
  readonly directory: string;
}

export interface LoadedConfig {
  readonly file: string;
  readonly config: Config;
}

const usualPlaces = ["config/bridge.yaml", "/etc/kivitendo-otrs-bridge/bridge.yaml"];

/**
 * Reads the YAML file, lays the environment (and `.env`, which the environment beats) over it, reads secret files, and
 * checks the whole. Throws one ConfigError that lists every problem with its path.
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const environment = { ...readDotenv(options.directory), ...options.environment };
  const file = findFile(options, environment);
  const raw = readYaml(file);
  const problems: string[] = [];
  applyEnvironment(raw, environment, problems);
  const unread = applySecretFiles(raw, options.directory, problems);
  const parsed = Config.safeParse(raw);
  // A secret whose file cannot be read is told once, not as missing too.
  if (!parsed.success) problems.push(...problemsOf(parsed.error, unread));
  if (problems.length > 0 || !parsed.success) {
    throw new ConfigError(
      [
        `The configuration in ${file} has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:`,
        ...problems,
      ].join("\n  - "),
      "Correct the settings named above, then run `kivi-otrs config check`. `kivi-otrs config example` prints every setting with its meaning.",
    );
  }
  return { file, config: parsed.data };
}

function findFile(options: LoadOptions, environment: Readonly<Record<string, string | undefined>>): string {
  const named = options.file ?? environment["KIVI_OTRS_CONFIG"];
  const candidates = named === undefined ? usualPlaces : [named];
  for (const candidate of candidates) {
    const path = resolve(options.directory, candidate);
    if (existsSync(path)) return path;
  }
  throw new ConfigError(
    `There is no configuration file (looked for ${candidates.join(", ")}).`,
    "Run `kivi-otrs config example > config/bridge.yaml`, fill it in, and name it with --config FILE when it is elsewhere.",
  );
}

function readDotenv(directory: string): Record<string, string> {
  const path = resolve(directory, ".env");
  return existsSync(path) ? parseDotenv(readText(path)) : {};
}

type Tree = { [key: string]: unknown };

function readYaml(file: string): Tree {
  const document = parseDocument(readText(file), { prettyErrors: true });
  const [error] = document.errors;
  if (error) throw notYaml(file, error);
  let value: unknown;
  try {
    value = document.toJS();
  } catch (unusable) {
    throw notYaml(file, unusable);
  }
  if (value === null || value === undefined) return {};
  if (!isTree(value)) throw new ConfigError(`${file} holds no settings.`, "Start from `kivi-otrs config example`.");
  return withoutEmpty(value);
}

/** A part whose settings are all commented out, and a setting without a value, are as good as left out. */
function withoutEmpty(tree: Tree): Tree {
  const given = Object.entries(tree).filter(([, value]) => value !== null);
  return Object.fromEntries(given.map(([name, value]) => [name, isTree(value) ? withoutEmpty(value) : value]));
}

function notYaml(file: string, error: unknown): ConfigError {
  const reason = error instanceof Error ? error.message.trimEnd() : String(error);
  return new ConfigError(`${file} is not valid YAML: ${reason}`, "Correct the place named above.", { cause: error });
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError(
      `${file} cannot be read (${codeOf(error)}).`,
      "Name a file that this user may read; `kivi-otrs config example` prints one to start from.",
      { cause: error },
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unreadable";
}

function applyEnvironment(
  raw: Tree,
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): void {
  const byName = new Map(leafFields().map((field) => [environmentName(field.path), field]));
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith("KIVI_OTRS_") || name === "KIVI_OTRS_CONFIG" || text === undefined) continue;
    const field = byName.get(name);
    if (!field) {
      problems.push(`${name} (environment) is not a setting${suggestion(name, [...byName.keys()])}`);
    } else {
      setAt(raw, field.path, field.secret || !isScalarSetting(field.sample) ? text : scalar(text));
    }
  }
}

function isScalarSetting(sample: unknown): boolean {
  return typeof sample === "number" || typeof sample === "boolean" || (typeof sample === "object" && sample !== null);
}

/** Numbers, lists, yes or no and maps arrive as text from the environment: `0.2`, `[new, open]`, `true`, `{a: b}`. */
function scalar(text: string): unknown {
  return parseDocument(text).toJS();
}

/** Reads `passwordFile` into `password`. Answers the paths of the secrets that could not be read. */
function applySecretFiles(raw: Tree, directory: string, problems: string[]): ReadonlySet<string> {
  const unread = new Set<string>();
  for (const field of leafFields().filter((candidate) => candidate.secret)) {
    const filePath = [...field.path.slice(0, -1), `${field.path.at(-1) ?? ""}File`];
    const file = getAt(raw, filePath);
    if (typeof file !== "string") continue;
    if (getAt(raw, field.path) !== undefined) {
      problems.push(`${field.path.join(".")} and ${filePath.join(".")} are both given: use one of them`);
      continue;
    }
    try {
      const secret = readFileSync(resolve(directory, file), "utf8").replace(/\r?\n$/, "");
      if (secret !== "") {
        setAt(raw, field.path, secret);
        continue;
      }
      problems.push(`${filePath.join(".")}: the file ${file} is empty`);
    } catch (error) {
      problems.push(`${filePath.join(".")}: the file ${file} cannot be read (${codeOf(error)})`);
    }
    unread.add(field.path.join("."));
  }
  return unread;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function getAt(tree: Tree, path: readonly string[]): unknown {
  let here: unknown = tree;
  for (const name of path) here = isTree(here) ? here[name] : undefined;
  return here;
}

function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  let here = tree;
  for (const name of path.slice(0, -1)) {
    const next = here[name];
    if (isTree(next)) {
      here = next;
    } else {
      const made: Tree = {};
      here[name] = made;
      here = made;
    }
  }
  here[path.at(-1) ?? ""] = value;
}
