import { BugError } from "../model/index.ts";
import type { CustomerChange, UpsertOutcome } from "../customer-sync/ports.ts";
import type { Client } from "./client.ts";
import { UpsertAnswer } from "./schemas.ts";
import type { UpsertResult } from "./schemas.ts";

export interface UpsertOptions {
  readonly route: string;
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

/**
 * Writes one batch, in one request or in two. Sent once more are:
 *
 * - Records that a repeat after a lost answer met as `already-ours` where nothing was expected, now with `ours`: unchanged
 *   means that this batch created them, updated that they stood there from before with other values.
 * - Records that the helpdesk `failed` to write. Its file cache breaks now and then while somebody else's write clears it
 *   (Znuny 6.5: "mkdir …/CacheFileStorable/…: No such file or directory"), and the next try succeeds.
 */
export async function writeBatch(
  client: Client,
  options: UpsertOptions,
  batch: readonly CustomerChange[],
  how: HowToWrite,
): Promise<readonly UpsertOutcome[]> {
  const first = await send(client, options, batch, how);
  const inDoubt = first.inDoubt && !how.dryRun;
  const again = batch.flatMap((change, index): readonly CustomerChange[] => {
    const code = codeOf(first.outcomes[index]);
    if (code === "failed") return [change];
    return code === "already-ours" && inDoubt ? [{ ...change, expect: "ours" }] : [];
  });
  if (again.length === 0) return first.outcomes;
  client.log.warn({ records: again.length, batch: batch.length, inDoubt }, "customer records sent once more");
  const second = await send(client, options, again, how);
  const settled = new Map(again.map((change, index) => [idOf(change), second.outcomes[index]]));
  return batch.map((change, index) => {
    const before = first.outcomes[index];
    const now = settled.get(idOf(change)) ?? before;
    if (!before || !now) throw new BugError(`No outcome for ${change.record} ${change.rowId}.`);
    if (codeOf(before) !== "already-ours" || now.outcome !== "unchanged") return now;
    return { outcome: "created", changed: Object.keys(change.fields) };
  });
}

async function send(
  client: Client,
  options: UpsertOptions,
  batch: readonly CustomerChange[],
  how: HowToWrite,
): Promise<{ readonly outcomes: readonly UpsertOutcome[]; readonly inDoubt: boolean }> {
  const reply = await client.call({
    route: options.route,
    payload: {
      Instance: options.instance,
      // A dry run leaves no trace, so it has no place in the sequence either.
      ...(how.dryRun ? {} : { Sequence: how.sequence }),
      DryRun: how.dryRun ? 1 : 0,
      Records: batch.map(recordOf),
    },
    schema: UpsertAnswer,
    signal: how.signal,
    timeoutSeconds: options.timeoutSeconds * Math.ceil(batch.length / recordsPerTimeout),
  });
  if (!reply.ok) throw client.errorOf(reply.fault);
  return { outcomes: outcomesOf(batch, reply.value.Results), inDoubt: reply.inDoubt };
}

function recordOf(change: CustomerChange): object {
  return {
    Type: typeOf(change),
    RowId: String(change.rowId),
    Expect: change.expect,
    Key: change.key,
    Fields: change.fields,
  };
}

function outcomesOf(batch: readonly CustomerChange[], results: readonly UpsertResult[]): readonly UpsertOutcome[] {
  if (results.length !== batch.length) {
    throw new BugError(`The add-on answered ${results.length} results for ${batch.length} records.`);
  }
  return batch.map((change, index) => {
    const result = results[index];
    if (!result || result.Type !== typeOf(change) || result.RowId !== String(change.rowId)) {
      throw new BugError(`The add-on's result ${index + 1} is not about ${change.record} ${change.rowId}.`);
    }
    return result.Outcome === "rejected"
      ? { outcome: "rejected", code: result.Code, reason: result.Reason }
      : { outcome: result.Outcome, changed: result.Changed };
  });
}

function typeOf(change: CustomerChange): "Company" | "User" {
  return change.record === "company" ? "Company" : "User";
}

function codeOf(outcome: UpsertOutcome | undefined): string | null {
  return outcome?.outcome === "rejected" ? outcome.code : null;
}

function idOf(change: CustomerChange): string {
  return `${change.record} ${change.rowId}`;
}
