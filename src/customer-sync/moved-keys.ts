import type { CustomerChange, HelpdeskCustomers } from "./ports.ts";

/** Recorded key of a company → the one that an agent has given it in the helpdesk. */
export type MovedKeys = ReadonlyMap<string, string>;

/**
 * Where the companies of these users stand, those apart that the run itself writes: what it learns of them counts
 * (companies-first.ts). A user that was filed under the recorded key would leave its company, with all its tickets.
 */
export async function readMovedKeys(
  helpdesk: Pick<HelpdeskCustomers, "lookUp">,
  users: readonly CustomerChange[],
  companies: readonly CustomerChange[],
  signal: AbortSignal,
): Promise<MovedKeys> {
  const written = new Set(companies.map(({ rowId }) => rowId));
  const keys = new Map<number, string>();
  for (const { customerId, waitsFor, fields } of users) {
    const { UserCustomerID: key } = fields;
    if (key === undefined || customerId === null || waitsFor !== null || written.has(customerId)) continue;
    keys.set(customerId, String(key));
  }
  if (keys.size === 0) return new Map();
  const found = await helpdesk.lookUp("company", { rowIds: [...keys.keys()] }, { tickets: false, signal });
  return new Map(
    found.flatMap(({ key, owner }) => {
      const recorded = keys.get(owner?.rowId ?? 0);
      return recorded === undefined || recorded === key ? [] : [[recorded, key] as const];
    }),
  );
}

/** Users filed under the keys that their companies have now. */
export function underMovedKeys(users: readonly CustomerChange[], moved: MovedKeys): readonly CustomerChange[] {
  if (moved.size === 0) return users;
  return users.map((user) => {
    const { UserCustomerID: key, ...rest } = user.fields;
    return {
      ...user,
      fields: key === undefined ? user.fields : { UserCustomerID: moved.get(String(key)) ?? key, ...rest },
      companies: user.companies?.map((company) => moved.get(company) ?? company) ?? null,
    };
  });
}
