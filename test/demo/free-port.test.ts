import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "../../src/demo/free-port.ts";

test("gives ports that can be listened on and that the system gives to no outgoing connection", async () => {
  const [first = 0, last = 0] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split(/\s+/).map(Number);
  for (let round = 0; round < 20; round++) {
    const port = await freePort();
    expect(port < first || port > last, `${port} is between ${first} and ${last}`).toBe(true);
    const server = createServer();
    await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
    await new Promise((closed) => server.close(closed));
  }
});
