import { followUp } from "../billing/index.ts";
import type { FollowUp } from "../billing/index.ts";
import type { BillingState, HelpdeskTickets, KivitendoBilling, QuestionReason } from "../billing/ports.ts";
import type { FlowContext } from "../model/index.ts";

export interface FollowParts {
  readonly state: BillingState;
  readonly kivitendo: KivitendoBilling;
  readonly helpdesk: HelpdeskTickets;
  readonly rules: { readonly invoiceNumberField: string | null };
  readonly now: () => Temporal.Instant;
}

export interface Followed extends Pick<FollowUp, "questions" | "changes" | "untold"> {
  /** Questions of billing that are open now, and how many of them are new. */
  readonly inbox: { readonly added: number; readonly open: number };
}

/** What looking after drafts asks: those that it no longer asks are closed. */
const askedAlways: readonly QuestionReason[] = [
  "draft-gone",
  "line-removed",
  "line-changed",
  "superseded-posted",
  "order-line-gone",
  "also-invoiced",
];

/** Looks after drafts and orders as each billing run does at its start, without reading tickets. */
export async function follow({ rules, ...ports }: FollowParts, context: FlowContext): Promise<Followed> {
  const { invoiceNumberField } = rules;
  const { questions, asked, changes, untold } = await followUp(
    ports,
    { mode: "draft", due: [], invoiceNumberField },
    context,
  );
  const inbox = await ports.state.syncInbox(questions, {
    run: null,
    now: ports.now(),
    complete: askedAlways,
    dryRun: false,
  });
  return { questions, changes, untold, inbox: { ...inbox, added: inbox.added + asked } };
}
