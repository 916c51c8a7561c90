import { nameWithNumber, numberNotice } from "./names.ts";
import type { CustomerChange, CustomerOutcome } from "./ports.ts";

/** Asks for changes; `earlier` are those that must have happened before, for a helpdesk that only tries. */
export type AskAfter = (
  changes: readonly CustomerChange[],
  earlier: readonly CustomerChange[],
) => Promise<readonly CustomerOutcome[]>;

export interface Settled {
  /** In the order of the first outcomes. */
  readonly outcomes: readonly CustomerOutcome[];
  /** Row ids that have something makeshift in the helpdesk and did not get what they want. */
  readonly makeshift: ReadonlySet<number>;
}

/** Whether what a change wants (a name, an address, a key) is taken by another record of ours. */
export function isClaim({ change, result }: CustomerOutcome, instance: string): boolean {
  if (result.outcome !== "rejected" || result.owner?.instance !== instance) return false;
  return (
    ["name-taken", "email-taken", "key-taken", "not-ours"].includes(result.code) && result.owner.rowId !== change.rowId
  );
}

/**
 * Settles what several changes of one kind claim, given the outcomes of the first try:
 *
 *  who has it                                       | then
 *  -------------------------------------------------+------------------------------------------------------------
 *  one that has meanwhile given it up               | asked for again
 *  one that waits for another, in a circle (a swap) | one of them gets something makeshift, and then what it wants
 *  one that keeps it: a company name                | asked for with the customer number appended
 *  one that keeps it: an address or key             | stays refused
 */
export async function settleClaims(
  outcomes: readonly CustomerOutcome[],
  instance: string,
  askAfter: AskAfter,
): Promise<Settled> {
  const latest = new Map(outcomes.map((outcome) => [outcome.change.rowId, outcome]));
  const claims = new Claims(latest, instance);
  const tried = new Set<number>();
  const makeshift = new Set<number>();

  const retry = async (changes: readonly CustomerChange[]): Promise<void> => {
    const answers = await askAfter(changes, claims.earlier());
    claims.nextRound();
    for (const outcome of answers) {
      const { rowId } = outcome.change;
      latest.set(rowId, outcome);
      claims.note(outcome);
      if (outcome.result.outcome !== "rejected") makeshift.delete(rowId);
    }
  };

  for (;;) {
    const free = claims.blocked().filter((outcome) => claims.mayHaveIt(outcome));
    if (free.length > 0) {
      await retry(free.map(({ change }) => change));
      continue;
    }
    const circle = claims.circle(tried);
    const [first] = circle;
    if (first === undefined) break;
    tried.add(first.change.rowId);
    const stepping = aside(first.change, circle.at(-1) ?? first);
    if (stepping === null) continue;
    const [outcome] = await askAfter([stepping], claims.earlier());
    if (outcome === undefined || outcome.result.outcome === "rejected") continue;
    claims.nextRound();
    claims.note(outcome);
    // A name with its number may stay.
    if (keyOf(stepping) !== first.change.key || "UserEmail" in stepping.fields) makeshift.add(first.change.rowId);
    latest.set(first.change.rowId, { ...first, change: { ...first.change, key: keyOf(outcome.change) } });
    // Before anybody outside takes what has become free: the first would never get what it wants.
    for (const { change } of circle.toReversed()) await retry([latest.get(change.rowId)?.change ?? change]);
  }
  const named = [...latest.values()].filter((outcome) => isClaim(outcome, instance)).flatMap(withNumber);
  if (named.length > 0) await retry(named);
  return { outcomes: outcomes.map((outcome) => latest.get(outcome.change.rowId) ?? outcome), makeshift };
}

/** Who waits for whom, and since when. */
class Claims {
  readonly #latest: ReadonlyMap<number, CustomerOutcome>;
  readonly #instance: string;
  #round = 0;
  readonly #triedIn = new Map<number, number>();
  readonly #movedIn = new Map<number, number>();
  readonly #moves: CustomerChange[] = [];
  readonly #inTheWay = new Set<number>();

  constructor(latest: ReadonlyMap<number, CustomerOutcome>, instance: string) {
    this.#latest = latest;
    this.#instance = instance;
    for (const outcome of latest.values()) this.note(outcome);
  }

  nextRound(): void {
    this.#round++;
  }

