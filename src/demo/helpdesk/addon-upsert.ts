import { requestedInstance, requireBridgeAgent } from "./addon-info.ts";
import { requestedDryRun, requestedRecords, requestedSequence, type UpsertRecord } from "./addon-request.ts";
import { rejected, writeRecord, type Run, type Verdict } from "./addon-write.ts";
import { CustomerBook } from "./customers.ts";
import { ownerOf } from "./marks.ts";
import type { Call } from "./operation.ts";
import type { Simulation } from "./simulation.ts";

const operation = "KivitendoBridgeUpsert";

/** `KivitendoBridge::Upsert`: each record for itself; a dry run works on a copy and leaves no trace. */
export function bridgeUpsert(sim: Simulation, call: Call): unknown {
  const agent = requireBridgeAgent(sim, call, operation);
  const instance = requestedInstance(call, operation, true) ?? "";
  const sequence = requestedSequence(call);
  const records = requestedRecords(call);
  const dryRun = requestedDryRun(call);
  const written = dryRun ? copyOf(sim) : sim;
  const run: Run = { sim: written, instance, userId: agent.id, dryRun, book: new CustomerBook(written) };
  const results = records.map((record) => {
    return { Type: record.type, RowId: record.rowId, Key: record.key, ...told(decide(run, record)) };
  });
  if (!dryRun) {
    sim.state.marks = run.book.marks.list();
    if (sequence !== undefined) sim.state.sequences[instance] = Math.max(sequence, sim.state.sequences[instance] ?? 0);
    sim.save();
  }
  return { Results: results };
}

// Records are replaced when they change, never changed themselves, so lists of them need a copy and they do not.
function copyOf(sim: Simulation): Simulation {
  const { companies, users, customerValues, members, addedMembers, preferences } = sim.state;
  const state = {
    ...sim.state,
    companies: { ...companies },
    users: { ...users },
    customerValues: { Company: { ...customerValues.Company }, User: { ...customerValues.User } },
    members: { ...members },
    addedMembers: { ...addedMembers },
    preferences: { ...preferences },
    tickets: {},
  };
  return { ...sim, state, save: () => undefined };
}

function told(verdict: Verdict): object {
  if (verdict.outcome !== "rejected") return { Outcome: verdict.outcome, Changed: verdict.changed };
  const { owner, otherKey, keyNow } = verdict;
  return {
    Outcome: "rejected",
    Code: verdict.code,
    Reason: verdict.reason,
    ...(owner === undefined ? {} : { Owner: ownerOf(owner) }),
    ...(otherKey === undefined ? {} : { OtherKey: otherKey }),
    ...(keyNow === undefined ? {} : { KeyNow: keyNow }),
  };
}

//  expect          | record  | mark       | result
//  ----------------+---------+------------+-------------------------------
//  any             | under another spelling of the key | key-differs
//  absent          | absent  | -          | created, marked
//  unowned, ours   | absent  | -          | gone
//  any             | present | another's  | not-ours
//  absent, unowned | present | ours       | already-ours
//  absent, ours    | present | none       | found
//  unowned         | present | none       | adopted, marked
//  ours            | present | ours       | updated or unchanged
//  ours            | present | former's   | adopted, marked
function decide(run: Run, record: UpsertRecord): Verdict {
  const { type, key, expect, rowId, formerRowId } = record;
  const stored = run.book.storedKey(type, key);
  if (stored !== undefined && stored !== key) {
    const owner = run.book.marks.on(type, stored);
    return rejected("key-differs", `The helpdesk takes '${stored}' for the same key.`, { otherKey: stored, owner });
  }
  if (stored === undefined) {
    if (expect === "absent") return writeRecord(run, record);
    return rejected("gone", "The helpdesk has no record with this key.", { keyNow: currentKey(run, record) });
  }
  const mark = run.book.marks.on(type, key);
  if (mark === undefined) {
    if (expect === "unowned") return writeRecord(run, record);
    return rejected("found", "A record with this key exists that no bridge has made.");
  }
  if (mark.instance !== run.instance || ![rowId, formerRowId].includes(mark.rowId)) {
    const reason = `A record with this key exists that belongs to row ${mark.rowId} of instance ${mark.instance}.`;
    return rejected("not-ours", reason, { owner: mark });
  }
  return expect === "ours"
    ? writeRecord(run, record, { takesOver: mark.rowId !== rowId })
    : rejected("already-ours", "The record exists and carries our mark.");
}

function currentKey({ book, instance }: Run, { type, rowId }: UpsertRecord): string | undefined {
  const marks = book.marks.ofRow(type, instance, rowId);
  return marks.map(({ key }) => key).find((key) => book.storedKey(type, key) === key);
}
