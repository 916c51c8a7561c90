import { randomBytes } from "node:crypto";
import { link, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ConfigError } from "../model/index.ts";
import { activityCsv, activityPdf, activityXlsx } from "../report/index.ts";
import type { ActivityReport } from "../report/index.ts";

export const reportFormats = ["pdf", "xlsx", "csv"] as const;
export type ReportFormat = (typeof reportFormats)[number];

const writers = { pdf: activityPdf, xlsx: activityXlsx, csv: activityCsv };
/** Who worked when and on what: for the account that writes it. */
const fileMode = 0o600;

/** `taetigkeitsnachweis-K10001-2026-10.pdf`; what a file name cannot have becomes a hyphen. */
export function reportFileName({ customer, period, language }: ActivityReport, format: ReportFormat): string {
  const words = [language === "de" ? "taetigkeitsnachweis" : "activity", customer.number, period.label];
  return `${words.join("-").replace(/[^\p{L}\p{N}._-]+/gu, "-")}.${format}`;
}

/**
 * Writes the report in each format and answers the paths. `output` is a file, or a directory for the usual names; null is
 * here. Readers find a whole file or none. Throws ConfigError when a file is there already and `force` is not given.
 */
export async function writeReport(
  report: ActivityReport,
  formats: readonly ReportFormat[],
  { output, force }: { readonly output: string | null; readonly force: boolean },
): Promise<readonly string[]> {
  const paths = await pathsFor(report, formats, output);
  if (!force) for (const path of paths) await assertNoFile(path);
  const written: string[] = [];
  for (const [index, format] of formats.entries()) {
    const path = paths[index];
    if (path === undefined) continue;
    await writeFile(path, await writers[format](report), force);
    written.push(path);
  }
  return written;
}

async function pathsFor(
  report: ActivityReport,
  formats: readonly ReportFormat[],
  output: string | null,
): Promise<readonly string[]> {
  if (output === null || (await isDirectory(output)) || output.endsWith("/")) {
    return formats.map((format) => join(output ?? ".", reportFileName(report, format)));
  }
  if (formats.length === 1) return [output];
  throw new ConfigError(
    `${output} is no directory, and ${formats.join(", ")} need a file each.`,
    "Name a directory that is there with --output, or one --format.",
  );
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function assertNoFile(path: string): Promise<void> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere) throw alreadyThere(path);
}

function alreadyThere(path: string): ConfigError {
  return new ConfigError(
    `${path} is there already; nothing was written.`,
    "Name another file with --output, or add --force to replace it.",
  );
}

async function writeFile(path: string, contents: Buffer, force: boolean): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString("hex")}.tmp`);
  try {
    const file = await open(temporary, "wx", fileMode);
    try {
      await file.writeFile(contents);
      await file.sync();
    } finally {
      await file.close();
    }
    // A link fails where another process has put a file meanwhile; a rename would replace it.
    await (force ? rename(temporary, path) : link(temporary, path));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") throw alreadyThere(path);
    throw new ConfigError(
      `${resolve(path)} cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
      "Name a directory that is there, that you may write to and that has room.",
      { cause: error },
    );
  } finally {
    await rm(temporary, { force: true });
  }
}
