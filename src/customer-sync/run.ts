import { recordRun } from "../model/index.ts";
import type { FlowContext, HelpdeskIdentity } from "../model/index.ts";
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
  /**
   * Throws RefusedError when database or helpdesk is not the one that the state belongs to. The first writing run binds
   * the helpdesk; a plan only looks.
   */
  readonly checkIdentity: (helpdesk: HelpdeskIdentity, mode: "look" | "bind") => Promise<void>;
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
  await ports.checkIdentity(await ports.helpdesk.identify(), mode === "plan" ? "look" : "bind");
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

  const recorder = {
    start: () => ports.state.startRun("customers", ports.now()),
    finish: ports.state.finishRun,
    now: ports.now,
  };
  return recordRun(recorder, context.signal, async (run) => {
    const applied = await applyPlan(ports, run, plan, context);
    const report = reportOf(differences, applied.outcomes, applied.newlyRejected);
    return {
      report,
      status: report.newlyRejected > 0 ? "partial" : "done",
      summary: { customers: report.customers, contacts: report.contacts },
    };
  });
}
