import { recordRun, RejectedError } from "../model/index.ts";
import type { FlowContext, RunId } from "../model/index.ts";
import { draftRecord } from "./drafts.ts";
import type { BillingBasis, BillingPlan, PlannedDraft } from "./drafts.ts";
import type { BillingState, InboxItem } from "./ports.ts";
import { billingReport } from "./report.ts";
import type { BillingReport } from "./report.ts";
import type { BillingRules } from "./rules.ts";

export interface WritePorts {
  readonly state: BillingState;
  readonly now: () => Temporal.Instant;
}

/** Writes the drafts of a plan one by one, each with its ledger lines in one transaction, then its questions. */
export async function writePlan(
  ports: WritePorts,
  rules: BillingRules,
  basis: BillingBasis,
  plan: BillingPlan,
  context: FlowContext,
): Promise<BillingReport> {
  const wouldAsk = await syncInbox(ports, rules, plan, { run: null, dryRun: true });
  // Nothing changes when nothing changed: a run that writes no draft and asks nothing new is not even recorded.
  if (plan.drafts.length === 0 && wouldAsk.added === 0) {
    const inbox = await syncInbox(ports, rules, plan, { run: null, dryRun: false });
    return billingReport(plan, rules.period.label, new Map(), inbox);
  }
  const recorder = {
    start: () => ports.state.startRun("billing", ports.now()),
    finish: ports.state.finishRun,
    now: ports.now,
  };
  return recordRun(recorder, context.signal, async (run) => {
    const { ids, refused } = await writeDrafts(ports, rules, basis, plan, run, context);
    const done = {
      drafts: plan.drafts.filter((draft) => ids.has(draft)),
      questions: [...plan.questions, ...refused],
    };
    const inbox = await syncInbox(ports, rules, done, { run, dryRun: false });
    const report = billingReport(done, rules.period.label, ids, inbox);
    return { report, status: inbox.added > 0 ? "partial" : "done", summary: summaryOf(report) };
  });
}

/** Adds what the plan asks to the inbox; a run over everything also closes what no longer holds. */
export function syncInbox(
  ports: WritePorts,
  rules: BillingRules,
  plan: BillingPlan,
  options: { readonly run: RunId | null; readonly dryRun: boolean },
): Promise<BillingReport["inbox"]> {
  return ports.state.syncInbox(plan.questions, { ...options, now: ports.now(), complete: rules.complete });
}

interface Written {
  /** kivitendo's ids of the drafts that were written. */
  readonly ids: ReadonlyMap<PlannedDraft, string>;
  readonly refused: readonly InboxItem[];
}

/** A draft that kivitendo cannot take stops itself only: it becomes a question, and its time stays due. */
async function writeDrafts(
  ports: WritePorts,
  rules: BillingRules,
  basis: BillingBasis,
  plan: BillingPlan,
  run: RunId,
  context: FlowContext,
): Promise<Written> {
  const ids = new Map<PlannedDraft, string>();
  const refused: InboxItem[] = [];
  for (const planned of plan.drafts) {
    if (context.signal.aborted) break;
    const record = draftRecord(planned, basis, rules, run, ports.now());
    try {
      await ports.state.writeDraft(record, rules.minutesPerUnit);
      ids.set(planned, record.draft.draftId);
    } catch (error) {
      if (!(error instanceof RejectedError)) throw error;
      const subject = `customer ${planned.customer.customerNumber}`;
      refused.push({ reason: "draft-refused", subject, text: error.message, hint: error.hint });
    }
    context.report({ flow: "billing", step: "drafts written", done: ids.size, total: plan.drafts.length });
  }
  return { ids, refused };
}

function summaryOf(report: BillingReport): unknown {
  const { ticketsBilled, linesWritten, minutesBilled } = report;
  return { ticketsBilled, linesWritten, minutesBilled, drafts: report.drafts.length };
}
