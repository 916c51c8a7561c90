/** Runs over a large company that is in the helpdesk already: with nothing to do, and with a few changes. */
import { startSimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import { changeContacts, customersOf, forgetContacts, growCompany, recordAsWritten } from "./company.ts";
import { median, rounded, type Row, type Wanted } from "./rows.ts";
import { type BenchWorld, createBenchWorld, type MeasuredRun } from "./world.ts";

export interface RunSizes {
  /** Contacts, growing. */
  readonly sizes: readonly number[];
  /** Contacts of the company with changes, and how many of them change. */
  readonly changed: { readonly contacts: number; readonly count: number };
  /** Runs a row; the median counts. */
  readonly repeats: number;
}

export const nothingToDo = (contacts: number): string => `customers/nothing-to-do/${contacts}`;
export const someChanged = ({ contacts, count }: RunSizes["changed"]): string =>
  `customers/changed/${count}-of-${contacts}`;

/** Measures the rows whose names are asked for, in one company that grows from size to size. */
export async function measureRuns(
  postgresUrl: string,
  options: RunSizes,
  isAsked: (name: string) => boolean,
  say: (line: string) => void,
): Promise<readonly Row[]> {
  const sizes = options.sizes.filter((contacts) => isAsked(nothingToDo(contacts)));
  const changed = isAsked(someChanged(options.changed)) ? [options.changed.contacts] : [];
  const stops = [...new Set([...sizes, ...changed])].toSorted((a, b) => a - b);
  if (stops.length === 0) return [];

  const helpdesk = await startSimulatedHelpdesk();
  const world = await createBenchWorld(postgresUrl, {
    url: helpdesk.baseUrl,
    userLogin: "bridge",
    password: "bridgepw",
  });
  const rows: Row[] = [];
  let before = 0;
  try {
    for (const contacts of stops) {
      say(`a company of ${customersOf(contacts)} customers with ${contacts} contacts ...`);
      await growCompany(world.adminUrl, world.tag, before, contacts);
      await recordAsWritten(world.adminUrl, world.bridgeUrl, world.rules);
      before = contacts;
      // The first run binds the helpdesk and records the source's size.
      assertNothingDone(await world.sync());
      if (sizes.includes(contacts)) rows.push(await measureNothing(world, contacts, options.repeats, rows));
      if (changed.includes(contacts)) rows.push(await measureChanged(world, options));
    }
  } finally {
    await world.end();
    await helpdesk.stop();
  }
  return rows;
}

async function measureNothing(
  world: BenchWorld,
  contacts: number,
  repeats: number,
  earlier: readonly Row[],
): Promise<Row> {
  const runs = await repeated(repeats, async () => {
    const run = await world.sync();
    assertNothingDone(run);
    return run;
  });
  const figures = { contacts, customers: customersOf(contacts), ...figuresOf(runs) };
  const wanted: Wanted[] = [{ what: "no writing request", met: figures.writingRequests === 0 }];
  if (contacts === 100_000) {
    wanted.push(
      { what: "under 2 s", met: figures.seconds < 2 },
      { what: "under 150 MB", met: figures.megabytes < 150 },
    );
  }
  const smaller = earlier.findLast((row) => row.name.startsWith("customers/nothing-to-do/"))?.figures;
  if (typeof smaller?.["contacts"] === "number" && typeof smaller["seconds"] === "number") {
    const growth = figures.seconds / smaller["seconds"];
    const rows = contacts / smaller["contacts"];
    wanted.push({
      what: `${rounded(rows)} times the rows in at most as many times the time (${rounded(growth)})`,
      met: growth <= rows,
    });
  }
  return { name: nothingToDo(contacts), figures, wanted };
}

async function measureChanged(world: BenchWorld, { changed, repeats }: RunSizes): Promise<Row> {
  const { contacts, count } = changed;
  // These must be in the helpdesk for true, to be changed there.
  await forgetContacts(world.adminUrl, contacts, count);
  await world.sync();
  const runs = await repeated(repeats, async (attempt) => {
    await changeContacts(world.adminUrl, contacts, count, `Änne (${attempt + 1})`);
    return world.sync();
  });
  const figures = { contacts, ...figuresOf(runs), written: median(runs.map(({ written }) => written)) };
  return {
    name: someChanged(changed),
    figures,
    wanted: [{ what: `exactly the ${count} written`, met: runs.every(({ written }) => written === count) }],
  };
}

async function repeated(repeats: number, work: (attempt: number) => Promise<MeasuredRun>): Promise<MeasuredRun[]> {
  const runs: MeasuredRun[] = [];
  for (let attempt = 0; attempt < repeats; attempt++) runs.push(await work(attempt));
  return runs;
}

interface RunFigures extends Record<string, number> {
  readonly seconds: number;
  readonly megabytes: number;
  readonly requests: number;
  readonly writingRequests: number;
}

function figuresOf(runs: readonly MeasuredRun[]): RunFigures {
  const most = (figure: keyof MeasuredRun): number => Math.max(...runs.map((run) => run[figure]));
  return {
    seconds: rounded(median(runs.map(({ seconds }) => seconds))),
    megabytes: rounded(most("megabytes")),
    requests: most("requests"),
    writingRequests: most("writingRequests"),
  };
}

function assertNothingDone({ written, rejected }: MeasuredRun): void {
  if (written + rejected > 0) throw new Error(`A run with nothing to do wrote ${written} and was refused ${rejected}.`);
}
