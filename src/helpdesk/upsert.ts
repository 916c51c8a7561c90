import { BugError, UnavailableError } from "../model/index.ts";
import type { CustomerChange, RecordKind, UpsertOutcome } from "../customer-sync/ports.ts";
import type { Client } from "./client.ts";
import { UpsertAnswer } from "./schemas.ts";
import type { UpsertResult } from "./schemas.ts";

export interface UpsertOptions {
  readonly upsertRoute: string;
  readonly instance: string;
  readonly timeoutSeconds: number;
}

export interface HowToWrite {
  readonly dryRun: boolean;
  readonly sequence: number;
  readonly signal: AbortSignal;
}

/** As many records as one time-out is meant for; a larger request may take as many times as long. */
const recordsPerTimeout = 200;

/** The wait for an answer about so many records, in seconds. */
export function timeoutFor(records: number, timeoutSeconds: number): number {
  return timeoutSeconds * Math.max(1, Math.ceil(records / recordsPerTimeout));
}

/** A change on its way: as it is sent next, and what has come of it. */
interface Sending {
  readonly index: number;
  readonly change: CustomerChange;
  /** What an earlier request without an answer may have done already, so that meeting it is a success; null before any. */
  readonly done: "created" | "adopted" | "renamed" | null;
  readonly repeatedFailure: boolean;
}

/**
 * Writes one batch, in one request or in up to three. Sent once more are:
 *
 * - Records that a repeat after a lost answer met in the state that this batch wants (`already-ours` where nothing or
 *   nobody's record was expected, ours under its new key where a rename was asked for), now as what they are: unchanged means
 *   that this batch wrote them, updated that they stood there from before with other values.
 * - Records that the helpdesk `failed` to write. Its file cache breaks now and then while somebody else's write clears it
 *   (Znuny 6.5: "mkdir …/CacheFileStorable/…: No such file or directory"), and the next try succeeds.
 */
export async function writeBatch(
  client: Client,
  options: UpsertOptions,
  batch: readonly CustomerChange[],
  how: HowToWrite,
): Promise<readonly UpsertOutcome[]> {
  const outcomes: UpsertOutcome[] = [];
  let inDoubt = false;
  let pending: readonly Sending[] = batch.map((change, index) => ({
    index,
    change,
    done: null,
    repeatedFailure: false,
  }));
  while (pending.length > 0) {
    const sent = await send(
      client,
      options,
      pending.map(({ change }) => change),
      how,
    );
    inDoubt ||= sent.inDoubt && !how.dryRun;
    const again: Sending[] = [];
    for (const [position, sending] of pending.entries()) {
      const outcome = sent.outcomes[position];
      if (!outcome) throw new BugError(`No outcome for ${sending.change.record} ${sending.change.rowId}.`);
      outcomes[sending.index] = toldAs(sending, outcome);
      const next = secondSending(sending, outcome, { inDoubt, instance: options.instance });
      if (next) again.push(next);
    }
    if (again.length > 0) {
      client.log.warn({ records: again.length, batch: batch.length, inDoubt }, "customer records sent once more");
    }
    pending = again;
  }
  return outcomes;
}

/** How a record is sent once more after this outcome; null when the outcome stands. */
function secondSending(
  sending: Sending,
  outcome: UpsertOutcome,
  { inDoubt, instance }: { readonly inDoubt: boolean; readonly instance: string },
): Sending | null {
  const { change, done } = sending;
  if (outcome.outcome !== "rejected") return null;
  if (outcome.code === "failed") return sending.repeatedFailure ? null : { ...sending, repeatedFailure: true };
  if (!inDoubt || done !== null) return null;
  if (outcome.code === "already-ours" && change.expect !== "ours") {
    const before = change.expect === "absent" ? "created" : "adopted";
    return { ...sending, change: { ...change, expect: "ours" }, done: before };
  }
  if (change.newKey === null || change.newKey === change.key) return null;
  // A key that changed in its case only is met under its new spelling.
  const isOurs = outcome.owner?.instance === instance && outcome.owner.rowId === change.rowId;
  const stands = outcome.code === "key-differs" && isOurs ? outcome.otherKey : outcome.keyNow;
  if (stands !== change.newKey) return null;
  return { ...sending, change: { ...change, key: change.newKey, newKey: null }, done: "renamed" };
}