  note({ change, result }: CustomerOutcome): void {
    this.#triedIn.set(change.rowId, this.#round);
    if (result.outcome === "rejected" || result.outcome === "unchanged") return;
    this.#movedIn.set(change.rowId, this.#round);
    this.#moves.push(change);
  }

  /** Changes that wait for another of the same run. */
  blocked(): readonly CustomerOutcome[] {
    const blocked = [...this.#latest.values()].filter((outcome) => this.#other(outcome) !== null);
    for (const outcome of blocked) this.#inTheWay.add(this.#other(outcome) ?? 0);
    return blocked;
  }

  /** What those in the way have done so far, in order. */
  earlier(): readonly CustomerChange[] {
    return this.#moves.filter((change) => this.#inTheWay.has(change.rowId) || this.#isBlocked(change.rowId));
  }

  /** Whether the one in the way has moved since this one was tried. */
  mayHaveIt(outcome: CustomerOutcome): boolean {
    const moved = this.#movedIn.get(this.#other(outcome) ?? 0);
    return moved !== undefined && moved >= (this.#triedIn.get(outcome.change.rowId) ?? 0);
  }

  /** One that waits, by way of others, for itself, and those others in their order; empty when there is none. */
  circle(without: ReadonlySet<number>): readonly CustomerOutcome[] {
    for (const outcome of this.blocked()) {
      const start = outcome.change.rowId;
      if (without.has(start) || outcome.change.expect !== "ours") continue;
      const path = [outcome];
      let here = this.#latest.get(this.#other(outcome) ?? 0);
      while (here !== undefined && !path.includes(here)) {
        path.push(here);
        here = this.#latest.get(this.#other(here) ?? 0);
      }
      if (here === outcome) return path;
    }
    return [];
  }

  #isBlocked(rowId: number): boolean {
    const outcome = this.#latest.get(rowId);
    return outcome !== undefined && this.#other(outcome) !== null;
  }

  /** Row id of the change in this run that the outcome waits for; null when it waits for none. */
  #other(outcome: CustomerOutcome): number | null {
    if (outcome.result.outcome !== "rejected" || !isClaim(outcome, this.#instance)) return null;
    const row = outcome.result.owner?.rowId ?? null;
    return row !== null && this.#latest.has(row) ? row : null;
  }
}

function keyOf(change: CustomerChange): string {
  return change.newKey ?? change.key;
}

/** The same change with something makeshift in place of what the other one wants; null when it does not give that up. */
function aside(change: CustomerChange, { change: other, result }: CustomerOutcome): CustomerChange | null {
  const { UserEmail: email, CustomerCompanyName: name } = change.fields;
  const fields: Record<string, string | number> = { ...change.fields };
  if (name !== undefined) fields["CustomerCompanyName"] = nameWithNumber(String(name), change.sourceKey ?? "");
  if (email !== undefined) fields["UserEmail"] = `${makeshiftKey(change)}@${String(email).replace(/^.*@/, "")}`;
  const code = result.outcome === "rejected" ? result.code : null;
  if (code !== "name-taken" && code !== "email-taken") {
    return change.newKey === null ? null : { ...change, fields, newKey: makeshiftKey(change) };
  }
  const field = code === "name-taken" ? "CustomerCompanyName" : "UserEmail";
  // A key that it waits for itself has to wait on.
  return change.fields[field] === other.fields[field] ? null : { ...change, fields, newKey: null };
}

function makeshiftKey({ rowId }: Pick<CustomerChange, "rowId">): string {
  return `kivitendo-bridge-${rowId}`;
}

/** Whether a key is one that a swap left behind. */
export function isMakeshift(key: string, change: Pick<CustomerChange, "rowId">): boolean {
  return key === makeshiftKey(change);
}

/** Asked for with the number, where a company of ours keeps the plain name. */
function withNumber({ change, result }: CustomerOutcome): readonly CustomerChange[] {
  if (result.outcome !== "rejected" || result.code !== "name-taken") return [];
  const plain = String(change.fields["CustomerCompanyName"] ?? "");
  const name = nameWithNumber(plain, change.sourceKey ?? "");
  if (name === plain) return [];
  const notices = [...change.notices, numberNotice];
  return [{ ...change, isStopgap: true, notices, fields: { ...change.fields, CustomerCompanyName: name } }];
}
