import type { CustomerOutcome, Differences, RecordKind, RejectionCode, Situation } from "./ports.ts";

/** Counts of one kind of record; the stable part of `--json`. */
export interface Counts {
  readonly created: number;
  readonly adopted: number;
  readonly updated: number;
  readonly invalidated: number;
  readonly unchanged: number;
  readonly rejected: number;
}

export interface CustomersReport {
  readonly customers: Counts;
  readonly contacts: Counts;
  /** How many of the records that were looked at stand in which situation; linked ones without a change are left out. */
  readonly situations: Readonly<Partial<Record<Situation, number>>>;
  /**
   * What was (or would be) done and what was refused, companies first, by row id; those that turned out to be as they
   * should be are left out.
   */
  readonly outcomes: readonly CustomerOutcome[];
  /** Refusals that were not known before this run. */
  readonly newlyRejected: number;
}

export function reportOf(
  differences: Differences,
  outcomes: readonly CustomerOutcome[],
  newlyRejected: number,
): CustomersReport {
  const sorted = outcomes.toSorted(
    (a, b) => a.change.record.localeCompare(b.change.record) || a.change.rowId - b.change.rowId,
  );
  return {
    customers: countsOf("company", sorted, differences.unchanged.companies),
    contacts: countsOf("user", sorted, differences.unchanged.contacts),
    situations: situationsOf(sorted),
    outcomes: sorted.filter((outcome) => effectOf(outcome) !== "unchanged"),
    newlyRejected,
  };
}

function countsOf(record: RecordKind, outcomes: readonly CustomerOutcome[], untouched: number): Counts {
  const mine = outcomes.filter(({ change }) => change.record === record);
  const count = (wanted: Effect): number => mine.filter((outcome) => effectOf(outcome) === wanted).length;
  return {
    created: count("created"),
    adopted: count("adopted"),
    updated: count("updated"),
    invalidated: count("invalidated"),
    unchanged: untouched + count("unchanged"),
    rejected: count("rejected"),
  };
}

function situationsOf(outcomes: readonly CustomerOutcome[]): Readonly<Partial<Record<Situation, number>>> {
  const counts: Partial<Record<Situation, number>> = {};
  for (const { change } of outcomes) counts[change.situation] = (counts[change.situation] ?? 0) + 1;
  return counts;
}

export type Effect = keyof Counts;

/**
 * What an outcome amounts to: an update whose purpose was to make a record invalid counts as that, and one that leaves out
 * what waits for a decision as refused.
 */
export function effectOf({ change, result }: CustomerOutcome): Effect {
  if (change.waitsFor !== null) return "rejected";
  return result.outcome === "updated" && change.kind === "invalidate" ? "invalidated" : result.outcome;
}

/** Why something was refused, or waits; null when nothing was. */
export function refusalOf({
  change,
  result,
}: CustomerOutcome): { readonly code: RejectionCode; readonly reason: string } | null {
  return result.outcome === "rejected" ? { code: result.code, reason: result.reason } : change.waitsFor;
}
