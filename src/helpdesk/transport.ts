import { readFileSync } from "node:fs";
import { Agent as HttpAgent } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { getCACertificates } from "node:tls";
import got, { RequestError, TimeoutError } from "got";
import { ConfigError } from "../model/index.ts";

/** A complete answer, whatever it says. */
export interface Answer {
  readonly status: number;
  /** Where a redirect points to; never followed. */
  readonly location: string | null;
  readonly body: string;
}

export type FailureKind =
  | "dns"
  | "refused"
  | "unreachable"
  | "timeout"
  /** The connection was closed before the first byte of an answer. */
  | "no-answer"
  /** The connection was closed in the middle of an answer. */
  | "cut-off"
  | "tls"
  | "not-http"
  | "too-large"
  /** Text that is none: damaged on the way. */
  | "garbled";

/** Why there is no complete answer. Made of our own words only: errors of the HTTP library carry the whole request. */
export interface Failure {
  readonly kind: FailureKind;
  /** System or TLS code such as ECONNREFUSED; for time-outs the phase. */
  readonly code: string;
  /** True when the helpdesk may have done what it was asked to do. */
  readonly maybeDone: boolean;
}

export type Delivery = { readonly answer: Answer } | { readonly failure: Failure };

/** The stock operation that changes a ticket listens to PATCH; everything else goes by POST. */
export type Method = "POST" | "PATCH";

export interface Transport {
  /** Sends a JSON text and waits for the whole answer. Never rejects for what the network does. */
  send(method: Method, url: string, json: string, timeoutSeconds: number): Promise<Delivery>;
  close(): void;
}

/** Naming, connecting and the TLS handshake; the helpdesk's own work has the whole time. */
const connectTimeoutSeconds = 15;

/** Keeps connections alive; does not retry, does not follow redirects, verifies TLS whatever the environment says. */
export function createTransport(options: { readonly caFile?: string; readonly maxResponseBytes: number }): Transport {
  const agents = {
    http: new HttpAgent({ keepAlive: true }),
    https: new HttpsAgent({ keepAlive: true, rejectUnauthorized: true }),
  };
  const certificateAuthority = options.caFile === undefined ? undefined : readAuthorities(options.caFile);
  return {
    async send(method, url, json, timeoutSeconds) {
      const total = timeoutSeconds * 1000;
      const connect = Math.min(total, connectTimeoutSeconds * 1000);
      const stream = got.stream(url, {
        method,
        // A string, so that Content-Length is sent: Znuny ignores a chunked body without a word.
        body: json,
        headers: { "content-type": "application/json", "user-agent": "kivitendo-otrs-bridge" },
        agent: agents,
        https: { rejectUnauthorized: true, ...(certificateAuthority ? { certificateAuthority } : {}) },
        timeout: { lookup: connect, connect, secureConnect: connect, request: total },
        retry: { limit: 0 },
        followRedirect: false,
        throwHttpErrors: false,
      });
      return receive(stream, options.maxResponseBytes);
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

async function receive(stream: ReturnType<typeof got.stream>, maxBytes: number): Promise<Delivery> {
  let response: IncomingMessage | undefined;
  let request: ClientRequest | undefined;
  stream.on("response", (value: IncomingMessage) => (response = value));
  stream.on("request", (value: ClientRequest) => (request = value));
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      // Leaving the loop destroys the stream, so the rest is not read.
      if (bytes > maxBytes) return failed("too-large", `${maxBytes} bytes`, true);
    }
  } catch (error) {
    return { failure: failureOf(error, response !== undefined) };
  } finally {
    // The library reports some faults of a destroyed stream once more; nobody waits for them then.
    stream.on("error", () => undefined);
    if (!stream.destroyed) stream.destroy();
    if (bytes > maxBytes) request?.destroy();
  }
  if (!response) return failed("no-answer", "closed", true);
  return decode(response, Buffer.concat(chunks));
}

function decode(response: IncomingMessage, body: Buffer): Delivery {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    return { answer: { status: response.statusCode ?? 0, location: response.headers.location ?? null, body: text } };
  } catch {
    return failed("garbled", "invalid UTF-8", true);
  }
}

function failed(kind: FailureKind, code: string, maybeDone: boolean): Delivery {
  return { failure: { kind, code, maybeDone } };
}

const unreachable = new Set(["EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENETDOWN", "EADDRNOTAVAIL"]);
const brokenConnection = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED", "ERR_STREAM_PREMATURE_CLOSE"]);
const tlsCode =
  /^(CERT_|CRL_|ERR_TLS_|ERR_SSL_|EPROTO$|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH)/;
const connectingPhases = new Set(["lookup", "connect", "secureConnect", "socket"]);

function failureOf(error: unknown, answered: boolean): Failure {
  if (!(error instanceof RequestError)) return { kind: "no-answer", code: "unknown", maybeDone: true };
  if (error instanceof TimeoutError) {
    return { kind: "timeout", code: error.event, maybeDone: !connectingPhases.has(error.event) };
  }
  const { code } = error;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EAI_FAIL")
    return { kind: "dns", code, maybeDone: false };
  if (code === "ECONNREFUSED") return { kind: "refused", code, maybeDone: false };
  if (unreachable.has(code)) return { kind: "unreachable", code, maybeDone: false };
  if (tlsCode.test(code)) return { kind: "tls", code, maybeDone: false };
  if (code.startsWith("HPE_")) return { kind: "not-http", code, maybeDone: true };
  if (answered) return { kind: "cut-off", code, maybeDone: true };
  if (brokenConnection.has(code)) return { kind: "no-answer", code, maybeDone: true };
  // The connection could not be used for a reason that has no name here; the code tells it.
  return { kind: code === "ETIMEDOUT" ? "timeout" : "no-answer", code, maybeDone: true };
}

function readAuthorities(caFile: string): string[] {
  try {
    const text = readFileSync(caFile, "utf8");
    if (!text.includes("-----BEGIN CERTIFICATE-----")) throw new Error("there is no certificate in it");
    return [...getCACertificates("default"), text];
  } catch (error) {
    throw new ConfigError(
      `The file of helpdesk.caFile cannot be used: ${error instanceof Error ? error.message : String(error)}.`,
      "Name a readable PEM file with the certificate authority of the helpdesk, or remove helpdesk.caFile.",
      { cause: error },
    );
  }
}
