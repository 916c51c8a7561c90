import type { UpsertRecord } from "./addon-request.ts";
import { emptyCompany, emptyUser, fieldNames, keyProblem, type Stored } from "./customer-fields.ts";
import type { CustomerBook, Refusal } from "./customers.ts";
import { dynamicFieldProblem, dynamicValues, putDynamicValue } from "./dynamic-values.ts";
import { isTrue, textOf } from "./loose-values.ts";
import { applyMembers, planMembers, type MemberPlan } from "./members.ts";
import { renameRecord } from "./renames.ts";
import type { Simulation } from "./simulation.ts";
import type { Company, Mark, User } from "./world-state.ts";

/** One upsert; of a dry run, `sim` is a copy. */
export interface Run {
  sim: Simulation;
  instance: string;
  userId: number;
  dryRun: boolean;
  book: CustomerBook;
}

type Code = Refusal["code"] | "found" | "not-ours" | "already-ours" | "gone" | "key-differs" | "key-taken" | "failed";

interface Rejection {
  outcome: "rejected";
  code: Code;
  reason: string;
  owner?: Mark | undefined;
  otherKey?: string | undefined;
  keyNow?: string | undefined;
}

export type Verdict = { outcome: "created" | "adopted" | "updated" | "unchanged"; changed: string[] } | Rejection;

/** A refusal, with what the bridge may want to know of the record in the way. */
export function rejected(
  code: Code,
  reason: string,
  more: Pick<Rejection, "owner" | "otherKey" | "keyNow"> = {},
): Rejection {
  return { outcome: "rejected", code, reason, ...more };
}

/** Writes a record that stands as expected. */
export function writeRecord(run: Run, record: UpsertRecord, { takesOver } = { takesOver: false }): Verdict {
  const problem = fieldProblem(run, record) ?? dynamicFieldProblem(run.sim, record.type, record.dynamicFields);
  if (problem !== undefined) return rejected("invalid", problem);
  const refusedKey = keyRefusal(run, record);
  if (refusedKey !== undefined) return refusedKey;
  const plan = planOf(run, record);
  const isNew = record.expect !== "ours";
  if (plan.changed.length > 0 || record.expect === "absent") {
    const refusal = valueRefusal(run, record, plan);
    if (refusal !== undefined) return refusal;
  }
  // A dry run cannot know.
  if (!run.dryRun && run.sim.settings.unwritableKeys.includes(record.key) && (isNew || plan.changed.length > 0))
    return rejected("failed", "The helpdesk gave no reason; its log may tell more.");
  if (plan.changed.length > 0) store(run, record, plan);
  else if (plan.members) applyMembers(run.sim, record.key, plan.members);
  if (!isNew && !takesOver)
    return { outcome: plan.changed.length > 0 ? "updated" : "unchanged", changed: plan.changed };
  const key = record.newKey ?? record.key;
  run.book.marks.put({ instance: run.instance, type: record.type, key, rowId: record.rowId });
  return { outcome: record.expect === "absent" ? "created" : "adopted", changed: plan.changed };
}

function fieldProblem(run: Run, record: UpsertRecord): string | undefined {
  const known = fieldNames(run.sim, record.type);
  for (const [field, value] of Object.entries(record.fields).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!known.includes(field)) return `The bridge must not set the field ${field}.`;
    if (value === null || typeof value === "object") return `${field} must be a string.`;
    // Line breaks and tabs are fine.
    if (/(?![\t\n\r\u0080-\u009f])\p{Cc}/u.test(textOf(value))) return `${field} contains a control character.`;
  }
  const validId = record.fields["ValidID"];
  return validId === undefined || /^[12]$/.test(textOf(validId)) ? undefined : "ValidID must be 1 or 2.";
}

function keyRefusal({ book }: Run, { type, key, newKey, expect }: UpsertRecord): Verdict | undefined {
  const wanted = expect === "absent" ? key : newKey;
  if (wanted === undefined) return undefined;
  const problem = keyProblem(type, wanted);
  if (problem !== undefined) return rejected("invalid", problem);
  const otherKey = book.storedKey(type, wanted);
  if (otherKey === undefined || otherKey === key) return undefined;
  const reason = "Another record of the helpdesk has this key.";
  return rejected("key-taken", reason, { otherKey, owner: book.marks.on(type, otherKey) });
}

