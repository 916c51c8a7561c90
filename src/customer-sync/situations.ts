import type { CustomerChange, CustomerOutcome, RejectionCode, Situation, UpsertOutcome } from "./ports.ts";

/** A refusal of the helpdesk, or one of ours before it was asked. */
export type Refusal = Extract<UpsertOutcome, { outcome: "rejected" }>;

/** A change that was not sent, as an outcome. */
export function hold(
  change: CustomerChange,
  code: RejectionCode,
  reason: string,
  inTheWay: Partial<Pick<Refusal, "owner" | "otherKey">> = {},
): CustomerOutcome {
  const result: Refusal = { outcome: "rejected", code, reason, owner: null, otherKey: null, keyNow: null, ...inTheWay };
  return { change: { ...change, situation: situationOf(change, result) }, result };
}

/** An outcome with the situation that it reveals. */
export function outcomeOf(change: CustomerChange, result: UpsertOutcome): CustomerOutcome {
  return { change: { ...change, situation: situationOf(change, result) }, result };
}

function situationOf(change: CustomerChange, result: UpsertOutcome): Situation {
  if (result.outcome !== "rejected") return change.waitsFor === null ? change.situation : "waiting";
  switch (result.code) {
    case "found":
      return "found";
    case "not-ours":
      return "foreign";
    case "gone":
      return result.keyNow === null ? "missing" : "renamed";
    case "key-differs":
    case "key-taken":
    case "name-taken":
    case "email-taken":
    case "ambiguous":
      return "ambiguous";
    case "invalid":
    case "incomplete":
      return "incomplete";
    case "waits-for-customer":
    case "move-waits":
      return "waiting";
    case "already-ours":
    case "failed":
      return change.situation;
    default: {
      const unreachable: never = result.code;
      throw new RangeError(`unhandled code ${String(unreachable)}`);
    }
  }
}
