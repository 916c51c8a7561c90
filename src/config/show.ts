import { stringify } from "yaml";
import { leafFields } from "./fields.ts";
import type { Config } from "./schema.ts";

/** The configuration in force as YAML, with every secret (and a password inside a URL) replaced. */
export function showConfig(config: Config): string {
  return stringify(redactConfig(config), { lineWidth: 0 });
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
    if (typeof value === "string") return withoutPassword(value);
    if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redact(inner, [...path, name])]));
  }
}

/** An address may carry its password before the host, or as a parameter as PostgreSQL's own tools take it. */
function withoutPassword(text: string): string {
  return text
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^:/?#]*):[^/?#]*@/i, "$1:(not shown)@")
    .replace(/([?&](?:ssl)?password=)[^&#]*/gi, "$1(not shown)");
}