/** The outcome of all requests together that were about this record. */
function toldAs({ change, done }: Sending, outcome: UpsertOutcome): UpsertOutcome {
  if (done === null || outcome.outcome === "rejected") return outcome;
  if (done === "renamed") return { outcome: "updated", changed: ["Key", ...outcome.changed] };
  if (outcome.outcome !== "unchanged") return outcome;
  return { outcome: done, changed: done === "created" ? wantedFields(change) : [] };
}

function wantedFields(change: CustomerChange): string[] {
  return [
    ...Object.keys(change.fields),
    ...Object.keys(change.dynamicFields)
      .toSorted()
      .map((name) => `DynamicField_${name}`),
    ...(change.companies && change.companies.length > 0 ? ["Companies"] : []),
  ];
}

async function send(
  client: Client,
  options: UpsertOptions,
  batch: readonly CustomerChange[],
  how: HowToWrite,
): Promise<{ readonly outcomes: readonly UpsertOutcome[]; readonly inDoubt: boolean }> {
  const reply = await client.call({
    route: options.upsertRoute,
    payload: {
      Instance: options.instance,
      // A dry run leaves no trace, so it has no place in the sequence either.
      ...(how.dryRun ? {} : { Sequence: how.sequence }),
      DryRun: how.dryRun ? 1 : 0,
      Records: batch.map(recordOf),
    },
    schema: UpsertAnswer,
    signal: how.signal,
    timeoutSeconds: timeoutFor(batch.length, options.timeoutSeconds),
  });
  if (!reply.ok) throw client.errorOf(reply.fault);
  return { outcomes: outcomesOf(batch, reply.value.Results), inDoubt: reply.inDoubt };
}

/** What is empty is left out; an empty list of companies says that the bridge wants none. */
function recordOf(change: CustomerChange): object {
  const { newKey, modes, dynamicFields, companies, takesOver } = change;
  return {
    Type: typeOf(change.record),
    RowId: String(change.rowId),
    Expect: change.expect,
    Key: change.key,
    ...(newKey === null || newKey === change.key ? {} : { NewKey: newKey }),
    ...(takesOver === undefined ? {} : { FormerRowId: String(takesOver.rowId) }),
    Fields: change.fields,
    ...(Object.keys(modes).length > 0 ? { Modes: modes } : {}),
    ...(Object.keys(dynamicFields).length > 0 ? { DynamicFields: dynamicFields } : {}),
    ...(companies === null || (change.expect === "absent" && companies.length === 0) ? {} : { Companies: companies }),
  };
}

function outcomesOf(batch: readonly CustomerChange[], results: readonly UpsertResult[]): readonly UpsertOutcome[] {
  if (results.length !== batch.length) {
    throw new BugError(`The add-on answered ${results.length} results for ${batch.length} records.`);
  }
  return batch.map((change, index) => {
    const result = results[index];
    if (!result || result.Type !== typeOf(change.record) || result.RowId !== String(change.rowId)) {
      throw new UnavailableError(
        `The helpdesk's answer belongs to another request: its result ${index + 1} is not about ${change.record} ${change.rowId}.`,
        "What was written is found by the next run. When this comes again: look at the proxies between the bridge and the helpdesk, which must not keep answers.",
      );
    }
    if (result.Outcome !== "rejected") return { outcome: result.Outcome, changed: result.Changed };
    const { Code: code, Reason: reason, Owner: owner, OtherKey: otherKey, KeyNow: keyNow } = result;
    return { outcome: "rejected", code, reason, owner, otherKey, keyNow };
  });
}

/** A kind of record as the protocol names it. */
export function typeOf(record: RecordKind): "Company" | "User" {
  return record === "company" ? "Company" : "User";
}
