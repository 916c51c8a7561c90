import { bareInvalidation } from "./changes.ts";
import type { CustomerPlan } from "./plan.ts";
import type { ContactDifference, CustomerChange, CustomerOutcome } from "./ports.ts";
import { hold } from "./situations.ts";

/** Users as they can be written after their companies. */
export interface UsersAfterCompanies {
  readonly ready: readonly CustomerChange[];
  /** Their company is not in the helpdesk. */
  readonly waiting: readonly CustomerOutcome[];
}

/**
 * What came of the companies decides about their users: those of a company that is not there wait, and where a company has
 * another key than planned (a refused rename, one that an agent renamed), its users are filed under that. Companies are told
 * apart by the customer's row id: the key that was planned for one may be the one that another has.
 */
export function usersAfter(
  { users, otherCustomers }: Pick<CustomerPlan, "users" | "otherCustomers">,
  companies: readonly CustomerOutcome[],
): UsersAfterCompanies {
  const came = new Map(companies.map((outcome) => [outcome.change.rowId, outcome]));
  const ready: CustomerChange[] = [];
  const waiting: CustomerOutcome[] = [];
  for (const user of users) {
    const { UserCustomerID: company } = user.fields;
    const outcome = user.customerId === null ? undefined : came.get(user.customerId);
    if (company === undefined || outcome === undefined || isThere(outcome)) {
      ready.push(filedUnder(user, otherCustomers.get(user.rowId) ?? [], came));
    } else if (user.kind === "invalidate") {
      ready.push(bareInvalidation(user));
    } else {
      waiting.push(hold(user, "waits-for-customer", `Customer ${outcome.change.label} is not in the helpdesk (yet).`));
    }
  }
  return { ready, waiting };
}

function isThere({ change, result }: CustomerOutcome): boolean {
  return result.outcome !== "rejected" || (change.expect === "ours" && change.takesOver === undefined);
}

/** Key of a company after its outcome, whatever that is; null when it is not in the helpdesk. */
function keyAfter(outcome: CustomerOutcome): string | null {
  if (!isThere(outcome)) return null;
  const { change, result } = outcome;
  return result.outcome === "rejected" ? change.key : (change.newKey ?? change.key);
}

function filedUnder(
  user: CustomerChange,
  others: ContactDifference["otherCustomers"],
  came: ReadonlyMap<number, CustomerOutcome>,
): CustomerChange {
  const keyNow = (customerId: number | null, stored: string | null): string | null => {
    const outcome = customerId === null ? undefined : came.get(customerId);
    return outcome === undefined ? stored : keyAfter(outcome);
  };
  const { UserCustomerID: company } = user.fields;
  const own = company === undefined ? null : keyNow(user.customerId, String(company));
  const companies = others
    .map(({ customerId, key }) => keyNow(customerId, key))
    .filter((key): key is string => key !== null && key !== own);
  return {
    ...user,
    fields: own === null ? user.fields : { ...user.fields, UserCustomerID: own },
    companies: user.companies === null ? null : companies,
  };
}
