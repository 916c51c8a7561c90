import { ConfigError, hundredthUnitsOf } from "../model/index.ts";
import type { HelpdeskInfo, TicketId } from "../model/index.ts";
import type { ArticleTime, HelpdeskTickets, TicketBatch, TicketSnapshot } from "../billing/ports.ts";
import { CompanyKey, TicketNumber } from "../model/index.ts";
import type { Client } from "./client.ts";
import type { Fault } from "./faults.ts";
import type { InfoReader } from "./info.ts";
import { TicketAnswer } from "./schemas.ts";
import type { TicketRecord } from "./schemas.ts";
import { createSearch } from "./search.ts";
import { assertZone, instantOf } from "./zone.ts";

export interface TicketsOptions {
  readonly searchRoute: string;
  readonly getRoute: string;
  /** Zone of the helpdesk's stamps, used only when there is no add-on to ask. */
  readonly timeZone: string | null;
  readonly chunk: number;
  readonly searchLimit: number;
}

/** Reads tickets through the stock operations TicketSearch and TicketGet. */
export function createTickets(client: Client, info: InfoReader, options: TicketsOptions): HelpdeskTickets {
  async function setting(): Promise<{ readonly timeZone: string; readonly states: HelpdeskInfo["states"] | null }> {
    const reply = await info.known();
    if (reply.ok) return reply.value;
    if (reply.fault.kind !== "addon-missing" && reply.fault.kind !== "route-missing") throw client.errorOf(reply.fault);
    // Without the zone every time would be a guess.
    if (options.timeZone === null) throw client.errorOf(reply.fault);
    return { timeZone: assertZone(options.timeZone), states: null };
  }
  const search = createSearch(client, { route: options.searchRoute, limit: options.searchLimit });

  return {
    async info() {
      const reply = await info.ask();
      if (!reply.ok) throw client.errorOf(reply.fault);
      return reply.value;
    },
    async search({ stateNames, stateTypes, changedSince }) {
      const { timeZone, states } = await setting();
      if (states) assertStates(stateNames, stateTypes, states);
      const filter = stateNames.length > 0 ? { States: [...stateNames] } : { StateType: [...stateTypes] };
      return search({ filter, changedSince, timeZone });
    },
    async searchClosedBefore(moment, changedSince) {
      const { timeZone } = await setting();
      return search({ filter: {}, closedBefore: moment, changedSince, timeZone });
    },
    async *read(ids, signal) {
      const { timeZone } = await setting();
      for (let start = 0; start < ids.length; start += options.chunk) {
        signal.throwIfAborted();
        yield await readChunk(client, options.getRoute, ids.slice(start, start + options.chunk), timeZone, signal);
      }
    },
  };
}

/**
 * One forbidden or vanished id makes TicketGet refuse the whole list without naming it, and one ticket with a huge mail
 * thread can make the answer too large: halves are asked until the culprit stands alone.
 */
async function readChunk(
  client: Client,
  route: string,
  ids: readonly TicketId[],
  timeZone: string,
  signal: AbortSignal,
): Promise<TicketBatch> {
  signal.throwIfAborted();
  const reply = await client.call({
    route,
    payload: { TicketID: ids, AllArticles: 1, Extended: 1 },
    schema: TicketAnswer,
    signal,
  });
  if (reply.ok) return batchOf(ids, reply.value.Ticket, timeZone);
  if (!isAboutSomeTicket(reply.fault)) throw client.errorOf(reply.fault);
  if (ids.length <= 1) {
    client.log.warn({ ticketIds: ids, fault: reply.fault.kind, detail: reply.fault.detail }, "ticket cannot be read");
    return { tickets: [], unreadable: ids };
  }
  const middle = Math.ceil(ids.length / 2);
  const first = await readChunk(client, route, ids.slice(0, middle), timeZone, signal);
  const second = await readChunk(client, route, ids.slice(middle), timeZone, signal);
  return {
    tickets: [...first.tickets, ...second.tickets],
    unreadable: [...first.unreadable, ...second.unreadable],
  };
}

function isAboutSomeTicket(fault: Fault): boolean {
  return fault.kind === "access-denied" || fault.kind === "too-large";
}

function batchOf(ids: readonly TicketId[], records: readonly TicketRecord[], timeZone: string): TicketBatch {
  const tickets = records.map((record) => snapshotOf(record, timeZone));
  const found = new Set(tickets.map((ticket) => ticket.ticketId));
  return { tickets, unreadable: ids.filter((id) => !found.has(id)) };
}

function snapshotOf(record: TicketRecord, timeZone: string): TicketSnapshot {
  const at = (stamp: string): Temporal.Instant => instantOf(stamp, timeZone);
  return {
    ticketId: record.TicketID,
    ticketNumber: TicketNumber.parse(record.TicketNumber),
    title: record.Title,
    queue: record.Queue,
    state: record.State,
    stateType: record.StateType,
    companyKey: record.CustomerID === "" ? null : CompanyKey.parse(record.CustomerID),
    createdAt: at(record.Created),
    changedAt: at(record.Changed),
    closedAt: record.Closed ? at(record.Closed) : null,
    totalUnits: unitsOf(record.TimeUnit),
    articles: record.Article.map((article): ArticleTime => ({
      articleId: article.ArticleID,
      createdAt: at(article.CreateTime),
      units: unitsOf(article.TimeUnit),
    })).filter((article) => article.units !== 0),
  };
}

function unitsOf(timeUnit: TicketRecord["TimeUnit"]): ReturnType<typeof hundredthUnitsOf> {
  if (timeUnit === undefined) {
    throw new ConfigError(
      "The helpdesk tells tickets without their accounted time.",
      "OTRS tells it from version 6 on: update the helpdesk, and check that no mapping of the web service drops TimeUnit.",
    );
  }
  return hundredthUnitsOf(timeUnit ?? 0);
}

/** A search for a name that does not exist finds nothing and says nothing, so nothing would be billed, silently. */
function assertStates(names: readonly string[], types: readonly string[], states: HelpdeskInfo["states"]): void {
  const knownNames = states.map((state) => state.name);
  const knownTypes = [...new Set(states.map((state) => state.type))];
  const unknownName = names.find((name) => !knownNames.includes(name));
  const unknownType = types.find((type) => !knownTypes.includes(type));
  if (unknownName !== undefined) {
    throw new ConfigError(
      `The helpdesk has no ticket state "${unknownName}".`,
      `Write one of its states, in its spelling: ${knownNames.join(", ")}.`,
    );
  }
  if (unknownType !== undefined) {
    throw new ConfigError(
      `The helpdesk has no state type "${unknownType}".`,
      `Write one of its types, in lower case: ${knownTypes.join(", ")}.`,
    );
  }
}
