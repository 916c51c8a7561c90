import { asNew, bareInvalidation } from "./changes.ts";
import { asOurs } from "./look.ts";
import { validId } from "./mapping.ts";
import type { CustomerChange, CustomerOutcome, UpsertOutcome } from "./ports.ts";
import { outcomeOf } from "./situations.ts";

/** Sends changes and answers in their order; HelpdeskCustomers.upsert with its options. */
export type Send = (changes: readonly CustomerChange[]) => Promise<readonly UpsertOutcome[]>;

/** Each answer can lead to another try; more would mean that two sides undo each other. */
const mostTries = 4;

/**
 * Asks, and asks once more where the answer says how the same thing can be had:
 *
 *  answer                                   | asked again
 *  -----------------------------------------+---------------------------------------------------
 *  already-ours                             | as our own: the record of an earlier write was lost
 *  gone, but ours stands under another key  | under that key: somebody renamed it in the helpdesk
 *  gone, of a row that was deleted, too     | as a new record
 *  a leaving record's values are refused    | without its values: it must become invalid all the same
 */
export async function ask(changes: readonly CustomerChange[], send: Send): Promise<readonly CustomerOutcome[]> {
  let outcomes: readonly CustomerOutcome[] = [];
  let pending = changes;
  const settled = new Map<number, CustomerOutcome>();
  let places = changes.map((_, index) => index);
  for (let tries = 0; tries < mostTries && pending.length > 0; tries++) {
    outcomes = pair(pending, await send(pending));
    const again = outcomes.map(otherTry);
    for (const [index, outcome] of outcomes.entries()) settled.set(places[index] ?? 0, outcome);
    places = places.filter((_, index) => again[index] !== null);
    pending = again.filter((change) => change !== null);
  }
  return changes.map((change, index) => {
    const outcome = settled.get(index);
    if (outcome === undefined) throw new RangeError(`no outcome for ${change.record} ${change.rowId}`);
    return outcome;
  });
}

function pair(changes: readonly CustomerChange[], results: readonly UpsertOutcome[]): readonly CustomerOutcome[] {
  return changes.map((change, index) => {
    const result = results[index];
    if (!result) throw new RangeError(`no outcome for change ${index} of ${changes.length}`);
    if (!goneOnBothSides(change, result)) return outcomeOf(change, takenOver(change, result));
    return outcomeOf({ ...change, situation: "missing" }, { outcome: "unchanged", changed: [] });
  });
}

/** Who takes a record over adopts it, also where not even a field differs; a helpdesk without marks cannot know. */
function takenOver({ takesOver }: CustomerChange, result: UpsertOutcome): UpsertOutcome {
  const isWritten = result.outcome === "updated" || result.outcome === "unchanged";
  return takesOver !== undefined && isWritten ? { ...result, outcome: "adopted" } : result;
}

/** The customer or contact leaves, and its record is gone: there is nothing left to make invalid. */
function goneOnBothSides(change: CustomerChange, result: UpsertOutcome): boolean {
  return leaves(change) && result.outcome === "rejected" && result.code === "gone" && result.keyNow === null;
}

/** Has to be invalid, whether it is so far or not: an agent may have made it valid again. */
function leaves(change: CustomerChange): boolean {
  return change.expect === "ours" && change.fields["ValidID"] === validId.invalid;
}

function otherTry({ change, result }: CustomerOutcome): CustomerChange | null {
  if (result.outcome !== "rejected") return null;
  switch (result.code) {
    case "already-ours":
      return change.expect === "ours" ? null : asOurs(change);
    case "gone":
      if (change.takesOver !== undefined && result.keyNow === null) return asNew(change);
      if (change.expect !== "ours" || result.keyNow === null || result.keyNow === change.key) return null;
      return { ...change, key: result.keyNow, newKey: change.newKey === result.keyNow ? null : change.newKey };
    case "invalid":
    case "name-taken":
    case "email-taken":
    case "key-taken":
      return leaves(change) && Object.keys(change.fields).length > 1 ? bareInvalidation(change) : null;
    case "found":
    case "not-ours":
    case "key-differs":
    case "failed":
    case "incomplete":
    case "ambiguous":
    case "waits-for-customer":
    case "move-waits":
      return null;
    default: {
      const unreachable: never = result.code;
      throw new RangeError(`unhandled code ${String(unreachable)}`);
    }
  }
}
