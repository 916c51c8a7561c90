/** Reads the answers recorded from a Znuny 6.5.1 and compares them with those of another helpdesk. */
import { readdirSync, readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";

export interface Exchange {
  /** `file:line` of the answer's first line, or of the request when nothing came back. */
  place: string;
  request: RecordedRequest | undefined;
  status: number | undefined;
  answer: string;
}

export interface RecordedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | Buffer | undefined;
}

const folder = new URL("../fixtures/znuny-captures/", import.meta.url);

/** Every exchange of every capture, in the order of the files and lines. Answers whose request was not recorded come without one. */
export function readExchanges(): Exchange[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));
  return files.sort().flatMap((name) => exchangesOf(name, readFileSync(new URL(name, folder), "utf8").split("\n")));
}

function exchangesOf(file: string, lines: string[]): Exchange[] {
  const exchanges: Exchange[] = [];
  let request: RecordedRequest | undefined;
  for (const [index, line] of lines.entries()) {
    const place = `${file}:${index + 1}`;
    if (line.startsWith("### ")) request = parsedRequest(line.slice(4));
    else if (line.startsWith("== ")) {
      if (request !== undefined) exchanges.push({ place, request, status: undefined, answer: "" });
      request = undefined;
    } else if (isAnswer(line)) {
      exchanges.push({ place, request, status: statusAround(lines, index), answer: line.replace(/(?<=\})\d.*$/, "") });
      request = undefined;
    }
  }
  return exchanges;
}

function isAnswer(line: string): boolean {
  return /^(\{"|\{\}|Could not|Payload|HTTP::REST|Unsupported|Error while|rc=|Limit )/.test(line);
}

function statusAround(lines: string[], index: number): number | undefined {
  const after = /^\[http (\d+)/.exec(lines[index + 1] ?? "");
  if (after !== null) return Number(after[1]);
  const before = lines
    .slice(Math.max(0, index - 6), index)
    .toReversed()
    .find((line) => line.startsWith("HTTP/1"));
  return before === undefined ? undefined : Number(before.split(" ")[1]);
}

// Either `METHOD path JSON` or `METHOD path` with curl's options.
function parsedRequest(text: string): RecordedRequest {
  const [, method = "", path = "", rest = ""] = /^(\S+) (\S+) ?(.*)$/.exec(text) ?? [];
  const headers: Record<string, string> = {};
  for (const [, name = "", value = ""] of rest.matchAll(/-H ([A-Za-z-]+): (.*?)(?= -[Hdu] |$)/g)) headers[name] = value;
  const user = /-u (\S+)/.exec(rest)?.[1];
  if (user !== undefined) headers["Authorization"] = `Basic ${Buffer.from(user).toString("base64")}`;
  const data = /(?:^| )-d (.*)$/.exec(rest)?.[1];
  const json = /^[[{]/.test(rest) ? rest.trim() : undefined;
  if (json !== undefined) headers["Content-Type"] = "application/json";
  else if (data !== undefined) headers["Content-Type"] ??= "application/x-www-form-urlencoded";
  return { method, path, headers, body: json ?? data };
}

/** What came back; without a status when the connection was closed or the answer was none. */
export async function send(
  baseUrl: string,
  service: string,
  request: RecordedRequest,
): Promise<{ status: number | undefined; answer: string }> {
  return new Promise((resolve) => {
    const url = `${baseUrl}/nph-genericinterface.pl/Webservice/${service}${request.path}`;
    const isChunked = request.headers["Transfer-Encoding"] === "chunked";
    const length = request.body === undefined || isChunked ? {} : { "Content-Length": Buffer.byteLength(request.body) };
    const call = httpRequest(
      url,
      { method: request.method, headers: { ...request.headers, ...length }, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode, answer: Buffer.concat(chunks).toString("utf8") }),
        );
      },
    );
    call.on("error", () => resolve({ status: undefined, answer: "" }));
    call.end(request.body);
  });
}

/** Where two JSON values differ; time stamps and epochs may be two seconds apart, because the recording took its time. */
export function differences(recorded: unknown, got: unknown, path = "$"): string[] {
  if (isMoment(recorded) && isMoment(got)) {
    const apart = Math.abs(momentOf(recorded) - momentOf(got));
    return apart <= 2 ? [] : [`${path}: ${String(recorded)} is now ${String(got)}`];
  }
  if (typeof recorded !== "object" || recorded === null || typeof got !== "object" || got === null) {
    const same = recorded === got || (/\.(Age)$/.test(path) && Math.abs(Number(recorded) - Number(got)) <= 2);
    return same ? [] : [`${path}: ${JSON.stringify(recorded)} is now ${JSON.stringify(got)}`];
  }
  const before = recorded as Record<string, unknown>;
  const after = got as Record<string, unknown>;
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => {
    if (!(key in after)) return [`${path}.${key} is missing`];
    if (!(key in before)) return [`${path}.${key} is new`];
    return differences(before[key], after[key], `${path}.${key}`);
  });
}

function isMoment(value: unknown): value is string | number {
  if (typeof value === "number") return value > 1_700_000_000;
  return typeof value === "string" && (/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(value) || /^17\d{8}$/.test(value));
}

function momentOf(value: string | number): number {
  return typeof value === "number" || /^\d+$/.test(value)
    ? Number(value)
    : Date.parse(`${value.replace(" ", "T")}Z`) / 1000;
}
