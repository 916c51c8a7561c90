import { createHash } from "node:crypto";
import type {
  CustomerChange,
  HelpdeskCustomers,
  HelpdeskRecord,
  RecordKind,
  UpsertOutcome,
} from "../../customer-sync/ports.ts";
import { UnavailableError } from "../../model/index.ts";
import { chunksOf, inParallel, segmentsOf } from "../batches.ts";
import type { Client } from "../client.ts";
import { contracts, keyProblem, textOf } from "./contract.ts";
import type { Stored } from "./contract.ts";
import { readRecord, searchKeys } from "./read.ts";
import { writeRecord } from "./write.ts";

export interface GiExtensionOptions {
  readonly url: string;
  readonly webservice: string;
  /** Records read or written at once. */
  readonly concurrency: number;
}

const recordsPerPage = 200;

/**
 * Customers and contacts through the operations of GIExtension, one record after the other: read, compare, write what
 * differs. There are no owner marks, no bulk and no dry run of the helpdesk's own (docs/giextension.md says what is lost).
 */
export function createGiExtensionCustomers(client: Client, options: GiExtensionOptions): HelpdeskCustomers {
  async function read(
    kind: RecordKind,
    keys: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly HelpdeskRecord[]> {
    const nameable = [...new Set(keys)].filter((key) => keyProblem(key) === null);
    const found = await inParallel(nameable, options.concurrency, signal, (key) =>
      readRecord(client, kind, key, signal),
    );
    const records = found.flatMap((stored) => (stored === null ? [] : [recordOf(kind, stored)]));
    // Two spellings of one key find the same record.
    return [...new Map(records.map((record) => [record.key, record])).values()];
  }

  return {
    identify: () => Promise.resolve({ helpdeskId: helpdeskIdOf(options), sequence: null }),
    // Nobody tells what this helpdesk maps: the fields of the stock map are taken for granted.
    describe: () =>
      Promise.resolve({
        fields: { company: [], user: [] },
        dynamicFields: { company: [], user: [] },
        countries: [],
        marks: false,
        additionalCompanies: false,
      }),
    async upsert(changes, { dryRun, signal }) {
      signal.throwIfAborted();
      const outcomes: UpsertOutcome[] = [];
      const write = writer(client, dryRun, signal);
      for (const segment of segmentsOf(changes, orderKind)) {
        // New records free no name or address that another one waits for; changed ones may, so they keep their order.
        const concurrency = segment[0]?.expect === "absent" ? options.concurrency : 1;
        outcomes.push(...(await inParallel(segment, concurrency, neverAborted, write)));
      }
      return outcomes;
    },
    lookUp: (kind, by, { signal }) => ("keys" in by ? read(kind, by.keys, signal) : Promise.resolve([])),
    async *list(kind, owner, signal) {
      // Nothing is marked, so nothing is known to be ours.
      if (owner === "ours") return;
      const keys = await searchKeys(client, kind, contracts[kind].keyField, "*", signal);
      for (const chunk of chunksOf(keys.toSorted(), recordsPerPage)) yield await read(kind, chunk, signal);
    },
  };
}

/** The package has no id of the helpdesk, so its address stands for it: another address is another helpdesk. */
export function helpdeskIdOf({ url, webservice }: Pick<GiExtensionOptions, "url" | "webservice">): string {
  const address = `${url.replace(/\/+$/, "")}/${webservice}`;
  return `giextension-${createHash("sha256").update(address).digest("hex").slice(0, 32)}`;
}

const neverAborted = new AbortController().signal;

function orderKind({ record, expect }: CustomerChange): string {
  return `${record} ${expect === "absent" ? "new" : "known"}`;
}

/**
 * Writes one record. Once something was written, what happened to it must not be forgotten, because no mark would tell it
 * later: neither an abort nor a helpdesk that goes away ends the call then. The records that remain are answered as failed
 * and tried again like all that failed.
 */
function writer(
  client: Client,
  dryRun: boolean,
  signal: AbortSignal,
): (change: CustomerChange) => Promise<UpsertOutcome> {
  let written = false;
  let ended: string | null = null;
  return async (change) => {
    if (signal.aborted && ended === null) {
      if (!written) signal.throwIfAborted();
      ended = "the run was interrupted";
    }
    if (ended !== null) return notSent(ended);
    try {
      const outcome = await writeRecord(client, change, { dryRun, signal: neverAborted });
      written ||= !dryRun && outcome.outcome !== "rejected" && outcome.outcome !== "unchanged";
      return outcome;
    } catch (error) {
      if (!written || !(error instanceof UnavailableError)) throw error;
      ended = error.message;
      return notSent(ended);
    }
  };
}

function notSent(why: string): UpsertOutcome {
  const reason = `Not written, or without an answer: ${why}`;
  return { outcome: "rejected", code: "failed", reason, owner: null, otherKey: null, keyNow: null };
}

function recordOf(kind: RecordKind, stored: Stored): HelpdeskRecord {
  const { keyField } = contracts[kind];
  const names = Object.keys(stored).filter((name) => name !== keyField && isMapped(kind, name));
  const dynamic = Object.entries(stored).filter(([name]) => name.startsWith("DynamicField_"));
  return {
    key: textOf(stored[keyField]),
    fields: Object.fromEntries(names.map((name) => [name, textOf(stored[name])])),
    validId: stored["ValidID"] === undefined ? 1 : Number(stored["ValidID"]),
    dynamicFields: Object.fromEntries(
      dynamic.map(([name, value]) => [name.slice("DynamicField_".length), textOf(value)]),
    ),
    companies: [],
    owner: null,
    tickets: null,
  };
}

function isMapped(kind: RecordKind, name: string): boolean {
  if (name.startsWith("DynamicField_") || name === "ValidID") return false;
  return kind === "company" ? name.startsWith("CustomerCompany") : mappedUserField.test(name);
}

const mappedUserField =
  /^User(Title|Firstname|Lastname|Email|CustomerID|CustomerIDs|Phone|Fax|Mobile|Street|Zip|City|Country|Comment)$/;
