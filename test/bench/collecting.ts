/**
 * Reading closed tickets with their accounted time from a real helpdesk: the bridge's client through the add-on, the same
 * client through the stock operations, and the limit: one SQL statement plus JSON inside one of the helpdesk's processes.
 */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { createHelpdesk, type Helpdesk } from "../../src/helpdesk/index.ts";
import type { Caller } from "../contracts/helpdesk-under-test.ts";
import { logIn } from "./first-load.ts";
import { median, rounded, type Row } from "./rows.ts";
import type { HelpdeskAccount } from "./world.ts";

export interface CollectSizes {
  /** Closed tickets, with two articles each. */
  readonly sizes: readonly number[];
  /** Tickets that the stock operations read at most; for more, the time is extrapolated. */
  readonly stockSample: number;
  readonly repeats: number;
}

/** Two articles with time on each of the seeded tickets. */
const entriesPerTicket = 2;

/** As a row of its own name says: the figures of an extrapolation are no measurement. */
const stockName = (tickets: number, { stockSample }: CollectSizes): string =>
  `billing/collect/${tickets}/stock${tickets > stockSample ? `-from-${stockSample}` : ""}`;
const nameOf = (tickets: number, who: "bridge" | "limit"): string => `billing/collect/${tickets}/${who}`;

function namesOfSize(tickets: number, sizes: CollectSizes): readonly string[] {
  return [nameOf(tickets, "bridge"), stockName(tickets, sizes), nameOf(tickets, "limit")];
}

export function collectNames(sizes: CollectSizes): readonly string[] {
  return sizes.sizes.flatMap((tickets) => namesOfSize(tickets, sizes));
}

/** Measures the sizes of which some row is asked for; tickets are put into the helpdesk and taken out again. */
export async function measureCollecting(
  account: HelpdeskAccount,
  sizes: CollectSizes,
  isAsked: (name: string) => boolean,
  say: (line: string) => void,
): Promise<readonly Row[]> {
  const caller = await logIn(account);
  const rows: Row[] = [];
  for (const tickets of sizes.sizes) {
    if (!namesOfSize(tickets, sizes).some(isAsked)) continue;
    const tag = `b${randomBytes(4).toString("hex")}`;
    say(`${tickets} closed tickets are put into the helpdesk ...`);
    const since = await seed(account, caller, tag, tickets);
    try {
      rows.push(...(await measureSize({ account, caller, tag, since, tickets }, sizes, say)));
    } finally {
      await bench(caller, { Call: "Remove", Tag: tag });
    }
  }
  return rows;
}

interface Seeded {
  readonly account: HelpdeskAccount;
  readonly caller: Caller;
  readonly tag: string;
  readonly since: Temporal.Instant;
  readonly tickets: number;
}

interface Reading {
  readonly tickets: number;
  readonly seconds: number;
}

interface LimitReading {
  /** Rows as objects with named values, as whoever reads them needs, and as bare lists of values. */
  readonly named: Reading;
  readonly bare: Reading;
}

/** Bridge and limit in turns, before, between and after the stock way's readings: whatever else runs meets them all. */
async function measureSize(seeded: Seeded, sizes: CollectSizes, say: (line: string) => void): Promise<readonly Row[]> {
  const { tickets } = seeded;
  const bridge: Reading[] = [];
  const limit: LimitReading[] = [];
  const addOn = await openHelpdesk(seeded.account, "add-on");
  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn++) {
      bridge.push(await readAll(addOn, seeded));
      limit.push(await readLimit(seeded));
    }
  };
  await turns(1 + sizes.repeats);
  say(`${tickets} tickets: bridge ${secondsOf(bridge)} s, limit ${secondsOf(limit.map(({ named }) => named))} s`);
  const stock = [await readStock(seeded, sizes)];
  await turns(sizes.repeats);
  // What is extrapolated is read once: a second time would take minutes for a figure that says little more.
  if (tickets <= sizes.stockSample) stock.push(await readStock(seeded, sizes));
  say(`${tickets} tickets: stock way ${secondsOf(stock)} s`);
  await addOn.close();
  return rowsOf(seeded, sizes, bridge, limit, stock);
}

function rowsOf(
  { tickets }: Seeded,
  sizes: CollectSizes,
  [cold, ...warm]: readonly Reading[],
  [, ...limits]: readonly LimitReading[],
  stock: readonly Reading[],
): readonly Row[] {
  // Of each turn's own pair, so that a load that comes and goes meets both sides.
  const shares = (which: keyof LimitReading): number =>
    median(warm.map((reading, turn) => speedOf(reading) / speedOf(limits[turn]?.[which])));
  const named = limits.map((reading) => reading.named);
  const bare = limits.map((reading) => reading.bare);
  const speed = median(warm.map(speedOf));
  const timesStock = speed / Math.max(...stock.map(speedOf));
  const shareOfLimit = shares("named");
  return [
    {
      name: nameOf(tickets, "bridge"),
      figures: {
        ...figuresOf(warm),
        secondsFirst: rounded(cold?.seconds ?? Number.NaN),
        timesStock: rounded(timesStock),
        shareOfLimit: rounded(shareOfLimit),
        shareOfBareLimit: rounded(shares("bare")),
      },
      wanted: [
        { what: "at least 20 times the stock way", met: timesStock >= 20 },
        { what: "at least half of the limit", met: shareOfLimit >= 0.5 },
      ],
    },
    {
      name: stockName(tickets, sizes),
      figures: {
        tickets: stock[0]?.tickets ?? 0,
        seconds: rounded(stock.at(-1)?.seconds ?? Number.NaN),
        secondsFirst: rounded(stock[0]?.seconds ?? Number.NaN),
        ticketsPerSecond: rounded(speedOf(stock.at(-1))),
      },
      wanted: [],
    },
    {
      name: nameOf(tickets, "limit"),
      figures: { ...figuresOf(named), secondsBare: rounded(median(bare.map(({ seconds }) => seconds))) },
      wanted: [],
    },
  ];
}

