/** What may happen in a history that is cleared up in the end: as in steps.ts, with settings that change on the way. */
import fc from "fast-check";
import { anyStepOfReview, type Step } from "./steps.ts";

const targets = ["invoice-draft", "invoice-draft", "sales-order", "recurring-order"] as const;

/** What was worked is what is charged. */
export const exactly = { settings: { rounding: "none", minimum: "none" }, most: 0 } as const;

/** Up only: for each line, and for each booking, there may be so many hundredths more than were worked, and none less. */
const roundings = [
  exactly,
  exactly,
  { settings: { rounding: { step: "15 minutes", direction: "up", per: "entry" }, minimum: "none" }, most: 1_500 },
  { settings: { rounding: { step: "6 minutes", direction: "up", per: "ticket" }, minimum: "20 minutes" }, most: 2_000 },
  { settings: { rounding: { step: "30 minutes", direction: "up", per: "draft" }, minimum: "none" }, most: 3_000 },
  { settings: { rounding: "none", minimum: "15 minutes" }, most: 1_500 },
] as const;

/** Settings of the configuration file that hold for a whole history. */
export const anyRounding = fc.constantFrom(...roundings);
export type AnyRounding = (typeof roundings)[number];

const ruleLists: readonly (readonly { readonly name: string; readonly [setting: string]: unknown }[])[] = [
  [],
  [],
  [
    { name: "kulanz", when: { queues: ["Kulanz"] }, effect: "goodwill" },
    { name: "nacht", when: { queues: ["Nacht"] }, surcharge: 1.5 },
  ],
  [{ name: "kollege", when: { agents: ["kollege"] }, unitPrice: 80 }],
  [{ name: "abends", when: { weekdays: ["mon", "tue", "wed", "thu"], from: "18:00", to: "07:00" }, surcharge: 2 }],
];

/** Settings that change no sum; the stock operations know no agents. */
export const anySettings = fc
  .record({
    collect: fc.constantFrom("add-on", "add-on", "stock"),
    release: fc.constantFrom("automatic", "automatic", "after-review"),
    target: fc.constantFrom(...targets),
    dateBy: fc.constantFrom("closing", "booking"),
    waitHours: fc.constantFrom(0, 0, 5),
    rules: fc.constantFrom(...ruleLists),
  })
  .map((settings) =>
    settings.rules.some(({ name }) => name === "kollege") ? { ...settings, collect: "add-on" } : settings,
  );
export type AnySettings = typeof anySettings extends fc.Arbitrary<infer T> ? T : never;

export type SumStep =
  | Exclude<Step, { do: "opening" | "deleteTicket" }>
  | { readonly do: "settings"; readonly settings: AnySettings }
  | { readonly do: "correct" | "backup" | "restore" }
  | { readonly do: "storno"; readonly place: number }
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
  { weight: 1, arbitrary: fc.nat({ max: 5 }).map((place): SumStep => ({ do: "storno", place })) },
  { weight: 1, arbitrary: fc.constantFrom<SumStep>({ do: "renumber" }, { do: "backup" }, { do: "restore" }) },
);

/** Changes no quantity, and gives up no time. */
function isHarmless(change: string): boolean {
  return change === "goodwill" || change === "hold" || change === "text";
}
