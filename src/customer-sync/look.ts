import type { CustomerChange, CustomerOutcome, HelpdeskCustomers, HelpdeskRecord, RecordKind } from "./ports.ts";
import { readMovedKeys, underMovedKeys } from "./moved-keys.ts";
import type { CustomerPlan } from "./plan.ts";
import type { CustomerRules } from "./rules.ts";
import { hold } from "./situations.ts";
import { isMakeshift } from "./settle.ts";

type Looking = Pick<HelpdeskCustomers, "lookUp">;

/**
 * Looks, before the guard and before anything is written, where it matters what stands in the helpdesk:
 *
 * - Rows whose last write has no outcome, or was refused: their record may stand under another key than the recorded one.
 * - Rows that were deleted and typed again: where the record from before stands.
 * - New records, when what stands under the same key may be adopted: the guard counts adoptions.
 * - Matched contacts: one that stands under another customer would take its tickets along.
 * - Companies of users that are written: an agent may have renamed them.
 *
 * Everything else shows in the answers, and in those of the dry run.
 */
export async function lookAhead(
  helpdesk: Looking,
  planned: CustomerPlan,
  rules: CustomerRules,
  signal: AbortSignal,
): Promise<CustomerPlan> {
  const plan = underMovedKeys(planned, await readMovedKeys(helpdesk, planned, planned.companies, signal));
  const held: CustomerOutcome[] = [...plan.held];
  const both: Record<RecordKind, CustomerChange[]> = { company: [], user: [] };
  for (const record of ["company", "user"] as const) {
    const changes = record === "company" ? plan.companies : plan.users;
    const asked = changes.filter((change) => isAskedFor(change, rules)).map((change) => change.key);
    const formers = changes.flatMap(({ takesOver }) => takesOver?.rowId ?? []);
    const ours = await lookUp(helpdesk, record, { rowIds: [...plan.inDoubt[record], ...formers] }, signal);
    const there = await lookUp(helpdesk, record, { keys: asked }, signal);
    const mine = new Map(ours.map((found) => [found.owner?.rowId, found]));
    const byKey = new Map(there.map((found) => [found.key, found]));
    for (const change of changes) {
      const own = mine.get(change.rowId) ?? mine.get(change.takesOver?.rowId);
      const seen = own === undefined ? met(change, byKey.get(change.key), plan, rules) : foundOwn(change, own, rules);
      if ("result" in seen) held.push(seen);
      else both[record].push(seen);
    }
  }
  return { ...plan, companies: both.company, users: both.user, held };
}

function isAskedFor(change: CustomerChange, rules: CustomerRules): boolean {
  if (change.expect === "absent") return rules.adopt === "same-key";
  return change.expect === "unowned" && change.record === "user" && change.situation === "matched";
}

async function lookUp(
  helpdesk: Looking,
  record: RecordKind,
  by: { readonly keys: readonly string[] } | { readonly rowIds: readonly number[] },
  signal: AbortSignal,
): Promise<readonly HelpdeskRecord[]> {
  if ("keys" in by ? by.keys.length === 0 : by.rowIds.length === 0) return [];
  return helpdesk.lookUp(record, by, { tickets: false, signal });
}

/** Our own record, after a write that may or may not have been carried out. */
function foundOwn(change: CustomerChange, own: HelpdeskRecord, rules: CustomerRules): CustomerChange {
  if (change.expect === "ours") {
    if (own.key === change.key) return change;
    // A makeshift key must not stay; any other was given by somebody.
    const newKey = change.newKey ?? (isMakeshift(own.key, change) ? change.key : null);
    return { ...change, key: own.key, newKey: newKey === own.key ? null : newKey };
  }
  const follows = change.record === "company" && change.kind === "create" && rules.followCustomerNumber;
  const newKey = (follows || isMakeshift(own.key, change)) && own.key !== change.key ? change.key : null;
  return { ...asOurs(change), key: own.key, newKey };
}

/** The same change for a record that turned out to be ours already. */
export function asOurs(change: CustomerChange): CustomerChange {
  return {
    ...change,
    // What was adopted stays known as adopted.
    kind: change.kind === "adopt" ? "adopt" : "update",
    expect: "ours",
    situation: "confirmed",
    companies: change.record === "user" ? (change.companies ?? []) : null,
  };
}

/** A record under the key of one that is not linked. */
function met(
  change: CustomerChange,
  found: HelpdeskRecord | undefined,
  plan: CustomerPlan,
  rules: CustomerRules,
): CustomerChange | CustomerOutcome {
  if (found === undefined || found.owner !== null || !isAskedFor(change, rules)) return change;
  const elsewhere = otherCustomer(change, found, plan);
  if (change.expect === "unowned") {
    const mayMove = elsewhere === null || rules.moves === "allow" || plan.movesDecided.has(change.rowId);
    if (mayMove) return change;
    const reason = `The matched record ${found.key} belongs to customer ${elsewhere} in the helpdesk; all its tickets would move with it.`;
    return hold(change, "move-waits", reason, { otherKey: found.key });
  }
  if (elsewhere !== null) {
    const reason = `The helpdesk has ${found.key} already, under customer ${elsewhere}: adopted by hand only.`;
    return hold(change, "found", reason, { otherKey: found.key });
  }
  return { ...change, kind: "adopt", expect: "unowned", situation: "found" };
}

/** The customer under which the helpdesk has this user, when it is another one than kivitendo's; else null. */
function otherCustomer(change: CustomerChange, found: HelpdeskRecord, plan: CustomerPlan): string | null {
  const wanted = change.fields["UserCustomerID"];
  const stored = found.fields["UserCustomerID"] ?? "";
  if (change.record === "company" || wanted === undefined || stored === "" || stored === wanted) return null;
  // Renamed by this very run, before its users are written.
  const before = plan.companies.find((company) => company.rowId === change.customerId)?.key;
  return stored === before ? null : stored;
}
