/** Tickets as the operations answer them, for the scripted helpdesk. */

export const bare = {
  TicketID: 3,
  TicketNumber: 3,
  Title: null,
  Queue: "Raw",
  Service: "",
  SLA: "",
  Type: "Unclassified",
  Priority: "3 normal",
  State: "open",
  StateType: "open",
  CustomerID: "",
  CustomerUserID: "",
  Archived: 0,
  Created: "2026-11-22 01:38:58",
  Changed: "2026-11-22 01:38:58",
  Closed: "",
  FirstClosed: "",
  DynamicFields: {},
  Times: [],
};

const booked = { ArticleID: 21, ArticleCreated: "2026-11-22 01:38:58", Subject: "Arbeit" };
export const full = {
  ...bare,
  TicketID: "2",
  TicketNumber: "2026112210000013",
  Title: "Drucker geht nicht äöü",
  Queue: "Support::L2",
  Service: "Wartung",
  SLA: "Gold",
  Type: "Incident",
  Priority: "5 very high",
  State: "closed successful",
  StateType: "closed",
  CustomerID: 10001,
  CustomerUserID: "eva@mueller-test.de",
  Changed: "2026-11-22 01:40:00",
  Closed: "2026-11-22 01:39:30",
  FirstClosed: "2026-11-22 01:39:00",
  DynamicFields: { Contract: ["Gold", "Silber"] },
  Times: [
    { ...booked, RowID: 5, Units: "1.50", AgentID: 2, Booked: "2026-11-22 01:38:58" },
    {
      ArticleID: null,
      ArticleCreated: null,
      Subject: null,
      RowID: 6,
      Units: "0.3",
      AgentID: "2",
      Booked: "2026-11-22 01:39:00",
    },
    { ...booked, RowID: "8", Units: "-0.25", AgentID: 7, Booked: "2026-11-23 10:00:00" },
    { ...booked, ArticleID: 22, RowID: 9, Units: "0.75", AgentID: 2, Booked: "2026-11-22 01:39:10" },
    { ...booked, ArticleID: 22, RowID: 10, Units: "-0.75", AgentID: 2, Booked: "2026-11-22 01:39:20" },
  ],
};

/** An answer of the add-on with differences. */
export function page(tickets: readonly object[], changes: object = {}): object {
  return {
    Tickets: tickets,
    Agents: { 2: { Login: "eva", Name: "Eva Müller" }, 7: { Login: "max", Name: "Max Weg" } },
    Unreadable: [],
    Next: null,
    TimeZone: "UTC",
    Now: 1795307938,
    ...changes,
  };
}

export function ticket(id: number, changes: object = {}): object {
  return { ...bare, TicketID: id, TicketNumber: `20261122100000${id}`, ...changes };
}

/** As TicketGet tells a ticket in a helpdesk in Berlin. */
export function stockTicket(id: number): Record<string, unknown> {
  return {
    TicketID: id,
    TicketNumber: "2026112210000013",
    Title: "Drucker geht nicht",
    Queue: "Support",
    Service: "Wartung",
    ServiceID: 1,
    SLAID: "",
    Type: "Unclassified",
    Priority: "3 normal",
    State: "closed successful",
    StateType: "closed",
    CustomerID: "10001",
    CustomerUserID: "eva@mueller-test.de",
    Created: "2026-11-22 01:38:58",
    Changed: "2026-11-22 01:40:00",
    Closed: "2026-11-22 01:39:30",
    TimeUnit: 3.25,
    Article: [
      { ArticleID: 21, CreateTime: "2026-11-22 01:38:58", Subject: "Arbeit", TimeUnit: 1.5, Body: "Text" },
      { ArticleID: 22, CreateTime: "2026-11-22 01:39:00", TimeUnit: 0 },
      { ArticleID: 23, CreateTime: "2026-11-22 01:39:10", Subject: null, TimeUnit: "-0.25" },
    ],
  };
}

export const looseStockTicket = {
  TicketID: "3",
  TicketNumber: 3,
  Title: 123,
  Queue: "Raw",
  State: "open",
  StateType: "open",
  CustomerID: null,
  Created: "2026-11-22 01:38:58",
  Changed: "2026-11-22 01:38:58",
  Closed: "",
  TimeUnit: 0.1 + 0.2,
};

/** With moments as texts. */
export function plainOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
