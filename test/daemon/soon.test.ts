import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Soon, soon } from "../../src/daemon/soon.ts";

let calls: number[];
let reasons: Soon;
beforeEach(() => {
  vi.useFakeTimers();
  calls = [];
  const start = performance.now();
  reasons = soon(() => calls.push(performance.now() - start), { quietMs: 1_000, longestMs: 3_000 });
});
afterEach(() => void vi.useRealTimers());

/** Moves the clock to each of these moments and gives a reason there; milliseconds from one to the next. */
function give(...pauses: readonly number[]): void {
  for (const pause of pauses) {
    vi.advanceTimersByTime(pause);
    reasons.because();
  }
}

test.each([
  { name: "one reason", pauses: [0], want: [1000] },
  { name: "several in a burst", pauses: [0, 100, 100], want: [1200] },
  { name: "two with quiet between them", pauses: [0, 1500], want: [1000, 2500] },
  { name: "a constant stream", pauses: Array<number>(40).fill(200), want: [3200, 6200, 9000] },
  { name: "none", pauses: [], want: [] },
])("$name", ({ pauses, want }) => {
  give(...pauses);
  vi.advanceTimersByTime(10_000);
  expect(calls).toEqual(want);
});

test("what is forgotten leads to no call, and the next reason begins anew", () => {
  give(0, 900, 900);
  reasons.forget();
  vi.advanceTimersByTime(5_000);
  expect(calls).toEqual([]);
  give(0);
  vi.advanceTimersByTime(1_000);
  expect(calls).toEqual([7_800]);
});
