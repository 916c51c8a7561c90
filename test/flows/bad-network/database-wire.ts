/** A wire between the bridge and PostgreSQL on which single messages meet what networks and servers do to them. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** What becomes of a message of the bridge. */
export type Fate =
  | "pass"
  /** Never arrives; the connection is gone. */
  | "lost"
  /** Arrives; its answer does not, and the connection is gone. */
  | "answer-lost"
  /** Arrives; no byte comes back ever again, and the connection looks whole. */
  | "answer-stuck"
  /** From now on nothing gets through in either direction, and the connection looks whole. */
  | "stuck";

export interface DatabaseWire {
  /** The database's address through this wire. */
  readonly url: string;
  /** Asked for each message, which may be told by the SQL in it; null passes all. */
  fateOf: ((message: string) => Fate) | null;
  /** Every connection is gone, and new ones are as those before. */
  cutAll(): void;
  stop(): Promise<void>;
}

export async function openDatabaseWire(databaseUrl: string): Promise<DatabaseWire> {
  const url = new URL(databaseUrl);
  const target = { host: url.hostname, port: Number(url.port) };
  const sockets = new Set<Socket>();
  const server = createServer((here) => {
    const there = connect(target);
    let isDeaf = false;
    let isMute = false;
    const close = (): void => {
      here.destroy();
      there.destroy();
    };
    for (const socket of [here, there]) {
      sockets.add(socket);
      socket.on("error", close);
      socket.on("close", () => {
        sockets.delete(socket);
        close();
      });
    }
    there.on("data", (answer: Buffer) => void (isMute || here.write(answer)));
    here.on("data", (message: Buffer) => {
      if (isDeaf) return;
      const fate = wire.fateOf?.(message.toString("latin1")) ?? "pass";
      isMute ||= fate !== "pass";
      isDeaf ||= fate === "stuck" || fate === "lost";
      if (fate === "lost") close();
      else if (fate === "answer-lost") there.write(message, () => setTimeout(close, 20));
      else if (fate !== "stuck") there.write(message);
    });
  });
  const wire: DatabaseWire = {
    url: "",
    fateOf: null,
    cutAll: () => {
      for (const socket of sockets) socket.destroy();
    },
    stop: async () => {
      wire.cutAll();
      await new Promise((done) => server.close(done));
    },
  };
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url.port = String((server.address() as AddressInfo).port);
  return Object.assign(wire, { url: url.href });
}
