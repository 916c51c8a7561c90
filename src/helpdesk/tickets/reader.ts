import type { HelpdeskTickets, TicketBatch } from "../../billing/ports.ts";
import type { TicketId } from "../../model/index.ts";
import type { Reply } from "../classify.ts";
import type { Client } from "../client.ts";
import type { Fault } from "../faults.ts";

/** What the two ways of reading tickets have in common. */
export type TicketReader = Pick<HelpdeskTickets, "detail" | "changed" | "closedBefore" | "read" | "now">;

/**
 * Reads tickets at once; when one of them may have spoiled the answer for all, halves are asked for until the culprit stands
 * alone, and is told as unreadable.
 */
export async function readInHalves(
  client: Client,
  ids: readonly TicketId[],
  isAboutSome: (fault: Fault) => boolean,
  ask: (ids: readonly TicketId[]) => Promise<Reply<TicketBatch>>,
): Promise<TicketBatch> {
  const reply = await ask(ids);
  if (reply.ok) return reply.value;
  if (!isAboutSome(reply.fault)) throw client.errorOf(reply.fault);
  if (ids.length <= 1) {
    client.log.warn({ ticketIds: ids, fault: reply.fault.kind, detail: reply.fault.detail }, "ticket cannot be read");
    return { tickets: [], unreadable: ids };
  }
  const middle = Math.ceil(ids.length / 2);
  const first = await readInHalves(client, ids.slice(0, middle), isAboutSome, ask);
  const second = await readInHalves(client, ids.slice(middle), isAboutSome, ask);
  return {
    tickets: [...first.tickets, ...second.tickets],
    unreadable: [...first.unreadable, ...second.unreadable],
  };
}
