import { randomInt } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";

/** Where Linux begins to take ports for outgoing connections unless told otherwise; other systems begin higher. */
const usualFirstOutgoing = 32_768;
const lowest = 15_000;
const tries = 50;

/**
 * A port of the loopback address that nobody listens on. It is not one that the system hands to outgoing connections
 * (as port 0 would be): nothing takes it by chance between this question and its use.
 */
export async function freePort(): Promise<number> {
  const end = await firstOutgoing();
  for (let attempt = 0; attempt < tries; attempt++) {
    const port = randomInt(lowest, end);
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${tries} ports between ${lowest} and ${end} of 127.0.0.1 was free`);
}

async function firstOutgoing(): Promise<number> {
  const range = await readFile("/proc/sys/net/ipv4/ip_local_port_range", "utf8").catch(() => "");
  const first = Number.parseInt(range, 10);
  return first > lowest + 1_000 ? first : usualFirstOutgoing;
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  probe.listen(port, "127.0.0.1");
  try {
    await once(probe, "listening");
  } catch {
    return false;
  }
  probe.close();
  await once(probe, "close");
  return true;
}
