import { setImmediate as turn } from "node:timers/promises";
import type { EntryTime, TicketBatch, TicketSnapshot, TimeRow } from "../../billing/ports.ts";
import { BugError, ConfigError, hundredthUnitsOf, UnavailableError } from "../../model/index.ts";
import type { TicketId } from "../../model/index.ts";
import { chunksOf } from "../batches.ts";
import type { Reply } from "../classify.ts";
import type { Client } from "../client.ts";
import type { Fault } from "../faults.ts";
import type { InfoReader } from "../info.ts";
import { assertZone, instantOf, lowerStamp, stampAfterAllBefore } from "../zone.ts";
import { readInHalves } from "./reader.ts";
import type { TicketReader } from "./reader.ts";
import { TicketList, TicketsAnswer } from "./schemas.ts";
import type { ListedTicket, TicketsPage, TimeRecord } from "./schemas.ts";
import { assertDynamicFields, askedSetting, assertStates } from "./setting.ts";
import type { Setting } from "./setting.ts";
import { entryOf, fieldsOf, instantIfAny } from "./snapshot.ts";

export interface AddonTicketsOptions {
  readonly ticketsRoute: string;
  /** Tickets in one answer, 1 to 5000. */
  readonly page: number;
  readonly dynamicFields: readonly string[];
}

const ticketsPerTurn = 500;

/** The protocol's limit. */
const fieldsPerRequest = 50;

/** Reads tickets through the add-on's operation Tickets: pages in a stable order, with the rows of accounted time. */
export function createAddonTickets(client: Client, info: InfoReader, options: AddonTicketsOptions): TicketReader {
  const { ticketsRoute: route, dynamicFields: DynamicFields } = options;
  /** As of the first page of the last search by change: what changes while the others are read is changed after it. */
  let now: Temporal.Instant | null = null;

  async function ask(what: object, signal: AbortSignal): Promise<Reply<TicketsPage>> {
    signal.throwIfAborted();
    return client.call({ route, payload: { ...what, DynamicFields }, schema: TicketsAnswer, signal });
  }

  async function setting(): Promise<Setting> {
    if (DynamicFields.length > fieldsPerRequest) {
      throw new ConfigError(
        `Rules and texts name ${DynamicFields.length} dynamic fields of tickets; the add-on tells at most ${fieldsPerRequest}.`,
        "Name fewer of them in billing.rules and billing.dynamicFields.",
      );
    }
    const asked = await askedSetting(client, info);
    const known = asked.info.ticketDynamicFields.map((field) => field.name);
    assertDynamicFields(DynamicFields, known);
    return asked;
  }

  async function* search(what: object, timeZone: string, signal: AbortSignal): AsyncGenerator<TicketBatch> {
    for await (const page of pagesOf(client, options.page, async (place) => ask({ ...what, ...place }, signal))) {
      // It may have come while the page before it was looked at.
      signal.throwIfAborted();
      if (page.TimeZone !== timeZone) throw await zoneMoved(info, timeZone, page.TimeZone);
      now ??= clockOf(page);
      if (page.Tickets.length === 0) continue;
      const batch = await batchOf(client, route, page);
      if (!batch.ok) throw client.errorOf(batch.fault);
      yield batch.value;
    }
  }

  async function readChunk(ids: readonly TicketId[], signal: AbortSignal): Promise<Reply<TicketBatch>> {
    const reply = await ask({ TicketIDs: ids }, signal);
    if (!reply.ok) return reply;
    now ??= clockOf(reply.value);
    return batchOf(client, route, reply.value);
  }

  return {
    detail: "rows",
    now: () => now,
    async *changed({ stateNames, stateTypes, changedSince }, signal) {
      const { timeZone, info: told } = await setting();
      if (told) assertStates({ stateNames, stateTypes }, told.states);
      now = null;
      const states = stateNames.length > 0 ? { States: stateNames } : { StateTypes: stateTypes };
      yield* search({ ...states, ...sinceIn(timeZone, changedSince) }, timeZone, signal);
    },
    async *closedBefore(moment, changedSince, signal) {
      const { timeZone } = await setting();
      const closed = { ClosedBefore: stampAfterAllBefore(moment, timeZone) };
      yield* search({ ...closed, ...sinceIn(timeZone, changedSince) }, timeZone, signal);
    },
    async *read(ids, signal) {
      if (ids.length > 0) await setting();
      for (const chunk of chunksOf([...new Set(ids)], options.page)) {
        yield await readInHalves(client, chunk, isTooLarge, async (some) => readChunk(some, signal));
      }
    },
  };
}

