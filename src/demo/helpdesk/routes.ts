import { bridgeInfo } from "./addon-info.ts";
import { bridgeRecords } from "./addon-records.ts";
import { bridgeTickets } from "./addon-tickets.ts";
import { bridgeUpsert } from "./addon-upsert.ts";
import { giExtensionRoutes } from "./giextension.ts";
import { ticketHistoryGet, timeAccountingGet } from "./history.ts";
import { textOf, type Fields } from "./loose-values.ts";
import { ServerFault, type Operation, type Route } from "./operation.ts";
import { sessionCreate, sessionGet, sessionRemove } from "./session.ts";
import type { HelpdeskSettings } from "./simulation.ts";
import { ticketGet } from "./ticket-get.ts";
import { ticketSearch } from "./ticket-search.ts";
import { ticketCreate, ticketUpdate } from "./ticket-write.ts";

const stockRoutes: Route[] = [
  { name: "SessionCreate", methods: ["POST"], path: "/Session", run: sessionCreate },
  { name: "SessionGet", methods: ["GET"], path: "/Session/:SessionID", run: sessionGet },
  { name: "SessionRemove", methods: ["DELETE"], path: "/Session/:SessionID", run: sessionRemove },
  { name: "TicketCreate", methods: ["POST"], path: "/Ticket", run: ticketCreate },
  { name: "TicketGet", methods: ["POST"], path: "/TicketGet", run: ticketGet },
  { name: "TicketGetById", methods: ["GET"], path: "/Ticket/:TicketID", run: ticketGet },
  { name: "TicketHistoryGet", methods: ["GET", "POST"], path: "/TicketHistory", run: ticketHistoryGet },
  { name: "TicketSearch", methods: ["GET", "POST"], path: "/TicketSearch", run: ticketSearch },
  { name: "TicketUpdate", methods: ["PATCH"], path: "/Ticket/:TicketID", run: ticketUpdate },
  { name: "TimeAccountingGet", methods: ["POST"], path: "/TimeAccounting", run: timeAccountingGet },
];

const addonRoutes: Route[] = [
  { name: "KivitendoBridgeInfo", methods: ["POST"], path: "/KivitendoBridge/Info", run: bridgeInfo },
  { name: "KivitendoBridgeUpsert", methods: ["POST"], path: "/KivitendoBridge/Upsert", run: bridgeUpsert },
  { name: "KivitendoBridgeRecords", methods: ["POST"], path: "/KivitendoBridge/Records", run: bridgeRecords },
  { name: "KivitendoBridgeTickets", methods: ["POST"], path: "/KivitendoBridge/Tickets", run: bridgeTickets },
];

function missingOperation(type: string): Operation {
  return () => {
    throw new ServerFault(`Can't load operation backend module Kernel::GenericInterface::Operation::${type}!`);
  };
}

/** The routes of the web service, with or without the add-on. */
export function routesFor(addon: HelpdeskSettings["addon"]): Route[] {
  if (addon === "unrouted") return stockRoutes;
  if (addon === "giextension") return [...stockRoutes, ...giExtensionRoutes];
  if (addon === "installed") return [...stockRoutes, ...addonRoutes];
  const missing = addonRoutes.map((route) => ({
    ...route,
    run: missingOperation(`KivitendoBridge::${route.name.replace("KivitendoBridge", "")}`),
  }));
  return [...stockRoutes, ...missing];
}

/** The route for a request and the values of its path's parameters. */
export function matchRoute(
  routes: Route[],
  method: string,
  path: string,
): { route: Route; values: Fields } | undefined {
  for (const route of routes) {
    if (!route.methods.includes(method)) continue;
    const names = [...route.path.matchAll(/:([^/]+)/g)].map((match) => textOf(match[1]));
    const match = new RegExp(`^${route.path.replace(/:[^/]+/g, "([^/]+)")}$`).exec(path);
    if (match === null) continue;
    return {
      route,
      values: Object.fromEntries(names.map((name, index) => [name, unescaped(textOf(match[index + 1]))])),
    };
  }
  return undefined;
}

/** Parameters of a query string as the helpdesk reads them: `;` separates too, a raw `=` cuts, `0` becomes "", repeats make a list. */
export function queryFields(query: string): Fields {
  const fields: Fields = {};
  for (const pair of query.split(/[;&]/).filter((part) => part !== "")) {
    const [rawKey = "", rawValue = ""] = pair.split("=");
    const key = unescaped(rawKey);
    const value = unescaped(rawValue.replaceAll("+", "%20"));
    const before = fields[key];
    if (before === undefined) fields[key] = value === "0" ? "" : value;
    else fields[key] = Array.isArray(before) ? [...before, value] : [before, value];
  }
  return fields;
}

function unescaped(text: string): string {
  const bytes = Buffer.from(text, "utf8")
    .toString("latin1")
    .replace(/%([0-9A-Fa-f]{2})/g, (_all, hex: string) => {
      return String.fromCharCode(Number.parseInt(hex, 16));
    });
  return Buffer.from(bytes, "latin1").toString("utf8");
}
