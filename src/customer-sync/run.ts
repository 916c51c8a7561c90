import { recordRefusal, recordRun } from "../model/index.ts";
import type { FlowContext, HelpdeskIdentity } from "../model/index.ts";
import { applyPlan, tryPlan } from "./apply.ts";
import { assertSafe } from "./guard.ts";
import { lookAhead } from "./look.ts";
import { assertFieldsExist } from "./needed-fields.ts";
import { planCustomers } from "./plan.ts";
import type { CustomerState, HelpdeskCustomers } from "./ports.ts";
import { reportOf } from "./report.ts";
import type { CustomersReport } from "./report.ts";
import { mappingOf } from "./rules.ts";
import type { CustomerRules } from "./rules.ts";

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

type Refusal = Parameters<CustomerState["refuseRun"]>[1];

/**
 * Flow 1: read, plan, look, guard, apply, record. `plan` asks the helpdesk for a dry run and writes nothing. Throws
 * ConfigError when the configuration names a field that the helpdesk lacks, RefusedError when the guard says no.
 */
export async function syncCustomers(
  ports: CustomerPorts,
  rules: CustomerRules,
  mode: "plan" | "sync",
  context: FlowContext,
): Promise<CustomersReport> {
  const { helpdesk, state } = ports;
  const identity = await helpdesk.identify();
  await ports.checkIdentity(identity, "look");
  const fields = await helpdesk.describe();
  assertFieldsExist(rules.mapping, fields);

  context.report({ flow: "customers", step: "reading kivitendo" });
  const differences = await state.readDifferences({
    mapping: await mappingOf(rules),
    selection: rules.selection,
    source: rules.source,
    everything: false,
    now: ports.now(),
  });
  const planned = planCustomers(differences, rules, fields);
  const plan = await lookAhead(helpdesk, planned, rules, context.signal);
  const guard = (): Promise<{ readonly allowed: boolean }> => assertSafe(plan, differences, rules);
  const refuse = (refusal: Refusal): Promise<void> => state.refuseRun("customers", refusal);
  const { allowed } = mode === "plan" ? await guard() : await recordRefusal(guard, refuse, ports.now);

  const total = plan.companies.length + plan.users.length + plan.held.length;
  if (mode === "plan") {
    const outcomes = total === 0 ? [] : await tryPlan(helpdesk, plan, rules.instance, context);
    return reportOf(differences, outcomes, 0);
  }
  await ports.checkIdentity(identity, "bind");
  await state.recordSourceRows(differences.sourceRows);
  await state.withdraw(differences.withdrawn);
  // Nothing changes when nothing changed: not even a run is recorded.
  if (total === 0) return reportOf(differences, [], 0);

  const recorder = {
    start: () => state.startRun("customers", ports.now()),
    finish: state.finishRun,
    now: ports.now,
  };
  return recordRun(recorder, context.signal, async (run) => {
    const applied = await applyPlan(ports, run, plan, { instance: rules.instance, allowed }, context);
    const report = reportOf(differences, applied.outcomes, applied.newlyRejected);
    return {
      report,
      status: report.newlyRejected > 0 ? "partial" : "done",
      summary: { customers: report.customers, contacts: report.contacts, situations: report.situations },
    };
  });
}
