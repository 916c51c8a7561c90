import { followUp, followUpReasons } from "../billing/index.ts";
import type { FollowUp } from "../billing/index.ts";
import type { BillingState, HelpdeskTickets, KivitendoBilling } from "../billing/ports.ts";
import type { FlowContext } from "../model/index.ts";

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

/** Looks after drafts and orders as each billing run does at its start, without reading tickets. */
export async function follow({ rules, ...ports }: FollowParts, context: FlowContext): Promise<Followed> {
  const { invoiceNumberField, watchDays } = rules;
  const { questions, asked, changes, untold } = await followUp(
    ports,
    { mode: "draft", due: [], invoiceNumberField, watchDays },
    context,
  );
  const inbox = await ports.state.syncInbox(questions, {
    run: null,
    now: ports.now(),
    complete: followUpReasons,
    dryRun: false,
  });
  return { questions, changes, untold, inbox: { ...inbox, added: inbox.added + asked } };
}
