import type { CustomerOutcome, Differences, RecordKind } from "./ports.ts";

/** Counts of one kind of record; the stable part of `--json`. */
export interface Counts {
  readonly created: number;
  readonly updated: number;
  readonly invalidated: number;
  readonly unchanged: number;
  readonly rejected: number;
}

export interface CustomersReport {
  readonly customers: Counts;
  readonly contacts: Counts;
  /** What was (or would be) done and what was refused, in order; unchanged ones are left out. */
  readonly outcomes: readonly CustomerOutcome[];
  /** Refusals that were not known before this run. */
  readonly newlyRejected: number;
}

export function reportOf(
  differences: Differences,
  outcomes: readonly CustomerOutcome[],
  newlyRejected: number,
): CustomersReport {
  return {
    customers: countsOf("company", outcomes, differences.unchanged.companies),
    contacts: countsOf("user", outcomes, differences.unchanged.contacts),
    outcomes: outcomes.filter(({ result }) => result.outcome !== "unchanged"),
    newlyRejected,
  };
}

function countsOf(record: RecordKind, outcomes: readonly CustomerOutcome[], untouched: number): Counts {
  const mine = outcomes.filter(({ change }) => change.record === record);
  const count = (wanted: string): number => mine.filter((outcome) => effectOf(outcome) === wanted).length;
  return {
    created: count("created"),
    updated: count("updated"),
    invalidated: count("invalidated"),
    unchanged: untouched + count("unchanged"),
    rejected: count("rejected"),
  };
}

/** What an outcome amounts to: an update whose purpose was to make a record invalid counts as that. */
export function effectOf({
  change,
  result,
}: CustomerOutcome): "created" | "updated" | "invalidated" | "unchanged" | "rejected" {
  return result.outcome === "updated" && change.kind === "invalidate" ? "invalidated" : result.outcome;
}
