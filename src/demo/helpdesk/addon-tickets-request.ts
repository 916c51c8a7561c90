import { textOf, type Fields } from "./loose-values.ts";
import { failureOf, type Call } from "./operation.ts";
import type { Simulation } from "./simulation.ts";

const operation = "KivitendoBridgeTickets";
const mostTickets = 5000;
const mostFields = 50;
const searchParameters = ["StateTypes", "States", "ChangedSince", "ClosedBefore", "After", "Limit"];
const stampPattern = /^[1-9]\d{3}-\d\d-\d\d \d\d:\d\d:\d\d$/;
const idPattern = /^[1-9]\d{0,17}$/;

/** The place after which a page begins. */
export interface TicketsPlace {
  changed: string;
  ticketId: number;
}

/** A request of the operation, well-formed. Stamps are in the helpdesk's zone. */
export type TicketsRequest = { dynamicFields: string[] } & (
  | { kind: "ids"; ids: number[] }
  | {
      kind: "search";
      states: string[] | undefined;
      stateTypes: string[] | undefined;
      changedSince: string | undefined;
      closedBefore: string | undefined;
      after: TicketsPlace | undefined;
      limit: number;
    }
);

function malformed(message: string): Error {
  return failureOf(operation)("InvalidParameter", message);
}

/** Throws InvalidParameter. */
export function requestedTickets(sim: Simulation, call: Call): TicketsRequest {
  // What may be left out may also be null.
  const data = Object.fromEntries(Object.entries(call.data).filter(([, value]) => value !== null));
  const request = "TicketIDs" in data ? idsRequest(data) : searchRequest(sim, data);
  return { dynamicFields: fieldNames(sim, data["DynamicFields"]), ...request };
}

type ByID = { kind: "ids"; ids: number[] };
type BySearch = Omit<TicketsRequest & { kind: "search" }, "dynamicFields">;

function idsRequest(data: Fields): ByID {
  if (searchParameters.some((name) => name in data))
    throw malformed(`TicketIDs go without ${searchParameters.join(", ")}.`);
  const given = data["TicketIDs"];
  const ids = Array.isArray(given) ? given.map(textOf) : [];
  if (ids.length === 0 || ids.length > mostTickets || ids.some((id) => !idPattern.test(id)))
    throw malformed(`TicketIDs must be a list of 1 to ${mostTickets} ids.`);
  return { kind: "ids", ids: ids.map(Number) };
}

function searchRequest(sim: Simulation, data: Fields): BySearch {
  const states = namesIn(data, "States");
  const stateTypes = namesIn(data, "StateTypes");
  const isAny = states === undefined && stateTypes === undefined;
  if ((states !== undefined && stateTypes !== undefined) || (isAny && !("ClosedBefore" in data)))
    throw malformed("Exactly one of States and StateTypes must be there, or ClosedBefore, or TicketIDs.");
  const limit = "Limit" in data ? textOf(data["Limit"]) : "1000";
  if (!/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > mostTickets)
    throw malformed(`Limit must be 1 to ${mostTickets}.`);
  checkStates(sim, states ?? [], stateTypes ?? []);
  return {
    kind: "search",
    states,
    stateTypes,
    changedSince: stampIn(sim, data, "ChangedSince"),
    closedBefore: stampIn(sim, data, "ClosedBefore"),
    after: "After" in data ? ticketsPlace(sim, data["After"]) : undefined,
    limit: Number(limit),
  };
}

function namesIn(data: Fields, name: string): string[] | undefined {
  if (!(name in data)) return undefined;
  const given = data[name];
  const names = Array.isArray(given) ? given.map(textOf) : [];
  if (names.length === 0 || names.includes("")) throw malformed(`${name} must be a list of names that is not empty.`);
  return names;
}

function checkStates(sim: Simulation, names: string[], types: string[]): void {
  const known = sim.state.states;
  for (const name of names) {
    const state = known.find((candidate) => candidate.name === name);
    if (state === undefined) throw malformed(`The helpdesk has no ticket state ${name}.`);
    assertTold(state.type);
  }
  for (const type of types) {
    if (!known.some((candidate) => candidate.type === type)) throw malformed(`The helpdesk has no state type ${type}.`);
    assertTold(type);
  }
}

function assertTold(type: string): void {
  if (type === "merged" || type === "removed") throw malformed(`Tickets that are ${type} are told by TicketIDs only.`);
}

function stampIn(sim: Simulation, data: Fields, name: string): string | undefined {
  if (!(name in data)) return undefined;
  if (isStamp(sim, data[name])) return textOf(data[name]);
  throw malformed(`${name} must be a time of the form YYYY-MM-DD hh:mm:ss.`);
}

function isStamp(sim: Simulation, value: unknown): boolean {
  return stampPattern.test(textOf(value)) && sim.clock.epochOf(textOf(value)) !== undefined;
}

// Throws InvalidParameter.
function ticketsPlace(sim: Simulation, given: unknown): TicketsPlace {
  const place: Fields = typeof given === "object" && given !== null && !Array.isArray(given) ? { ...given } : {};
  if (!isStamp(sim, place["Changed"]) || !idPattern.test(textOf(place["TicketID"])))
    throw malformed("After must be the Next of the answer before.");
  return { changed: textOf(place["Changed"]), ticketId: Number(textOf(place["TicketID"])) };
}

function fieldNames(sim: Simulation, given: unknown): string[] {
  if (given === undefined) return [];
  const names = Array.isArray(given) ? given.map(textOf) : [""];
  if (names.length > mostFields || names.includes(""))
    throw malformed(`DynamicFields must be a list of at most ${mostFields} names.`);
  const unknown = names.find((name) => !sim.state.dynamicFields.ticket.includes(name));
  if (unknown !== undefined) throw malformed(`This helpdesk has no valid dynamic field ${unknown} of tickets.`);
  return names;
}
