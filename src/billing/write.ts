import { MovedError, recordRun, RejectedError } from "../model/index.ts";
import type { FlowContext, HundredthUnits, RunId } from "../model/index.ts";
import { followUpReasons } from "./follow-up/index.ts";
import type { FollowUp } from "./follow-up/index.ts";
import { draftRefused } from "./plan/index.ts";
import type { BillingPlan, PlannedDraft } from "./plan/index.ts";
import type { BillingState, InboxItem, PlannedLine, QuestionReason, StoredDraft } from "./ports.ts";
import { billingReport } from "./report.ts";
import type { BillingReport } from "./report.ts";
import type { BillingRules } from "./rules.ts";

export interface WritePorts {
  readonly state: BillingState;
  readonly now: () => Temporal.Instant;
}

/** What is looked at as a whole in each run, whatever was chosen. */
const alwaysComplete: readonly QuestionReason[] = [...followUpReasons, "ticket-replaced"];

/** Writes the drafts and lines of a plan one by one, each with its ledger entries in one transaction, then its questions. */
export async function writePlan(
  ports: WritePorts,
  rules: BillingRules,
  plan: BillingPlan,
  after: FollowUp,
  context: FlowContext,
): Promise<BillingReport> {
  const wouldAsk = withAsked(after, await syncInbox(ports, rules, plan, { run: null, dryRun: true }));
  // Nothing changes when nothing changed: a run that writes nothing and asks nothing new is not even recorded.
  if (plan.drafts.length === 0 && plan.settlements.length === 0 && wouldAsk.added === 0) {
    const inbox = withAsked(after, await syncInbox(ports, rules, plan, { run: null, dryRun: false }));
    return billingReport({ plan, rules, after, written: new Map(), inbox, moved: 0 });
  }
  const recorder = {
    start: () => ports.state.startRun("billing", ports.now()),
    finish: ports.state.finishRun,
    now: ports.now,
  };
  return recordRun(recorder, context.signal, async (run) => {
    const drafts = await writeDrafts(ports, rules, plan, run, context);
    const settlements = await writeSettlements(ports, rules, plan, run, context);
    const done: BillingPlan = {
      ...plan,
      drafts: plan.drafts.filter((draft) => drafts.written.has(draft)),
      settlements: settlements.written,
      questions: [...plan.questions, ...drafts.refused, ...settlements.refused],
    };
    const inbox = withAsked(after, await syncInbox(ports, rules, done, { run, dryRun: false }));
    const moved = drafts.moved + settlements.moved;
    const report = billingReport({ plan: done, rules, after, written: drafts.written, inbox, moved });
    return { report, status: inbox.added + moved > 0 ? "partial" : "done", summary: summaryOf(report) };
  });
}

/** Questions that came new with what was recorded at the beginning of the run are new, too. */
function withAsked({ asked }: FollowUp, inbox: BillingReport["inbox"]): BillingReport["inbox"] {
  return { ...inbox, added: inbox.added + asked };
}

/** Adds what the plan asks to the inbox; a run over everything also closes what no longer holds. */
export function syncInbox(
  ports: WritePorts,
  rules: BillingRules,
  plan: Pick<BillingPlan, "questions">,
  options: { readonly run: RunId | null; readonly dryRun: boolean },
): Promise<BillingReport["inbox"]> {
  const complete = rules.complete || alwaysComplete;
  return ports.state.syncInbox(plan.questions, { ...options, now: ports.now(), complete });
}

/** What was not written. */
interface Refused {
  readonly refused: readonly InboxItem[];
  /** How many of them only because the ledger moved since the plan was made. */
  readonly moved: number;
}

/** What kivitendo or the ledger cannot take stops itself only: it becomes a question, and its time stays due. */
async function writeDrafts(
  ports: WritePorts,
  rules: BillingRules,
  plan: BillingPlan,
  run: RunId,
  context: FlowContext,
): Promise<Refused & { readonly written: ReadonlyMap<PlannedDraft, StoredDraft> }> {
  const written = new Map<PlannedDraft, StoredDraft>();
  const refused: InboxItem[] = [];
  let moved = 0;
  for (const planned of plan.drafts) {
    if (context.signal.aborted) break;
    try {
      written.set(planned, await ports.state.writeDraft({ ...planned.record, run }, rules.minutesPerUnit));
    } catch (error) {
      refused.push(draftRefused(planned.customer, refusalOf(error), workedUnits(linesOf(planned))));
      moved += error instanceof MovedError ? 1 : 0;
    }
    context.report({ flow: "billing", step: "drafts written", done: written.size, total: plan.drafts.length });
  }
  return { written, refused, moved };
}

async function writeSettlements(
  ports: WritePorts,
  rules: BillingRules,
  plan: BillingPlan,
  run: RunId,
  context: FlowContext,
): Promise<Refused & { readonly written: BillingPlan["settlements"] }> {
  const written: BillingPlan["settlements"][number][] = [];
  const refused: InboxItem[] = [];
  let moved = 0;
  for (const settlement of plan.settlements) {
    if (context.signal.aborted) break;
    try {
      await ports.state.writeSettlement({ ...settlement, run }, rules.minutesPerUnit);
      written.push(settlement);
    } catch (error) {
      refused.push(draftRefused(settlement, refusalOf(error), workedUnits(settlement.lines)));
      moved += error instanceof MovedError ? 1 : 0;
    }
  }
  return { written, refused, moved };
}

/** What stops one customer only; throws anything else on. */
function refusalOf(error: unknown): RejectedError | MovedError {
  if (error instanceof RejectedError || error instanceof MovedError) return error;
  throw error;
}

/** With what would have been settled beside it. */
function linesOf({ record }: PlannedDraft): readonly PlannedLine[] {
  return [...record.content.lines, ...record.settlement];
}

function workedUnits(lines: readonly PlannedLine[]): HundredthUnits {
  return lines.reduce((sum, line) => sum + line.workedUnits, 0) as HundredthUnits;
}

function summaryOf(report: BillingReport): unknown {
  const { ticketsBilled, linesWritten, minutesBilled, minutesSettled } = report;
  const { drafts, inbox } = report;
  return {
    ticketsBilled,
    linesWritten,
    minutesBilled,
    minutesSettled,
    drafts: drafts.length,
    questions: inbox.added,
  };
}
