/** What `billing draft` costs when nothing is new, with few and with many tickets that were billed long ago. */
import { type BillingBench, createBillingBench } from "./billing.ts";
import { median, rounded, type Row, type Wanted } from "./rows.ts";
import type { MeasuredDraft } from "./world.ts";

export interface NothingNewSizes {
  /** Tickets ever billed, growing. */
  readonly sizes: readonly number[];
  readonly repeats: number;
}

/** How long ago all of them were billed, in days: well outside of the time in which billed tickets are read again. */
const billedDaysAgo = 400;
const ticketsPerDraft = 20;
const customers = 100;
/** Runs inside this process for each of the program, which show what its start hides. */
const runsInside = 5;

export const nothingNew = (settled: number): string => `billing/nothing-new/${settled}`;

/** A company for each size, run in turns: whatever else the machine does meets them all. */
export async function measureNothingNew(
  postgresUrl: string,
  { sizes, repeats }: NothingNewSizes,
  isAsked: (name: string) => boolean,
  say: (line: string) => void,
): Promise<readonly Row[]> {
  const asked = sizes.filter((settled) => isAsked(nothingNew(settled))).toSorted((a, b) => a - b);
  const companies: Company[] = [];
  try {
    for (const settled of asked) {
      say(`a ledger of ${settled} billed tickets ...`);
      const bench = await createBillingBench(postgresUrl, customers);
      companies.push({ settled, bench, runs: [], milliseconds: [] });
      await someWork(bench);
      await addBilled(bench, settled);
      // The first one reads the billed tickets of the last days again, and the first program is compiled.
      await bench.draft();
      await bench.world.draft();
    }
    for (let turn = 0; turn < repeats; turn++) {
      for (const company of companies) await run(company);
    }
  } finally {
    for (const { bench } of companies) await bench.end();
  }
  const rows: Row[] = [];
  for (const company of companies) rows.push(rowOf(company, rows.at(-1)));
  return rows;
}

interface Company {
  readonly settled: number;
  readonly bench: BillingBench;
  readonly runs: MeasuredDraft[];
  /** Of runs inside this process. */
  readonly milliseconds: number[];
}

/** One ticket that is closed and billed: a helpdesk and a ledger with nothing in them would be too easy. */
async function someWork(bench: BillingBench): Promise<void> {
  const { helpdesk, world } = bench;
  const { TicketID } = helpdesk.world.do("TicketCreate", {
    Title: "Drucker druckt nicht",
    CustomerID: `${world.tag}-1`,
    Articles: [{ TimeUnit: 15 }],
  });
  helpdesk.world.do("TicketState", { TicketID, State: "closed successful" });
  bench.workIsDone();
  const { ticketsBilled } = await bench.draft();
  if (ticketsBilled !== 1) throw new Error(`${ticketsBilled} tickets were billed instead of one.`);
}

async function run({ bench, runs, milliseconds }: Company): Promise<void> {
  const measured = await bench.world.draft();
  if (measured.drafts > 0) throw new Error(`A run with nothing new wrote ${measured.drafts} drafts.`);
  runs.push(measured);
  for (let inside = 0; inside < runsInside; inside++) {
    const began = performance.now();
    const { drafts, inbox } = await bench.draft();
    milliseconds.push(performance.now() - began);
    if (drafts.length + inbox.added > 0) throw new Error("A run with nothing new wrote or asked something.");
  }
}

function rowOf({ settled, runs, milliseconds }: Company, smaller: Row | undefined): Row {
  const most = (figure: keyof MeasuredDraft): number => Math.max(...runs.map((measured) => measured[figure]));
  const figures = {
    settled,
    seconds: rounded(median(runs.map(({ seconds }) => seconds))),
    megabytes: rounded(most("megabytes")),
    requests: most("requests"),
    millisecondsInside: rounded(median(milliseconds)),
  };
  if (smaller === undefined) return { name: nothingNew(settled), figures, wanted: [] };
  const times = (figure: "seconds" | "millisecondsInside"): number => figures[figure] / Number(smaller.figures[figure]);
  const ratios = { timesSmaller: rounded(times("seconds")), timesSmallerInside: rounded(times("millisecondsInside")) };
  const wanted: Wanted[] = [
    { what: "as many requests as with fewer tickets", met: figures.requests === smaller.figures["requests"] },
    { what: "at most 1.25 times the time", met: Math.max(times("seconds"), times("millisecondsInside")) <= 1.25 },
  ];
  return { name: nothingNew(settled), figures: { ...figures, ...ratios }, wanted };
}

/** Tickets, each with one article, that posted drafts have billed. */
async function addBilled({ admin, world }: BillingBench, settled: number): Promise<void> {
  // Row ids and ticket numbers that the helpdesk does not hand out.
  const first = 1_000_000;
  const billed = `now() - interval '${billedDaysAgo} days'`;
  const span = `generate_series(${first + 1}, ${first + settled}) n`;
  const place = `((n - ${first + 1}) % ${ticketsPerDraft})`;
  const customer = `(select min(id) from public.customer where customernumber = '${world.tag}-' || (1 + n % ${customers}))`;
  await admin.query(`
    begin;
    set local session_replication_role = replica;
    insert into otrs_bridge.tickets (ticket_id, ticket_number, title, queue, state, state_type, company_key, created_at,
                                     closed_at, first_closed_at)
    select n, '2024' || n, 'Ticket ' || n, 'Support', 'closed successful', 'closed', '${world.tag}-' || (1 + n % ${customers}),
           ${billed}, ${billed}, ${billed}
      from ${span};
    insert into otrs_bridge.time_entries (kind, source_id, created_at, ticket_id, seen_units, settled_units, rows)
    select 'article', n, ${billed}, n, 1500, 1500,
           jsonb_build_array(jsonb_build_object('rowId', n, 'units', 1500, 'bookedAt', ${billed}, 'agentLogin', 'eva',
                                                'agentName', 'Eva Müller', 'subject', 'Arbeit'))
      from ${span};
    insert into otrs_bridge.drafts (target, kivitendo_id, customer_id, customer_number, period, net_amount, form_md5, run_id,
                                    status, invoice_number, created_at)
    select 'invoice-draft', 'old-' || n, ${customer}, '${world.tag}-' || (1 + n % ${customers}), '2025-10', 475, '',
           (select min(id) from otrs_bridge.runs), 'posted', 'R' || n, ${billed}
      from ${span}
     where ${place} = 0;
    insert into otrs_bridge.lines (kind, draft_id, position, ticket_id, ticket_number, customer_id, part_number, unit,
                                   unit_price, quantity, worked_units, net_amount, late, made_at)
    select 'billed', d.id, 1 + ${place}, n, '2024' || n, d.customer_id, 'ST-STD', 'Std', 95, 0.25, 1500, 23.75,
           false, ${billed}
      from ${span}
      join otrs_bridge.drafts d on d.kivitendo_id = 'old-' || (n - ${place});
    insert into otrs_bridge.ledger (line_id, kind, source_id, created_at, units)
    select l.id, e.kind, e.source_id, e.created_at, 1500
      from otrs_bridge.lines l
      join otrs_bridge.time_entries e on e.ticket_id = l.ticket_id
     where l.ticket_id between ${first + 1} and ${first + settled};
    commit;
    analyze`);
}
