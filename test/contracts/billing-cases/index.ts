/** What happens to tickets, played by hand: each case is a block of rows in docs/billing-cases.md and a test. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HelpdeskUnderTest } from "../helpdesk-under-test.ts";
import { type BillingCase, type BillingCaseGroup, expectedOf, hundredthsOf } from "./case.ts";
import type { Collect } from "./collect.ts";
import { articles } from "./articles.ts";
import { closing } from "./closing.ts";
import { corrections } from "./corrections.ts";
import { gone } from "./gone.ts";
import { merges } from "./merges.ts";
import { type Outcome, readContradictions, readOutcomes } from "./outcome.ts";
import { owners } from "./owners.ts";
import { periods } from "./periods.ts";
import { Play } from "./play.ts";
import { start } from "./start.ts";
import { withoutArticle } from "./without-article.ts";
import { BillingCaseWorld } from "./world.ts";

export type { BillingCase, BillingCaseGroup, Expectation, Stage } from "./case.ts";
export type { Collect } from "./collect.ts";
export { expectedOf, hundredthsOf } from "./case.ts";

export const billingCaseGroups: readonly BillingCaseGroup[] = [
  closing,
  corrections,
  articles,
  withoutArticle,
  merges,
  owners,
  gone,
  start,
  periods,
];

export interface BillingBench {
  readonly name: string;
  open(): Promise<{ readonly helpdesk: HelpdeskUnderTest; readonly close: () => Promise<void> }>;
}

/** Registers cases (default all) for one way of reading time. One run serves a stage of all of them. */
export function describeBillingCases(
  bench: BillingBench,
  collect: Collect,
  chosen: (given: BillingCase) => boolean = () => true,
): void {
  const groups = billingCaseGroups
    .map(({ title, cases }) => ({
      title,
      cases: cases.filter((each) => (each.only === undefined || each.only === collect) && chosen(each)),
    }))
    .filter(({ cases }) => cases.length > 0);
  describe(`${bench.name}, collect: ${collect}`, () => {
    let played: PlayedTable;
    let close: () => Promise<void> = () => Promise.resolve();
    let world: BillingCaseWorld | undefined;
    beforeAll(async () => {
      const opened = await bench.open();
      close = opened.close;
      const cases = groups.flatMap((group) => group.cases);
      world = await BillingCaseWorld.create({ helpdesk: opened.helpdesk, collect, customers: customersOf(cases) });
      played = await playAll(world, cases);
    });
    afterAll(async () => {
      await world?.end();
      await close();
    });

    describe.each(groups)("$title", ({ cases }) => {
      test.each(cases)("$id", ({ id, stages }) => {
        for (const [index, stage] of stages.entries()) {
          const failure = played.failures.get(id);
          if (failure?.round === index) throw failure.error;
          const outcome = played.outcomes[index]?.(id);
          const { billed, asks, work } = expectedOf(stage, collect);
          const wanted = Object.entries(billed).map(([customer, sum]) => [customer, hundredthsOf(sum)] as const);
          expect({ when: stage.when, ...outcome, ...(work === undefined ? { work: undefined } : {}) }).toEqual({
            when: stage.when,
            billed: Object.fromEntries(wanted.filter(([, hundredths]) => hundredths !== 0)),
            asks: asks.toSorted(),
            work: work?.toSorted(),
          });
        }
      });
    });

    test("one more run changes nothing, and nothing belongs to no case", () => {
      expect(played.afterwards).toEqual({ ticketsBilled: 0, linesWritten: 0 });
      expect(played.outcomes.map((outcomes) => outcomes(""))).toEqual(
        played.outcomes.map(() => ({ billed: {}, asks: [], work: [] })),
      );
    });

    test("drafts in kivitendo hold what the ledger says", () => {
      expect(played.contradictions).toEqual([]);
    });
  });
}

/** Where the stock operations come to something else. */
export function isOtherWithStock({ only, stages }: BillingCase): boolean {
  return only === "stock" || stages.some(({ stock }) => stock !== undefined);
}

interface PlayedTable {
  /** What could not be played, by case: what comes after it was not tried. */
  readonly failures: ReadonlyMap<string, { readonly round: number; readonly error: Error }>;
  /** After each stage, by case. */
  readonly outcomes: readonly ((caseId: string) => Outcome)[];
  readonly afterwards: { readonly ticketsBilled: number; readonly linesWritten: number };
  readonly contradictions: readonly string[];
}

/** Plays the n-th stage of every case, then runs once, and so on. */
async function playAll(world: BillingCaseWorld, cases: readonly BillingCase[]): Promise<PlayedTable> {
  const plays = new Map(cases.map(({ id }) => [id, new Play(world, id)]));
  const outcomes: PlayedTable["outcomes"][number][] = [];
  const failures = new Map<string, { round: number; error: Error }>();
  const rounds = Math.max(...cases.map(({ stages }) => stages.length));
  for (let round = 0; round < rounds; round++) {
    const settings = cases.flatMap(({ id, stages }) =>
      Object.entries(stages[round]?.settings ?? {}).map(
        ([customer, { until, ...own }]) =>
          [world.customerNumber(id, customer), { ...own, period: world.periodUntil(until) }] as const,
      ),
    );
    if (settings.length > 0) await world.configure(Object.fromEntries(settings));
    const acting = cases.map(async ({ id, stages }) => {
      const play = plays.get(id);
      const stage = stages[round];
      if (play === undefined || stage === undefined || failures.has(id)) return;
      await stage.act(play).catch((error: unknown) => {
        failures.set(id, { round, error: new Error(`${id}: ${stage.when}`, { cause: error }) });
      });
    });
    await Promise.all(acting);
    await world.run();
    outcomes.push(await readOutcomes(world));
  }
  const { ticketsBilled, linesWritten } = await world.run();
  return {
    failures,
    outcomes,
    afterwards: { ticketsBilled, linesWritten },
    contradictions: await readContradictions(world),
  };
}

/** The customer letters that each case names. */
function customersOf(cases: readonly BillingCase[]): ReadonlyMap<string, readonly string[]> {
  return new Map(cases.map(({ id, customers = ["A"] }) => [id, customers]));
}
