import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, Faults } from "./faults.ts";
import { sortedJson, textOf, type Fields } from "./loose-values.ts";
import { OperationError, ServerFault, type Route } from "./operation.ts";
import { matchRoute, queryFields, routesFor } from "./routes.ts";
import type { Simulation } from "./simulation.ts";

/** What goes back over the wire. `broken` has no status line, `closed` is nothing at all. */
type Answer =
  | { kind: "json"; body: string }
  | { kind: "text"; status: number; body: string }
  | { kind: "redirect"; location: string }
  | { kind: "truncated"; body: string }
  | { kind: "broken" }
  | { kind: "closed" };

const serviceAddress = /^(?:\/[^/]+)?\/nph-genericinterface\.pl\/Webservice(ID)?\/([^/?]+)(\/[^?]*)(?:\?(.*))?$/;

/** Answers one HTTP request as the helpdesk's web service does. */
export async function handleRequest(
  sim: Simulation,
  faults: Faults,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await bodyOf(request);
  const match = serviceAddress.exec(request.url ?? "");
  if (match === null) {
    send(response, { kind: "text", status: 404, body: "<html><body>Not Found</body></html>" });
    return;
  }
  const [, byId, service, path = "", query = ""] = match;
  if (service !== (byId === undefined ? sim.settings.webService : "1")) {
    send(response, { kind: "closed" });
    return;
  }
  const fault = faults.take(path);
  const answer = await withFault(fault, (records) => answerTo(sim, request, { path, query, body, records }));
  send(response, answer);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

interface Received {
  path: string;
  query: string;
  body: Buffer;
  /** Only so many records of an upsert are carried out. */
  records: number | undefined;
}

function answerTo(sim: Simulation, request: IncomingMessage, received: Received): Answer {
  const method = request.method ?? "GET";
  const match = matchRoute(routesFor(sim.settings.addon), method, received.path);
  if (match === undefined) {
    const sentence = `HTTP::REST Error while determine Operation for request URI '${received.path}'.`;
    return { kind: "text", status: 500, body: sentence };
  }
  const outer = { ...queryFields(received.query), ...match.values, ...headerFields(request) };
  const length = Number(request.headers["content-length"] ?? 0);
  if (length === 0 || method === "GET") return run(sim, match.route, outer, request);
  if (length > sim.settings.maxLength) return { kind: "text", status: 413, body: "Payload Too Large" };
  const content = parsedBody(request, received.body);
  if (typeof content === "string") return { kind: "text", status: 500, body: content };
  if (Array.isArray(content)) {
    if (match.route.name !== "SessionCreate") return { kind: "broken" };
    const error = new OperationError("SessionCreate.MissingParameter", "SessionCreate: The request is empty!");
    return errorAnswer(error);
  }
  const data = { ...content, ...outer };
  if (received.records !== undefined && Array.isArray(data["Records"]))
    data["Records"] = data["Records"].slice(0, received.records);
  return run(sim, match.route, data, request);
}

function headerFields(request: IncomingMessage): Fields {
  const fields: Fields = {};
  for (const name of ["UserLogin", "CustomerUserLogin", "SessionID", "Password"]) {
    const value = request.headers[`x-otrs-header-${name.toLowerCase()}`];
    if (typeof value === "string" && value !== "") fields[name] = value;
  }
  return fields;
}

// A string is the transport's complaint.
function parsedBody(request: IncomingMessage, body: Buffer): Fields | unknown[] | string {
  const type = request.headers["content-type"] ?? "";
  const charset = /charset=["']?([^"';\s]+)/i.exec(type)?.[1] ?? "utf-8";
  const isForm = /^(application\/x-www-form-urlencoded|multipart\/form-data)/i.test(type);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return "Could not read input data";
  }
  if (isForm || !/^utf-?8$/i.test(charset)) return "Could not read input data";
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return "Error while decoding request content.";
  }
  if (content === null || content === false || content === 0 || content === "" || content === "0")
    return "Error while decoding request content.";
  if (typeof content !== "object" || Object.keys(content).length === 0) return "Unsupported request content structure.";
  return Array.isArray(content) ? (content as unknown[]) : (content as Fields);
}

function run(sim: Simulation, route: Route, data: Fields, request: IncomingMessage): Answer {
  const ip = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  const userAgent = textOf(request.headers["user-agent"]);
  try {
    return { kind: "json", body: sortedJson(route.run(sim, { data, ip, userAgent })) };
  } catch (error) {
    if (error instanceof OperationError) return errorAnswer(error);
    if (!(error instanceof ServerFault)) throw error;
    return { kind: "text", status: 500, body: sortedJson({ faultcode: "Server", faultstring: error.message }) };
  }
}

function errorAnswer(error: OperationError): Answer {
  return { kind: "json", body: sortedJson({ Error: { ErrorCode: error.code, ErrorMessage: error.message } }) };
}

async function withFault(fault: Fault | undefined, answer: (records?: number) => Answer): Promise<Answer> {
  switch (fault?.kind) {
    case undefined:
      return answer();
    case "reset":
      return { kind: "closed" };
    case "lost-answer":
      answer();
      return { kind: "closed" };
    case "die-after-records":
      answer(fault.records);
      return { kind: "closed" };
    case "server-error":
      return { kind: "text", status: 500, body: fault.text ?? "Internal Server Error" };
    case "delay":
      await sleep(fault.milliseconds, undefined, { ref: false });
      return answer();
    case "auth-fail":
      return errorAnswer(new OperationError("Operation.AuthFail", "Operation: Authorization failing!"));
    case "oversized":
      return { kind: "json", body: JSON.stringify({ Padding: "x".repeat(fault.bytes) }) };
    case "redirect":
      return { kind: "redirect", location: fault.location };
    case "truncated": {
      const whole = answer();
      return "body" in whole ? { kind: "truncated", body: whole.body } : whole;
    }
    case "not-json":
      return { kind: "json", body: "<html><body>Wartungsarbeiten</body></html>" };
    default: {
      const unreachable: never = fault;
      throw new Error(`unhandled fault ${JSON.stringify(unreachable)}`);
    }
  }
}

function send(response: ServerResponse, answer: Answer): void {
  response.sendDate = false;
  switch (answer.kind) {
    case "json":
      write(response, 200, "application/json; charset=UTF-8", answer.body);
      return;
    case "text":
      write(response, answer.status, "text/plain; charset=UTF-8", answer.body);
      return;
    case "redirect":
      response.writeHead(302, { Location: answer.location, "Content-Length": 0 }).end();
      return;
    case "truncated":
      response.writeHead(200, {
        "Content-Type": "application/json; charset=UTF-8",
        "Content-Length": Buffer.byteLength(answer.body),
      });
      response.write(answer.body.slice(0, answer.body.length / 2), () => response.destroy());
      return;
    case "broken":
      response.socket?.end("<html><head><title>500 Internal Server Error</title></head></html>\n");
      return;
    case "closed":
      response.socket?.destroy();
      return;
    default: {
      const unreachable: never = answer;
      throw new Error(`unhandled answer ${JSON.stringify(unreachable)}`);
    }
  }
}

function write(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    "Content-Type": type,
    "Content-Length": Buffer.byteLength(body),
    Connection: "Keep-Alive",
  });
  response.end(body);
}
