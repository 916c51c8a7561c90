import type { FlowContext, RunId } from "../model/index.ts";
import { hold, vanishedHash } from "./plan.ts";
import type { CustomerPlan } from "./plan.ts";
import type { CustomerChange, CustomerOutcome, CustomerState, HelpdeskCustomers, UpsertOutcome } from "./ports.ts";

export interface ApplyPorts {
  readonly helpdesk: HelpdeskCustomers;
  readonly state: CustomerState;
  readonly now: () => Temporal.Instant;
}

/** Records that are sent, and recorded, together: a crash leaves at most these without an outcome. */
const changesPerStep = 400;

export interface Applied {
  readonly outcomes: readonly CustomerOutcome[];
  readonly newlyRejected: number;
}

/** Sends the plan step by step: intent, call, record; companies first. A rejected company holds its new users. */
export async function applyPlan(
  ports: ApplyPorts,
  run: RunId,
  plan: CustomerPlan,
  context: FlowContext,
): Promise<Applied> {
  const outcomes: CustomerOutcome[] = [];
  let newlyRejected = 0;
  const total = plan.companies.length + plan.users.length;

  const keep = async (done: readonly CustomerOutcome[]): Promise<void> => {
    if (done.length === 0) return;
    newlyRejected += (await ports.state.record(run, done, ports.now())).newlyRejected;
    outcomes.push(...done);
    context.report({ flow: "customers", step: "records written", done: outcomes.length, total });
  };

  await keep(plan.held);
  for (const step of stepsOf(plan.companies)) {
    if (context.signal.aborted) return { outcomes, newlyRejected };
    await keep(await sendStep(ports, run, step, context.signal));
  }
  const missing = companiesNotThere(outcomes);
  for (const step of stepsOf(plan.users)) {
    if (context.signal.aborted) return { outcomes, newlyRejected };
    const waiting = step.filter((change) => change.customerId !== null && missing.has(change.customerId));
    await keep(waiting.map((change) => holdForCompany(change, missing)));
    await keep(
      await sendStep(
        ports,
        run,
        step.filter((change) => !waiting.includes(change)),
        context.signal,
      ),
    );
  }
  return { outcomes, newlyRejected };
}

/**
 * What the helpdesk would answer; nothing is written on either side. Companies and users go in one request after
 * another, so users of companies that are only planned are judged by their own values.
 */
export async function tryPlan(
  helpdesk: HelpdeskCustomers,
  plan: CustomerPlan,
  context: FlowContext,
): Promise<readonly CustomerOutcome[]> {
  const companies = await ask(helpdesk, plan.companies, { dryRun: true, sequence: 0, signal: context.signal });
  const missing = companiesNotThere(companies);
  const waiting = plan.users.filter((change) => change.customerId !== null && missing.has(change.customerId));
  const asked = plan.users.filter((change) => !waiting.includes(change));
  const users = await ask(helpdesk, asked, { dryRun: true, sequence: 0, signal: context.signal });
  return [...plan.held, ...companies, ...waiting.map((change) => holdForCompany(change, missing)), ...users];
}

async function sendStep(
  ports: ApplyPorts,
  run: RunId,
  step: readonly CustomerChange[],
  signal: AbortSignal,
): Promise<readonly CustomerOutcome[]> {
  if (step.length === 0) return [];
  await ports.state.commitIntent(run, step);
  return ask(ports.helpdesk, step, { dryRun: false, sequence: run, signal });
}

/** Asks, and asks once more with `ours` where a lost record of an earlier write shows (answer `already-ours`). */
async function ask(
  helpdesk: HelpdeskCustomers,
  changes: readonly CustomerChange[],
  options: { readonly dryRun: boolean; readonly sequence: number; readonly signal: AbortSignal },
): Promise<readonly CustomerOutcome[]> {
  if (changes.length === 0) return [];
  const first = pair(changes, await helpdesk.upsert(changes, options));
  const lost = first.filter(({ result }) => result.outcome === "rejected" && result.code === "already-ours");
  if (lost.length === 0) return first;
  const again = lost.map(({ change }) => ({ ...change, kind: "update" as const, expect: "ours" as const }));
  const second = pair(again, await helpdesk.upsert(again, options));
  return first.map((outcome) => second[lost.indexOf(outcome)] ?? outcome);
}

function pair(changes: readonly CustomerChange[], results: readonly UpsertOutcome[]): readonly CustomerOutcome[] {
  return changes.map((change, index) => {
    const result = results[index];
    if (!result) throw new RangeError(`no outcome for change ${index} of ${changes.length}`);
    return { change, result: goneOnBothSides(change, result) ? { outcome: "unchanged", changed: [] } : result };
  });
}

/** The source row is gone, and so is the record: there is nothing left to make invalid. */
function goneOnBothSides(change: CustomerChange, result: UpsertOutcome): boolean {
  return change.sourceHash === vanishedHash && result.outcome === "rejected" && result.code === "gone";
}

/** Customers whose company was to be created and is not in the helpdesk, by row id with their label. */
function companiesNotThere(outcomes: readonly CustomerOutcome[]): ReadonlyMap<number, string> {
  return new Map(
    outcomes
      .filter(
        ({ change, result }) =>
          change.record === "company" && change.kind === "create" && result.outcome === "rejected",
      )
      .map(({ change }) => [change.rowId, change.label]),
  );
}

function holdForCompany(change: CustomerChange, missing: ReadonlyMap<number, string>): CustomerOutcome {
  const label = change.customerId === null ? "" : (missing.get(change.customerId) ?? "");
  return hold(change, "waits-for-customer", `Customer ${label} is not in the helpdesk (yet).`);
}

function* stepsOf(changes: readonly CustomerChange[]): Generator<readonly CustomerChange[]> {
  for (let start = 0; start < changes.length; start += changesPerStep)
    yield changes.slice(start, start + changesPerStep);
}
