import type { CustomerChange, HelpdeskCustomers, UpsertOutcome } from "../customer-sync/ports.ts";
import { chunksOf, inParallel, segmentsOf } from "./batches.ts";
import type { Reply } from "./classify.ts";
import type { Client } from "./client.ts";
import type { InfoReader } from "./info.ts";
import { createRecords, recordsPerCall } from "./records.ts";
import type { RecordsOptions } from "./records.ts";
import { writeBatch } from "./upsert.ts";
import type { HowToWrite, UpsertOptions } from "./upsert.ts";

export interface CustomersOptions extends UpsertOptions, RecordsOptions {
  readonly batchSize: number;
}

/**
 * Customers and contacts through the add-on's bulk operations.
 *
 * Writing goes in segments of equal kind, one after the other, so that companies before users stay so; within a segment
 * several batches are under way at once. A dry run goes in one line, in requests as large as the protocol allows,
 * because only records of one request see each other there.
 *
 * When `signal` is aborted, no further batch is sent, those under way are waited for, and its reason is thrown; what they
 * wrote is learned by asking again, as after any lost answer.
 */
export function createCustomers(client: Client, info: InfoReader, options: CustomersOptions): HelpdeskCustomers {
  async function write(
    changes: readonly CustomerChange[],
    size: number,
    concurrency: number,
    how: HowToWrite,
  ): Promise<readonly UpsertOutcome[]> {
    const outcomes = await inParallel(chunksOf(changes, size), concurrency, how.signal, (batch) =>
      writeBatch(client, options, batch, how),
    );
    return outcomes.flat();
  }

  function valueOf<T>(reply: Reply<T>): T {
    if (!reply.ok) throw client.errorOf(reply.fault);
    return reply.value;
  }

  return {
    async identify() {
      const { helpdeskId, sequence } = valueOf(await info.ask());
      return { helpdeskId, sequence };
    },
    async describe() {
      const { fields, dynamicFields, countries } = valueOf(await info.known());
      return { fields, dynamicFields, countries, marks: true, additionalCompanies: true };
    },
    async upsert(changes, how) {
      if (how.dryRun) return write(changes, recordsPerCall, 1, how);
      const outcomes: UpsertOutcome[] = [];
      for (const segment of segmentsOf(changes, (change) => change.record)) {
        outcomes.push(...(await write(segment, options.batchSize, options.concurrency, how)));
      }
      return outcomes;
    },
    ...createRecords(client, options),
  };
}
