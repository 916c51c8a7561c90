/** A wire between the bridge and PostgreSQL that can be cut, at any moment or at an answer. */
import { createServer, connect, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export interface DatabaseWire {
  /** The address to give to the bridge. */
  readonly port: number;
  /**
   * Asked before an answer of the database is passed on; "cut" drops it and cuts every connection. `kept` tells whether
   * what the statement did can be there for good: not as long as its transaction is open, and not when that transaction
   * was read-only.
   */
  onAnswer: ((kept: boolean) => "pass" | "cut") | null;
  /** Cuts every connection and takes no new one. */
  cut(): void;
  /** Takes connections again. */
  mend(): void;
  stop(): Promise<void>;
}

export async function openWire(databaseUrl: string): Promise<DatabaseWire> {
  const { hostname, port } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((here) => {
    const there = connect({ host: hostname, port: Number(port) });
    for (const socket of [here, there]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        here.destroy();
        there.destroy();
      });
    }
    if (isCut) here.destroy();
    const answers = new Answers();
    here.on("data", (message: Buffer) => {
      if (isCut) return;
      answers.asked(message);
      there.write(message);
    });
    there.on("data", (bytes: Buffer) => {
      for (const { answer, end } of answers.take(bytes, wire.onAnswer !== null)) {
        if (isCut) return;
        if (end !== null && wire.onAnswer?.(end.kept) === "cut") return wire.cut();
        here.write(answer);
      }
    });
    there.on("end", () => here.end(answers.rest()));
  });
  const wire: DatabaseWire = {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    onAnswer: null,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.destroySoon();
    },
    mend: () => {
      isCut = false;
    },
    stop: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => done());
      }),
  };
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return wire;
}

interface Part {
  readonly answer: Buffer;
  /** Null within an answer. */
  readonly end: { readonly kept: boolean } | null;
}

/** Types of PostgreSQL's messages, each followed by its length in four bytes that count themselves. */
const authentication = "R";
const readyForQuery = "Z";

/** Puts the server's bytes together to whole answers. */
class Answers {
  #bytes = Buffer.alloc(0);
  #held = Buffer.alloc(0);
  #readOnly = false;

  asked(message: Buffer): void {
    if (message.includes("begin") && message.includes("read only")) this.#readOnly = true;
  }

  /** What can be passed on; whole answers only when `hold` is set, but the login at once, which goes to and fro. */
  *take(bytes: Buffer, hold: boolean): Generator<Part> {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    while (this.#bytes.length >= 5) {
      const length = 1 + this.#bytes.readInt32BE(1);
      if (this.#bytes.length < length) return;
      const message = this.#bytes.subarray(0, length);
      this.#bytes = this.#bytes.subarray(length);
      this.#held = Buffer.concat([this.#held, message]);
      const type = String.fromCharCode(message.readUInt8(0));
      if (type === readyForQuery) yield { answer: this.#release(), end: { kept: this.#isKept(message) } };
      else if (!hold || type === authentication) yield { answer: this.#release(), end: null };
    }
  }

  /** What is left at the end. */
  rest(): Buffer {
    return this.#release();
  }

  #release(): Buffer {
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    return held;
  }

  #isKept(ready: Buffer): boolean {
    const isIdle = String.fromCharCode(ready.readUInt8(5)) === "I";
    const kept = isIdle && !this.#readOnly;
    if (isIdle) this.#readOnly = false;
    return kept;
  }
}
