/**
 * Writing drafts for many due tickets: the real flow against the simulated helpdesk, of which the writing is timed, beside
 * plain inserts of the same rows into the same tables.
 */
import type { ClientBase } from "pg";
import type { BillingPorts } from "../../src/billing/index.ts";
import { type BillingBench, createBillingBench } from "./billing.ts";
import { median, rounded, type Row } from "./rows.ts";

export interface DraftSizes {
  readonly tickets: number;
  /** Each gets one draft. */
  readonly customers: number;
  readonly repeats: number;
}

const nameOf = ({ tickets, customers }: DraftSizes, who: "bridge" | "plain"): string =>
  `billing/drafts/${tickets}-of-${customers}/${who}`;

export function draftNames(sizes: DraftSizes): readonly string[] {
  return [nameOf(sizes, "bridge"), nameOf(sizes, "plain")];
}

export async function measureDrafts(
  postgresUrl: string,
  sizes: DraftSizes,
  isAsked: (name: string) => boolean,
  say: (line: string) => void,
): Promise<readonly Row[]> {
  if (!draftNames(sizes).some(isAsked)) return [];
  say(`${sizes.tickets} closed tickets of ${sizes.customers} customers ...`);
  const bench = await createBillingBench(postgresUrl, sizes.customers);
  const turns: Turn[] = [];
  try {
    work(bench, sizes);
    for (let turn = 0; turn < sizes.repeats; turn++) {
      const bridge = await bill(bench, sizes);
      const plain = await insertPlainly(bench);
      await forgetEverything(bench);
      turns.push({ ...bridge, plain });
      say(`drafts: bridge ${rounded(bridge.writing)} s of ${rounded(bridge.run)} s, plain inserts ${rounded(plain)} s`);
    }
  } finally {
    await bench.end();
  }
  return rowsOf(sizes, turns);
}

/** Seconds: of the run, of its writing, and of the plain inserts. */
interface Turn {
  readonly run: number;
  readonly writing: number;
  readonly plain: number;
}

function rowsOf(sizes: DraftSizes, turns: readonly Turn[]): readonly Row[] {
  const { tickets, customers: drafts } = sizes;
  const shareOfPlain = median(turns.map(({ plain, writing }) => plain / writing));
  const figures = (which: keyof Turn): Row["figures"] => {
    const seconds = median(turns.map((turn) => turn[which]));
    return { tickets, drafts, seconds: rounded(seconds), ticketsPerSecond: rounded(tickets / seconds) };
  };
  return [
    {
      name: nameOf(sizes, "bridge"),
      figures: {
        ...figures("writing"),
        shareOfPlain: rounded(shareOfPlain),
        secondsOfRun: rounded(median(turns.map(({ run }) => run))),
      },
      wanted: [{ what: "at least half of plain inserts", met: shareOfPlain >= 0.5 }],
    },
    { name: nameOf(sizes, "plain"), figures: figures("plain"), wanted: [] },
  ];
}

// ---- the bridge -------------------------------------------------------------------------------------------------------

/** Tickets with two articles each, closed last month. */
function work(bench: BillingBench, { tickets, customers }: DraftSizes): void {
  const { helpdesk, world } = bench;
  for (let n = 0; n < tickets; n++) {
    const { TicketID } = helpdesk.world.do("TicketCreate", {
      Title: `Drucker ${n} druckt nicht – Prüfung`,
      CustomerID: `${world.tag}-${1 + (n % customers)}`,
      Articles: [{ TimeUnit: 15 + (n % 8) }, { TimeUnit: 30 }],
    });
    helpdesk.world.do("TicketState", { TicketID, State: "closed successful" });
  }
  bench.workIsDone();
}

