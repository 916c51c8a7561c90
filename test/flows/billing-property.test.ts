/**
 * Random histories of tickets against a model of a few lines: what a run bills is what the model says, article by
 * article; a run that fails half-way bills a part of it; and in the end every minute has been billed once.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestTicket } from "../support/bridge.ts";
import { createWorld, quietContext, type World } from "../support/bridge.ts";
import { ask, openQuestions } from "../support/evidence.ts";

let world: World;
let hour = 0;
beforeAll(async () => {
  world = await createWorld({ settings: { billing: { period: "2026-10-01..2126-12-31" } } });
  await world.sync();
});
afterAll(() => world.end());

interface Article {
  ticket: number;
  readonly units: number;
  billed: number;
  readonly billedTo: Record<string, number>;
}

/** A model of what billing owes, which knows nothing of how it is done. */
class Model {
  readonly articles = new Map<number, Article>();
  readonly tickets: (TestTicket & { state: "open" | "closed" | "merged"; customer: string; loose: number })[] = [];

  /** Every article of a closed ticket of a known customer is billed up to what is on it. */
  bill(): void {
    for (const article of this.articles.values()) {
      const ticket = this.tickets[article.ticket];
      if (ticket?.state !== "closed" || ticket.customer === "FREMD") continue;
      const due = article.units - article.billed;
      if (due !== 0) article.billedTo[ticket.customer] = (article.billedTo[ticket.customer] ?? 0) + due;
      article.billed = article.units;
    }
  }

  questions(): string[] {
    return this.tickets.flatMap((ticket, place) => {
      if (ticket.state !== "closed") return [];
      const isDue = [...this.articles.values()].some(
        (article) => article.ticket === place && article.billed !== article.units,
      );
      const loose = ticket.loose === 0 ? [] : [`time-without-article ticket ${ticket.number}`];
      // A ticket without a known customer is asked about whatever is due on it, time on no article included.
      const unknown = ticket.customer === "FREMD" && (isDue || ticket.loose !== 0);
      return [...loose, ...(unknown ? [`unknown-customer ticket ${ticket.number}`] : [])];
    });
  }
}

