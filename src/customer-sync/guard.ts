import { RefusedError } from "../model/index.ts";
import type { CustomerPlan } from "./plan.ts";
import type { CustomerChange, Differences } from "./ports.ts";

export interface DeactivationLimits {
  readonly maxDeactivations: number;
  /** 0.1 is 10 %. */
  readonly maxDeactivationShare: number;
  /** The limits count only from this many known records up. */
  readonly ignoreBelow: number;
}

/**
 * Refuses a plan that would make too many records invalid, or that stands on a source that is suddenly empty. Contacts
 * that follow their customer are counted with it, not by themselves.
 */
export function assertSafe(plan: CustomerPlan, differences: Differences, limits: DeactivationLimits): void {
  const customers = plan.companies.filter((change) => change.kind === "invalidate");
  const leaving = new Set(customers.map((change) => change.rowId));
  const contacts = plan.users.filter(
    (change) => change.kind === "invalidate" && (change.customerId === null || !leaving.has(change.customerId)),
  );
  assertNotEmpty("customers", differences.sourceRows.companies, differences.known.companies);
  assertNotEmpty("contacts", differences.sourceRows.contacts, differences.known.contacts);
  assertFew("customers", customers, differences.known.companies, limits);
  assertFew("contacts", contacts, differences.known.contacts, limits);
}

function assertNotEmpty(what: string, sourceRows: number, known: number): void {
  if (sourceRows > 0 || known === 0) return;
  throw new RefusedError(
    `kivitendo shows no ${what} at all, but ${known} are known from earlier runs. Nothing was written.`,
    "Check that kivitendo.databaseUrl names the right database and that the views are in place (`kivi-otrs setup`).",
  );
}

function assertFew(what: string, changes: readonly CustomerChange[], known: number, limits: DeactivationLimits): void {
  if (changes.length === 0 || known < limits.ignoreBelow) return;
  const share = changes.length / known;
  if (changes.length <= limits.maxDeactivations && share <= limits.maxDeactivationShare) return;
  const first = changes.slice(0, 5).map((change) => change.label);
  throw new RefusedError(
    `This run would make ${changes.length} of ${known} ${what} invalid (${(share * 100).toFixed(1)} %); allowed are ` +
      `${limits.maxDeactivations} and ${(limits.maxDeactivationShare * 100).toFixed(1)} %. Nothing was written. First: ${first.join("; ")}.`,
    "Look at them with `kivi-otrs customers plan --allow-deactivations`; when they are right, run `kivi-otrs customers sync --allow-deactivations`.",
  );
}