function figuresOf(readings: readonly Reading[]): Row["figures"] {
  return {
    tickets: median(readings.map(({ tickets }) => tickets)),
    seconds: rounded(median(readings.map(({ seconds }) => seconds))),
    ticketsPerSecond: rounded(median(readings.map(speedOf))),
  };
}

// ---- the three ways ---------------------------------------------------------------------------------------------------

/** Logged in, and asked what it is: that is not part of any reading. */
async function openHelpdesk(account: HelpdeskAccount, collect: "add-on" | "stock"): Promise<Helpdesk> {
  const helpdesk = createHelpdesk({
    ...account,
    webservice: "KivitendoBridge",
    instance: "bench",
    timeoutSeconds: 600,
    maxResponseBytes: 64 * 1024 * 1024,
    collect,
  });
  await helpdesk.info();
  return helpdesk;
}

function changed(helpdesk: Helpdesk, { since }: Seeded): ReturnType<Helpdesk["tickets"]["changed"]> {
  const search = { stateNames: [], stateTypes: ["closed"], changedSince: since };
  return helpdesk.tickets.changed(search, new AbortController().signal);
}

async function readAll(helpdesk: Helpdesk, seeded: Seeded): Promise<Reading> {
  const began = performance.now();
  let tickets = 0;
  let entries = 0;
  for await (const batch of changed(helpdesk, seeded)) {
    tickets += batch.tickets.length;
    entries += batch.tickets.reduce((sum, ticket) => sum + ticket.entries.length, 0);
  }
  const seconds = secondsSince(began);
  if (tickets < seeded.tickets || entries < entriesPerTicket * seeded.tickets) {
    throw new Error(`${tickets} tickets with ${entries} entries were read of ${seeded.tickets} tickets.`);
  }
  return { tickets, seconds };
}

/** The whole search and the first tickets of it; the time for the others from those after the first batch. */
async function readStock(seeded: Seeded, { stockSample }: CollectSizes): Promise<Reading> {
  const helpdesk = await openHelpdesk(seeded.account, "stock");
  try {
    if (seeded.tickets <= stockSample) return await readAll(helpdesk, seeded);
    const began = performance.now();
    let first: Reading | null = null;
    let tickets = 0;
    for await (const batch of changed(helpdesk, seeded)) {
      tickets += batch.tickets.length;
      first ??= { tickets, seconds: secondsSince(began) };
      if (tickets >= stockSample) break;
    }
    const seconds = secondsSince(began);
    if (first === null || tickets <= first.tickets) throw new Error(`The stock way read ${tickets} tickets.`);
    const each = (seconds - first.seconds) / (tickets - first.tickets);
    return { tickets: seeded.tickets, seconds: seconds + each * (seeded.tickets - tickets) };
  } finally {
    await helpdesk.close();
  }
}

const LimitAnswer = z.object({ Seconds: z.array(z.coerce.number()), Tickets: z.number() });

/** The second of two readings in the same process: the limit is always a warm one. */
async function readLimit({ caller, tag }: Seeded): Promise<LimitReading> {
  const read = async (more: object): Promise<Reading> => {
    const answer = LimitAnswer.parse(await bench(caller, { Call: "Limit", Tag: tag, Times: 2, ...more }));
    return { tickets: answer.Tickets, seconds: answer.Seconds.at(-1) ?? Number.NaN };
  };
  return { named: await read({ Named: 1 }), bare: await read({}) };
}

// ---- the helpdesk -----------------------------------------------------------------------------------------------------

const ticketsPerSecond = 3;

/** Closed tickets of the last hours, three in a second; answers the moment from which on they were changed. */
async function seed(account: HelpdeskAccount, caller: Caller, tag: string, count: number): Promise<Temporal.Instant> {
  const helpdesk = await openHelpdesk(account, "add-on");
  const { timeZone } = await helpdesk.info();
  await helpdesk.close();
  const since = Temporal.Now.instant()
    .subtract({ hours: 1, seconds: Math.ceil(count / ticketsPerSecond) })
    .round({ smallestUnit: "second" });
  const local = since.toZonedDateTimeISO(timeZone).toPlainDateTime();
  await bench(caller, { Call: "Seed", Count: count, Tag: tag, Since: local.toString().replace("T", " ") });
  return since;
}

const StepAnswer = z.object({ Results: z.tuple([z.unknown()]) });

async function bench(caller: Caller, step: object): Promise<unknown> {
  const answer = await caller.post("/KivitendoBridgeTest/Agent", { Steps: [{ Do: "Bench", ...step }] });
  const parsed = StepAnswer.safeParse(answer);
  if (!parsed.success) throw new Error(`The test operation failed: ${JSON.stringify(answer).slice(0, 500)}`);
  return parsed.data.Results[0];
}

// ---- arithmetic -------------------------------------------------------------------------------------------------------

function speedOf(reading: Reading | undefined): number {
  return reading === undefined ? Number.NaN : reading.tickets / reading.seconds;
}

function secondsOf(readings: readonly Reading[]): string {
  return readings.map(({ seconds }) => rounded(seconds)).join(" ");
}

function secondsSince(began: number): number {
  return (performance.now() - began) / 1000;
}
