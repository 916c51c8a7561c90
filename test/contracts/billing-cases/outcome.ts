/** What stands after a run, by case. */
import { z } from "zod";
import type { BillingCaseWorld } from "./world.ts";

export interface Outcome {
  /** Hundredths of a minute by customer letter; who has none is missing. */
  readonly billed: Readonly<Record<string, number>>;
  /** `reason ticket`, sorted. */
  readonly asks: readonly string[];
  /** `T 30 Ada 20 days ago`, sorted. */
  readonly work: readonly string[];
}

const nothing: Outcome = { billed: {}, asks: [], work: [] };

const Row = z.object({
  customer: z.string(),
  ticket: z.string(),
  units: z.coerce.number(),
  day: z.string().nullable(),
  agent: z.string().nullable(),
});

/** Outcomes by case; what belongs to no case is under the empty name. */
export async function readOutcomes(world: BillingCaseWorld): Promise<(caseId: string) => Outcome> {
  const found = new Map<string, { billed: Record<string, number>; asks: string[]; work: string[] }>();
  const outcomeOf = (caseId: string) => {
    const outcome = found.get(caseId) ?? { billed: {}, asks: [], work: [] };
    found.set(caseId, outcome);
    return outcome;
  };
  for (const row of await billedRows(world)) {
    const ticket = world.known("number", row.ticket);
    const outcome = outcomeOf(ticket?.caseId ?? "");
    const letter = row.customer.slice(-1);
    outcome.billed[letter] = (outcome.billed[letter] ?? 0) + row.units;
    const [firstName = "nobody"] = row.agent?.split(" ") ?? [];
    const when = row.day === null ? "" : ` ${world.daysAgo(row.day)} days ago`;
    outcome.work.push(`${ticket?.name ?? row.ticket} ${row.units / 100} ${firstName}${when}`);
  }
  for (const { caseId, question } of await world.questions()) outcomeOf(caseId ?? "").asks.push(question);
  for (const outcome of found.values()) {
    outcome.billed = Object.fromEntries(Object.entries(outcome.billed).filter(([, units]) => units !== 0));
    outcome.asks.sort();
    outcome.work.sort();
  }
  return (caseId) => found.get(caseId) ?? nothing;
}

/** What the ledger holds as billed, entry by entry; a part that was taken back is there twice, with both signs. */
async function billedRows(world: BillingCaseWorld): Promise<readonly z.infer<typeof Row>[]> {
  const rows = await world.query(
    `select c.customernumber as customer, l.ticket_number as ticket, e.units, e.worked_on::text as day, e.agent
       from otrs_bridge.ledger e
       join otrs_bridge.lines l on l.id = e.line_id
       join public.customer c on c.id = l.customer_id
      where l.kind in ('billed', 'goodwill')
      order by e.id`,
  );
  return z.array(Row).parse(rows);
}

const Sums = z.array(z.object({ customer: z.string(), quantity: z.coerce.number() }));

/** Customers whose drafts do not hold what the ledger says; and entries of which settled and open time is not what was seen. */
export async function readContradictions(world: BillingCaseWorld): Promise<readonly string[]> {
  const unequal = await world.query(
    `select e.kind || ' ' || e.source_id as entry
       from otrs_bridge.time_entries e
       left join otrs_bridge.ledger l using (kind, source_id, created_at)
      group by e.kind, e.source_id, e.created_at
     having e.settled_units <> coalesce(sum(l.units), 0)`,
  );
  // Drafts that somebody threw away are not to be found in kivitendo.
  const ledger = await world.query(
    `select c.customernumber as customer, sum(l.quantity) as quantity
       from otrs_bridge.lines l
       join otrs_bridge.drafts d on d.id = l.draft_id
       join public.drafts p on p.id = d.kivitendo_id
       join public.customer c on c.id = l.customer_id
      group by 1
      order by 1`,
  );
  const drafts = await world.query(
    `select c.customernumber as customer, sum((m[1]::numeric) / (m[2]::numeric)) as quantity
       from otrs_bridge.drafts d
       join public.drafts p on p.id = d.kivitendo_id
       join public.customer c on c.id = d.customer_id
      cross join regexp_matches(p.form, 'qty_\\d+: "(-?\\d+)/(\\d+)"', 'g') as m
      group by 1
      order by 1`,
  );
  const inKivitendo = new Map(Sums.parse(drafts).map(({ customer, quantity }) => [customer, quantity]));
  return [
    ...unequal.map(({ entry }) => String(entry)),
    ...Sums.parse(ledger)
      .filter(({ customer, quantity }) => inKivitendo.get(customer) !== quantity)
      .map(
        ({ customer, quantity }) => `${customer}: ${quantity} in the ledger, ${inKivitendo.get(customer)} on drafts`,
      ),
  ];
}
