import pRetry from "p-retry";
import type { Reply } from "./classify.ts";
import { errorOf, mayPass } from "./faults.ts";
import type { Fault } from "./faults.ts";
import type { HelpdeskLog } from "./log.ts";
import { createSessions } from "./session.ts";
import { createWebservice } from "./webservice.ts";
import type { Request, Webservice, WebserviceOptions } from "./webservice.ts";

export interface ClientOptions extends WebserviceOptions {
  /** Attempts of one call, the first included. */
  readonly attempts: number;
  readonly firstDelayMs: number;
  /** Milliseconds; for the age of sessions only. */
  readonly now: () => number;
}

export interface Call<T> extends Omit<Request<T>, "body"> {
  readonly payload: Readonly<Record<string, unknown>>;
  /** Ends the waiting between two attempts; a request under way is not broken off. */
  readonly signal?: AbortSignal;
}

/** `inDoubt`: an earlier attempt got no answer although the helpdesk may have done what it was asked to do. */
export type Called<T> = Reply<T> & { readonly inDoubt: boolean };

export interface Client extends Pick<Webservice, "check"> {
  call<T>(request: Call<T>): Promise<Called<T>>;
  /** The error to throw for a fault. */
  errorOf(fault: Fault): Error;
  readonly log: HelpdeskLog;
  close(): void;
}

/**
 * One session, one retry layer: each attempt of a call takes the session that is there (or tries one login) and sends once.
 * Neither transport nor login repeat anything by themselves. Only calls that are safe to repeat go through here: reads,
 * upserts, whose records say what they expect to meet, and the setting of a field to a value.
 */
export function createClient(options: ClientOptions): Client {
  const { log } = options;
  const webservice = createWebservice(options);
  const sessions = createSessions(() => webservice.login(), options.now, log);

  /** Sends with a session; after a refusal once more with a new one, as sessions end without notice. */
  async function attempt<T>(request: Call<T>): Promise<Reply<T>> {
    const session = await sessions.current();
    if (!session.ok) return session;
    const { payload, signal: _, ...rest } = request;
    const send = (id: string): Promise<Reply<T>> => webservice.send({ ...rest, body: { ...payload, SessionID: id } });
    const reply = await send(session.value);
    if (reply.ok || reply.fault.kind !== "auth-fail") return reply;
    const renewed = await sessions.renewed(session.value);
    if (!renewed.ok) return renewed;
    const second = await send(renewed.value);
    if (second.ok || second.fault.kind !== "auth-fail") return second;
    const fault: Fault = { ...second.fault, kind: "session-refused" };
    sessions.stop(fault);
    return { ok: false, fault };
  }

  async function call<T>(request: Call<T>): Promise<Called<T>> {
    let inDoubt = false;
    // p-retry throws away an answer that arrives after an abort; what the helpdesk has done must be known all the same.
    let answer: { readonly value: T } | undefined;
    const noteFailure = (error: Error, attemptNumber: number, left: number): void => {
      if (!(error instanceof Faulted) || !mayPass(error.fault)) return;
      const { kind, route, detail, maybeDone } = error.fault;
      inDoubt ||= maybeDone && route === request.route;
      log.warn({ route, fault: kind, detail, attempt: attemptNumber, left }, "helpdesk call failed");
    };
    try {
      const value = await pRetry(async () => (answer = { value: valueOf(await attempt(request)) }).value, {
        retries: options.attempts - 1,
        minTimeout: options.firstDelayMs,
        maxTimeout: 10 * options.firstDelayMs,
        randomize: true,
        ...(request.signal ? { signal: request.signal } : {}),
        shouldRetry: ({ error }) => error instanceof Faulted && mayPass(error.fault),
        onFailedAttempt: ({ error, attemptNumber, retriesLeft }) => noteFailure(error, attemptNumber, retriesLeft),
      });
      return { ok: true, value, inDoubt };
    } catch (error) {
      if (answer !== undefined) return { ok: true, value: answer.value, inDoubt };
      if (!(error instanceof Faulted)) throw error;
      return { ok: false, fault: await webservice.explained(error.fault), inDoubt };
    }
  }

  return {
    call,
    check: (route, part, schema) => webservice.check(route, part, schema),
    errorOf: (fault) => errorOf(fault, options),
    log,
    close: () => webservice.close(),
  };
}

function valueOf<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value;
  throw new Faulted(reply.fault);
}

/** Carries a fault through the retry layer, never out of this file. */
class Faulted extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.kind);
    this.fault = fault;
  }
}
