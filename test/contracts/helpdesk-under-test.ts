/** How the contract suites speak with a helpdesk: raw HTTP, nothing of the bridge in between. */
import { randomBytes } from "node:crypto";
import { request as httpRequest, type RequestOptions } from "node:http";
import { z } from "zod";
import type { Step } from "../../src/demo/helpdesk/index.ts";

export interface Login {
  UserLogin: string;
  Password: string;
}

/** A helpdesk with the add-on and its web service KivitendoBridge. */
export interface HelpdeskUnderTest {
  /** Up to and including `/otrs`. */
  url: string;
  /** The agent that the bridge is: `rw` in kivitendo_bridge and in the group of the queue Support. */
  bridge: Login;
  /** An agent that is not in the group kivitendo_bridge. */
  stranger: Login;
  /** Does what people do in the helpdesk's own screens, as the bridge's agent. */
  byHand(steps: Step[]): Promise<unknown[]>;
}

export interface Reply {
  /** undefined when there was no HTTP answer: connection closed, or no status line. */
  status: number | undefined;
  text: string;
  /** Parsed when the text is JSON. */
  json: unknown;
}

/** Different in every run, so that a helpdesk can be used again. */
export function freshTag(): string {
  return `t${randomBytes(4).toString("hex")}`;
}

const SessionAnswer = z.object({ SessionID: z.string().length(32) });

/** Calls of one agent with one session. */
export class Caller {
  readonly helpdesk: HelpdeskUnderTest;
  session = "";

  constructor(helpdesk: HelpdeskUnderTest) {
    this.helpdesk = helpdesk;
  }

  /** Logs in and keeps the session. */
  async logIn(login: object = this.helpdesk.bridge): Promise<this> {
    const reply = await this.send("POST", "/Session", JSON.stringify(login));
    this.session = SessionAnswer.parse(reply.json).SessionID;
    return this;
  }

  /** POST with the session in the body; the answer's JSON. */
  async post(route: string, body: object = {}): Promise<unknown> {
    const reply = await this.send("POST", route, JSON.stringify({ SessionID: this.session, ...body }));
    if (reply.json === undefined)
      throw new Error(`${route}: ${reply.status ?? "no status"} ${reply.text.slice(0, 300)}`);
    return reply.json;
  }

  /** PATCH with the session in the body. */
  async patch(route: string, body: object): Promise<Reply> {
    return this.send("PATCH", route, JSON.stringify({ SessionID: this.session, ...body }));
  }

  /** One request as given. */
  async send(
    method: string,
    route: string,
    body?: string | Buffer,
    headers: Record<string, string> = { "Content-Type": "application/json" },
    options: RequestOptions & { service?: string } = {},
  ): Promise<Reply> {
    const { service = "KivitendoBridge", ...rest } = options;
    const url = `${this.helpdesk.url}/nph-genericinterface.pl/Webservice/${service}${route}`;
    const isChunked = headers["Transfer-Encoding"] === "chunked";
    const length = body === undefined || isChunked ? {} : { "Content-Length": Buffer.byteLength(body) };
    return new Promise((resolve) => {
      const broken = () => resolve({ status: undefined, text: "", json: undefined });
      const call = httpRequest(
        url,
        { method, headers: { ...headers, ...length }, agent: false, ...rest },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("error", broken);
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            const text = Buffer.concat(chunks).toString("utf8");
            resolve({ status: response.statusCode, text, json: parsed(text) });
          });
        },
      );
      call.on("error", broken);
      call.end(body);
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The answer of a failed operation. */
export function operationError(ErrorCode: string, ErrorMessage?: string): object {
  return { Error: { ErrorCode, ...(ErrorMessage === undefined ? {} : { ErrorMessage }) } };
}

/** What the parts of the suite share. */
export interface Contract {
  caller: Caller;
  helpdesk: HelpdeskUnderTest;
  tag: string;
}
