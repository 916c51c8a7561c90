import { randomBytes } from "node:crypto";
import { access, mkdir, open, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { ExportFile } from "../customer-sync/index.ts";
import { ConfigError } from "../model/index.ts";

/** Personal data: for the account that exports. */
const fileMode = 0o600;

/**
 * Puts files into a directory, whose readers find each old or new, never half. All are on disk before the first takes
 * its name. Answers their paths.
 */
export async function writeFiles(directory: string, files: readonly ExportFile[]): Promise<readonly string[]> {
  const temporary: { readonly from: string; readonly to: string }[] = [];
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const { name, text } of files) {
      const from = join(directory, `.${name}.${randomBytes(4).toString("hex")}.tmp`);
      temporary.push({ from, to: join(directory, name) });
      await writeToDisk(from, text);
    }
    for (const { from, to } of temporary) await rename(from, to);
    await syncDirectory(directory);
  } catch (error) {
    for (const { from } of temporary) await rm(from, { force: true });
    throw new ConfigError(
      `The files cannot be written to ${resolve(directory)}: ${error instanceof Error ? error.message : String(error)}.`,
      "Name a directory with --out that you may write to and that has room, then export again: nothing was remembered.",
      { cause: error },
    );
  }
  return temporary.map(({ to }) => to);
}

export async function hasFile(directory: string, name: string): Promise<boolean> {
  return access(join(directory, name)).then(
    () => true,
    () => false,
  );
}

async function writeToDisk(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", fileMode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the new names last. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
