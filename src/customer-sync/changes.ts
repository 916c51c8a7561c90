import { keyProblem } from "./mapping.ts";
import type { CustomerChange, CustomerOutcome, FormerRow, Link } from "./ports.ts";

/** Recorded instead of the hash of a source row that is gone; no md5 looks like it. */
export const vanishedHash = "vanished";

/** One row as a change, or held with its reason. */
export type Planned =
  { readonly change: CustomerChange; readonly held: null } | { readonly change: null; readonly held: CustomerOutcome };

/** What a change expects to meet, and under which key. */
export type Step = Pick<CustomerChange, "kind" | "expect" | "key" | "newKey" | "situation" | "takesOver">;

/**
 *  link                                      | step
 *  ------------------------------------------+---------------------------------------------------
 *  none, unconfirmed; deleted and typed again| adopt our own record from before
 *  decision adopt                            | adopt a record that nobody owns
 *  decision recreate                         | create again, under its key when it was confirmed
 *  matched (or was, and is not confirmed)    | adopt a record that nobody owns, under the key of the pair
 *  confirmed, now invalid                    | invalidate (expect ours)
 *  confirmed                                 | update (expect ours), with a new key where one is due
 *  none, unconfirmed                         | create (expect absent)
 *
 * `key` is that of a new record; `newKey` what a confirmed one should be renamed to, null when it should not; `former` the
 * row that is gone and whose record this one takes up.
 */
export function stepOf(
  link: Link<string> | null,
  want: {
    readonly key: string;
    readonly newKey: string | null;
    readonly valid: boolean;
    readonly former: FormerRow | null;
  },
): Step {
  const decision = link?.decision ?? null;
  const situation = link?.confirmed === true && !want.valid ? "out-of-scope" : "confirmed";
  const { former } = want;
  const isOpen = link === null || !(link.confirmed || isMatched(link) || decision?.choice === "rename");
  if (former !== null && isOpen) {
    return { kind: "adopt", expect: "ours", key: former.key, newKey: null, situation: "returned", takesOver: former };
  }
  if (link !== null && decision?.choice === "adopt") {
    const key = link.confirmed || link.adopted ? link.key : want.key;
    return { kind: "adopt", expect: "unowned", key, newKey: null, situation: "found" };
  }
  if (link !== null && decision?.choice === "recreate") {
    // Of a pair whose record is gone nothing is left to go by.
    const key = decision.value ?? (link.confirmed ? link.key : want.key);
    return { kind: "create", expect: "absent", key, newKey: null, situation: "missing" };
  }
  if (link !== null && isMatched(link)) {
    return { kind: "adopt", expect: "unowned", key: link.key, newKey: null, situation: "matched" };
  }
  if (link === null || !link.confirmed) {
    const key = decision?.choice === "rename" ? (decision.value ?? want.key) : want.key;
    return { kind: "create", expect: "absent", key, newKey: null, situation: "absent" };
  }
  const newKey = decision?.choice === "rename" ? decision.value : want.newKey;
  return {
    kind: link.valid && !want.valid ? "invalidate" : "update",
    expect: "ours",
    key: link.key,
    newKey: newKey === link.key ? null : newKey,
    situation,
  };
}

/** Paired with a record of the helpdesk that has not been adopted yet; a refused or interrupted try changes nothing. */
export function isMatched(link: Link<string>): boolean {
  return link.status === "matched" || (link.adopted && !link.confirmed);
}

/** Why the helpdesk cannot have the key, or the new one, of a step; null when it can. */
export function stepProblem(record: CustomerChange["record"], step: Step): string | null {
  // A key that stands in the helpdesk is none of our business.
  const key = step.expect === "absent" ? step.key : step.newKey;
  return key === null ? null : keyProblem(record, key);
}

/** The row id whose mark a record has got rid of is of no use any more: what is asked for is a new record. */
export function asNew(change: CustomerChange): CustomerChange {
  const { takesOver: _former, ...rest } = change;
  return { ...rest, kind: "create", expect: "absent", situation: "absent" };
}

/** Makes the record invalid and touches nothing else of it. */
export function bareInvalidation(change: CustomerChange): CustomerChange {
  return {
    ...change,
    kind: "invalidate",
    newKey: null,
    // The rename that is left out is still due.
    sourceKey: change.newKey === null ? change.sourceKey : change.key,
    fields: { ValidID: 2 },
    modes: {},
    dynamicFields: {},
    companies: null,
    notices: [],
    waitsFor: null,
  };
}
