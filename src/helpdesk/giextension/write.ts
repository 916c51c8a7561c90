import type { CustomerChange, RejectionCode, UpsertOutcome } from "../../customer-sync/ports.ts";
import type { Client } from "../client.ts";
import { contracts, isOperationFailed, keyProblem, recordsAnswer, textOf } from "./contract.ts";
import type { Stored } from "./contract.ts";
import { differingFields, mergedRecord } from "./merge.ts";
import { readRecord, searchKeys } from "./read.ts";

export interface HowToWrite {
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/**
 *  expect        | under the key                | result
 *  --------------+------------------------------+---------------------------------------------------
 *  absent        | nothing                      | added
 *  absent        | something                    | refused `found`: without marks it can be anybody's
 *  unowned, ours | nothing                      | refused `gone`
 *  unowned, ours | a record                     | updated, or unchanged
 *  any           | a key in another spelling    | refused `key-differs`
 */
export async function writeRecord(client: Client, change: CustomerChange, how: HowToWrite): Promise<UpsertOutcome> {
  const problem = problemOf(change);
  if (problem !== null) return rejected("invalid", problem);
  const stored = await readRecord(client, change.record, change.key, how.signal);
  const storedKey = stored === null ? null : keyOf(change, stored);
  if (storedKey !== null && storedKey !== change.key) {
    return rejected("key-differs", `The helpdesk finds the record ${storedKey} under this key.`, storedKey);
  }
  if (change.expect === "absent") {
    return stored === null ? add(client, change, how) : rejected("found", foundReason, change.key);
  }
  return stored === null ? gone(client, change, how) : update(client, change, stored, how);
}

const foundReason =
  "The helpdesk has a record under this key already. GIExtension keeps no owner marks, so the bridge cannot tell whether it made it.";

function problemOf({ key, newKey, dynamicFields }: CustomerChange): string | null {
  if (Object.keys(dynamicFields).length > 0) return "Dynamic fields are not written through GIExtension.";
  return keyProblem(key) ?? (newKey === null ? null : keyProblem(newKey));
}

async function add(client: Client, change: CustomerChange, how: HowToWrite): Promise<UpsertOutcome> {
  const { part, keyField, add: route } = contracts[change.record];
  const changed = Object.keys(change.fields);
  if (how.dryRun) return (await taken(client, change, change.fields, how)) ?? { outcome: "created", changed };
  const reply = await client.call({
    route,
    payload: { [part]: { ...change.fields, [keyField]: change.key } },
    schema: recordsAnswer(change.record),
    signal: how.signal,
  });
  if (reply.ok) return { outcome: "created", changed };
  if (!isOperationFailed(reply.fault)) throw client.errorOf(reply.fault);
  const now = await readRecord(client, change.record, change.key, how.signal);
  if (now === null) return refused(client, change, change.fields, how);
  // A repeat after a lost answer meets what the first try has written; equal to the last field it is that.
  const isOurs = reply.inDoubt && Object.keys(differingFields(change, now)).length === 0;
  return isOurs ? { outcome: "created", changed } : rejected("found", foundReason, change.key);
}

async function update(client: Client, change: CustomerChange, stored: Stored, how: HowToWrite): Promise<UpsertOutcome> {
  const fields = differingFields(change, stored);
  const newKey = change.newKey ?? change.key;
  const renames = newKey !== change.key;
  const changed = [...(renames ? ["Key"] : []), ...Object.keys(fields)];
  const done = change.expect === "unowned" ? "adopted" : "updated";
  if (changed.length === 0) return { outcome: done === "adopted" ? "adopted" : "unchanged", changed };
  const inTheWay = renames ? await readRecord(client, change.record, newKey, how.signal) : null;
  if (inTheWay !== null && keyOf(change, inTheWay) !== change.key) {
    return rejected("key-taken", "Another record of the helpdesk has the new key.", keyOf(change, inTheWay));
  }
  if (how.dryRun) return (await taken(client, change, fields, how)) ?? { outcome: done, changed };
  const { part, idParameter, update: route } = contracts[change.record];
  const reply = await client.call({
    route,
    payload: { [idParameter]: change.key, [part]: mergedRecord(change.record, stored, fields, newKey) },
    schema: recordsAnswer(change.record),
    signal: how.signal,
  });
  if (reply.ok) return { outcome: done, changed };
  if (!isOperationFailed(reply.fault)) throw client.errorOf(reply.fault);
  if (reply.inDoubt && renames) {
    const renamed = await readRecord(client, change.record, newKey, how.signal);
    if (renamed !== null && Object.keys(differingFields(change, renamed)).length === 0)
      return { outcome: done, changed };
  }
  return refused(client, change, fields, how);
}

/** Nothing is deleted in the helpdesk: a record that is gone while the new key is there was renamed, by us or an agent. */
async function gone(client: Client, change: CustomerChange, { signal }: HowToWrite): Promise<UpsertOutcome> {
  const { newKey } = change;
  const moved = newKey === null ? null : await readRecord(client, change.record, newKey, signal);
  const keyNow = moved === null ? null : keyOf(change, moved);
  return { ...rejected("gone", "The helpdesk has no record under this key."), keyNow };
}

/** A refusal comes without a reason; the usual ones can be looked up. */
async function refused(
  client: Client,
  change: CustomerChange,
  fields: Readonly<Record<string, string | number>>,
  how: HowToWrite,
): Promise<Rejected> {
  return (
    (await taken(client, change, fields, how)) ??
    rejected(
      "failed",
      "The helpdesk refused the record without a reason; its log (Admin → System Log) has it. Usual are a missing mandatory field, an address that it thinks impossible, or a value that is too long.",
    )
  );
}

/** Whether another record has the name or address that this one is to get. */
async function taken(
  client: Client,
  change: CustomerChange,
  fields: Readonly<Record<string, string | number>>,
  { signal }: HowToWrite,
): Promise<Rejected | null> {
  const { uniqueField } = contracts[change.record];
  const wanted = textOf(fields[uniqueField]);
  if (wanted === "") return null;
  for (const key of await searchKeys(client, change.record, uniqueField, wanted, signal)) {
    if (key === change.key || keyProblem(key) !== null) continue;
    const other = await readRecord(client, change.record, key, signal);
    const value = textOf(other?.[uniqueField]);
    if (change.record === "company" && value === wanted) {
      return rejected("name-taken", "Another company of the helpdesk has this name.", key);
    }
    if (change.record === "user" && value.toLowerCase() === wanted.toLowerCase()) {
      return rejected("email-taken", "Another customer user of the helpdesk has this email address.", key);
    }
  }
  return null;
}

function keyOf({ record }: CustomerChange, stored: Stored): string {
  return textOf(stored[contracts[record].keyField]);
}

type Rejected = Extract<UpsertOutcome, { readonly outcome: "rejected" }>;

function rejected(code: RejectionCode, reason: string, otherKey: string | null = null): Rejected {
  return { outcome: "rejected", code, reason, owner: null, otherKey, keyNow: null };
}
