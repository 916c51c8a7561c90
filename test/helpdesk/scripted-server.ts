/** A helpdesk that answers what a test tells it to, request by request. */
import { createServer } from "node:http";
import type { IncomingHttpHeaders, RequestListener, Server, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import { createHelpdesk } from "../../src/helpdesk/index.ts";
import type { Helpdesk, HelpdeskOptions } from "../../src/helpdesk/index.ts";

export interface Seen {
  readonly method: string;
  /** Behind the web service's name; the whole path for anything else. */
  readonly route: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Record<string, unknown>;
  readonly socket: Socket;
}

/** What to do with one request. */
export type Step = (seen: Seen, response: ServerResponse) => unknown;

export interface ScriptedServer {
  /** Up to and including /otrs. */
  readonly url: string;
  /** Everything that was asked for, in order. */
  readonly seen: readonly Seen[];
  /** Asked for this route. */
  at(route: string): readonly Seen[];
}

export const sessionRoute = "/Session";
export const infoRoute = "/KivitendoBridge/Info";
export const upsertRoute = "/KivitendoBridge/Upsert";
export const recordsRoute = "/KivitendoBridge/Records";
export const ticketsRoute = "/KivitendoBridge/Tickets";

/**
 * Starts a server for one test. Per route: one step for every request, or a list of steps of which the last one stays.
 * Sessions `session-1`, `session-2`, … and Info are answered unless told otherwise.
 */
export async function scripted(
  routes: Readonly<Record<string, Step | readonly Step[]>> = {},
  tls?: { readonly key: string; readonly cert: string },
): Promise<ScriptedServer> {
  const seen: Seen[] = [];
  const served = new Map<string, number>();
  let sessions = 0;
  const defaults: Record<string, Step> = {
    [sessionRoute]: (_, response) => json(response, { SessionID: `session-${++sessions}` }),
    [infoRoute]: (_, response) => json(response, info()),
  };
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const route = (request.url ?? "").replace(/^.*\/Webservice\/[^/]+/, "");
      const { method = "", headers, socket } = request;
      const one = { method, route, headers, text, body: parsed(text), socket };
      seen.push(one);
      const steps = [routes[route] ?? defaults[route] ?? routes["*"] ?? notThere].flat<(Step | readonly Step[])[]>();
      const index = served.get(route) ?? 0;
      served.set(route, index + 1);
      (steps[Math.min(index, steps.length - 1)] ?? notThere)(one, response);
    });
  };
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}/otrs`,
    seen,
    at: (route) => seen.filter((one) => one.route === route),
  };
}

/** A client for one test, quick to try again. */
export function client(url: string, options: Partial<HelpdeskOptions> = {}): Helpdesk {
  const helpdesk = createHelpdesk({
    url,
    webservice: "KivitendoBridge",
    instance: "main",
    userLogin: "bridge",
    password: 'geheim-5%"ü',
    timeoutSeconds: 5,
    maxResponseBytes: 1_000_000,
    retry: { attempts: 3, firstDelayMs: 5 },
    ...options,
  });
  onTestFinished(() => helpdesk.close());
  return helpdesk;
}

export function json(response: ServerResponse, value: unknown, status = 200): void {
  const text = JSON.stringify(value);
  // Measured: what is not 200 comes as text/plain, JSON or not.
  const type = status === 200 ? "application/json; charset=UTF-8" : "text/plain; charset=UTF-8";
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(text) }).end(text);
}

export function answer(value: unknown, status = 200): Step {
  return (_, response) => json(response, value, status);
}

export function plain(status: number, text: string, headers: Record<string, string> = {}): Step {
  return (_, response) => response.writeHead(status, { "Content-Type": "text/plain", ...headers }).end(text);
}

export function operationError(code: string, message = "Authorization failing!"): Step {
  return answer({ Error: { ErrorCode: code, ErrorMessage: `${code.split(".")[0] ?? ""}: ${message}` } });
}

/** Closes the connection without a word. */
export const hangUp: Step = (seen) => seen.socket.destroy();

/** Never answers. */
export const silence: Step = () => undefined;

const notThere: Step = plain(500, "HTTP::REST Error while determine Operation for request URI '/Nope'.");

/** A valid answer of Info, with differences. */
export function info(changes: Record<string, unknown> = {}): object {
  return {
    KivitendoBridge: {
      Protocol: 3,
      AddonVersion: "0.3.0",
      Product: "Znuny",
      ProductVersion: "6.5.1",
      HelpdeskId: "0123456789abcdef0123456789abcdef",
      TimeZone: "UTC",
      Now: 1795307938,
      TimeUnitLabel: " (work units)",
      Agent: "bridge",
      AgentId: 2,
      States: [
        { Name: "open", Type: "open", Valid: 1 },
        { Name: "closed successful", Type: "closed", Valid: 1 },
      ],
      Queues: [{ Name: "Support", Valid: 1, Readable: 1 }],
      TicketDynamicFields: [{ Name: "Contract", Type: "Dropdown" }],
      Services: [{ Name: "Wartung", Valid: 1 }],
      SLAs: [{ Name: "Gold", Valid: 0 }],
      Types: [{ Name: "Unclassified", Valid: 1 }],
      Priorities: [{ Name: "3 normal", Valid: 1 }],
      DatabaseKind: "postgresql",
      Fields: { Company: ["CustomerID", "CustomerCompanyName"], User: ["UserLogin", "UserFirstname"] },
      DynamicFields: { Company: [{ Name: "VATNumber", Type: "Text" }], User: [] },
      Countries: ["Austria", "Germany"],
      CheckMXRecord: 0,
      Sequence: 7,
      ...changes,
    },
  };
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
