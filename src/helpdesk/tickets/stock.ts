import type { EntryTime, TicketBatch, TicketSnapshot, TimeRow } from "../../billing/ports.ts";
import { ConfigError, hundredthUnitsOf } from "../../model/index.ts";
import type { HundredthUnits, TicketId } from "../../model/index.ts";
import { chunksOf } from "../batches.ts";
import type { Reply } from "../classify.ts";
import type { Client } from "../client.ts";
import type { Fault } from "../faults.ts";
import type { InfoReader } from "../info.ts";
import { instantOf } from "../zone.ts";
import { readInHalves } from "./reader.ts";
import type { TicketReader } from "./reader.ts";
import { TicketAnswer } from "./schemas.ts";
import type { TicketRecord } from "./schemas.ts";
import { createSearch } from "./search.ts";
import { assertDynamicFields, assertStates, assumedSetting } from "./setting.ts";
import type { Setting } from "./setting.ts";
import { entryOf, fieldsOf, instantIfAny } from "./snapshot.ts";

export interface StockTicketsOptions {
  readonly searchRoute: string;
  readonly getRoute: string;
  /** Zone of the helpdesk's stamps, used only when there is no add-on to ask. */
  readonly timeZone: string | null;
  readonly chunk: number;
  readonly searchLimit: number;
  readonly dynamicFields: readonly string[];
}

/**
 * Reads tickets through the stock operations TicketSearch and TicketGet: one search, then the tickets in chunks.
 * docs/collecting.md says what they cannot tell.
 */
export function createStockTickets(client: Client, info: InfoReader, options: StockTicketsOptions): TicketReader {
  const search = createSearch(client, { route: options.searchRoute, limit: options.searchLimit });
  async function setting(): Promise<Setting> {
    const asked = await assumedSetting(client, info, options.timeZone);
    const known = (asked.info?.ticketDynamicFields ?? []).map((field) => field.name);
    // An empty list: there is nobody to ask. Tickets do not tell: Znuny 7.1 leaves out the fields that one has no value of.
    if (known.length > 0) assertDynamicFields(options.dynamicFields, known);
    return asked;
  }

  async function* read(ids: readonly TicketId[], timeZone: string, signal: AbortSignal): AsyncGenerator<TicketBatch> {
    for (const chunk of chunksOf([...new Set(ids)], options.chunk)) {
      yield await readInHalves(client, chunk, isAboutSomeTicket, async (some) =>
        readChunk(client, options, some, timeZone, signal),
      );
    }
  }

  return {
    detail: "articles",
    now: () => null,
    async *changed({ stateNames, stateTypes, changedSince }, signal) {
      const { timeZone, info: told } = await setting();
      if (told) assertStates({ stateNames, stateTypes }, told.states);
      const filter = stateNames.length > 0 ? { States: stateNames } : { StateType: stateTypes };
      yield* read(await search({ filter, changedSince, timeZone }, signal), timeZone, signal);
    },
    async *closedBefore(moment, changedSince, signal) {
      const { timeZone } = await setting();
      const found = await search({ filter: {}, closedBefore: moment, changedSince, timeZone }, signal);
      yield* read(found, timeZone, signal);
    },
    async *read(ids, signal) {
      const { timeZone } = await setting();
      yield* read(ids, timeZone, signal);
    },
  };
}

async function readChunk(
  client: Client,
  { getRoute, dynamicFields }: StockTicketsOptions,
  ids: readonly TicketId[],
  timeZone: string,
  signal: AbortSignal,
): Promise<Reply<TicketBatch>> {
  signal.throwIfAborted();
  const more = dynamicFields.length > 0 ? { DynamicFields: 1 } : {};
  const reply = await client.call({
    route: getRoute,
    payload: { TicketID: ids, AllArticles: 1, Extended: 1, ...more },
    schema: TicketAnswer,
    signal,
  });
  if (!reply.ok) return reply;
  return { ok: true, value: batchOf(ids, reply.value.Ticket, dynamicFields, timeZone) };
}

/** One forbidden or vanished id makes TicketGet refuse the whole list without naming it; a huge mail thread is too large. */
function isAboutSomeTicket(fault: Fault): boolean {
  return fault.kind === "access-denied" || fault.kind === "too-large";
}

function batchOf(
  ids: readonly TicketId[],
  records: readonly TicketRecord[],
  dynamicFields: readonly string[],
  timeZone: string,
): TicketBatch {
  const tickets = records.map((record) => snapshotOf(record, dynamicFields, timeZone));
  const found = new Set(tickets.map((ticket) => ticket.ticketId));
  return { tickets, unreadable: ids.filter((id) => !found.has(id)) };
}

function snapshotOf(record: TicketRecord, dynamicFields: readonly string[], timeZone: string): TicketSnapshot {
  const closedAt = instantIfAny(record.Closed, timeZone);
  const articles = record.Article.flatMap((article): readonly EntryTime[] => {
    const createdAt = instantOf(article.CreateTime, timeZone);
    const row = rowOf(unitsOf(article.TimeUnit), createdAt, article.Subject);
    return entryOf({ kind: "article", sourceId: article.ArticleID, createdAt }, [row]);
  });
  const ofArticles = articles.reduce((sum, entry) => sum + entry.units, 0);
  const rest = (unitsOf(record.TimeUnit) - ofArticles) as HundredthUnits;
  const fields = fieldsOf(record, timeZone);
  return {
    ...fields,
    closedAt,
    firstClosedAt: null,
    dynamicFields: valuesOf(record.DynamicField, dynamicFields),
    entries: [
      ...articles,
      // Nobody tells when it was booked; the close is the last moment that stays where it is.
      ...entryOf({ kind: "rest", sourceId: record.TicketID, createdAt: fields.createdAt }, [
        rowOf(rest, closedAt ?? fields.createdAt, null),
      ]),
    ],
  };
}

function rowOf(units: HundredthUnits, bookedAt: Temporal.Instant, subject: string | null): TimeRow {
  return { rowId: 0, units, bookedAt, agentLogin: null, agentName: null, subject };
}

function valuesOf(fields: TicketRecord["DynamicField"], wanted: readonly string[]): Readonly<Record<string, string>> {
  const values = fields.map(({ Name, Value }): [string, string] => [Name, Value ?? ""]);
  return Object.fromEntries(values.filter(([name, value]) => wanted.includes(name) && value !== ""));
}

function unitsOf(timeUnit: TicketRecord["TimeUnit"]): HundredthUnits {
  if (timeUnit === undefined) {
    throw new ConfigError(
      "The helpdesk tells tickets without their accounted time.",
      "OTRS tells it from version 6 on: update the helpdesk, and check that no mapping of the web service drops TimeUnit.",
    );
  }
  return hundredthUnitsOf(timeUnit ?? 0);
}
