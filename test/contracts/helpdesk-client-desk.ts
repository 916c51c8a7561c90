/** What the ticket part of the client suite prepares in a helpdesk: names of its own, so that searches find its tickets only. */
import { beforeAll } from "vitest";
import { z } from "zod";
import type { EntryTime, TicketBatch, TicketSnapshot } from "../../src/billing/ports.ts";
import type { Step } from "../../src/demo/helpdesk/index.ts";
import type { Helpdesk, HelpdeskOptions } from "../../src/helpdesk/index.ts";
import { TicketId } from "../../src/model/index.ts";
import type { ClientContract } from "./helpdesk-client-contract.ts";
import { freshTag } from "./helpdesk-under-test.ts";

export const never = new AbortController().signal;

const Made = z.object({ TicketID: TicketId, TicketNumber: z.string(), ArticleIDs: z.array(z.number()) });
export type Made = z.output<typeof Made>;

export interface Desk {
  readonly tag: string;
  readonly names: {
    readonly closed: string;
    readonly other: string;
    readonly renamed: string;
    readonly type: string;
    readonly service: string;
    readonly sla: string;
    /** A text field of tickets. */
    readonly field: string;
    /** A queue that the bridge's agent must not read. */
    readonly secretQueue: string;
  };
  /** Tickets in the suite's own closed state. */
  readonly closed: { readonly stateNames: readonly string[]; readonly stateTypes: readonly string[] };
  /** A moment at which hardly another test's ticket was closed, in the helpdesk's zone. */
  readonly long: { readonly ago: string };
  byHand(...steps: Step[]): Promise<unknown[]>;
  /** A closed ticket with an article for each time. */
  make(times: readonly (string | number)[], more?: object): Promise<Made>;
  connect(options?: Partial<HelpdeskOptions>): Helpdesk;
  /** The moment of a stamp in the helpdesk's zone, and back. */
  at(stamp: string): Temporal.Instant;
  stamp(moment: Temporal.Instant): string;
}

/** Sets everything up before the first test of the surrounding suite. */
export function prepareDesk(contract: ClientContract): Desk {
  const tag = freshTag();
  const names = namesFor(tag);
  let zone = "";
  const desk: Desk = {
    tag,
    names,
    closed: { stateNames: [names.closed], stateTypes: [] },
    long: { ago: longAgo(tag) },
    byHand: async (...steps) => contract.under.byHand(steps),
    async make(times, more = {}) {
      const [made] = await desk.byHand({
        Do: "TicketCreate",
        Title: `Drucker geht nicht äöü € ${tag}`,
        CustomerID: tag,
        CustomerUser: `${tag}-eva`,
        State: names.closed,
        Articles: times.map((TimeUnit) => ({ Subject: "Arbeit", TimeUnit })),
        ...more,
      });
      return Made.parse(made);
    },
    connect: (options = {}) => contract.connect({ ticketDynamicFields: [names.field], ...options }),
    at: (stamp) => Temporal.PlainDateTime.from(stamp.replace(" ", "T")).toZonedDateTime(zone).toInstant(),
    stamp: (moment) =>
      moment.toZonedDateTimeISO(zone).toPlainDateTime().toString({ smallestUnit: "second" }).replace("T", " "),
  };
  beforeAll(async () => {
    await desk.byHand(
      { Do: "StateEnsure", Name: names.closed, Type: "closed" },
      { Do: "StateEnsure", Name: names.other, Type: "closed" },
      { Do: "StateEnsure", Name: names.renamed, Type: "closed" },
      { Do: "NameEnsure", Kind: "Type", Name: names.type },
      { Do: "NameEnsure", Kind: "Service", Name: names.service },
      { Do: "NameEnsure", Kind: "SLA", Name: names.sla },
      { Do: "DynamicFieldEnsure", ObjectType: "Ticket", Name: names.field, FieldType: "Text" },
      { Do: "QueueEnsure", Name: names.secretQueue, Group: "admin" },
    );
    zone = (await contract.connect().info()).timeZone;
  });
  return desk;
}

function namesFor(tag: string): Desk["names"] {
  return {
    closed: `closed ${tag}`,
    other: `closed otherwise ${tag}`,
    renamed: `closed some day ${tag}`,
    type: "Kivi Incident",
    service: "Kivi Wartung",
    sla: "Kivi Gold",
    field: "KiviContract",
    secretQueue: "Kivi Geheim",
  };
}

/** Another second of the years 2003 and 2004 for every run. */
function longAgo(tag: string): string {
  const seconds = Number.parseInt(tag.slice(1), 16) % (600 * 86_400);
  const moment = Temporal.PlainDateTime.from("2003-01-01T12:00:00").add({ seconds });
  return moment.toString({ smallestUnit: "second" }).replace("T", " ");
}

export function idsOf(batches: readonly TicketBatch[]): TicketId[] {
  return batches.flatMap((batch) => batch.tickets.map((ticket) => ticket.ticketId));
}

/** Kind, id and units of every entry. */
export function timeOf(
  ticket: TicketSnapshot | undefined,
): readonly (readonly [kind: EntryTime["key"]["kind"], sourceId: number, units: number])[] {
  return (ticket?.entries ?? []).map(({ key, units }) => [key.kind, key.sourceId, units]);
}
