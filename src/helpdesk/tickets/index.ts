import type { HelpdeskTickets } from "../../billing/ports.ts";
import type { Client } from "../client.ts";
import type { InfoReader } from "../info.ts";
import { createAddonTickets } from "./addon.ts";
import type { AddonTicketsOptions } from "./addon.ts";
import { createStockTickets } from "./stock.ts";
import type { StockTicketsOptions } from "./stock.ts";
import { createFieldWriter } from "./write-field.ts";

/** The most tickets that one answer of the add-on holds. */
export const ticketsPerPage = 5000;

export interface TicketsOptions extends AddonTicketsOptions, StockTicketsOptions {
  readonly collect: "add-on" | "stock";
  readonly updateRoute: string;
}

/** Tickets and their accounted time, through the add-on or the stock operations (docs/collecting.md compares them). */
export function createTickets(client: Client, info: InfoReader, options: TicketsOptions): HelpdeskTickets {
  const create = options.collect === "add-on" ? createAddonTickets : createStockTickets;
  return {
    ...create(client, info, options),
    async info() {
      const reply = await info.ask();
      if (!reply.ok) throw client.errorOf(reply.fault);
      return reply.value;
    },
    writeField: createFieldWriter(client, info, options.updateRoute),
  };
}
