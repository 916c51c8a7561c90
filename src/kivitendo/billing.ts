import type { Pool } from "pg";
import type { KivitendoBilling } from "../billing/ports.ts";
import { readCustomers, readDefaults } from "./customers.ts";
import { lastInvoiceBefore, look } from "./look.ts";
import { readParts } from "./parts.ts";
import { readPrices } from "./prices.ts";
import { readRecurringOrders } from "./recurring.ts";
import { findTokens } from "./tokens.ts";

/** What billing reads from kivitendo's own tables, in releases 3.5.8 to 4.1.0. */
export function createKivitendoBilling(pool: Pool): KivitendoBilling {
  return {
    readParts: (partNumbers) => readParts(pool, partNumbers),
    readCustomers: (customerIds) => readCustomers(pool, customerIds),
    readDefaults: (draftOwnerLogin) => readDefaults(pool, draftOwnerLogin),
    readPrices: (customerIds) => readPrices(pool, customerIds),
    readRecurringOrders: (customerIds) => readRecurringOrders(pool, customerIds),
    findTokens: (ticketNumbers, since) => findTokens(pool, ticketNumbers, since),
    look: (drafts) => look(pool, drafts),
    lastInvoiceBefore: (moment) => lastInvoiceBefore(pool, moment),
  };
}
