/** What may happen to tickets, drafts and questions in a random history. */
import fc from "fast-check";

const place = fc.nat({ max: 5 });
const units = fc.integer({ min: 1, max: 9_999 });
const minus = fc.integer({ min: -4_000, max: -1 });

const of = <Do extends string, Rest extends object>(name: Do, rest: { [K in keyof Rest]: fc.Arbitrary<Rest[K]> }) =>
  fc.record({ do: fc.constant(name), ...rest }) as fc.Arbitrary<{ do: Do } & Rest>;

/** Customers of tickets; the last one is in no kivitendo. */
const customer = fc.constantFrom("K10001", "K10001", "K10001", "K10002", "K10002", "FREMD");
const queue = fc.constantFrom("Support", "Intern", "Kulanz", "Nacht");

const ticketSteps = [
  { weight: 2, arbitrary: of("create", { customer, queue }) },
  { weight: 8, arbitrary: of("book", { place, units, agent: fc.nat({ max: 1 }) }) },
  { weight: 2, arbitrary: of("book", { place, units: minus, agent: fc.nat({ max: 1 }) }) },
  { weight: 1, arbitrary: of("bookLoose", { place, units }) },
  { weight: 2, arbitrary: of("bookRow", { place, article: place, units: fc.oneof(units, minus) }) },
  { weight: 7, arbitrary: of("close", { place }) },
  { weight: 2, arbitrary: of("reopen", { place }) },
  { weight: 2, arbitrary: of("merge", { place, into: place }) },
  { weight: 1, arbitrary: of("split", { place }) },
  { weight: 2, arbitrary: of("move", { place, customer }) },
  { weight: 1, arbitrary: of("queue", { place, queue }) },
  { weight: 1, arbitrary: of("archive", { place }) },
  { weight: 1, arbitrary: of("deleteTicket", { place }) },
  { weight: 1, arbitrary: of("deleteArticle", { place, article: place }) },
  { weight: 1, arbitrary: of("restoreArticle", { place }) },
  { weight: 1, arbitrary: of("setRow", { place, units: fc.integer({ min: 0, max: 6_000 }) }) },
  {
    weight: 1,
    arbitrary: of("wait", { hours: fc.oneof(fc.integer({ min: 3, max: 40 }), fc.integer({ min: 300, max: 500 })) }),
  },
] as const;

const never = { weight: 4, arbitrary: fc.constant(null) };
const disturb = fc.oneof(never, {
  weight: 1,
  arbitrary: fc.record({ after: fc.nat({ max: 14 }), how: fc.constantFrom("abort" as const, "cut" as const) }),
});
const onlyOlder = fc.oneof(never, { weight: 1, arbitrary: fc.nat({ max: 2 }) });

const deskSteps = [
  { weight: 9, arbitrary: of("bill", { disturb, onlyOlder }) },
  { weight: 2, arbitrary: of("plan", {}) },
  { weight: 4, arbitrary: of("post", { place, change: fc.constantFrom("none", "none", "remove", "quantity") }) },
  { weight: 2, arbitrary: of("discard", { place }) },
  { weight: 1, arbitrary: of("touch", { place }) },
  { weight: 2, arbitrary: of("redo", { place }) },
  { weight: 1, arbitrary: of("hold", { place, held: fc.boolean() }) },
  { weight: 6, arbitrary: of("answer", { place, choice: place }) },
  { weight: 1, arbitrary: of("opening", {}) },
  { weight: 1, arbitrary: of("obsolete", { obsolete: fc.boolean() }) },
] as const;

const reviewSteps = [
  {
    weight: 3,
    arbitrary: of("edit", {
      place,
      line: place,
      change: fc.constantFrom(
        "waive" as const,
        "hold" as const,
        "goodwill" as const,
        "quantity" as const,
        "text" as const,
      ),
    }),
  },
  { weight: 3, arbitrary: of("release", { place }) },
] as const;

/** Tickets to begin with, most of them closed. */
export const anyTickets: fc.Arbitrary<Step[]> = fc
  .array(
    fc.record({ customer, units: fc.array(units, { minLength: 1, maxLength: 2 }), isClosed: fc.nat({ max: 3 }) }),
    {
      minLength: 2,
      maxLength: 3,
    },
  )
  .map((tickets) =>
    tickets.flatMap(({ customer: owner, units: some, isClosed }, at): Step[] => [
      { do: "create", customer: owner, queue: "Support" },
      ...some.map((each): Step => ({ do: "book", place: at, units: each, agent: 0 })),
      ...(isClosed > 0 ? [{ do: "close", place: at } as const] : []),
    ]),
  );

export const anyStep = fc.oneof(...ticketSteps, ...deskSteps);
export const anyStepOfReview = fc.oneof(...ticketSteps, ...deskSteps, ...reviewSteps);
export type Step = typeof anyStepOfReview extends fc.Arbitrary<infer T> ? T : never;
export type TicketStep = (typeof ticketSteps)[number]["arbitrary"] extends fc.Arbitrary<infer T> ? T : never;
export type DeskStep = Exclude<Step, TicketStep>;

const ticketNames: ReadonlySet<string> = new Set<TicketStep["do"]>([
  "create",
  "book",
  "bookLoose",
  "bookRow",
  "close",
  "reopen",
  "merge",
  "split",
  "move",
  "queue",
  "archive",
  "deleteTicket",
  "deleteArticle",
  "restoreArticle",
  "setRow",
  "wait",
]);

export function isTicketStep(step: Step): step is TicketStep {
  return ticketNames.has(step.do);
}
