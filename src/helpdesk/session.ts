import type { Reply } from "./classify.ts";
import type { Fault } from "./faults.ts";
import type { HelpdeskLog } from "./log.ts";

/**
 * The helpdesk's sessions die 7200 s after they were made, however busy they are (measured on Znuny 6.5 and OTOBO 11: a
 * call of the Generic Interface does not count as a request). Renewed ten minutes earlier, so that none dies on the way.
 */
const renewAfterSeconds = 7200 - 600;

export interface Sessions {
  /** The session to use now; logs in when there is none or it grows old. Callers at the same time share one login. */
  current(): Promise<Reply<string>>;
  /** Another session than `refused`, which the helpdesk did not accept. */
  renewed(refused: string): Promise<Reply<string>>;
  /** No login any more: every caller gets this fault from now on. */
  stop(fault: Fault): void;
}

/**
 * @param login makes a session; retries of its own end at a refused password.
 * @param now milliseconds.
 */
export function createSessions(login: () => Promise<Reply<string>>, now: () => number, log: HelpdeskLog): Sessions {
  let session: { readonly id: string; readonly madeAt: number } | null = null;
  let pending: Promise<Reply<string>> | null = null;
  let stopped: Fault | null = null;

  async function make(): Promise<Reply<string>> {
    const madeAt = now();
    const reply = await login();
    if (reply.ok) {
      session = { id: reply.value, madeAt };
      log.info({}, "helpdesk session made");
    } else if (reply.fault.kind === "auth-fail") {
      // One more wrong password may be the one that locks the account.
      stopped ??= reply.fault;
    }
    return reply;
  }

  async function fresh(): Promise<Reply<string>> {
    if (stopped) return { ok: false, fault: stopped };
    pending ??= make().finally(() => (pending = null));
    return pending;
  }

  return {
    async current() {
      if (stopped) return { ok: false, fault: stopped };
      if (session && now() - session.madeAt < renewAfterSeconds * 1000) return { ok: true, value: session.id };
      return fresh();
    },
    async renewed(refused) {
      if (session && session.id !== refused) return { ok: true, value: session.id };
      session = null;
      return fresh();
    },
    stop(fault) {
      stopped ??= fault;
    },
  };
}
