import type { HelpdeskTickets } from "../billing/ports.ts";
import type { HelpdeskCustomers } from "../customer-sync/ports.ts";
import type { HelpdeskInfo } from "../model/index.ts";
import { createClient } from "./client.ts";
import { createCustomers } from "./customers.ts";
import { createGiExtension } from "./giextension/index.ts";
import { createInfoReader } from "./info.ts";
import { silentLog } from "./log.ts";
import type { HelpdeskLog } from "./log.ts";
import { recordsPerCall } from "./records.ts";
import { createTickets, ticketsPerPage } from "./tickets/index.ts";

export { backendConfig, backendProducts } from "./backend-config.ts";
export type { BackendProduct } from "./backend-config.ts";
export type { HelpdeskLog } from "./log.ts";

/** Paths behind the web service; they are free text in its definition. */
export interface HelpdeskRoutes {
  readonly session: string;
  readonly ticketSearch: string;
  readonly ticketGet: string;
  /** Has `:TicketID` where the ticket's id goes. */
  readonly ticketUpdate: string;
  readonly info: string;
  readonly upsert: string;
  readonly records: string;
  readonly tickets: string;
}

export interface HelpdeskOptions {
  /** Up to and including /otrs, /znuny or /otobo. */
  readonly url: string;
  /** Name of the web service. */
  readonly webservice: string;
  /** Name of this bridge installation, which the add-on's owner marks carry. */
  readonly instance: string;
  readonly userLogin: string;
  readonly password: string;
  /** Those that differ from the definition that the bridge ships. */
  readonly routes?: Partial<HelpdeskRoutes>;
  /** What customers go through: the bridge's own add-on (unless told), or the public package GIExtension. */
  readonly customerOperations?: "kivitendo-bridge" | "giextension";
  /** Zone of the helpdesk's time stamps; used only when the add-on is missing and cannot be asked. */
  readonly timeZone?: string;
  /** PEM file of an authority to trust besides the usual ones. */
  readonly caFile?: string;
  /** Longest wait for one answer. */
  readonly timeoutSeconds: number;
  readonly maxResponseBytes: number;
  /** Records in one writing request, 1 to 1000; 200 unless told. */
  readonly upsertBatchSize?: number;
  /** Writing requests (and reading ones of look-ups) under way at once; 2 unless told. */
  readonly upsertConcurrency?: number;
  /**
   * What tickets and their time come through: the bridge's own add-on (unless told), or the stock operations, which tell
   * less (docs/collecting.md). With GIExtension there is no add-on, so it is the stock operations.
   */
  readonly collect?: "add-on" | "stock";
  /** Dynamic fields of tickets that are told with them; none unless told. */
  readonly ticketDynamicFields?: readonly string[];
  /** Tickets in one answer of the add-on, 1 to 5000; 5000 unless told. */
  readonly ticketPage?: number;
  /** Tickets in one TicketGet; 50 unless told. */
  readonly ticketChunk?: number;
  /** Tickets that one search may name before it is asked again in parts; 100 000 unless told. */
  readonly searchLimit?: number;
  /** Attempts of one call and the first pause between two; 3 and 500 ms unless told. */
  readonly retry?: { readonly attempts: number; readonly firstDelayMs: number };
  readonly log?: HelpdeskLog;
}

export interface Helpdesk {
  readonly customers: HelpdeskCustomers;
  readonly tickets: HelpdeskTickets;
  /** Asks the add-on; throws ConfigError when it is missing, too old or not allowed to this agent, or the product not supported. */
  info(): Promise<HelpdeskInfo>;
  /** Gives the connections back. The session is left to expire: removing one would need the password once more, and OTOBO cannot. */
  close(): Promise<void>;
}

const defaultRoutes: HelpdeskRoutes = {
  session: "/Session",
  ticketSearch: "/TicketSearch",
  ticketGet: "/TicketGet",
  ticketUpdate: "/Ticket/:TicketID",
  info: "/KivitendoBridge/Info",
  upsert: "/KivitendoBridge/Upsert",
  records: "/KivitendoBridge/Records",
  tickets: "/KivitendoBridge/Tickets",
};

/**
 * The only way to the helpdesk. Nothing is sent before the first call; one object holds one session and, after a refused
 * login, never logs in again. Every method throws ConfigError, UnavailableError or BugError as docs/helpdesk-errors.md
 * says.
 */
export function createHelpdesk(options: HelpdeskOptions): Helpdesk {
  const routes = { ...defaultRoutes, ...options.routes };
  const client = createClient({
    url: options.url,
    webservice: options.webservice,
    userLogin: options.userLogin,
    password: options.password,
    sessionRoute: routes.session,
    ...(options.caFile === undefined ? {} : { caFile: options.caFile }),
    timeoutSeconds: options.timeoutSeconds,
    maxResponseBytes: options.maxResponseBytes,
    attempts: options.retry?.attempts ?? 3,
    firstDelayMs: options.retry?.firstDelayMs ?? 500,
    log: options.log ?? silentLog,
    now: Date.now,
  });
  const giExtension =
    options.customerOperations === "giextension"
      ? createGiExtension(client, {
          url: options.url,
          webservice: options.webservice,
          userLogin: options.userLogin,
          timeZone: options.timeZone ?? null,
          concurrency: options.upsertConcurrency ?? 2,
        })
      : null;
  const info = giExtension?.info ?? createInfoReader(client, { route: routes.info, instance: options.instance });
  const tickets = createTickets(client, info, {
    collect: giExtension ? "stock" : (options.collect ?? "add-on"),
    ticketsRoute: routes.tickets,
    updateRoute: routes.ticketUpdate,
    dynamicFields: options.ticketDynamicFields ?? [],
    page: Math.min(options.ticketPage ?? ticketsPerPage, ticketsPerPage),
    searchRoute: routes.ticketSearch,
    getRoute: routes.ticketGet,
    timeZone: options.timeZone ?? null,
    chunk: options.ticketChunk ?? 50,
    searchLimit: options.searchLimit ?? 100_000,
  });
  const customers =
    giExtension?.customers ??
    createCustomers(client, info, {
      upsertRoute: routes.upsert,
      recordsRoute: routes.records,
      instance: options.instance,
      timeoutSeconds: options.timeoutSeconds,
      batchSize: Math.min(options.upsertBatchSize ?? 200, recordsPerCall),
      concurrency: options.upsertConcurrency ?? 2,
    });
  return {
    customers,
    tickets,
    info: () => tickets.info(),
    async close() {
      client.close();
    },
  };
}
