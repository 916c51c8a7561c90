/**
 * A whole world for a test: a kivitendo database that is set up, a simulated helpdesk with a clock of its own, a
 * configuration file, and the bridge over both, put together as the command line does.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { BillingReport } from "../../src/billing/index.ts";
import { allCustomers, createLogger, everythingDue, openBridge } from "../../src/bridge/index.ts";
import type { BillingOptions, Bridge, CustomerOptions } from "../../src/bridge/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import type { LoadedConfig } from "../../src/config/index.ts";
import type { CustomersReport } from "../../src/customer-sync/index.ts";
import { startSimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import type { HelpdeskSettings, SimulatedHelpdesk } from "../../src/demo/helpdesk/index.ts";
import type { FlowContext } from "../../src/model/index.ts";
import type { KivitendoRelease, TestDatabase } from "./database.ts";
import { type Erp, openErp } from "./erp.ts";
import { createConfiguredDatabase } from "./set-up-database.ts";

/** Settings as they stand in the configuration file, by section. */
export type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface WorldOptions {
  readonly release?: KivitendoRelease;
  readonly sample?: boolean;
  /** Laid over the usual settings, section by section. */
  readonly settings?: Settings;
  readonly helpdesk?: Partial<HelpdeskSettings>;
  /** The helpdesk's first moment; default 1 October 2026, 8 o'clock UTC. */
  readonly now?: string;
}

export interface TestTicket {
  readonly id: number;
  readonly number: string;
  readonly articles: readonly number[];
}

export interface NewTestTicket {
  /** CustomerID in the helpdesk. */
  readonly customer?: string;
  readonly title?: string;
  /** Units of accounted time, one article each. */
  readonly units: readonly (number | string)[];
  /** Moment of the close; without it the ticket stays open. */
  readonly closedAt?: string;
  readonly state?: string;
  readonly queue?: string;
}

export interface World {
  readonly database: TestDatabase;
  readonly erp: Erp;
  /** Looks at the database as superuser. */
  readonly admin: Pick<Erp, "query">;
  readonly helpdesk: SimulatedHelpdesk;
  /** Directory of the configuration file, where nothing else lies. */
  readonly directory: string;
  readonly loaded: LoadedConfig;
  readonly bridge: Bridge;
  /** Routes of the requests that the helpdesk got, in their order; a test may empty it. */
  readonly requests: string[];
  /** Asked at each request, before it is carried out. */
  onRequest: ((route: string) => void) | null;
  /** Moves the helpdesk's clock forward to this moment; a clock that ran backwards would be a fault of the test. */
  at(moment: string): void;
  /** Sets the clock back, when everything else begins again as well. */
  rewind(moment: string): void;
  /** A ticket of an agent: created an hour before its close (or now), time booked, closed. */
  ticket(given: NewTestTicket): TestTicket;
  /** Books time on a new article of a ticket. */
  book(ticket: TestTicket, units: number | string, moment: string): number;
  /** Changes the state of a ticket. */
  state(ticket: TestTicket, state: string, moment: string): void;
  sync(options?: Partial<CustomerOptions>, context?: FlowContext): Promise<CustomersReport>;
  plan(options?: Partial<CustomerOptions>): Promise<CustomersReport>;
  draft(options?: Partial<BillingOptions>, context?: FlowContext): Promise<BillingReport>;
  billingPlan(options?: Partial<BillingOptions>): Promise<BillingReport>;
  /** Closes the bridge and opens one with other settings, as after an edit of the configuration file. */
  configure(settings: Settings): Promise<void>;
  end(): Promise<void>;
}

/** Nobody watches, nobody interrupts. */
export function quietContext(signal: AbortSignal = new AbortController().signal): FlowContext {
  return { report: () => undefined, signal };
}

