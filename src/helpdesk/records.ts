import { BugError } from "../model/index.ts";
import type { HelpdeskCustomers, HelpdeskRecord, RecordKind } from "../customer-sync/ports.ts";
import { chunksOf, inParallel } from "./batches.ts";
import type { Client } from "./client.ts";
import { RecordsAnswer } from "./schemas.ts";
import type { RecordAnswer } from "./schemas.ts";
import { timeoutFor, typeOf } from "./upsert.ts";

export interface RecordsOptions {
  readonly recordsRoute: string;
  readonly instance: string;
  readonly timeoutSeconds: number;
  readonly concurrency: number;
}

/** The protocol's limit of records in one request. */
export const recordsPerCall = 1000;

interface Page {
  readonly records: readonly HelpdeskRecord[];
  readonly next: string;
}

/**
 * Reads customers and contacts as the helpdesk has them, through the add-on's bulk operation: by key, by our row ids, or page
 * by page. When the signal is aborted no further request is begun and its reason is thrown.
 */
export function createRecords(client: Client, options: RecordsOptions): Pick<HelpdeskCustomers, "lookUp" | "list"> {
  async function read(
    record: RecordKind,
    what: Readonly<Record<string, unknown>>,
    size: number,
    signal: AbortSignal,
  ): Promise<Page> {
    const reply = await client.call({
      route: options.recordsRoute,
      payload: { Instance: options.instance, Type: typeOf(record), ...what },
      schema: RecordsAnswer,
      signal,
      timeoutSeconds: timeoutFor(size, options.timeoutSeconds),
    });
    if (!reply.ok) throw client.errorOf(reply.fault);
    return { records: reply.value.Records.map(recordOf), next: reply.value.Next };
  }

  return {
    async lookUp(record, by, { tickets, signal }) {
      const [name, wanted] = "keys" in by ? ["Keys", by.keys] : ["RowIds", by.rowIds.map(String)];
      const chunks = chunksOf([...new Set(wanted)], recordsPerCall);
      const count = tickets ? { Tickets: 1 } : {};
      const pages = await inParallel(chunks, options.concurrency, signal, async (chunk) =>
        read(record, { [name]: chunk, ...count }, chunk.length, signal),
      );
      // Two spellings of one key find the same record.
      const found = new Map(pages.flatMap((page) => page.records).map((one) => [one.key, one]));
      return [...found.values()];
    },
    async *list(record, owner, signal) {
      let after = "";
      do {
        signal.throwIfAborted();
        const what = { After: after, Limit: recordsPerCall, Owner: owner };
        const page = await read(record, what, recordsPerCall, signal);
        if (page.records.length > 0) yield page.records;
        if (page.next !== "" && page.next === after) {
          throw new BugError(`The add-on's list of records does not go on after ${JSON.stringify(after)}.`);
        }
        after = page.next;
      } while (after !== "");
    },
  };
}

function recordOf({ Key, Fields, DynamicFields, Companies, Owner, Tickets }: RecordAnswer): HelpdeskRecord {
  const { ValidID, ...fields } = Fields;
  return {
    key: Key,
    fields,
    // A site that does not map the validity has valid records only.
    validId: ValidID === undefined || ValidID === "" ? 1 : Number(ValidID),
    dynamicFields: DynamicFields,
    companies: Companies,
    owner: Owner,
    tickets: Tickets ? { all: Tickets.All, open: Tickets.Open } : null,
  };
}
