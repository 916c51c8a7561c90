import type { FlowContext, HelpdeskIdentity, RunEnd } from "../model/index.ts";
import { applyPlan, tryPlan } from "./apply.ts";
import { assertSafe } from "./guard.ts";
import type { DeactivationLimits } from "./guard.ts";
import { mappingVersion } from "./mapping.ts";
import { planCustomers } from "./plan.ts";
import type { CustomerState, HelpdeskCustomers, Selection } from "./ports.ts";
import { reportOf } from "./report.ts";
import type { CustomersReport } from "./report.ts";

export interface CustomerPorts {
  readonly helpdesk: HelpdeskCustomers;
  readonly state: CustomerState;
  /** Throws RefusedError when database or helpdesk is not the one that the state belongs to. */
  readonly checkIdentity: (helpdesk: HelpdeskIdentity) => Promise<void>;
  readonly now: () => Temporal.Instant;
}

export interface CustomerRules {
  readonly selection: Selection;
  /** Null when an operator allowed this one run to go over them. */
  readonly limits: DeactivationLimits | null;
}

/** Flow 1: read, plan, guard, apply, record. `plan` asks the helpdesk for a dry run and writes nothing. */
export async function syncCustomers(
  ports: CustomerPorts,
  rules: CustomerRules,
  mode: "plan" | "sync",
  context: FlowContext,
): Promise<CustomersReport> {
  await ports.checkIdentity(await ports.helpdesk.identify());
  context.report({ flow: "customers", step: "reading kivitendo" });
  const differences = await ports.state.readDifferences({
    mapping: mappingVersion,
    selection: rules.selection,
    now: ports.now(),
  });
  const plan = planCustomers(differences);
  if (rules.limits !== null) assertSafe(plan, differences, rules.limits);
  const total = plan.companies.length + plan.users.length + plan.held.length;
  // Nothing changes when nothing changed: not even a run is recorded.
  if (total === 0) return reportOf(differences, [], 0);
  if (mode === "plan") return reportOf(differences, await tryPlan(ports.helpdesk, plan, context), 0);

  const run = await ports.state.startRun("customers", ports.now());
  const finish = (end: Omit<RunEnd, "finishedAt">): Promise<void> =>
    ports.state.finishRun(run, { finishedAt: ports.now(), ...end });
  let ended = false;
  try {
    const applied = await applyPlan(ports, run, plan, context);
    const report = reportOf(differences, applied.outcomes, applied.newlyRejected);
    const status = applied.interrupted ? "interrupted" : report.newlyRejected > 0 ? "partial" : "done";
    await finish({ status, summary: { customers: report.customers, contacts: report.contacts }, error: null });
    ended = true;
    context.signal.throwIfAborted();
    return report;
  } catch (error) {
    if (!ended) {
      const status = context.signal.aborted ? "interrupted" : "failed";
      await finish({ status, summary: null, error: String(error) });
    }
    throw error;
  }
}
