import { stringify } from "yaml";
import { leafFields } from "./fields.ts";
import type { Config } from "./schema.ts";

/** The configuration in force as YAML, with every secret (and a password inside a URL) replaced. */
export function showConfig(config: Config): string {
  return stringify(redactConfig(config));
}

/** The same as a plain value, for `--json`. */
export function redactConfig(config: Config): unknown {
  const secrets = new Set(
    leafFields()
      .filter((field) => field.secret)
      .map((field) => field.path.join(".")),
  );
  return redact(config, []);

  function redact(value: unknown, path: readonly string[]): unknown {
    if (secrets.has(path.join(".")) && value !== undefined) return "(set, not shown)";
    if (typeof value === "string") return value.replace(/^([a-z]+:\/\/[^:/@]*):[^@/]*@/, "$1:(not shown)@");
    if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redact(inner, [...path, name])]));
  }
}
