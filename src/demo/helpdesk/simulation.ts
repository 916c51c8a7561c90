import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createClock, type Clock } from "./clock.ts";
import { freshWorld, noCustomerExtras, noTicketExtras } from "./fresh-world.ts";
import type { Ticket, WorldState } from "./world-state.ts";

/** What can be set up differently from a Znuny 6.5.1 as the bridge's documents tell to install it. */
export interface HelpdeskSettings {
  /** `OTRSTimeZone`: every time stamp goes in and out in this zone. */
  timeZone: string;
  product: string;
  productVersion: string;
  /** Failed logins after which an agent becomes invalid-temporarily; 0 never. */
  passwordMaxLoginFailed: number;
  /** Largest accepted Content-Length in bytes. */
  maxLength: number;
  /** `missing`: the web service names the add-on's operations, the package is not installed; `unrouted`: a stock web service. */
  addon: "installed" | "missing" | "unrouted" | "giextension";
  /** `Ticket::ArchiveSystem`: archived tickets are found only on request. */
  archiveSystem: boolean;
  timeUnitLabel: string;
  webService: string;
  /** How names, keys and addresses are compared: as PostgreSQL does, or as MariaDB's collation utf8mb4_unicode_ci. */
  databaseKind: "postgresql" | "mysql";
  /** The site maps two fields more: CustomerCompanyIndustry and UserRoom. */
  siteFields: boolean;
  /** CustomerIDs and UserLogins that the helpdesk cannot write, for whatever reason of its own. */
  unwritableKeys: string[];
}

export const defaultSettings: HelpdeskSettings = {
  timeZone: "UTC",
  product: "Znuny",
  productVersion: "6.5.x",
  passwordMaxLoginFailed: 0,
  maxLength: 25_000_000,
  addon: "installed",
  archiveSystem: false,
  timeUnitLabel: " (work units)",
  webService: "KivitendoBridge",
  databaseKind: "postgresql",
  siteFields: false,
  unwritableKeys: [],
};

/** One running simulated helpdesk: its state, its clock, and `save` to be called after every change. */
export interface Simulation {
  state: WorldState;
  clock: Clock;
  settings: HelpdeskSettings;
  save(): void;
}

/** Loads the state file, or starts with a fresh world when there is none. Throws when the file is not ours. */
export function openSimulation(
  settings: HelpdeskSettings,
  now: () => Temporal.Instant,
  stateFile: string | undefined,
): Simulation {
  const clock = createClock(settings.timeZone, now);
  const state = (stateFile === undefined ? undefined : readState(stateFile)) ?? freshWorld(clock);
  const save = () => {
    if (stateFile !== undefined) writeState(stateFile, state);
  };
  save();
  return { state, clock, settings, save };
}

function readState(stateFile: string): WorldState | undefined {
  let text: string;
  try {
    text = readFileSync(stateFile, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  const state = JSON.parse(text) as WorldState;
  if (state.format !== 1)
    throw new Error(`${stateFile} is not a state file of the simulated helpdesk; delete it to start over`);
  return upgraded({ ...noCustomerExtras(), ...noTicketExtras(), ...state });
}

// Files of earlier versions have no ids on rows of time, and tickets without type, service and SLA.
function upgraded(state: WorldState): WorldState {
  for (const ticket of Object.values(state.tickets))
    Object.assign(ticket, { typeId: 1, serviceId: null, slaId: null }, { ...ticket });
  for (const [index, row] of state.timeRows.entries()) Object.assign(row, { id: index + 1 }, { ...row });
  const timeRow = Math.max(0, ...state.timeRows.map(({ id }) => id)) + 1;
  return { ...state, nextId: Object.assign({ timeRow }, state.nextId) };
}

// A rename is atomic, so a killed process leaves the old file or the new one, never half of one.
function writeState(stateFile: string, state: WorldState): void {
  const temporary = `${stateFile}.${process.pid}.new`;
  writeFileSync(temporary, JSON.stringify(state));
  renameSync(temporary, stateFile);
}

/** The ticket with this id, given as number or string of digits. */
export function findTicket(sim: Simulation, id: unknown): Ticket | undefined {
  return /^\d{1,15}$/.test(String(id)) ? sim.state.tickets[Number(id)] : undefined;
}

/** The same, where it must be there. */
export function ticketOf(sim: Simulation, id: number): Ticket {
  const ticket = findTicket(sim, id);
  if (ticket === undefined) throw new Error(`the helpdesk has no ticket ${id}`);
  return ticket;
}

/** The row of this name; throws when there is none. */
export function namedRow<T extends { name: string }>(rows: T[], name: string): T {
  const found = rows.find((row) => row.name === name);
  if (found === undefined) throw new Error(`the helpdesk knows no ${name}`);
  return found;
}

/** State of a ticket by id; throws when there is none, since tickets only ever hold ids of states that exist. */
export function stateById(sim: Simulation, id: number): WorldState["states"][number] {
  const found = sim.state.states.find((state) => state.id === id);
  if (found === undefined) throw new Error(`no ticket state ${id}`);
  return found;
}

/** Queue by id; throws when there is none. */
export function queueById(sim: Simulation, id: number): WorldState["queues"][number] {
  const found = sim.state.queues.find((queue) => queue.id === id);
  if (found === undefined) throw new Error(`no queue ${id}`);
  return found;
}
