import type { Pool } from "pg";
import { z } from "zod";
import type { Decided } from "../../billing/ports.ts";
import { ConfigError, type MinutesPerUnit, RefusedError, type TicketId, type TicketNumber } from "../../model/index.ts";
import { freezeUnit } from "../ledger-locks.ts";
import { inTransaction } from "../transaction.ts";
import { logDecision, signed } from "./decided.ts";
import { settleOpen } from "./settle-by-hand.ts";

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

/** Books what is open on tickets that were first closed before the start as billed by hand before; see the port. */
export async function bookOpening(
  pool: Pool,
  timeZone: string,
  ticketIds: readonly TicketId[],
  given: Decided,
  minutesPerUnit: MinutesPerUnit,
): Promise<void> {
  if (ticketIds.length === 0) return;
  const decided = signed(given);
  await inTransaction(pool, "write", async (client) => {
    await freezeUnit(client, minutesPerUnit);
    const { rows } = await client.query(
      `select coalesce(t.ticket_number, 'with id ' || i.id) as label
         from unnest($1::bigint[]) as i (id)
         left join otrs_bridge.tickets t on t.ticket_id = i.id
        where t.closed_before_start is not true
        order by i.id`,
      [ticketIds],
    );
    const [other] = z.array(OtherRow).parse(rows);
    if (other !== undefined) {
      throw new RefusedError(
        `Ticket ${other.label} was not closed before billing.startDate${rows.length > 1 ? ` (and ${rows.length - 1} more)` : ""}. Nothing was booked.`,
        "Look at the list again: a ticket may have changed meanwhile.",
      );
    }
    await settleOpen(client, ticketIds, "opening", decided, timeZone);
    await client.query(
      `update otrs_bridge.tickets
          set opening = 'booked'
        where ticket_id = any ($1::bigint[])`,
      [ticketIds],
    );
    await client.query(
      `insert into otrs_bridge.billing_decisions (ticket_id, reason, choice, decided_by, decided_why, decided_at)
       select id, 'closed-before-start', 'opening', $2, $3, $4
         from unnest($1::bigint[]) as i (id)
        order by id`,
      [ticketIds, decided.by, decided.why, decided.at.toString()],
    );
  });
}