/** A whole run; what it takes to write is what the state's part of it takes. */
async function bill(bench: BillingBench, { tickets, customers }: DraftSizes): Promise<Omit<Turn, "plain">> {
  let writing = 0;
  const timed: BillingPorts = {
    ...bench.ports,
    state: {
      ...bench.ports.state,
      writeDraft: async (...given) => {
        const began = performance.now();
        try {
          return await bench.ports.state.writeDraft(...given);
        } finally {
          writing += secondsSince(began);
        }
      },
    },
  };
  const began = performance.now();
  const { ticketsBilled, drafts } = await bench.draft(timed);
  const run = secondsSince(began);
  if (ticketsBilled !== tickets || drafts.length !== customers) {
    throw new Error(`${ticketsBilled} tickets were billed on ${drafts.length} drafts.`);
  }
  return { run, writing };
}

// ---- plain inserts ----------------------------------------------------------------------------------------------------

type DatabaseRow = Readonly<Record<string, unknown>>;

/** One draft, as the four tables have it. */
interface WrittenDraft {
  readonly inKivitendo: DatabaseRow;
  readonly draft: DatabaseRow;
  readonly lines: readonly DatabaseRow[];
  readonly entries: readonly DatabaseRow[];
}

/** Takes what the bridge has written out of the tables and puts it back: a transaction a draft, a statement a table. */
async function insertPlainly({ admin }: BillingBench): Promise<number> {
  const drafts = await readWritten(admin);
  await admin.query(forgetting);
  const client = await admin.connect();
  try {
    const began = performance.now();
    for (const { inKivitendo, draft, lines, entries } of drafts) {
      await client.query("begin");
      await insertRows(client, "public.drafts", [inKivitendo]);
      await insertRows(client, "otrs_bridge.drafts", [draft]);
      await insertRows(client, "otrs_bridge.lines", lines);
      await insertRows(client, "otrs_bridge.ledger", entries);
      await client.query("commit");
    }
    return secondsSince(began);
  } finally {
    client.release();
  }
}

async function insertRows(client: ClientBase, table: string, rows: readonly DatabaseRow[]): Promise<void> {
  await client.query(
    `insert into ${table} overriding system value
     select * from jsonb_populate_recordset(null::${table}, $1)`,
    [JSON.stringify(rows)],
  );
}

async function readWritten(admin: BillingBench["admin"]): Promise<readonly WrittenDraft[]> {
  const read = async (table: string): Promise<readonly DatabaseRow[]> => {
    const { rows } = await admin.query<{ row: DatabaseRow }>(`select to_jsonb(t) as row from ${table} t order by id`);
    return rows.map(({ row }) => row);
  };
  const inKivitendo = new Map((await read("public.drafts")).map((row) => [row["id"], row]));
  const lines = Map.groupBy(await read("otrs_bridge.lines"), (row) => row["draft_id"]);
  const entries = Map.groupBy(await read("otrs_bridge.ledger"), (row) => row["line_id"]);
  return (await read("otrs_bridge.drafts")).map((draft) => {
    const kivitendoDraft = inKivitendo.get(draft["kivitendo_id"]);
    if (kivitendoDraft === undefined) throw new Error(`Draft ${String(draft["id"])} is not in kivitendo.`);
    const own = lines.get(draft["id"]) ?? [];
    return {
      inKivitendo: kivitendoDraft,
      draft,
      lines: own,
      entries: own.flatMap((line) => entries.get(line["id"]) ?? []),
    };
  });
}

/** What was written; the tickets stay due. Emptied tables have no dead rows for the next to step over. */
const forgetting = `
  truncate otrs_bridge.ledger, otrs_bridge.lines, otrs_bridge.drafts, public.drafts cascade;
  set session_replication_role = replica;
  update otrs_bridge.time_entries set settled_units = 0;
  reset session_replication_role`;

async function forgetEverything({ admin }: BillingBench): Promise<void> {
  await admin.query(forgetting);
  await admin.query(
    "truncate otrs_bridge.time_entries, otrs_bridge.tickets, otrs_bridge.cursor, otrs_bridge.inbox cascade",
  );
}

function secondsSince(began: number): number {
  return (performance.now() - began) / 1000;
}
