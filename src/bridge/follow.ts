import { followUp, followUpReasons } from "../billing/index.ts";
import type { FollowUp } from "../billing/index.ts";
import type { BillingState, HelpdeskTickets, KivitendoBilling } from "../billing/ports.ts";
import { recordRun } from "../model/index.ts";
import type { FlowContext, RunId } from "../model/index.ts";

export interface FollowParts {
  readonly state: BillingState;
  readonly kivitendo: KivitendoBilling;
  readonly helpdesk: HelpdeskTickets;
  readonly rules: { readonly invoiceNumberField: string | null; readonly watchDays: number };
  readonly now: () => Temporal.Instant;
}

export interface Followed extends Pick<FollowUp, "questions" | "changes" | "untold"> {
  /** Questions of billing that are open now, and how many of them are new. */
  readonly inbox: { readonly added: number; readonly open: number };
}

/**
 * Looks after drafts and orders as each billing run does at its start, without reading tickets. Nothing changes when
 * nothing changed: it is recorded as a run of billing when it found, told or asked something new.
 */
export async function follow({ rules, ...ports }: FollowParts, context: FlowContext): Promise<Followed> {
  const { invoiceNumberField, watchDays } = rules;
  const startedAt = ports.now();
  const options = { mode: "draft", due: [], invoiceNumberField, watchDays } as const;
  const { questions, asked, changes, told, untold } = await followUp(ports, options, context);
  const sync = async (run: RunId | null, dryRun: boolean): Promise<Followed["inbox"]> => {
    const inbox = await ports.state.syncInbox(questions, { run, now: ports.now(), complete: followUpReasons, dryRun });
    return { ...inbox, added: inbox.added + asked };
  };
  const answer = (inbox: Followed["inbox"]): Followed => ({ questions, changes, untold, inbox });
  if (changes.length + told === 0 && (await sync(null, true)).added === 0) return answer(await sync(null, false));
  const recorder = {
    start: () => ports.state.startRun("billing", startedAt),
    finish: ports.state.finishRun,
    now: ports.now,
  };
  return recordRun(recorder, context.signal, async (run) => {
    const inbox = await sync(run, false);
    const followed = { changed: changes.length, told, untold: untold.length };
    return {
      report: answer(inbox),
      status: inbox.added + untold.length > 0 ? "partial" : "done",
      summary: { followUp: followed, questions: inbox.added },
    };
  });
}
