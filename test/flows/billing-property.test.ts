/**
 * Random histories of tickets, drafts and answers against a model of the rules: of every article and every row,
 * billed + included + goodwill + excluded + waived + opening + proposed + held + due + asked about = what the helpdesk
 * shows, whatever happened; each line stands under the customer that the ticket had, and on the draft that kivitendo has.
 *
 * `PROPERTY_RUNS` is the number of histories of each kind, `PROPERTY_SECONDS` ends them earlier. `PROPERTY_SEED` chooses
 * others than the usual ones: `PROPERTY_SEED=$RANDOM PROPERTY_RUNS=500` looks for what nobody has seen. Seed and
 * `PROPERTY_PATH`, printed with a failure, repeat it.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorld, type Settings, type World } from "../support/bridge.ts";
import { allRowVersions, ask } from "../support/evidence.ts";
import { type Beginning, keepBeginning } from "../support/beginning.ts";
import { workInHelpdesk } from "./billing-model/agents.ts";
import { Books, type Setting } from "./billing-model/books.ts";
import { bill, work } from "./billing-model/office.ts";
import type { Office } from "./billing-model/people.ts";
import { anyRounding, exact, type Rounding, roundingSettings } from "./billing-model/rounding.ts";
import { anyStep, anyStepOfReview, anyTickets, isTicketStep, type Step } from "./billing-model/steps.ts";

const seed = Number(process.env["PROPERTY_SEED"] ?? 20_261_122);
const path = process.env["PROPERTY_PATH"];
const started = "2026-09-30T17:00:00Z";

let world: World;
let beginning: Beginning;
let before: Promise<void> = Promise.resolve();
let written = 0;
beforeAll(async () => {
  world = await createWorld({ settings: { billing: usual }, now: started });
  world.helpdesk.world.do("AgentEnsure", { UserLogin: "kollege", Password: "kollegepw", Groups: { users: "rw" } });
  for (const Name of ["Intern", "Kulanz", "Nacht"]) world.helpdesk.world.do("QueueEnsure", { Name });
  await world.sync();
  beginning = await keepBeginning(world, ["customer", "drafts", "ar", "invoice"]);
});
afterAll(async () => {
  await before.catch(() => undefined);
  await world.end();
});

/** Everything is read again in each run, so that the model need not know when. */
const usual = {
  period: "2026-09-01..2126-12-31",
  reread: { days: 90, everyHours: 0 },
  collect: "add-on",
  release: "automatic",
  rules: [],
  contingents: [],
};

const plain: Setting = { effects: {}, rounding: exact, included: null, review: false };

interface Variant {
  readonly name: string;
  readonly setting: Setting;
  readonly billing: Settings[string];
  readonly rounding?: fc.Arbitrary<Rounding>;
  readonly steps: fc.Arbitrary<Step>;
}

const variants: readonly Variant[] = [
  { name: "plain", setting: plain, billing: {}, steps: anyStep },
  {
    name: "rules",
    setting: {
      ...plain,
      effects: {
        Intern: { kind: "excluded", price: 0 },
        Kulanz: { kind: "goodwill", price: 0 },
        Nacht: { kind: "billed", price: 14_250 },
      },
      included: { customer: "K10001", monthly: 6_000 },
    },
    billing: {
      rules: [
        { name: "intern", when: { queues: ["Intern"] }, effect: "exclude" },
        { name: "kulanz", when: { queues: ["Kulanz"] }, effect: "goodwill" },
        { name: "nacht", when: { queues: ["Nacht"] }, surcharge: 1.5 },
      ],
      contingents: [{ customers: ["K10001"], hoursPerMonth: 1 }],
    },
    rounding: anyRounding,
    steps: anyStep,
  },
  {
    name: "after-review",
    setting: { ...plain, review: true },
    billing: { release: "after-review" },
    steps: anyStepOfReview,
  },
  { name: "stock operations", setting: plain, billing: { collect: "stock" }, steps: anyStep },
];

async function begin({ billing, setting: given }: Variant, rounding: Rounding, now: Office["now"]): Promise<Office> {
  await beginning.again();
  world.rewind(started);
  await world.configure({ billing: { ...usual, ...roundingSettings(rounding), ...billing } });
  const customers = await ask(world, "select customernumber as number from customer where customernumber is not null");
  const numbers = new Set(customers.map(({ number }) => String(number)));
  // Midnight in Berlin.
  const setting = { ...given, rounding };
  const books = new Books({ customers: numbers, setting, start: "2026-09-30 22:00:00" });
  return { world, books, detail: billing["collect"] === "stock" ? "articles" : "rows", now };
}

async function live(variant: Variant, rounding: Rounding, history: readonly Step[]): Promise<void> {
  let now = Temporal.Instant.from(started);
  const office = await begin(variant, rounding, () => now);
  for (const step of history) {
    // More than the overlap, so that nothing is read again by chance.
    now = now.add({ hours: step.do === "wait" ? step.hours : 2 });
    world.at(now.toString());
    if (isTicketStep(step)) workInHelpdesk(world, (id) => office.books.isReread(id), step);
    else await work(office, step);
  }
  world.at(now.add({ hours: 2 }).toString());
  await bill(office, { disturb: null, onlyOlder: null });
  written += office.books.lines.length;
  const versions = await rowVersions();
  expect(await world.draft()).toMatchObject({ linesWritten: 0, settled: [], inbox: { added: 0 } });
  expect(await rowVersions(), "the second run").toEqual(versions);
}

/** The time of the last reading is kept in each run. */
async function rowVersions(): Promise<readonly string[]> {
  return (await allRowVersions(world)).filter((row) => !row.startsWith("otrs_bridge.cursor "));
}

test.each(variants)(
  "every minute is settled once, whatever happens: $name",
  { timeout: 3_600_000 },
  async (variant) => {
    const history = fc.array(variant.steps, { minLength: 12, maxLength: 40, size: "max" });
    let lived = 0;
    written = 0;
    await fc.assert(
      fc.asyncProperty(
        variant.rounding ?? fc.constant(exact),
        anyTickets,
        history,
        async (rounding, tickets, steps) => {
          // One that ran out of time goes on behind the test's back, in the same world.
          before = before.catch(() => undefined).then(() => live(variant, rounding, [...tickets, ...steps]));
          await before;
          lived++;
        },
      ),
      {
        numRuns: Number(process.env["PROPERTY_RUNS"] ?? 10),
        seed,
        ...(path === undefined ? {} : { path }),
        // Making a history smaller ends, too.
        interruptAfterTimeLimit: Number(process.env["PROPERTY_SECONDS"] ?? 600) * 1000,
      },
    );
    console.log(`billing, ${variant.name}: ${lived} histories, ${written} lines, PROPERTY_SEED=${seed}`);
    expect(written).toBeGreaterThan(0);
  },
);