interface WritePlan {
  record: Company | User;
  values: Record<string, string>;
  members: MemberPlan | undefined;
  changed: string[];
}

function planOf({ sim, userId }: Run, record: UpsertRecord): WritePlan {
  const { type, key, expect } = record;
  const { companies, users } = sim.state;
  const stored: Company | User =
    type === "Company"
      ? (companies[key] ?? emptyCompany(sim, key, userId))
      : (users[key] ?? emptyUser(sim, key, userId));
  const isNew = expect !== "ours";
  const isTaken = (name: string, before: unknown): boolean => {
    const mode = record.modes[name] ?? "owned";
    return mode === "owned" || (mode === "create-only" ? isNew : (before ?? "") === "");
  };
  const fields = fieldNames(sim, type)
    .filter((name) => name in record.fields && isTaken(name, (stored as Stored)[name]))
    .map((name) => [name, valueOf(record, name)] as const)
    .filter(([name, value]) => differs(type, name, (stored as Stored)[name], value));
  const before = dynamicValues(sim, type, key);
  const values = Object.entries(record.dynamicFields)
    .map(([name, value]) => [name, textOf(value)] as const)
    .filter(([name, value]) => (before[name] ?? "") !== value && isTaken(`DynamicField_${name}`, before[name] ?? ""))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const merged: Company | User = { ...stored, ...Object.fromEntries(fields) };
  const own = "UserCustomerID" in merged ? merged.UserCustomerID : "";
  const members = record.companies && planMembers(sim, key, { wanted: record.companies, own });
  const changesMembers = members !== undefined && members.add.length + members.remove.length > 0;
  return {
    record: merged,
    values: Object.fromEntries(values),
    members,
    changed: [
      ...(record.newKey === undefined ? [] : ["Key"]),
      ...fields.map(([name]) => name),
      ...values.map(([name]) => `DynamicField_${name}`),
      ...(changesMembers ? ["Companies"] : []),
    ],
  };
}

// The class for customer users stores 0 as an empty string.
function valueOf(record: UpsertRecord, field: string): string | number {
  const given = record.fields[field];
  if (field === "ValidID") return Number(textOf(given));
  return record.type === "User" && !isTrue(given) ? "" : textOf(given);
}

// A human's invalid-temporarily (3) is not lifted by 1.
function differs(type: UpsertRecord["type"], name: string, before: unknown, after: string | number): boolean {
  if (name === "ValidID") return before !== after && !(before === 3 && after === 1);
  return (before ?? "") !== after && !(type === "User" && before === "0" && after === "");
}

function valueRefusal({ book }: Run, { type }: UpsertRecord, plan: WritePlan): Verdict | undefined {
  const refusal =
    "UserLogin" in plan.record
      ? book.userRefusal(plan.record, plan.changed)
      : book.companyRefusal(plan.record, plan.changed);
  if (refusal === undefined) return undefined;
  const { code, reason, otherKey } = refusal;
  return rejected(code, reason, {
    otherKey,
    owner: otherKey === undefined ? undefined : book.marks.on(type, otherKey),
  });
}

function store(run: Run, { type, key, newKey }: UpsertRecord, plan: WritePlan): void {
  const { sim, book, userId } = run;
  const change = { ChangeTime: sim.clock.stamp(), ChangeBy: userId };
  if ("UserLogin" in plan.record) book.putUser({ ...plan.record, ...change }, { userId });
  else book.putCompany({ ...plan.record, ...change });
  for (const [name, value] of Object.entries(plan.values)) putDynamicValue(sim, { type, key, name }, value);
  if (plan.members) applyMembers(sim, key, plan.members);
  if (newKey !== undefined) renameRecord(sim, book, { type, from: key, to: newKey, members: "all" }, { userId });
}
