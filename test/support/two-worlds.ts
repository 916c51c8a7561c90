/** Two worlds in which the same things happen: one is disturbed, the other tells what should have come of it. */
import { createWorld, type TestTicket, type World, type WorldOptions } from "./bridge.ts";
import { ask, readDrafts } from "./evidence.ts";

export interface TwoWorlds {
  readonly disturbed: World;
  readonly calm: World;
  /** Does the same in both; answers what it gave in the disturbed one. */
  both<T>(act: (world: World) => T | Promise<T>): Promise<T>;
  end(): Promise<void>;
}

export async function createTwoWorlds(options: WorldOptions): Promise<TwoWorlds> {
  const [disturbed, calm] = [await createWorld(options), await createWorld(options)];
  return {
    disturbed,
    calm,
    both: async (act) => {
      await act(calm);
      return act(disturbed);
    },
    end: async () => {
      await disturbed.end();
      await calm.end();
    },
  };
}

/**
 * Everything that a run leaves, without what names the run itself: links, helpdesk records and marks, tickets and time as
 * seen and billed, draft lines, the drafts' forms, open questions.
 */
export async function endState(world: World): Promise<Record<string, unknown>> {
  const { companies, users, marks } = world.helpdesk.world.snapshot();
  const drafts = await readDrafts(world);
  return {
    companies,
    users,
    marks: marks.map((mark) => JSON.stringify(mark)).sort(),
    links: await ask(
      world,
      `select kind, row_id, helpdesk_key, customer_id, status, confirmed, valid, source_hash, rejection_code
         from otrs_bridge.links
        order by kind, row_id`,
    ),
    tickets: await ask(world, "select * from otrs_bridge.tickets order by ticket_id"),
    entries: await ask(world, "select * from otrs_bridge.time_entries order by kind, source_id, created_at"),
    ledger: await ask(
      world,
      `select e.kind, e.source_id, l.ticket_number, l.kind as line, l.customer_id, e.units
         from otrs_bridge.ledger e
         join otrs_bridge.lines l on l.id = e.line_id
        order by 1, 2, 3, 4, 5, 6`,
    ),
    lines: await ask(
      world,
      `select d.customer_number, d.period, d.net_amount as draft_amount, l.position, l.ticket_number, l.unit_price,
              l.quantity, l.worked_units, l.net_amount, l.late
         from otrs_bridge.lines l
         join otrs_bridge.drafts d on d.id = l.draft_id
        order by l.ticket_number, l.worked_units, l.quantity`,
    ),
    forms: drafts.map(({ kivitendoId: _id, ...draft }) => JSON.stringify(draft)).sort(),
    allDrafts: await ask(world, "select count(*)::integer as count from public.drafts"),
    questions: await ask(
      world,
      "select reason, subject, text from otrs_bridge.inbox where closed_at is null order by 1, 2",
    ),
  };
}

/** Some customers with contacts, the last of them refused by the helpdesk. Row ids depend on nothing but the order. */
export async function addCustomers(world: World, round: number, customers: number, contacts: number): Promise<void> {
  for (let index = 0; index < customers; index++) {
    const name = `r${round}c${index}`;
    const customerId = await world.erp.addCustomer({ number: `R${round}-${index}`, name: `Firma ${name}` });
    for (let place = 0; place < contacts; place++) {
      await world.erp.addContact({ customerId, name: `Kontakt ${place}`, email: `k${place}@${name}-test.de` });
    }
    if (index === 0) await world.erp.addContact({ customerId, name: "Kaputt", email: `kaputt@@${name}-test.de` });
  }
}

/** Changes some of what an earlier round added: a new name, an obsolete customer, a deleted contact. */
export async function changeCustomers(world: World, round: number): Promise<void> {
  await world.erp.query("update contacts set cp_name = cp_name || ' neu' where cp_email like $1", [`k0@r${round}c%`]);
  await world.erp.query("update customer set obsolete = true where customernumber = $1", [`R${round}-1`]);
  await world.erp.query("delete from contacts where cp_email = $1", [`k1@r${round}c2-test.de`]);
}

/** Closed tickets, one after the other from this moment on; later time on some of those that are given. */
export function addTickets(
  world: World,
  count: number,
  start: Temporal.Instant,
  earlier: readonly TestTicket[],
  customers: readonly string[] = ["K10001", "K10002", "K10003", "K10006", "K10007", "FREMD"],
): readonly TestTicket[] {
  const minute = (offset: number): string => start.add({ minutes: offset }).toString();
  for (const [index, ticket] of earlier.slice(0, 3).entries()) world.book(ticket, index + 1, minute(index));
  return Array.from({ length: count }, (_, index) =>
    world.ticket({
      customer: customers[index % customers.length] ?? "",
      title: `Fall ${index}`,
      units: [10 + index, 5],
      closedAt: start.add({ minutes: 70 + index }).toString(),
    }),
  );
}
