import { randomInt } from "node:crypto";
import type { RecordKind } from "../../customer-sync/ports.ts";
import type { Client } from "../client.ts";
import { contracts, idsAnswer, isOperationFailed, recordsAnswer } from "./contract.ts";
import type { Stored } from "./contract.ts";

/** The record that the helpdesk finds under this key, however it spells it; null when there is none. */
export async function readRecord(
  client: Client,
  kind: RecordKind,
  key: string,
  signal: AbortSignal,
): Promise<Stored | null> {
  const { get, idParameter, keyField } = contracts[kind];
  const reply = await client.call({
    route: get,
    payload: { [idParameter]: key },
    schema: recordsAnswer(kind),
    signal,
  });
  if (reply.ok) return reply.value.find((record) => record[keyField] !== undefined) ?? null;
  if (isOperationFailed(reply.fault)) return null;
  throw client.errorOf(reply.fault);
}

/**
 * Keys of the records whose field is like the value (`*` stands for anything), invalid ones included. The package checks
 * the names in `Search`, and takes the values for users from `CustomerUser`.
 */
export async function searchKeys(
  client: Client,
  kind: RecordKind,
  field: string,
  value: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const wanted = { [field]: value };
  const payload =
    kind === "company"
      ? { Search: { ...wanted, Valid: 0, ValidID: everyValidity() } }
      : { Search: wanted, CustomerUser: { ...wanted, Valid: 0 } };
  const reply = await client.call({ route: contracts[kind].search, payload, schema: idsAnswer(kind), signal });
  if (reply.ok) return reply.value;
  if (isOperationFailed(reply.fault)) return [];
  throw client.errorOf(reply.fault);
}

/**
 * All of valid, invalid and invalid-temporarily, in a list that is another one each time: the helpdesk keeps what it found
 * for companies for a day, under the text of its query, and does not notice what was written since (measured on Znuny 6.5.1).
 */
function everyValidity(): readonly number[] {
  return [1, 2, 3, ...Array.from({ length: 24 }, () => randomInt(1, 4))];
}
