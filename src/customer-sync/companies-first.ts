import { bareInvalidation } from "./changes.ts";
import type { CustomerChange, CustomerOutcome } from "./ports.ts";
import { hold } from "./situations.ts";

/** Users as they can be written after their companies. */
export interface UsersAfterCompanies {
  readonly ready: readonly CustomerChange[];
  /** Their company is not in the helpdesk. */
  readonly waiting: readonly CustomerOutcome[];
}

/**
 * What came of the companies decides about their users: those of a company that is not there wait, and where a company has
 * another key than planned (a refused rename, one that an agent renamed), its users are filed under that.
 */
export function usersAfter(
  users: readonly CustomerChange[],
  planned: readonly CustomerChange[],
  outcomes: readonly CustomerOutcome[],
): UsersAfterCompanies {
  const missing = new Map(
    outcomes
      .filter(({ change, result }) => result.outcome === "rejected" && change.expect !== "ours")
      .map(({ change }) => [change.rowId, change.label]),
  );
  const plannedKeys = new Map(planned.map((change) => [change.rowId, change.newKey ?? change.key]));
  const keysNow = new Map(
    outcomes.map(({ change, result }) => [
      plannedKeys.get(change.rowId) ?? change.key,
      missing.has(change.rowId) ? null : result.outcome === "rejected" ? change.key : (change.newKey ?? change.key),
    ]),
  );
  const keyNow = (key: string): string | null => (keysNow.has(key) ? (keysNow.get(key) ?? null) : key);
  const ready: CustomerChange[] = [];
  const waiting: CustomerOutcome[] = [];
  for (const user of users) {
    const { UserCustomerID: company } = user.fields;
    if (company === undefined || user.customerId === null || !missing.has(user.customerId)) {
      ready.push(filedUnder(user, keyNow));
    } else if (user.kind === "invalidate") {
      ready.push(bareInvalidation(user));
    } else {
      const label = missing.get(user.customerId) ?? "";
      waiting.push(hold(user, "waits-for-customer", `Customer ${label} is not in the helpdesk (yet).`));
    }
  }
  return { ready, waiting };
}

function filedUnder(user: CustomerChange, keyNow: (key: string) => string | null): CustomerChange {
  const { UserCustomerID: company } = user.fields;
  const own = company === undefined ? null : keyNow(String(company));
  return {
    ...user,
    fields: own === null ? user.fields : { ...user.fields, UserCustomerID: own },
    companies: user.companies?.map(keyNow).filter((key) => key !== null) ?? null,
  };
}
