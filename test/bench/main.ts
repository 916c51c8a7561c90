/**
 * `npm run bench [-- --json | --markdown] [-- NAME…]`: measures customer sync and billing. Needs nothing but the packages; the rows
 * about a real helpdesk (ZNUNY_URL, ZNUNY_LOGIN, ZNUNY_PASSWORD) are left out without one. NAMEs are beginnings of row names.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Client } from "pg";
import { startPostgres } from "../../src/demo/postgres.ts";
import { collectNames, measureCollecting } from "./collecting.ts";
import { draftNames, measureDrafts } from "./drafts.ts";
import { firstLoadNames, measureFirstLoad } from "./first-load.ts";
import { measureNothingNew, nothingNew } from "./nothing-new.ts";
import { asMarkdown, asText, type LeftOut, machine, type Results } from "./rows.ts";
import { measureRuns, nothingToDo, someChanged } from "./runs.ts";
import type { HelpdeskAccount } from "./world.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    markdown: { type: "boolean", default: false },
    /** Smaller ones show that the program works; their figures say little. */
    sizes: { type: "string", default: "10000,100000,1000000" },
    changed: { type: "string", default: "100/100000" },
    "first-load": { type: "string", default: "10000" },
    sample: { type: "string", default: "300" },
    collect: { type: "string", default: "2000,20000" },
    "stock-sample": { type: "string", default: "2000" },
    drafts: { type: "string", default: "10000/500" },
    settled: { type: "string", default: "1000,100000" },
    repeats: { type: "string", default: "3" },
  },
});

const numbers = (text: string, separator: string): number[] => text.split(separator).map(Number);
const repeats = Number(values.repeats);
const [count = 0, contacts = 0] = numbers(values.changed, "/");
const runs = { sizes: numbers(values.sizes, ","), changed: { contacts, count }, repeats };
const firstLoad = { contacts: Number(values["first-load"]), sample: Number(values.sample) };
const collecting = { sizes: numbers(values.collect, ","), stockSample: Number(values["stock-sample"]), repeats };
const [tickets = 0, customers = 0] = numbers(values.drafts, "/");
const drafts = { tickets, customers, repeats };
const settled = { sizes: numbers(values.settled, ","), repeats };

const onHelpdesk = [...firstLoadNames(firstLoad), ...collectNames(collecting)];
const names = [
  ...runs.sizes.map(nothingToDo),
  someChanged(runs.changed),
  ...draftNames(drafts),
  ...settled.sizes.map(nothingNew),
  ...onHelpdesk,
];
const unknown = positionals.filter((given) => !names.some((name) => name.startsWith(given)));
if (unknown.length > 0) {
  console.error(`No row is called ${unknown.join(", ")}. The rows are: ${names.join(", ")}.`);
  process.exit(2);
}
const isAsked = (name: string): boolean =>
  positionals.length === 0 || positionals.some((given) => name.startsWith(given));
const say = (line: string): void => console.error(line);

const helpdesk = helpdeskFromEnvironment();
const asked = names.filter(isAsked);
const leftOut =
  typeof helpdesk === "string"
    ? asked.filter((name) => onHelpdesk.includes(name)).map((name): LeftOut => ({ name, why: helpdesk }))
    : [];
const measured = leftOut.length < asked.length ? await withPostgres(measure) : { rows: [], postgres: "none" };
const results: Results = {
  machine: machine(),
  node: process.versions.node,
  postgres: measured.postgres,
  measuredAt: Temporal.Now.instant().toString({ smallestUnit: "second" }),
  rows: measured.rows,
  leftOut,
};
console.log(values.json ? JSON.stringify(results, null, 2) : (values.markdown ? asMarkdown : asText)(results));

async function measure(postgresUrl: string): Promise<Pick<Results, "rows" | "postgres">> {
  const rows = [
    ...(await measureRuns(postgresUrl, runs, isAsked, say)),
    ...(await measureDrafts(postgresUrl, drafts, isAsked, say)),
    ...(await measureNothingNew(postgresUrl, settled, isAsked, say)),
  ];
  if (typeof helpdesk !== "string") {
    rows.push(...(await measureCollecting(helpdesk, collecting, isAsked, say)));
    if (firstLoadNames(firstLoad).some(isAsked)) {
      rows.push(...(await measureFirstLoad(postgresUrl, helpdesk, firstLoad, say)));
    }
  }
  return { rows, postgres: await versionOf(postgresUrl) };
}

async function withPostgres<T>(work: (url: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "kivi-otrs-bench-"));
  const server = await startPostgres({ directory, persistent: false, fsync: false });
  try {
    return await work(server.url);
  } finally {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The real helpdesk, or why there is none. */
function helpdeskFromEnvironment(): HelpdeskAccount | string {
  const { ZNUNY_URL: url, ZNUNY_LOGIN: userLogin, ZNUNY_PASSWORD: password } = process.env;
  if (url === undefined || userLogin === undefined || password === undefined) {
    return "Set ZNUNY_URL, ZNUNY_LOGIN and ZNUNY_PASSWORD to a throw-away helpdesk with the add-on and the test operation.";
  }
  return { url, userLogin, password };
}

async function versionOf(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>("show server_version");
  await client.end();
  return rows[0]?.server_version ?? "unknown";
}
