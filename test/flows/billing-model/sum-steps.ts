/** What may happen in a history that is cleared up in the end: as in steps.ts, with settings that change on the way. */
import fc from "fast-check";
import { anyStepOfReview, type Step } from "./steps.ts";

const targets = ["invoice-draft", "invoice-draft", "sales-order", "recurring-order"] as const;

/** Settings of the configuration file; none of them changes how much time is charged. */
export const anySettings = fc.record({
  collect: fc.constantFrom("add-on", "add-on", "stock"),
  release: fc.constantFrom("automatic", "automatic", "after-review"),
  target: fc.constantFrom(...targets),
  dateBy: fc.constantFrom("closing", "booking"),
  waitHours: fc.constantFrom(0, 0, 5),
  rules: fc.constantFrom(
    [],
    [
      { name: "kulanz", when: { queues: ["Kulanz"] }, effect: "goodwill" },
      { name: "nacht", when: { queues: ["Nacht"] }, surcharge: 1.5 },
    ],
  ),
});
export type AnySettings = typeof anySettings extends fc.Arbitrary<infer T> ? T : never;

export type SumStep =
  | Exclude<Step, { do: "opening" | "deleteTicket" }>
  | { readonly do: "settings"; readonly settings: AnySettings }
  | { readonly do: "correct" }
  | { readonly do: "renumber" };

export const anySumStep: fc.Arbitrary<SumStep> = fc.oneof(
  {
    weight: 40,
    arbitrary: anyStepOfReview.filter(
      (step): step is Exclude<Step, { do: "opening" | "deleteTicket" }> =>
        step.do !== "opening" && step.do !== "deleteTicket" && !(step.do === "edit" && !isHarmless(step.change)),
    ),
  },
  { weight: 2, arbitrary: anySettings.map((settings): SumStep => ({ do: "settings", settings })) },
  { weight: 2, arbitrary: fc.constant<SumStep>({ do: "correct" }) },
  { weight: 1, arbitrary: fc.constant<SumStep>({ do: "renumber" }) },
);

/** Changes no quantity, and gives up no time. */
function isHarmless(change: string): boolean {
  return change === "goodwill" || change === "hold" || change === "text";
}
