import type { CompanyKey } from "../model/index.ts";
import type { CustomerPlan } from "./plan.ts";
import type { CustomerChange, HelpdeskCustomers } from "./ports.ts";

/** Row id of a customer → the key that an agent has given its company in the helpdesk. */
export type MovedKeys = ReadonlyMap<number, string>;

type Users = Pick<CustomerPlan, "users" | "otherCustomers">;

/**
 * Where the companies of these users stand, those apart that the run itself writes: what it learns of them counts
 * (companies-first.ts). A user that was filed under the recorded key would leave its company, with all its tickets.
 */
export async function readMovedKeys(
  helpdesk: Pick<HelpdeskCustomers, "lookUp">,
  { users, otherCustomers }: Users,
  written: readonly CustomerChange[],
  signal: AbortSignal,
): Promise<MovedKeys> {
  const recorded = new Map<number, string>();
  for (const user of users) {
    const { UserCustomerID: key } = user.fields;
    if (key !== undefined && user.customerId !== null) recorded.set(user.customerId, String(key));
    for (const other of otherCustomers.get(user.rowId) ?? [])
      if (other.key !== null) recorded.set(other.customerId, other.key);
  }
  for (const { rowId } of written) recorded.delete(rowId);
  if (recorded.size === 0) return new Map();
  const found = await helpdesk.lookUp("company", { rowIds: [...recorded.keys()] }, { tickets: false, signal });
  return new Map(
    found.flatMap(({ key, owner }) =>
      owner === null || recorded.get(owner.rowId) === key ? [] : [[owner.rowId, key] as const],
    ),
  );
}

/** Users filed under the keys that their companies have now. */
export function underMovedKeys<Some extends Users>(plan: Some, moved: MovedKeys): Some {
  if (moved.size === 0) return plan;
  const otherCustomers = new Map(
    [...plan.otherCustomers].map(([rowId, others]) => [
      rowId,
      others.map((other) => ({ ...other, key: (moved.get(other.customerId) as CompanyKey | undefined) ?? other.key })),
    ]),
  );
  const users = plan.users.map((user): CustomerChange => {
    const { UserCustomerID: key, ...rest } = user.fields;
    const own = user.customerId === null ? undefined : moved.get(user.customerId);
    const others = plan.otherCustomers.get(user.rowId) ?? [];
    const keyNow = new Map(others.map((other) => [other.key as string | null, moved.get(other.customerId)]));
    return {
      ...user,
      fields: key === undefined || own === undefined ? user.fields : { UserCustomerID: own, ...rest },
      companies: user.companies?.map((company) => keyNow.get(company) ?? company) ?? null,
    };
  });
  return { ...plan, users, otherCustomers };
}
