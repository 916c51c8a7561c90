import type { z } from "zod";
import { ConfigError } from "../model/index.ts";
import { checkedOf, replyOf } from "./classify.ts";
import type { Reply } from "./classify.ts";
import { asMeanwhile } from "./faults.ts";
import type { Fault, FaultKind, Place } from "./faults.ts";
import type { HelpdeskLog } from "./log.ts";
import { SessionAnswer } from "./schemas.ts";
import { createSecrets } from "./secrets.ts";
import { createTransport } from "./transport.ts";
import type { Method } from "./transport.ts";

export interface WebserviceOptions extends Place {
  readonly password: string;
  readonly sessionRoute: string;
  readonly caFile?: string;
  readonly timeoutSeconds: number;
  readonly maxResponseBytes: number;
  readonly log: HelpdeskLog;
}

export interface Request<T> {
  /** POST unless told. */
  readonly method?: Method;
  readonly route: string;
  readonly body: object;
  readonly schema: z.ZodType<T>;
  readonly timeoutSeconds?: number;
}

/** The web service without memory of its own but one: nothing here repeats, nothing here knows a session. */
export interface Webservice {
  send<T>(request: Request<T>): Promise<Reply<T>>;
  /** Looks at the part of an answer that the schema of the request has let through as it came. */
  check<T>(route: string, part: unknown, schema: z.ZodType<T>): Reply<T>;
  /** Makes a session with the agent's password. */
  login(): Promise<Reply<string>>;
  /** The fault, or a better one where another request can tell what is behind it. */
  explained(fault: Fault): Promise<Fault>;
  close(): void;
}

/** Faults that only an existing web service gives. */
const signsOfService: ReadonlySet<FaultKind> = new Set<FaultKind>([
  "auth-fail",
  "access-denied",
  "addon-missing",
  "route-missing",
  "not-understood",
]);

export function createWebservice(options: WebserviceOptions): Webservice {
  assertUrl(options.url);
  const secrets = createSecrets(options.password);
  const transport = createTransport(options);
  const base = options.url.replace(/\/+$/, "");
  const service = `${base}/nph-genericinterface.pl/Webservice/${encodeURIComponent(options.webservice)}`;
  let served = false;
  let worked = false;

  async function send<T>({ method = "POST", route, body, schema, timeoutSeconds }: Request<T>): Promise<Reply<T>> {
    const startedAt = performance.now();
    const url = `${service}${route}`;
    const delivery = await transport.send(method, url, JSON.stringify(body), timeoutSeconds ?? options.timeoutSeconds);
    const told = replyOf(route, delivery, schema, secrets);
    const reply: Reply<T> = told.ok || !worked ? told : { ok: false, fault: asMeanwhile(told.fault) };
    // Not the login alone: a proxy may have rules for single addresses.
    worked ||= reply.ok && route !== options.sessionRoute;
    served ||= reply.ok || signsOfService.has(reply.fault.kind);
    const outcome = reply.ok ? "ok" : reply.fault.kind;
    options.log.debug({ route, outcome, durationMs: Math.round(performance.now() - startedAt) }, "helpdesk answered");
    return reply;
  }

  return {
    send,
    check: (route, part, schema) => checkedOf(route, part, schema, secrets),
    async login() {
      const body = { UserLogin: options.userLogin, Password: options.password };
      const reply = await send({ route: options.sessionRoute, body, schema: SessionAnswer });
      if (!reply.ok) return reply;
      secrets.add(reply.value.SessionID);
      return { ok: true, value: reply.value.SessionID };
    },
    async explained(fault) {
      // An unknown web service looks like a broken network under mod_perl; another page of the same server tells them apart.
      if (fault.kind !== "no-answer" || served) return fault;
      const probe = await transport.send("POST", `${base}/index.pl`, "", options.timeoutSeconds);
      const alive = "answer" in probe && probe.answer.status < 500;
      return alive ? { ...fault, kind: "service-missing" } : fault;
    },
    close: () => transport.close(),
  };
}

function assertUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || (parsed.protocol !== "http:" && parsed.protocol !== "https:")) {
    throw new ConfigError(
      "helpdesk.url is not an http or https address.",
      "Write it as in https://helpdesk.example.org/znuny.",
    );
  }
  if (parsed.username !== "" || parsed.password !== "" || parsed.search !== "" || parsed.hash !== "") {
    throw new ConfigError(
      "helpdesk.url carries a login, a query or a fragment; such addresses end up in logs.",
      "Write the plain address, and the agent into helpdesk.userLogin and helpdesk.password.",
    );
  }
}
