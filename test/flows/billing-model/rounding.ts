/** What worked time comes to, in hundredths of minutes; docs/billing-rules.md shows it with numbers. */
import fc from "fast-check";

export interface Rounding {
  readonly step: number;
  readonly direction: "up" | "nearest" | "down";
  readonly per: "entry" | "ticket";
  readonly minimum: number;
}

export const exact: Rounding = { step: 1, direction: "up", per: "ticket", minimum: 0 };

export const anyRounding: fc.Arbitrary<Rounding> = fc.record({
  step: fc.constantFrom(100, 600, 1_500),
  direction: fc.constantFrom("up", "up", "nearest", "down"),
  per: fc.constantFrom("entry", "ticket"),
  minimum: fc.constantFrom(0, 0, 1_000, 4_000),
});

/** As in the configuration file. */
export function roundingSettings({ step, direction, per, minimum }: Rounding): Readonly<Record<string, unknown>> {
  return {
    rounding: step === 1 ? "none" : { step: `${step / 100} minutes`, direction, per },
    minimum: minimum === 0 ? "none" : `${minimum / 100} minutes`,
  };
}

/** `entries` are the worked units of each entry of a position; one below zero corrects others. */
export function charged({ step, direction, per, minimum }: Rounding, entries: readonly number[]): number {
  const worked = sum(entries);
  if (worked <= 0) return worked;
  const modes = { up: Math.ceil, nearest: Math.round, down: Math.floor };
  const rounded = (units: number): number => (units > 0 ? modes[direction](units / step) * step : units);
  return Math.max(per === "entry" ? sum(entries.map(rounded)) : rounded(worked), minimum);
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
