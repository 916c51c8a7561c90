import { requestedInstance, requireBridgeAgent } from "./addon-info.ts";
import { CustomerBook, emptyCompany, emptyUser, storeCompany, storeUser, type Refusal } from "./customers.ts";
import { isTrue, textOf, type Fields } from "./loose-values.ts";
import { failureOf, type Call } from "./operation.ts";
import type { Simulation } from "./simulation.ts";
import { companyFields, userFields, type Company, type Mark, type User } from "./world-state.ts";

const operation = "KivitendoBridgeUpsert";
const maxRecords = 1000;

interface UpsertRecord {
  type: "Company" | "User";
  rowId: string;
  key: string;
  expect: "absent" | "ours";
  fields: Fields;
}

interface Run {
  sim: Simulation;
  instance: string;
  userId: number;
  dryRun: boolean;
  book: CustomerBook;
  marks: Map<string, Mark>;
}

type Code = Refusal["code"] | "not-ours" | "already-ours" | "gone" | "key-differs" | "failed";
type Verdict =
  | { outcome: "created" | "updated" | "unchanged"; changed: string[] }
  | { outcome: "rejected"; code: Code; reason: string };

/** `KivitendoBridge::Upsert`: each record for itself; a dry run works on a copy and leaves no trace. */
export function bridgeUpsert(sim: Simulation, call: Call): unknown {
  const agent = requireBridgeAgent(sim, call, operation);
  const instance = requestedInstance(call, operation, true) ?? "";
  const sequence = requestedSequence(call);
  const records = requestedRecords(call);
  const dryRun = requestedDryRun(call);
  const marks = new Map(sim.state.marks.map((mark) => [markKey(mark.type, mark.key), mark]));
  const run: Run = { sim, instance, userId: agent.id, dryRun, book: new CustomerBook(sim), marks };
  const results = records.map((record) => {
    const verdict = decide(run, record);
    const common = { Type: record.type, RowId: record.rowId, Key: record.key, Outcome: verdict.outcome };
    return verdict.outcome === "rejected"
      ? { ...common, Code: verdict.code, Reason: verdict.reason }
      : { ...common, Changed: verdict.changed };
  });
  if (!dryRun) {
    sim.state.marks = [...marks.values()];
    if (sequence !== undefined) sim.state.sequences[instance] = Math.max(sequence, sim.state.sequences[instance] ?? 0);
    sim.save();
  }
  return { Results: results };
}

function markKey(type: "Company" | "User", key: string): string {
  return `${type} ${key}`;
}

function malformed(message: string): Error {
  return failureOf(operation)("InvalidParameter", message);
}

function requestedSequence(call: Call): number | undefined {
  if (!("Sequence" in call.data)) return undefined;
  const given = textOf(call.data["Sequence"]);
  if (/^[1-9]\d{0,14}$/.test(given)) return Number(given);
  throw malformed("Sequence must be a positive integer of at most 15 digits.");
}

function requestedDryRun(call: Call): boolean {
  if (!("DryRun" in call.data)) return false;
  const given = call.data["DryRun"] === false ? "0" : textOf(call.data["DryRun"]);
  if (given !== "0" && given !== "1") throw malformed("DryRun must be 0 or 1.");
  return given === "1";
}

function requestedRecords(call: Call): UpsertRecord[] {
  const given = call.data["Records"];
  if (!Array.isArray(given)) throw malformed("Records must be a list.");
  if (given.length > maxRecords) throw malformed(`At most ${maxRecords} records are taken in a call.`);
  return given.map((item: unknown, index) => {
    const record = recordOf(item);
    if (typeof record === "string") throw malformed(`Records[${index}]: ${record}`);
    return record;
  });
}

// A string says why it is none.
function recordOf(item: unknown): UpsertRecord | string {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return "must be an object.";
  const { Type: type, RowId, Key, Expect: expect, Fields: fields } = item as Fields;
  if (type !== "Company" && type !== "User") return "Type must be Company or User.";
  if (expect !== "absent" && expect !== "ours") return "Expect must be absent or ours.";
  if (!/^\d{1,20}$/.test(textOf(RowId))) return "RowId must be a string of 1 to 20 digits.";
  const key = textOf(Key);
  if (key === "") return "Key must be a string that is not empty.";
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return "Fields must be an object.";
  if (key === "0") return "Key must not be 0.";
  return { type, rowId: textOf(RowId), key, expect, fields: fields as Fields };
}

//  expect | record  | our mark | result
//  -------+---------+----------+-------------------------------
//  any    | under another spelling of the key | key-differs
//  absent | absent  | -        | created, marked
//  absent | present | yes      | already-ours
//  absent | present | no       | not-ours
//  ours   | present | yes      | updated or unchanged
//  ours   | present | no       | not-ours
//  ours   | absent  | -        | gone
function decide(run: Run, record: UpsertRecord): Verdict {
  const stored = run.book.storedKey(record.type, record.key);
  if (stored !== undefined && stored !== record.key)
    return rejected("key-differs", `The helpdesk takes '${stored}' for the same key.`);
  const mark = run.marks.get(markKey(record.type, record.key));
  const ours = mark?.instance === run.instance && mark.rowId === record.rowId;
  if (stored === undefined) {
    return record.expect === "absent"
      ? write(run, record)
      : rejected("gone", "The helpdesk has no record with this key.");
  }
  if (!ours) return rejected("not-ours", strangerReason(mark));
  return record.expect === "ours"
    ? write(run, record)
    : rejected("already-ours", "The record exists and carries our mark.");
}

