/** Stands between bridge and helpdesk and counts what passes. */
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";

export interface CountingProxy {
  /** To be used in the place of the helpdesk's address. */
  readonly url: string;
  /** Requests since the last call of this, by route (`/KivitendoBridge/Upsert`). */
  take(): ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/** `target` is the helpdesk's address, over plain HTTP: `http://127.0.0.1:8080/otrs`. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const { hostname, port, pathname } = new URL(target);
  let counts = new Map<string, number>();
  const server = createServer((incoming, answer) => {
    const route = /\/Webservice\/[^/]+(\/[^?]*)/.exec(incoming.url ?? "")?.[1] ?? incoming.url ?? "";
    counts.set(route, (counts.get(route) ?? 0) + 1);
    const { method, url, headers } = incoming;
    const outgoing = httpRequest({ hostname, port, method, path: url, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    outgoing.on("error", () => answer.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    take: () => {
      const taken = counts;
      counts = new Map();
      return taken;
    },
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}
