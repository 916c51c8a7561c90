/** Steps of a scripted server that answer upserts. */
import { json } from "./scripted-server.ts";
import type { Seen, Step } from "./scripted-server.ts";

export interface WireRecord {
  readonly Type: string;
  readonly RowId: string;
  readonly Key: string;
  readonly Expect: string;
  readonly NewKey?: string;
}

export function records(seen: Seen | undefined): WireRecord[] {
  return (seen?.body["Records"] ?? []) as WireRecord[];
}

export function results(seen: Seen, response: Parameters<Step>[1], outcomeOf: (record: WireRecord) => object): void {
  json(response, {
    Results: records(seen).map(({ Type, RowId, Key }) => ({
      Type,
      RowId,
      Key,
      ...outcomeOf({ Type, RowId, Key, Expect: "" }),
    })),
  });
}

export function created(seen: Seen, response: Parameters<Step>[1]): void {
  results(seen, response, ({ Key }) => ({ Outcome: "created", Changed: [Key] }));
}

export function unchanged(seen: Seen, response: Parameters<Step>[1]): void {
  results(seen, response, () => ({ Outcome: "unchanged", Changed: [] }));
}

export function updatedName(seen: Seen, response: Parameters<Step>[1]): void {
  results(seen, response, () => ({ Outcome: "updated", Changed: ["CustomerCompanyName"] }));
}

export function alreadyOurs(key: string): Step {
  return (seen, response) =>
    results(seen, response, ({ Key }) =>
      Key === key
        ? { Outcome: "rejected", Code: "already-ours", Reason: "It exists and is ours." }
        : { Outcome: "created", Changed: [Key] },
    );
}

/** Writes all but k2. */
export function failedSecond(seen: Seen, response: Parameters<Step>[1]): void {
  results(seen, response, ({ Key }) =>
    Key === "k2"
      ? { Outcome: "rejected", Code: "failed", Reason: "mkdir CacheFileStorable/3: No such file or directory" }
      : { Outcome: "created", Changed: [Key] },
  );
}

/** Refuses the record under this key; the others are created. */
export function refused(key: string, code: string, more: object = {}): Step {
  return (seen, response) =>
    results(seen, response, ({ Key }) =>
      Key === key
        ? { Outcome: "rejected", Code: code, Reason: `${code} it is.`, ...more }
        : { Outcome: "created", Changed: [Key] },
    );
}
