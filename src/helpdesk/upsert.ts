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
 * Writes one batch, in one request or in two: a repeat after a lost answer meets what the first attempt wrote, and the
 * add-on refuses it as `already-ours` where nothing was expected. Whether it was written just then, or stood there from
 * before with other values, is found out by asking again with `ours`: unchanged means that this batch created it.
 */
export async function writeBatch(
  client: Client,
  options: UpsertOptions,
  batch: readonly CustomerChange[],
  how: HowToWrite,
): Promise<readonly UpsertOutcome[]> {
  const { outcomes, inDoubt } = await send(client, options, batch, how);
  const doubtful = inDoubt && !how.dryRun ? batch.filter((_, index) => isAlreadyOurs(outcomes[index])) : [];
  if (doubtful.length === 0) return outcomes;
  const known = doubtful.map((change): CustomerChange => ({ ...change, expect: "ours" }));
  const second = await send(client, options, known, how);
  const settled = new Map(doubtful.map((change, index) => [change, second.outcomes[index]]));
  return batch.flatMap((change, index) => {
    const outcome = settled.get(change) ?? outcomes[index];
    if (!outcome) return [];
    const createdHere = settled.has(change) && outcome.outcome === "unchanged";
    return [createdHere ? { outcome: "created", changed: Object.keys(change.fields) } : outcome];
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
      Sequence: how.sequence,
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

function isAlreadyOurs(outcome: UpsertOutcome | undefined): boolean {
  return outcome?.outcome === "rejected" && outcome.code === "already-ours";
}
