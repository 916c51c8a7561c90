import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type { Decided } from "../../billing/ports.ts";
import { ConfigError, RefusedError, type TicketId, type TicketNumber } from "../../model/index.ts";
import { inTransaction } from "../transaction.ts";
import { logDecision, signed } from "./decided.ts";
import type { DeskOptions } from "./options.ts";
import { lockTickets, settleOpen } from "./settle-by-hand.ts";

/** Keeps a ticket from being billed, or lets it be billed again; see the port. */
export async function holdTicket(pool: Pool, ticketNumber: TicketNumber, held: boolean, given: Decided): Promise<void> {
  const decided = signed(given);
  await inTransaction(pool, "write", async (client) => {
    const { rows } = await client.query(
      `update otrs_bridge.tickets
          set held = $2
        where ticket_number = $1 and ticket_id > 0
       returning ticket_id::float8 as "ticketId"`,
      [ticketNumber, held],
    );
    const tickets = z.array(z.object({ ticketId: z.number() })).parse(rows);
    if (tickets.length === 0) {
      throw new ConfigError(
        `No ticket ${ticketNumber} is known: the bridge knows the tickets that a billing run has read.`,
        "Check the number; a ticket is read once it is closed and `kivi-otrs billing draft` ran.",
      );
    }
    for (const { ticketId } of tickets) await logDecision(client, { ticketId }, held ? "hold" : "unhold", decided);
  });
}

const OtherRow = z.object({ label: z.string() });

/**
 * Books what is open on tickets that were first closed before the start as billed by hand before; see the port. Those on
 * which nothing is open are booked along, so that time which is added later is due there as well.
 */
export async function bookOpening(
  pool: Pool,
  options: Pick<DeskOptions, "timeZone" | "minutesPerUnit">,
  ticketIds: readonly TicketId[],
  given: Decided,
): Promise<void> {
  const decided = signed(given);
  await inTransaction(pool, "write", async (client) => {
    await assertClosedBeforeStart(client, ticketIds);
    const withoutTime = await readWithoutTime(client);
    await lockTickets(client, [...ticketIds, ...withoutTime]);
    if (ticketIds.length > 0) await settleOpen(client, ticketIds, "opening", decided, options);
    await client.query(
      `with booked as (
         update otrs_bridge.tickets t
            set opening = 'booked'
          where t.ticket_id = any ($1::bigint[])
             or t.ticket_id = any ($2::bigint[]) and ${hasNothingOpen}
         returning t.ticket_id
       )
       insert into otrs_bridge.billing_decisions (ticket_id, reason, choice, decided_by, decided_why, decided_at)
       select ticket_id, 'closed-before-start', 'opening', $3, $4, $5
         from booked
        order by ticket_id`,
      [ticketIds, withoutTime, decided.by, decided.why, decided.at.toString()],
    );
  });
}

async function assertClosedBeforeStart(client: PoolClient, ticketIds: readonly TicketId[]): Promise<void> {
  const { rows } = await client.query(
    `select coalesce(t.ticket_number, 'with id ' || i.id) as label
       from unnest($1::bigint[]) as i (id)
       left join otrs_bridge.tickets t on t.ticket_id = i.id
      where t.closed_before_start is not true
      order by i.id`,
    [ticketIds],
  );
  const [other] = z.array(OtherRow).parse(rows);
  if (other === undefined) return;
  throw new RefusedError(
    `Ticket ${other.label} was not closed before billing.startDate${rows.length > 1 ? ` (and ${rows.length - 1} more)` : ""}. Nothing was booked.`,
    "Look at the list again: a ticket may have changed meanwhile.",
  );
}

const hasNothingOpen = "not exists (select from otrs_bridge.time_entries e where e.ticket_id = t.ticket_id and e.open)";

const IdRow = z.object({ id: z.number() });

/** Tickets from before the start that nobody decided about and on which nothing is open: the list does not show them. */
async function readWithoutTime(client: PoolClient): Promise<readonly number[]> {
  const { rows } = await client.query(
    `select t.ticket_id::float8 as id
       from otrs_bridge.tickets t
      where t.closed_before_start and t.opening is null and t.ticket_id > 0 and ${hasNothingOpen}
      order by t.ticket_id`,
  );
  return z
    .array(IdRow)
    .parse(rows)
    .map(({ id }) => id);
}