const place = fc.nat({ max: 3 });
const units = fc.integer({ min: 1, max: 9_999 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("book" as const), place, units }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("bookLoose" as const), place, units }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("close" as const), place }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("reopen" as const), place }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("merge" as const), place, into: place }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("move" as const), place, to: fc.constantFrom("K10001", "K10002", "FREMD") }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("bill" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("fail" as const), after: fc.nat({ max: 5 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function nextMoment(): string {
  hour += 1;
  return Temporal.Instant.from("2026-10-02T08:00:00Z").add({ hours: hour }).toString();
}

/** What an agent does, in the helpdesk and in the model; what makes no sense is left out in both. */
function work(model: Model, given: Step): void {
  if (given.do === "bill" || given.do === "fail") return;
  const ticket = model.tickets[given.place];
  if (ticket === undefined || ticket.state === "merged") return;
  const helpdesk = world.helpdesk.world;
  switch (given.do) {
    case "book": {
      const id = world.book(ticket, (given.units / 100).toFixed(2), nextMoment());
      model.articles.set(id, { ticket: given.place, units: given.units, billed: 0, billedTo: {} });
      return;
    }
    case "bookLoose":
      world.at(nextMoment());
      helpdesk.do("TicketBook", { TicketID: ticket.id, TimeUnit: (given.units / 100).toFixed(2), WithoutArticle: 1 });
      ticket.loose += given.units;
      return;
    case "close":
    case "reopen":
      ticket.state = given.do === "close" ? "closed" : "open";
      world.state(ticket, given.do === "close" ? "closed successful" : "open", nextMoment());
      return;
    case "merge": {
      const main = model.tickets[given.into];
      if (main === undefined || main === ticket || main.state === "merged") return;
      world.at(nextMoment());
      helpdesk.do("TicketMerge", { MainTicketID: main.id, MergeTicketID: ticket.id });
      for (const article of model.articles.values()) if (article.ticket === given.place) article.ticket = given.into;
      main.loose += ticket.loose;
      ticket.loose = 0;
      ticket.state = "merged";
      return;
    }
    case "move":
      world.at(nextMoment());
      ticket.customer = given.to;
      helpdesk.do("TicketCustomer", { TicketID: ticket.id, CustomerID: given.to, CustomerUser: "" });
      return;
    default: {
      const unreachable: never = given;
      throw new Error(`unhandled step ${JSON.stringify(unreachable)}`);
    }
  }
}

async function ledger(model: Model): Promise<Map<number, Record<string, number>>> {
  const rows = await ask(
    world,
    `select e.article_id as article, d.customer_number as customer, sum(e.units)::integer as units
       from otrs_bridge.ledger e
       join otrs_bridge.draft_lines l on l.id = e.line_id
       join otrs_bridge.drafts d on d.id = l.draft_id
      where e.article_id = any ($1)
      group by 1, 2`,
    [[...model.articles.keys()]],
  );
  const billed = new Map<number, Record<string, number>>();
  for (const row of rows) {
    const article = Number(row["article"]);
    billed.set(article, { ...billed.get(article), [String(row["customer"])]: Number(row["units"]) });
  }
  return billed;
}

function expected(model: Model): Map<number, Record<string, number>> {
  return new Map(
    [...model.articles].filter(([, { billed }]) => billed !== 0).map(([id, { billedTo }]) => [id, billedTo]),
  );
}

/** A run that is interrupted after some requests: it bills all that is due, or of some customers only, or nothing. */
async function failingRun(model: Model, after: number): Promise<void> {
  const interrupt = new AbortController();
  let requests = 0;
  world.onRequest = () => {
    if (++requests > after) interrupt.abort();
  };
  await world.draft({}, quietContext(interrupt.signal)).catch(() => undefined);
  world.onRequest = null;
  for (const [id, billedTo] of await ledger(model)) {
    const article = model.articles.get(id);
    const sum = Object.values(billedTo).reduce((total, part) => total + part, 0);
    // All of an article or what was billed of it before; never more than is on it.
    expect([article?.billed, article?.units]).toContain(sum);
    if (article === undefined) continue;
    article.billed = sum;
    for (const [customer, part] of Object.entries(billedTo)) article.billedTo[customer] = part;
  }
}

async function billAndCompare(model: Model): Promise<void> {
  await world.draft();
  model.bill();
  expect(await ledger(model)).toEqual(expected(model));
  const mine = new Set(model.tickets.map(({ number }) => `ticket ${number}`));
  const open = (await openQuestions(world)).filter((question) => mine.has(question.slice(question.indexOf(" ") + 1)));
  expect(new Set(open)).toEqual(new Set(model.questions()));
}

test("every minute is billed once, whatever happens to its ticket", { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (history) => {
      const model = new Model();
      for (const customer of ["K10001", "K10001", "K10002", "FREMD"]) {
        world.at(nextMoment());
        model.tickets.push({ ...world.ticket({ customer, units: [] }), state: "open", customer, loose: 0 });
      }
      for (const given of history) {
        if (given.do === "bill") await billAndCompare(model);
        else if (given.do === "fail") await failingRun(model, given.after);
        else work(model, given);
      }
      // At last everything is closed and has a customer, so everything is billed.
      for (const [index, ticket] of model.tickets.entries()) {
        if (ticket.state === "merged") continue;
        work(model, { do: "move", place: index, to: "K10001" });
        work(model, { do: "close", place: index });
      }
      await billAndCompare(model);
      for (const article of model.articles.values()) expect(article.billed).toBe(article.units);
      expect(await world.draft()).toMatchObject({ linesWritten: 0 });
    }),
    { numRuns: Number(process.env["PROPERTY_RUNS"] ?? 25) },
  );
});
