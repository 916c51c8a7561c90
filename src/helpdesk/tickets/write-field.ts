import type { HelpdeskTickets } from "../../billing/ports.ts";
import { RejectedError } from "../../model/index.ts";
import type { Client } from "../client.ts";
import type { InfoReader } from "../info.ts";
import { UpdateAnswer } from "./schemas.ts";
import { assertDynamicFields, unknownField } from "./setting.ts";

/**
 * Sets a dynamic field through the stock operation TicketUpdate, which is safe to repeat. `route` has `:TicketID` where the
 * ticket's id goes.
 */
export function createFieldWriter(client: Client, info: InfoReader, route: string): HelpdeskTickets["writeField"] {
  return async (ticketId, field, value) => {
    const told = await info.known();
    const known = told.ok ? told.value.ticketDynamicFields.map(({ name }) => name) : [];
    // TicketUpdate takes the name of an article's field as well, and then writes nothing.
    if (known.length > 0) assertDynamicFields([field], known);
    const reply = await client.call({
      method: "PATCH",
      route: route.replace(":TicketID", String(ticketId)),
      payload: { DynamicField: [{ Name: field, Value: value }] },
      schema: UpdateAnswer,
    });
    if (reply.ok) return;
    const { kind, detail } = reply.fault;
    if (kind === "access-denied") {
      throw new RejectedError(
        `The bridge's agent may not change ticket ${ticketId}, or there is no such ticket (${detail}).`,
        "Give the agent of helpdesk.userLogin rw in the group of the ticket's queue (Admin → Agents ↔ Groups).",
      );
    }
    if (kind !== "not-understood") throw client.errorOf(reply.fault);
    if (detail.includes("DynamicField->Name")) throw unknownField(field, known);
    throw new RejectedError(
      `The helpdesk does not take the value "${value}" for ${field} of ticket ${ticketId} (${detail}).`,
      `Make ${field} a field of type Text (Admin → Dynamic Fields), without a check that refuses such a value.`,
    );
  };
}
