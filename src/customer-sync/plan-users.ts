import { bareInvalidation, isMatched, stepOf, stepProblem } from "./changes.ts";
import type { Planned } from "./changes.ts";
import { loginFor, mapUser } from "./mapping.ts";
import type { MappingContext } from "./mapping.ts";
import type { Successors } from "./plan-companies.ts";
import type { ContactDifference, CustomerChange, FormerRow, RejectionCode } from "./ports.ts";
import type { CustomerRules } from "./rules.ts";
import { hold } from "./situations.ts";

/**
 * Contacts as changes of users, in the order of the rows. `companyKeys` are the keys that companies of this run will have,
 * by row id; `successors` the customers that take up the companies of others. A login stands for one contact only: of
 * several new ones that want the same, the lowest row id gets it.
 */
export function planUsers(
  rows: readonly ContactDifference[],
  companyKeys: ReadonlyMap<number, string>,
  successors: Successors,
  rules: CustomerRules,
  context: MappingContext,
): readonly Planned[] {
  const planned = rows.map((row) => planUser(row, companyKeys, successors, rules, context));
  const inDoubt = new Set(rows.filter(({ link }) => link?.status === "writing").map((row) => row.contactId as number));
  // Who may be in the helpdesk already has the login there.
  const goesBefore = (one: CustomerChange, other: CustomerChange): boolean =>
    inDoubt.has(one.rowId) === inDoubt.has(other.rowId) ? one.rowId < other.rowId : inDoubt.has(one.rowId);
  const first = new Map<string, CustomerChange>();
  for (const { change } of planned) {
    if (change === null || !isNew(change)) continue;
    const other = first.get(loginOf(change));
    if (other === undefined || goesBefore(change, other)) first.set(loginOf(change), change);
  }
  return planned.map((each) => {
    const { change } = each;
    const winner = change !== null && isNew(change) ? first.get(loginOf(change)) : undefined;
    if (change === null || winner === undefined || winner.rowId === change.rowId) return each;
    const reason = `The contact ${winner.label} (row id ${winner.rowId}) has the same e-mail address; a login can stand for one contact only.`;
    return { change: null, held: hold(change, "email-taken", reason, { otherKey: winner.key }) };
  });
}

/**
 *  contact                                              | planned
 *  -----------------------------------------------------+------------------------------------------------
 *  customer not in the helpdesk and not in this run     | held: waits-for-customer (but one that leaves is made invalid)
 *  lacks a name, has a value that cannot be cut         | held: incomplete (same)
 *  matched, and nothing may be adopted                  | held: found
 *  deleted and typed again under another customer       | held: found, until somebody adopts (or customers.moves: allow)
 *  the same under the same customer                     | takes up the user from before
 *  linked under another customer than now               | written without the move, which waits for a decision
 *  the same, with decision move or customers.moves allow| moved
 *  the same, with decision stay for this customer       | written without the move, nothing waits
 *  else                                                 | as its link says (changes.ts)
 */
function planUser(
  row: ContactDifference,
  companyKeys: ReadonlyMap<number, string>,
  successors: Successors,
  rules: CustomerRules,
  context: MappingContext,
): Planned {
  const companyKey = companyKeys.get(row.customerId) ?? row.companyKey;
  const { problem, ...mapped } = mapUser(row, companyKey ?? "", context);
  const step = stepOf(row.link, { key: loginFor(row), newKey: null, valid: row.active, former: row.former });
  const move = moveOf(row, successors, rules);
  const { UserCustomerID: _kept, ...withoutMove } = mapped.fields;
  const change: CustomerChange = {
    ...step,
    ...mapped,
    fields: move.moves ? mapped.fields : withoutMove,
    record: "user",
    rowId: row.contactId,
    label: [row.givenName, row.name, `<${row.email.trim()}>`].filter((part) => part.trim() !== "").join(" "),
    companies: context.helpdesk.additionalCompanies ? additionalCompanies(row, companyKey, companyKeys) : null,
    sourceHash: row.sourceHash,
    customerId: move.asks ? row.customerId : (row.link?.customerId ?? row.customerId),
    sourceKey: null,
    follows: row.follows && !row.active,
    waitsFor: move.waitsFor,
  };
  const obstacle =
    obstacleOf(row, change, move.moves && companyKey === null, problem, rules) ??
    formerObstacle(row, change, successors, rules);
  if (obstacle === null) return { change, held: null };
  if (!row.active && step.expect === "ours" && step.takesOver === undefined)
    return { change: bareInvalidation(change), held: null };
  return { change: null, held: hold(change, obstacle.code, obstacle.reason) };
}