function rejected(code: Code, reason: string): Verdict {
  return { outcome: "rejected", code, reason };
}

function strangerReason(mark: Mark | undefined): string {
  if (mark === undefined) return "A record with this key exists that no bridge has made.";
  return `A record with this key exists that belongs to row ${mark.rowId} of instance ${mark.instance}.`;
}

function fieldProblem(record: UpsertRecord): string | undefined {
  const known: readonly string[] = record.type === "Company" ? companyFields : userFields;
  for (const [field, value] of Object.entries(record.fields).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (field !== "ValidID" && !known.includes(field)) return `The bridge must not set the field ${field}.`;
    if (value === null || typeof value === "object") return `${field} must be a string.`;
    // Line breaks and tabs are fine.
    if (/(?![\t\n\r\u0080-\u009f])\p{Cc}/u.test(textOf(value))) return `${field} contains a control character.`;
  }
  const validId = record.fields["ValidID"];
  return validId === undefined || /^[12]$/.test(textOf(validId)) ? undefined : "ValidID must be 1 or 2.";
}

function write(run: Run, record: UpsertRecord): Verdict {
  const problem = fieldProblem(record);
  if (problem !== undefined) return rejected("invalid", problem);
  return record.type === "Company" ? writeCompany(run, record) : writeUser(run, record);
}

function writeCompany(run: Run, record: UpsertRecord): Verdict {
  const before = run.book.companies.get(record.key);
  const merged = merge(before ?? emptyCompany(run.sim, record.key, run.userId), record);
  if (before !== undefined && merged.changed.length === 0) return { outcome: "unchanged", changed: [] };
  const company: Company = { ...merged.record, ...change(run) };
  const refusal = run.book.companyRefusal(company);
  if (refusal !== undefined) return rejected(refusal.code, refusal.reason);
  if (isUnwritable(run, record)) return rejected("failed", noReason);
  run.book.putCompany(company);
  if (!run.dryRun) storeCompany(run.sim, company);
  return finish(run, record, before === undefined, merged.changed);
}

function writeUser(run: Run, record: UpsertRecord): Verdict {
  const before = run.book.users.get(record.key);
  const merged = merge(before ?? emptyUser(run.sim, record.key, run.userId), record);
  if (before !== undefined && merged.changed.length === 0) return { outcome: "unchanged", changed: [] };
  const user: User = { ...merged.record, ...change(run) };
  const refusal = run.book.userRefusal(user);
  if (refusal !== undefined) return rejected(refusal.code, refusal.reason);
  if (isUnwritable(run, record)) return rejected("failed", noReason);
  run.book.putUser(user);
  if (!run.dryRun) storeUser(run.sim, user, { userId: run.userId });
  return finish(run, record, before === undefined, merged.changed);
}

const noReason = "The helpdesk gave no reason; its log may tell more.";

// A dry run cannot know.
function isUnwritable(run: Run, record: UpsertRecord): boolean {
  return !run.dryRun && run.sim.settings.unwritableKeys.includes(record.key);
}

function change(run: Run): { ChangeTime: string; ChangeBy: number } {
  return { ChangeTime: run.sim.clock.stamp(), ChangeBy: run.userId };
}

// Only what is sent is set. A human's invalid-temporarily (3) is not lifted by 1.
function merge<R extends Company | User>(stored: R, record: UpsertRecord): { record: R; changed: string[] } {
  const values: Fields = { ...stored };
  const changed: string[] = [];
  const names: readonly string[] = record.type === "Company" ? companyFields : userFields;
  for (const field of [...names, "ValidID"]) {
    if (!(field in record.fields)) continue;
    const value = valueOf(record, field);
    if (field === "ValidID" && values[field] === 3 && value === 1) continue;
    if (values[field] !== value) changed.push(field);
    values[field] = value;
  }
  return { record: values as R, changed };
}

// The class for customer users stores 0 as an empty string.
function valueOf(record: UpsertRecord, field: string): string | number {
  const given = record.fields[field];
  if (field === "ValidID") return Number(textOf(given));
  return record.type === "User" && !isTrue(given) ? "" : textOf(given);
}

function finish(run: Run, record: UpsertRecord, created: boolean, changed: string[]): Verdict {
  if (!created) return { outcome: "updated", changed };
  const mark: Mark = { instance: run.instance, type: record.type, key: record.key, rowId: record.rowId };
  run.marks.set(markKey(record.type, record.key), mark);
  return { outcome: "created", changed };
}
