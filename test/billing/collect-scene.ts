/** A helpdesk and a memory that tests of collecting make up. */
import { expect } from "vitest";
import { collectTickets } from "../../src/billing/collect.ts";
import type { Collected, CollectPorts, CollectRules } from "../../src/billing/collect.ts";
import type { Cursor, HelpdeskTickets, TicketBatch, TicketSearch, TicketSnapshot } from "../../src/billing/ports.ts";
import type { ProgressEvent, TicketId } from "../../src/model/index.ts";
import { articleEntry, ticket, ticketId } from "../support/tickets.ts";

export const at = (text: string): Temporal.Instant => Temporal.Instant.from(`2026-${text}Z`);

export const rules: CollectRules = {
  start: at("10-01T00:00:00"),
  scope: "closed from 2026-10-01",
  stateNames: [],
  stateTypes: ["closed"],
  unbilledStates: ["canceled"],
  otherStates: ["new", "open"],
  overlap: Temporal.Duration.from({ minutes: 60 }),
  reread: { days: 90, everyHours: 24 },
  ticketNumbers: [],
  now: at("11-22T08:00:00"),
};

export const cursor: Cursor = {
  changedSince: at("11-20T10:00:00"),
  helpdeskNow: at("11-21T08:00:00"),
  rereadAt: at("11-22T07:00:00"),
};

export const changedAt = (id: number, text: string, changes: Partial<TicketSnapshot> = {}): TicketSnapshot =>
  ticket(id, { [id]: 10 }, { changedAt: at(text), ...changes });

export interface Scene {
  readonly cursor?: Cursor | null;
  readonly rules?: Partial<CollectRules>;
  readonly detail?: HelpdeskTickets["detail"];
  /** Pages that a search by change answers. */
  readonly changed?: readonly (readonly TicketSnapshot[])[];
  readonly early?: readonly TicketSnapshot[];
  readonly open?: readonly number[];
  /** Those of them that are merged, without articles of their own; each had settled time on an article with its id. */
  readonly merged?: readonly number[];
  /** Tickets in other states, as a search for them answers. */
  readonly others?: readonly TicketSnapshot[];
  readonly unreadable?: readonly number[];
  /** The helpdesk's clock, page by page; the last one goes on. */
  readonly clock?: readonly (string | null)[];
}

export interface Played {
  readonly collected: Collected;
  readonly searches: readonly TicketSearch[];
  readonly earlySearches: readonly (string | null)[];
  readonly readIds: readonly TicketId[];
  readonly askedOpen: readonly unknown[];
  readonly events: readonly ProgressEvent[];
}

export async function play(scene: Scene, signal = new AbortController().signal): Promise<Played> {
  const searches: TicketSearch[] = [];
  const earlySearches: (string | null)[] = [];
  const readIds: TicketId[] = [];
  const askedOpen: unknown[] = [];
  const events: ProgressEvent[] = [];
  const clock = scene.clock ?? ["11-22T08:00:00"];
  let pages = 0;
  const page = (tickets: readonly TicketSnapshot[], unreadable: readonly TicketId[] = []): TicketBatch => {
    pages += 1;
    return { tickets, unreadable };
  };
  const refuse = (): Promise<never> => Promise.reject(new Error("not asked for in these tests"));
  const helpdesk: HelpdeskTickets = {
    info: refuse,
    writeField: refuse,
    detail: scene.detail ?? "rows",
    async *changed(search) {
      searches.push(search);
      if (search.stateNames.length > 0) {
        yield await Promise.resolve(page(scene.others ?? [], [ticketId(99)]));
        return;
      }
      for (const tickets of scene.changed ?? []) yield await Promise.resolve(page(tickets));
      // An empty answer tells the time, too.
      pages += 1;
    },
    async *closedBefore(moment, since) {
      expect(moment).toEqual(rules.start);
      earlySearches.push(since?.toString() ?? null);
      yield await Promise.resolve(page(scene.early ?? []));
    },
    async *read(ids) {
      readIds.push(...ids);
      const gone = ids.filter((id) => scene.unreadable?.includes(id));
      yield await Promise.resolve(
        page(
          ids
            .filter((id) => !gone.includes(id))
            .map((id) =>
              scene.merged?.includes(id) === true
                ? ticket(id, {}, { changedAt: at("11-21T00:00:00"), stateType: "Merged" })
                : changedAt(id, "10-05T00:00:00"),
            ),
          gone,
        ),
      );
    },
    now() {
      const text = clock[Math.min(Math.max(pages, 1), clock.length) - 1] ?? null;
      return text === null ? null : at(text);
    },
  };
  const ports: CollectPorts = {
    helpdesk,
    state: {
      readCursor: (scope) => Promise.resolve(scope === rules.scope ? (scene.cursor ?? null) : null),
      readOpenTickets: (also) => {
        askedOpen.push(also);
        return Promise.resolve((scene.open ?? []).map(ticketId));
      },
      readSettledEntries: (ids) => Promise.resolve(ids.map((id) => ({ ticketId: id, key: articleEntry(id, 10).key }))),
    },
  };
  const context = { report: (event: ProgressEvent) => events.push(event), signal };
  const collected = await collectTickets(ports, { ...rules, ...scene.rules }, context);
  return { collected, searches, earlySearches, readIds, askedOpen, events };
}

export const idsOf = ({ batches }: Collected): number[] =>
  batches.flatMap((batch) => [...batch.tickets.map((each) => each.ticketId), ...batch.unreadable]);