/**
 * Follows the answers' Next to the last page; asks for smaller ones when a page is too large. The next page is asked for
 * before this one is handed out: the helpdesk works while we do.
 */
async function* pagesOf(
  client: Client,
  size: number,
  ask: (place: object) => Promise<Reply<TicketsPage>>,
): AsyncGenerator<TicketsPage> {
  let limit = size;
  let after: TicketsPage["Next"] = null;
  let coming = ask({ Limit: limit });
  for (;;) {
    const reply = await coming;
    if (reply.ok) {
      const next: TicketsPage["Next"] = reply.value.Next;
      if (after !== null && next !== null && next.TicketID === after.TicketID && next.Changed === after.Changed) {
        throw new BugError(`The add-on's list of tickets does not go on after ${JSON.stringify(after)}.`);
      }
      after = next;
      if (next !== null) {
        coming = ask({ After: next, Limit: limit });
        // Whoever stops reading here never hears what becomes of it.
        coming.catch(() => undefined);
      }
      yield reply.value;
      if (next === null) return;
    } else if (isTooLarge(reply.fault) && limit > 1) {
      limit = Math.ceil(limit / 2);
      coming = ask({ ...(after === null ? {} : { After: after }), Limit: limit });
    } else {
      throw client.errorOf(reply.fault);
    }
  }
}

function isTooLarge(fault: Fault): boolean {
  return fault.kind === "too-large";
}

function clockOf(page: TicketsPage): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(page.Now * 1000);
}

function sinceIn(timeZone: string, changedSince: Temporal.Instant | null): object {
  return changedSince === null ? {} : { ChangedSince: lowerStamp(changedSince, timeZone) };
}

/** What was asked for in the old zone may have left out tickets. */
async function zoneMoved(info: InfoReader, asked: string, answered: string): Promise<UnavailableError> {
  await info.ask();
  return new UnavailableError(
    `The helpdesk changed its time zone from ${asked} to ${answered} while tickets were read.`,
    "Nothing was taken from it; the next run reads with the new zone. If nobody changed it, look whether all of the helpdesk's web servers have the same configuration.",
  );
}

/**
 * Looks at the tickets, some hundred in a turn of the event loop: the request for the next page is on its way only after
 * such a turn, and what one turn leaves behind is little enough to be thrown away cheaply.
 */
async function batchOf(client: Client, route: string, page: TicketsPage): Promise<Reply<TicketBatch>> {
  const timeZone = assertZone(page.TimeZone);
  const tickets: TicketSnapshot[] = [];
  for (const some of chunksOf(page.Tickets, ticketsPerTurn)) {
    await turn();
    const checked = client.check(route, { Tickets: some }, TicketList);
    if (!checked.ok) return checked;
    for (const ticket of checked.value.Tickets) tickets.push(snapshotOf(ticket, page.Agents, timeZone));
  }
  return { ok: true, value: { tickets, unreadable: page.Unreadable } };
}

function snapshotOf(record: ListedTicket, agents: TicketsPage["Agents"], timeZone: string): TicketSnapshot {
  const byEntry = Map.groupBy(record.Times, (time) => (isOfArticle(time) ? `a${time.ArticleID}` : `r${time.RowID}`));
  return {
    ...fieldsOf(record, timeZone),
    closedAt: instantIfAny(record.Closed, timeZone),
    firstClosedAt: instantIfAny(record.FirstClosed, timeZone),
    dynamicFields: record.DynamicFields,
    entries: [...byEntry.values()].flatMap((times) => {
      const [first] = times;
      const rows = times.map((time) => rowOf(time, agents, timeZone));
      return first ? entryOf(keyOf(first, timeZone), rows) : [];
    }),
  };
}

function isOfArticle(time: TimeRecord): time is TimeRecord & { ArticleID: number; ArticleCreated: string } {
  return time.ArticleID !== null && time.ArticleCreated !== null;
}

function keyOf(time: TimeRecord, timeZone: string): EntryTime["key"] {
  return isOfArticle(time)
    ? { kind: "article", sourceId: time.ArticleID, createdAt: instantOf(time.ArticleCreated, timeZone) }
    : { kind: "row", sourceId: time.RowID, createdAt: instantOf(time.Booked, timeZone) };
}

function rowOf(time: TimeRecord, agents: TicketsPage["Agents"], timeZone: string): TimeRow {
  const agent = agents[time.AgentID];
  return {
    rowId: time.RowID,
    units: hundredthUnitsOf(time.Units),
    bookedAt: instantOf(time.Booked, timeZone),
    agentLogin: agent?.Login ?? null,
    agentName: agent?.Name ?? null,
    subject: time.Subject,
  };
}
