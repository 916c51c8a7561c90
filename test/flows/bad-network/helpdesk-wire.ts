/** A proxy between the bridge and a helpdesk that does to single requests what networks and proxies do. */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";

export const helpdeskFaults = [
  // The request does not arrive, or not before its sender has given it up.
  "dropped",
  "delivered-late",
  "answered-502",
  "answered-503",
  "answered-429",
  "answered-login-page",
  "answered-empty",
  "never-answered",
  // It arrives, and its answer does not come as it should.
  "answer-lost",
  "answer-late",
  "answer-cut",
  "answer-half-closed",
  "answer-shortened",
  "answer-garbled",
  "answer-gzip-garbled",
  "answer-trickles",
  "answer-replaced-504",
  "answer-replaced-login-page",
  "answer-replaced-empty",
  // The answer is right; what goes on around it is unusual.
  "delivered-twice",
  "answer-overtaken",
  "answer-gzipped",
  "closed-after-answer",
] as const;
export type HelpdeskFault = (typeof helpdeskFaults)[number];

export interface HelpdeskWire {
  /** The helpdesk's address through this wire. */
  readonly url: string;
  /** Asked for each request, by its address behind the web service's name; null passes all. */
  faultOf: ((route: string) => HelpdeskFault | null) | null;
  /** Resolves when nothing is on its way to the helpdesk any more. */
  quiet(): Promise<void>;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

/** One request on its way. */
interface Case {
  readonly response: ServerResponse;
  /** Passes the request on; null when the helpdesk closed the connection. */
  readonly send: () => Promise<Answer | null>;
  /** Longer than the bridge waits for an answer. */
  readonly slowMs: number;
  /** Counts what happens without anybody waiting for it. */
  readonly background: (work: Promise<unknown>) => void;
}

const loginPage: Answer = {
  status: 200,
  type: "text/html",
  body: Buffer.from("<!DOCTYPE html><html><body><form>Anmeldung</form></body></html>"),
};
const nothing = Buffer.alloc(0);
const garbage = Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xfe, 0xed, 0xfa, 0xce, 0x80, 0x81]);

type Conduct = (one: Case) => unknown;

const conducts: Readonly<Record<HelpdeskFault, Conduct>> = {
  dropped: ({ response }) => response.destroy(),
  "delivered-late": ({ response, send, slowMs, background }) => {
    response.destroy();
    background(sleep(slowMs).then(send));
  },
  "answered-502": ({ response }) => give(response, { ...loginPage, status: 502 }),
  "answered-503": ({ response }) => give(response, { ...loginPage, status: 503 }),
  "answered-429": ({ response }) => give(response, { ...loginPage, status: 429 }),
  "answered-login-page": ({ response }) => give(response, loginPage),
  "answered-empty": ({ response }) => give(response, { ...loginPage, body: nothing }),
  "never-answered": ({ response, slowMs }) => setTimeout(() => response.destroy(), 3 * slowMs),

  "answer-lost": after(({ response }) => response.destroy()),
  "answer-late": after(({ response, slowMs }, answer) => setTimeout(() => give(response, answer), 2 * slowMs)),
  "answer-cut": after(({ response }, answer) => half(response, answer, () => response.destroy())),
  "answer-half-closed": after(({ response }, answer) => half(response, answer, () => response.socket?.end())),
  "answer-shortened": after(({ response }, answer) => give(response, { ...answer, body: firstHalf(answer) })),
  "answer-garbled": after(({ response }, answer) => give(response, { ...answer, body: garbage })),
  "answer-gzip-garbled": after(({ response }, answer) => give(response, { ...answer, body: garbage }, "gzip")),
  "answer-trickles": after(({ response, slowMs }, answer) => trickle(response, answer, 4 * slowMs)),
  "answer-replaced-504": after(({ response }) => give(response, { ...loginPage, status: 504 })),
  "answer-replaced-login-page": after(({ response }) => give(response, loginPage)),
  "answer-replaced-empty": after(({ response }, answer) => give(response, { ...answer, body: nothing })),

  "delivered-twice": async (one) => {
    await one.send();
    await passed(one);
  },
  "answer-overtaken": after(({ response }, answer) => setTimeout(() => give(response, answer), 100)),
  "answer-gzipped": after(({ response }, answer) => give(response, { ...answer, body: gzipSync(answer.body) }, "gzip")),
  "closed-after-answer": after(({ response }, answer) => {
    const { socket } = response;
    give(response, answer);
    setTimeout(() => socket?.destroy(), 5);
  }),
};

