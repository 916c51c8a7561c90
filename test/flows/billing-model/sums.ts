/** What was charged and what was worked, from the raw rows of kivitendo and of the helpdesk alone. */
import { parse } from "yaml";
import { z } from "zod";
import type { World } from "../../support/bridge.ts";
import { ask } from "../../support/evidence.ts";
import { evaluated } from "./compare.ts";
import { sum } from "./rounding.ts";

/** Hundredths of minutes by customer number. */
export type Sums = Readonly<Record<string, number>>;

interface Charged {
  readonly customer: string;
  /** Hours. */
  readonly quantity: number;
}

/** Everything that stands on drafts, on orders as far as they were not invoiced, and on invoices. */
export async function chargedInKivitendo(world: World): Promise<readonly Charged[]> {
  const rows = await ask(
    world,
    `select c.customernumber as customer, i.qty as quantity
       from oe o
       join orderitems i on i.trans_id = o.id
       join customer c on c.id = o.customer_id
      where i.serialnumber <> ''
        and not exists (
              select
                from record_links k
                join invoice v on v.id = k.to_id
                join ar a on a.id = v.trans_id
               where k.from_table = 'orderitems' and k.from_id = i.id and k.to_table = 'invoice'
                 and not coalesce(a.storno, false))
     union all
     select c.customernumber, i.qty
       from ar a
       join invoice i on i.trans_id = a.id
       join customer c on c.id = a.customer_id
      where i.serialnumber <> '' and not coalesce(a.storno, false)`,
  );
  return [
    ...(await chargedOnDrafts(world)),
    ...rows.map(({ customer, quantity }) => ({ customer: String(customer), quantity: Number(quantity) })),
  ];
}

const Form = z.record(z.string(), z.string());

async function chargedOnDrafts(world: World): Promise<readonly Charged[]> {
  const customers = await ask(world, "select id, customernumber as number from customer");
  const numbers = new Map(customers.map(({ id, number }) => [String(id), String(number)]));
  const drafts = await ask(world, "select form from drafts where module = 'is'");
  return drafts.flatMap(({ form }) => {
    const fields = Form.parse(parse(String(form)));
    const customer = numbers.get(fields["customer_id"] ?? "") ?? "nobody";
    return Object.keys(fields)
      .filter((name) => name.startsWith("qty_"))
      .map((name) => ({ customer, quantity: evaluated(fields[name]) }));
  });
}

export function summed(lines: readonly Charged[]): Sums {
  const customers = Map.groupBy(lines, ({ customer }) => customer);
  return Object.fromEntries(
    [...customers]
      .map(([customer, own]) => [customer, sum(own.map(({ quantity }) => Math.round(quantity * 6_000)))] as const)
      .filter(([, units]) => units !== 0)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The accounted time of every ticket, under the customer that it has. */
export function workedInHelpdesk(world: World): Sums {
  const { tickets, timeRows } = world.helpdesk.world.snapshot();
  const sums: Record<string, number> = {};
  for (const { ticketId, hundredths } of timeRows) {
    const customer = tickets[ticketId]?.customerId ?? "";
    sums[customer] = (sums[customer] ?? 0) + hundredths;
  }
  return Object.fromEntries(
    Object.entries(sums)
      .filter(([, units]) => units !== 0)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}
