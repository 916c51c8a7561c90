import { bareInvalidation, isMatched, stepOf, stepProblem } from "./changes.ts";
import type { Planned } from "./changes.ts";
import { fold } from "./fold.ts";
import { isLive, mapCompany } from "./mapping.ts";
import type { MappingContext } from "./mapping.ts";
import { numberNotice } from "./names.ts";
import type { CompanyDifference, CustomerChange, FormerRow, RejectionCode } from "./ports.ts";
import type { CustomerRules } from "./rules.ts";
import { hold } from "./situations.ts";
import { oneLine } from "./text.ts";

/** Customers as changes of companies, in the order of the rows. */
export function planCompanies(
  rows: readonly CompanyDifference[],
  rules: CustomerRules,
  context: MappingContext,
): readonly Planned[] {
  return rows.map((row) => planCompany(row, rules, context));
}

/** Row id of a customer that is gone → of the one that takes up its company. */
export type Successors = ReadonlyMap<number, number>;

export function successorsOf(companies: readonly CustomerChange[]): Successors {
  return new Map(
    companies.flatMap(({ takesOver, rowId }) => (takesOver === undefined ? [] : [[takesOver.rowId, rowId]])),
  );
}

/** The keys that companies will have when all of this is written, by row id of the customer. */
export function plannedKeys(companies: readonly CustomerChange[]): ReadonlyMap<number, string> {
  return new Map(companies.map((change) => [change.rowId, change.newKey ?? change.key]));
}

/**
 *  customer                                             | planned
 *  -----------------------------------------------------+------------------------------------------------
 *  no number, a number or value that does not fit       | held: incomplete (but one that leaves is made invalid)
 *  new, its number is another's for the helpdesk        | held: ambiguous
 *  matched, and nothing may be adopted                  | held: found
 *  a customer before it has the same name               | the number is appended to its name
 *  number of one that is gone, and another name         | held: found, until somebody adopts
 *  deleted and typed again with its number and name     | takes up the company from before
 *  linked, other number than when it was recorded       | update with new key, unless adopted or configured otherwise
 *  else                                                 | as its link says (changes.ts)
 */
function planCompany(row: CompanyDifference, rules: CustomerRules, context: MappingContext): Planned {
  const { link } = row;
  const live = isLive(row);
  const appendNumber = row.nameShared || link?.decision?.choice === "append-number";
  const { problem, ...mapped } = mapCompany(row, appendNumber, context);
  const step = stepOf(link, {
    key: row.customerNumber ?? "",
    newKey: renameOf(row, rules),
    valid: live,
    former: row.former,
  });
  const change: CustomerChange = {
    ...step,
    ...mapped,
    notices: appendNumber ? [...mapped.notices, numberNotice] : mapped.notices,
    record: "company",
    rowId: row.customerId,
    label: [row.customerNumber ?? `row id ${row.customerId}`, row.name].join(" "),
    companies: null,
    sourceHash: row.sourceHash,
    customerId: null,
    sourceKey: row.customerNumber,
    follows: false,
    waitsFor: null,
  };
  const obstacle =
    obstacleOf(row, change, rules) ?? (problem === null ? null : incomplete(problem)) ?? formerObstacle(row, change);
  if (obstacle === null) return { change, held: null };
  if (!live && step.expect === "ours" && step.takesOver === undefined)
    return { change: bareInvalidation(change), held: null };
  return { change: null, held: hold(change, obstacle.code, obstacle.reason) };
}

/** The customer number as new CustomerID, when it has changed since it was recorded. */
function renameOf({ link, customerNumber }: CompanyDifference, rules: CustomerRules): string | null {
  if (!rules.followCustomerNumber || link === null || link.adopted || link.sourceKey === null) return null;
  return customerNumber === null || customerNumber === link.sourceKey ? null : customerNumber;
}

interface Obstacle {
  readonly code: RejectionCode;
  readonly reason: string;
}

function obstacleOf(row: CompanyDifference, change: CustomerChange, rules: CustomerRules): Obstacle | null {
  if (change.key === "") return incomplete("The customer has no customer number in kivitendo.");
  const problem = stepProblem("company", change);
  if (problem !== null) return incomplete(problem);
  if (row.keyRival !== null && (change.expect === "absent" || change.newKey !== null)) {
    const reason = `For the helpdesk's database its customer number is the same as ${row.keyRival}, which an older customer has.`;
    return { code: "ambiguous", reason };
  }
  if (row.link !== null && isMatched(row.link) && change.situation === "matched" && rules.adopt === "never") {
    return { code: "found", reason: `It is matched with ${change.key}, and customers.adopt is never.` };
  }
  return null;
}

/** Numbers are given again: whether a company of another name is the same one is for people to say. */
function formerObstacle(row: CompanyDifference, { takesOver, label }: CustomerChange): Obstacle | null {
  if (takesOver === undefined || row.link?.decision?.choice === "adopt") return null;
  // What is in doubt was let through before, and may be in the helpdesk.
  if (row.link?.status === "writing") return null;
  return fold(oneLine(takesOver.label)) === fold(oneLine(label))
    ? null
    : { code: "found", reason: formerReason(takesOver) };
}

function formerReason({ key, label, rowId }: FormerRow): string {
  return `${key} is the company of a customer of another name that is gone from kivitendo (${label}, row id ${rowId}); adopted, it becomes this customer's with all its users and tickets.`;
}

function incomplete(reason: string): Obstacle {
  return { code: "incomplete", reason };
}
