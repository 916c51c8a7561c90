/** What a measurement gives, and how it is shown. */
import { cpus, totalmem } from "node:os";

export interface Wanted {
  /** A sentence such as "under 2 s". */
  readonly what: string;
  readonly met: boolean;
}

export interface Row {
  /** Stable: `customers/nothing-to-do/100000`. */
  readonly name: string;
  /** Seconds, megabytes (of 1024 × 1024 bytes) and counts, by name. */
  readonly figures: Readonly<Record<string, number | readonly number[]>>;
  readonly wanted: readonly Wanted[];
}

export interface LeftOut {
  readonly name: string;
  readonly why: string;
}

export interface Results {
  readonly machine: { readonly cores: number; readonly model: string; readonly memoryGigabytes: number };
  readonly node: string;
  readonly postgres: string;
  readonly measuredAt: string;
  readonly rows: readonly Row[];
  readonly leftOut: readonly LeftOut[];
}

export function machine(): Results["machine"] {
  const cores = cpus();
  return {
    cores: cores.length,
    model: cores[0]?.model.trim() ?? "unknown",
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
  };
}

/** Three digits are more than a measurement is good for. */
export function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function asText(results: Results): string {
  const lines = results.rows.flatMap((row) => [
    row.name,
    `  ${figuresOf(row)}`,
    ...row.wanted.map(({ what, met }) => `  ${met ? "reached" : "MISSED"}: ${what}`),
  ]);
  return [...lines, ...results.leftOut.map(({ name, why }) => `${name}: left out. ${why}`), ""].join("\n");
}

export function asMarkdown(results: Results): string {
  const { cores, model, memoryGigabytes } = results.machine;
  const day = results.measuredAt.slice(0, 10);
  return [
    `Measured on ${day}: ${cores} cores (${model}), ${memoryGigabytes} GB, Node ${results.node}, PostgreSQL ${results.postgres}.`,
    "",
    "| row | figures | wanted |",
    "|---|---|---|",
    ...results.rows.map((row) => {
      const wanted = row.wanted.map(({ what, met }) => `${what}: ${met ? "yes" : "**no**"}`).join("; ");
      return `| \`${row.name}\` | ${figuresOf(row)} | ${wanted} |`;
    }),
    ...results.leftOut.map(({ name, why }) => `| \`${name}\` | – | left out: ${why} |`),
    "",
  ].join("\n");
}

function figuresOf(row: Row): string {
  return Object.entries(row.figures)
    .map(([name, value]) => `${name} ${typeof value === "number" ? value : value.join(" ")}`)
    .join(", ");
}