interface Move {
  /** The user is filed as kivitendo files the contact. */
  readonly moves: boolean;
  /** The customer of kivitendo is recorded: as the one it is filed under, or about which somebody is asked or was. */
  readonly asks: boolean;
  readonly waitsFor: CustomerChange["waitsFor"];
}

/** Whether the user goes under the customer that kivitendo files the contact under. */
function moveOf(row: ContactDifference, successors: Successors, rules: CustomerRules): Move {
  const { link } = row;
  if (link?.decision?.choice === "stay" && link.decision.value === String(row.customerId)) {
    return { moves: false, asks: true, waitsFor: null };
  }
  const isAnother =
    link !== null && link.confirmed && link.customerId !== null && !isSameCustomer(link.customerId, row, successors);
  if (!isAnother || rules.moves === "allow" || link.decision?.choice === "move")
    return { moves: true, asks: true, waitsFor: null };
  // Nobody needs to decide about a contact that leaves; when it comes back, the question comes with it.
  if (!row.active) return { moves: false, asks: false, waitsFor: null };
  const number = row.customerNumber ?? `with row id ${row.customerId}`;
  const reason = `In kivitendo the contact now belongs to customer ${number}; in the helpdesk all its tickets would move there with it.`;
  return { moves: false, asks: true, waitsFor: { code: "move-waits", reason } };
}

/** Also a customer that was deleted and typed again. */
function isSameCustomer(customerId: number, row: ContactDifference, successors: Successors): boolean {
  return customerId === row.customerId || successors.get(customerId) === row.customerId;
}

/** The same for each spelling. */
function loginOf({ key }: CustomerChange): string {
  return key.toLowerCase();
}

/** Wants a login that it has not had so far. */
function isNew(change: CustomerChange): boolean {
  return change.expect === "absent" || change.takesOver !== undefined;
}

function additionalCompanies(
  row: ContactDifference,
  companyKey: string | null,
  companyKeys: ReadonlyMap<number, string>,
): readonly string[] {
  return row.otherCustomers
    .map(({ customerId, key }) => companyKeys.get(customerId) ?? key)
    .filter((key): key is string => key !== null && key !== companyKey);
}

interface Obstacle {
  readonly code: RejectionCode;
  readonly reason: string;
}

function obstacleOf(
  row: ContactDifference,
  change: CustomerChange,
  lacksCompany: boolean,
  problem: string | null,
  rules: CustomerRules,
): Obstacle | null {
  if (lacksCompany) return { code: "waits-for-customer", reason: waitingReason(row) };
  const cannot = problem ?? stepProblem("user", change);
  if (cannot !== null) return { code: "incomplete", reason: cannot };
  if (row.link !== null && isMatched(row.link) && change.situation === "matched" && rules.adopt === "never") {
    return { code: "found", reason: `It is matched with ${change.key}, and customers.adopt is never.` };
  }
  return null;
}

/** Whoever left one customer and was typed again under another is for people to recognise: the tickets would go along. */
function formerObstacle(
  row: ContactDifference,
  { takesOver }: CustomerChange,
  successors: Successors,
  rules: CustomerRules,
): Obstacle | null {
  if (takesOver === undefined || rules.moves === "allow" || row.link?.decision?.choice === "adopt") return null;
  const { customerId } = takesOver;
  if (customerId !== null && isSameCustomer(customerId, row, successors)) return null;
  return { code: "found", reason: formerReason(takesOver, row) };
}

function formerReason({ key, rowId }: FormerRow, row: ContactDifference): string {
  const number = row.customerNumber ?? `with row id ${row.customerId}`;
  return `${key} is the user of a contact that is gone from kivitendo (row id ${rowId}), under another customer; adopted, it moves to customer ${number} with all its tickets.`;
}

/** The reason of a user that must wait because its company is not in the helpdesk. */
function waitingReason(row: { readonly customerNumber: string | null; readonly customerId: number }): string {
  return `Customer ${row.customerNumber ?? `with row id ${row.customerId}`} is not in the helpdesk (yet).`;
}
