import type { FlowContext, RunId } from "../model/index.ts";
import { ask } from "./ask.ts";
import { usersAfter } from "./companies-first.ts";
import type { CustomerPlan } from "./plan.ts";
import type { CustomerChange, CustomerOutcome, CustomerState, HelpdeskCustomers } from "./ports.ts";
import { isClaim, settleClaims } from "./settle.ts";

export interface ApplyPorts {
  readonly helpdesk: Pick<HelpdeskCustomers, "upsert">;
  readonly state: Pick<CustomerState, "commitIntent" | "record">;
  readonly now: () => Temporal.Instant;
}

export interface ApplyOptions {
  readonly instance: string;
  /** An operator allowed what the guard would have refused. */
  readonly allowed: boolean;
}

export interface Applied {
  readonly outcomes: readonly CustomerOutcome[];
  readonly newlyRejected: number;
}

/** Records that are sent, and recorded, together: a crash leaves at most these without an outcome. */
const changesPerStep = 400;

/**
 * Sends the plan step by step: intent, call, record; companies first. What several changes claim (swapped names, addresses,
 * numbers) is settled when all of a kind have been tried, and recorded then.
 */
export async function applyPlan(
  ports: ApplyPorts,
  run: RunId,
  plan: CustomerPlan,
  options: ApplyOptions,
  context: FlowContext,
): Promise<Applied> {
  const { signal } = context;
  const outcomes: CustomerOutcome[] = [];
  let newlyRejected = 0;
  const total = plan.companies.length + plan.users.length + plan.held.length;

  const record = async (done: readonly CustomerOutcome[]): Promise<void> => {
    if (done.length === 0) return;
    const recorded = await ports.state.record(run, done, { now: ports.now(), allowed: options.allowed });
    newlyRejected += recorded.newlyRejected;
    outcomes.push(...done);
    context.report({ flow: "customers", step: "records written", done: outcomes.length, total });
  };
  const send = (changes: readonly CustomerChange[]): Promise<readonly CustomerOutcome[]> =>
    ask(changes, (each) => ports.helpdesk.upsert(each, { dryRun: false, sequence: run, signal }));

  const write = async (changes: readonly CustomerChange[]): Promise<readonly CustomerOutcome[]> => {
    const tried: CustomerOutcome[] = [];
    for (const step of stepsOf(changes)) {
      if (signal.aborted) return tried;
      await ports.state.commitIntent(run, step);
      const answers = await send(step);
      await record(answers.filter((outcome) => !isClaim(outcome, options.instance)));
      tried.push(...answers);
    }
    if (!tried.some((outcome) => isClaim(outcome, options.instance))) return tried;
    const settled = await settleClaims(tried, options.instance, send);
    const open = settled.outcomes.filter((_, index) => isOpen(tried[index], options.instance));
    // Left in doubt: the next run takes up at once what has something makeshift.
    outcomes.push(...open.filter(({ change }) => settled.makeshift.has(change.rowId)));
    await record(open.filter(({ change }) => !settled.makeshift.has(change.rowId)));
    return settled.outcomes;
  };

  await record(plan.held);
  const companies = await write(plan.companies);
  if (signal.aborted) return { outcomes, newlyRejected };
  const users = usersAfter(plan, companies);
  await record(users.waiting);
  await write(users.ready);
  return { outcomes, newlyRejected };
}

function isOpen(outcome: CustomerOutcome | undefined, instance: string): boolean {
  return outcome !== undefined && isClaim(outcome, instance);
}

/**
 * What the helpdesk would answer; nothing is written on either side. Companies and users go in one request after
 * another, so users of companies that are only planned are judged by their own values.
 */
export async function tryPlan(
  helpdesk: Pick<HelpdeskCustomers, "upsert">,
  plan: CustomerPlan,
  instance: string,
  { signal }: FlowContext,
): Promise<readonly CustomerOutcome[]> {
  const tryAfter = (
    changes: readonly CustomerChange[],
    earlier: readonly CustomerChange[],
  ): Promise<readonly CustomerOutcome[]> =>
    ask(changes, async (each) => {
      const answers = await helpdesk.upsert([...earlier, ...each], { dryRun: true, sequence: 0, signal });
      return answers.slice(earlier.length);
    });
  const write = async (changes: readonly CustomerChange[]): Promise<readonly CustomerOutcome[]> => {
    if (changes.length === 0) return [];
    const tried = await tryAfter(changes, []);
    if (!tried.some((outcome) => isClaim(outcome, instance))) return tried;
    return (await settleClaims(tried, instance, tryAfter)).outcomes;
  };
  const companies = await write(plan.companies);
  const users = usersAfter(plan, companies);
  return [...plan.held, ...companies, ...users.waiting, ...(await write(users.ready))];
}

function* stepsOf(changes: readonly CustomerChange[]): Generator<readonly CustomerChange[]> {
  for (let start = 0; start < changes.length; start += changesPerStep)
    yield changes.slice(start, start + changesPerStep);
}