/** @param slowMs longer than the bridge waits for an answer. */
export async function openHelpdeskWire(helpdeskUrl: string, slowMs: number): Promise<HelpdeskWire> {
  const target = new URL(helpdeskUrl);
  const onTheWay = new Set<Promise<unknown>>();
  const background = (work: Promise<unknown>): void => {
    onTheWay.add(work);
    void work.finally(() => onTheWay.delete(work));
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const one = { response, send: () => ask(target, request, body), slowMs, background };
    const route = (request.url ?? "").replace(/^.*\/Webservice\/[^/]+/, "");
    const fault = wire.faultOf?.(route) ?? null;
    await (fault === null ? passed(one) : conducts[fault](one));
  };
  const server = createServer((request, response) => {
    response.on("error", () => undefined);
    background(handle(request, response).catch(() => response.destroy()));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const own = new URL(helpdeskUrl);
  own.port = String((server.address() as AddressInfo).port);
  const wire: HelpdeskWire = {
    url: own.href,
    faultOf: null,
    quiet: async () => {
      while (onTheWay.size > 0) await Promise.allSettled(onTheWay);
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return wire;
}

const passed: Conduct = after(({ response }, answer) => give(response, answer));

/** The request arrives; `then` says what becomes of its answer. */
function after(then: (one: Case, answer: Answer) => unknown): Conduct {
  return async (one) => {
    const answer = await one.send();
    if (answer === null) one.response.destroy();
    else then(one, answer);
  };
}

async function ask(target: URL, request: IncomingMessage, body: Buffer): Promise<Answer | null> {
  const { method, url: path, headers } = request;
  const answer = await new Promise<IncomingMessage | null>((done) => {
    const call = httpRequest(
      {
        host: target.hostname,
        port: target.port,
        method,
        path,
        headers: { "Content-Type": headers["content-type"] ?? "", "Content-Length": body.length },
        agent: false,
      },
      done,
    );
    call.on("error", () => done(null));
    call.end(body);
  });
  if (answer === null) return null;
  return { status: answer.statusCode ?? 0, type: answer.headers["content-type"] ?? "", body: await bodyOf(answer) };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function give(response: ServerResponse, { status, type, body }: Answer, encoding?: string): void {
  if (response.destroyed) return;
  const coding = encoding === undefined ? {} : { "Content-Encoding": encoding };
  response.writeHead(status, { "Content-Type": type, "Content-Length": body.length, ...coding }).end(body);
}

function half(response: ServerResponse, answer: Answer, then: () => unknown): void {
  response.writeHead(answer.status, { "Content-Type": answer.type, "Content-Length": answer.body.length });
  response.write(firstHalf(answer), () => then());
}

function firstHalf({ body }: Answer): Buffer {
  return body.subarray(0, Math.ceil(body.length / 2));
}

/** Ten pieces, with pauses between them that take so long together. */
function trickle(response: ServerResponse, answer: Answer, wholeMs: number): void {
  response.writeHead(answer.status, { "Content-Type": answer.type, "Content-Length": answer.body.length });
  const size = Math.ceil(answer.body.length / 10);
  const next = (sent: number): void => {
    if (response.destroyed) return;
    response.write(answer.body.subarray(sent, sent + size));
    if (sent + size >= answer.body.length) response.end();
    else setTimeout(() => next(sent + size), wholeMs / 10);
  };
  next(0);
}
