/** PostgreSQL's own lock file, which survives a killed server and then keeps the next one from starting. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError } from "../model/index.ts";

/** Waits for a server that is ending and removes the lock of one that is gone; throws when one goes on running. */
export async function releaseStaleLock(data: string, patienceMs: number): Promise<void> {
  const file = join(data, "postmaster.pid");
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const holder = await lockHolder(file);
    if (holder === undefined) return;
    if (!(await isServerOf(holder, data))) return rm(file, { force: true });
    if (Date.now() > deadline) {
      throw new ConfigError(
        `Another program (PostgreSQL with process id ${holder}) is using ${data}: stop it, then start again.`,
        "Probably another demo runs in this directory: end it with Ctrl-C, or name another one with --directory PATH.",
      );
    }
    await sleep(100);
  }
}

async function lockHolder(file: string): Promise<number | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) ? pid : undefined;
}

/** Process ids are given out again, so a living one counts only when it is a server for this very directory. */
async function isServerOf(pid: number, data: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform !== "linux") return true;
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return command.split("\0").includes(data);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
