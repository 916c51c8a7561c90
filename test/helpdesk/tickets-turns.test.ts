import { expect, test } from "vitest";
import type { Client } from "../../src/helpdesk/client.ts";
import type { InfoReader } from "../../src/helpdesk/info.ts";
import { createAddonTickets } from "../../src/helpdesk/tickets/addon.ts";
import { ticket } from "./ticket-answers.ts";

test("the request for the next page is out before the tickets of this one are looked at, and they are looked at in turns", async () => {
  const steps: string[] = [];
  const pages = [
    { Tickets: Array.from({ length: 1200 }, (_, at) => ticket(at + 1)), Next: 1200 },
    { Tickets: [ticket(2000)], Next: null },
  ];
  const call = async () => {
    steps.push("asked");
    // As a request: it leaves in a turn of the event loop, not where it is made.
    setImmediate(() => steps.push("out"));
    const { Tickets = [], Next = null } = pages.shift() ?? {};
    const next = Next === null ? null : { Changed: "2026-11-01 10:00:00", TicketID: Next };
    return { ok: true, value: { Tickets, Agents: {}, Unreadable: [], Next: next, TimeZone: "UTC", Now: 0 } };
  };
  const client = {
    call,
    check: (_route: string, part: { Tickets: unknown[] }, schema: { parse: (part: unknown) => unknown }) => {
      steps.push(`${part.Tickets.length} looked at`);
      return { ok: true, value: schema.parse(part) };
    },
  };
  const states = [{ name: "closed successful", type: "closed", valid: true }];
  const info = { known: async () => ({ ok: true, value: { timeZone: "UTC", states, ticketDynamicFields: [] } }) };
  const tickets = createAddonTickets(client as unknown as Client, info as unknown as InfoReader, {
    ticketsRoute: "/Tickets",
    page: 5000,
    dynamicFields: [],
  });
  const search = { stateNames: [], stateTypes: ["closed"], changedSince: null };
  const batches = await Array.fromAsync(tickets.changed(search, new AbortController().signal));
  expect(batches.map((batch) => batch.tickets.length)).toEqual([1200, 1]);
  expect(steps).toEqual([
    "asked",
    "asked",
    "out",
    "out",
    "500 looked at",
    "500 looked at",
    "200 looked at",
    "1 looked at",
  ]);
});