/** Makes a world; takes about 100 ms, the first of a kind in a file's worker a second more. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const clock = testClock(options.now ?? "2026-10-01T08:00:00Z");
  const helpdesk = await startSimulatedHelpdesk({ ...options.helpdesk, now: () => clock.now });
  const directory = mkdtempSync(join(tmpdir(), "kivi-otrs-world-"));
  const load = (settings: Settings, place: TestDatabase): LoadedConfig => {
    const file = join(directory, "bridge.yaml");
    writeFileSync(file, stringify(merged(usualSettings(place, helpdesk), settings)), { mode: 0o600 });
    return loadConfig({ file, environment: {}, directory });
  };
  let settings = options.settings ?? {};
  const database = await createConfiguredDatabase(
    { release: options.release ?? "4.1.0", sample: options.sample ?? true },
    (place) => load(settings, place).config,
  );
  const erp = openErp(database.ownerUrl);
  const admin = openErp(database.url);
  const open = (): { loaded: LoadedConfig; bridge: Bridge } => {
    const opened = load(settings, database);
    return { loaded: opened, bridge: openBridge(opened.config, "test", createLogger("silent")) };
  };
  let { loaded, bridge } = open();

  const requests: string[] = [];
  const world: World = {
    database,
    erp,
    admin,
    helpdesk,
    directory,
    get loaded() {
      return loaded;
    },
    get bridge() {
      return bridge;
    },
    requests,
    onRequest: null,
    at: clock.moveTo,
    rewind: clock.rewind,
    ticket: (given) => newTicket(world, clock, given),
    book: (ticket, units, moment) => {
      clock.moveTo(moment);
      return Number(helpdesk.world.do("TicketBook", { TicketID: ticket.id, TimeUnit: units }).ArticleID);
    },
    state: (ticket, state, moment) => {
      clock.moveTo(moment);
      helpdesk.world.do("TicketState", { TicketID: ticket.id, State: state });
    },
    sync: (given, context = quietContext()) => bridge.customers("sync", { ...allCustomers, ...given }, context),
    plan: (given) => bridge.customers("plan", { ...allCustomers, ...given }, quietContext()),
    draft: (given, context = quietContext()) => bridge.billing("draft", { ...everythingDue, ...given }, context),
    billingPlan: (given) => bridge.billing("plan", { ...everythingDue, ...given }, quietContext()),
    configure: async (changes) => {
      await bridge.close();
      settings = merged(settings, changes);
      ({ loaded, bridge } = open());
    },
    end: async () => {
      await bridge.close();
      await erp.close();
      await admin.close();
      await helpdesk.stop();
      await database.drop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  watchRequests(world);
  return world;
}

/** The simulated helpdesk looks for a fault at every request, so that is where requests can be seen. */
function watchRequests(world: World): void {
  const { faults } = world.helpdesk;
  const take = faults.take.bind(faults);
  faults.take = (route) => {
    world.requests.push(route);
    world.onRequest?.(route);
    return take(route);
  };
}

function usualSettings(database: TestDatabase, helpdesk: SimulatedHelpdesk): Settings {
  return {
    kivitendo: {
      databaseUrl: database.bridgeUrl.replace(/:[^:@/]*@/, "@"),
      password: database.bridgePassword,
      adminUrl: database.url,
    },
    helpdesk: { url: helpdesk.baseUrl, userLogin: "bridge", password: "bridgepw", timeoutSeconds: 20 },
    billing: {
      startDate: "2026-10-01",
      timeUnit: "minutes",
      partNumber: "ST-STD",
      draftOwner: "buchhaltung",
      period: "2026-10",
    },
  };
}

function merged(base: Settings, changes: Settings): Settings {
  const sections = new Set([...Object.keys(base), ...Object.keys(changes)]);
  return Object.fromEntries([...sections].map((name) => [name, { ...base[name], ...changes[name] }]));
}

interface TestClock {
  readonly now: Temporal.Instant;
  readonly moveTo: (moment: string) => void;
  readonly rewind: (moment: string) => void;
}

function testClock(start: string): TestClock {
  let now = Temporal.Instant.from(start);
  return {
    get now() {
      return now;
    },
    moveTo: (moment) => {
      const next = Temporal.Instant.from(moment);
      if (Temporal.Instant.compare(next, now) < 0)
        throw new RangeError(`the clock stands at ${now.toString()} already`);
      now = next;
    },
    rewind: (moment) => {
      now = Temporal.Instant.from(moment);
    },
  };
}

function newTicket(world: World, clock: TestClock, given: NewTestTicket): TestTicket {
  const { customer = "K10001", title = "Drucker druckt nicht", units, closedAt, queue = "Support" } = given;
  const hourBefore = closedAt === undefined ? clock.now : Temporal.Instant.from(closedAt).subtract({ hours: 1 });
  if (Temporal.Instant.compare(hourBefore, clock.now) > 0) clock.moveTo(hourBefore.toString());
  const step = { Title: title, CustomerID: customer, Queue: queue, Articles: units.map((TimeUnit) => ({ TimeUnit })) };
  // An owner may always read the ticket, so the bridge's own agent must own none.
  const created = world.helpdesk.world.do("TicketCreate", step, "root@localhost");
  const ticket = { id: created.TicketID, number: created.TicketNumber, articles: created.ArticleIDs };
  if (closedAt !== undefined) world.state(ticket, given.state ?? "closed successful", closedAt);
  return ticket;
}
