import { describe, expect, test } from "vitest";
import { followUp, type FollowUpOptions, type FollowUpPorts } from "../../../src/billing/follow-up/index.ts";
import type { DueTicket, InboxItem, StoredDraft, TokenPlace, WatchedNow } from "../../../src/billing/ports.ts";
import { RejectedError, UnavailableError } from "../../../src/model/index.ts";
import type { FlowContext, HundredthUnits, TicketId } from "../../../src/model/index.ts";
import { createdAt, invoice, storedDraft, storedLine, ticketNumber, watchedNow } from "./samples.ts";

const context: FlowContext = { report: () => undefined, signal: new AbortController().signal };

interface World {
  drafts: StoredDraft[];
  nows: WatchedNow[];
  places: TokenPlace[];
  known: string[];
  answered: string[];
  told: number[];
  fields: Map<TicketId, string>;
  since: Temporal.Instant | null | undefined;
}

function emptyWorld(changes: Partial<World> = {}): World {
  return {
    drafts: [],
    nows: [],
    places: [],
    known: [],
    answered: [],
    told: [],
    fields: new Map(),
    since: undefined,
    ...changes,
  };
}

function portsOf(world: World, writeField?: FollowUpPorts["helpdesk"]["writeField"]): FollowUpPorts {
  return {
    kivitendo: {
      look: (drafts) =>
        Promise.resolve(world.nows.filter(({ draftId }) => drafts.some((draft) => draft.draftId === draftId))),
      findTokens: (numbers, since) => {
        world.since = since;
        return Promise.resolve(world.places.filter((each) => numbers.includes(each.ticketNumber)));
      },
      lastInvoiceBefore: () => Promise.resolve(0),
    },
    state: {
      readDrafts: ({ statuses, untold, asked, ticketNumbers, takenBackSince, takenBackFor }) =>
        Promise.resolve(
          world.drafts.filter(
            ({ draftId, status, lines, createdAt: made }) =>
              statuses?.includes(status) !== false &&
              asked === undefined &&
              takenBackFor === undefined &&
              (takenBackSince === undefined || Temporal.Instant.compare(made, takenBackSince) >= 0) &&
              (untold !== true || !world.told.includes(draftId)) &&
              (ticketNumbers === undefined ||
                lines.some((line) => line.ticketNumber !== null && ticketNumbers.includes(line.ticketNumber))),
          ),
        ),
      recordStatus: (draftId, status, found) => {
        world.drafts = world.drafts.map((draft) =>
          draft.draftId === draftId
            ? { ...draft, status, invoiceId: found?.invoiceId ?? null, invoiceNumber: found?.invoiceNumber ?? null }
            : draft,
        );
        return Promise.resolve();
      },
      recordTold: (draftId) => {
        world.told.push(draftId);
        return Promise.resolve();
      },
      knownPlaces: (places) =>
        Promise.resolve(places.filter(({ where, id }) => world.known.includes(`${where} ${id}`))),
      syncInbox: (items) => Promise.resolve({ added: items.length, open: items.length }),
      readUnanswered: (items) =>
        Promise.resolve(items.filter(({ about }) => !world.answered.includes(about.fingerprint ?? ""))),
    },
    helpdesk: {
      writeField:
        writeField ??
        ((ticketId, _field, value) => {
          world.fields.set(ticketId, value);
          return Promise.resolve();
        }),
    },
    now: () => createdAt.add({ hours: 24 }),
  };
}

function dueTicket(letter: string, changes: Partial<DueTicket> = {}): DueTicket {
  const key = { kind: "article", sourceId: 1, createdAt } as const;
  return {
    ticketId: letter.charCodeAt(0) as TicketId,
    ticketNumber: ticketNumber(letter),
    title: "",
    queue: "",
    service: "",
    sla: "",
    type: "",
    priority: "",
    state: "closed successful",
    stateType: "closed",
    companyKey: null,
    customerUser: "",
    dynamicFields: {},
    customerId: null,
    createdAt,
    closedAt: createdAt,
    closedBeforeStart: false,
    opening: null,
    held: false,
    billedElsewhere: false,
    entries: [{ key, units: 100 as HundredthUnits, rows: [], settledUnits: 0 as HundredthUnits }],
    lines: [],
    ...changes,
  };
}

function place(letter: string, where: TokenPlace["where"], id: string): TokenPlace {
  return { ticketNumber: ticketNumber(letter), where, id, label: `${where}-${id}`, customerId: null };
}

const draftRun: FollowUpOptions = { mode: "draft", due: [], invoiceNumberField: null, watchDays: 92 };

describe("what became of drafts", () => {
  const posted = watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1"]), invoice(6, ["B", "2"])] });
  const drafts = [storedDraft(1, [storedLine(1, "A", "1"), storedLine(2, "B", "2")])];

  test("is recorded, and by a plan only told", async () => {
    const world = emptyWorld({ drafts, nows: [posted] });
    const planned = await followUp(portsOf(world), { ...draftRun, mode: "plan" }, context);
    expect(planned.changes).toMatchObject([{ status: "posted", invoiceNumber: "RE5, RE6" }]);
    expect(world.drafts[0]?.status).toBe("waiting");
    const drafted = await followUp(portsOf(world), draftRun, context);
    expect(drafted).toEqual(planned);
    expect(world.drafts[0]).toMatchObject({ status: "posted", invoiceId: 5, invoiceNumber: "RE5, RE6" });
    expect((await followUp(portsOf(world), draftRun, context)).changes).toEqual([]);
  });

  test("an invoice that is known for another draft does not count", async () => {
    const world = emptyWorld({ drafts, nows: [posted], known: ["invoice 5", "invoice 6"] });
    const { changes, questions } = await followUp(portsOf(world), draftRun, context);
    expect(changes).toMatchObject([{ status: "gone" }]);
    expect(questions.map(({ reason }) => reason)).toEqual(["draft-gone"]);
  });

  test("drafts that were taken back long ago are not looked at", async () => {
    const lines = [storedLine(1, "A", "1", { reversed: true })];
    const old = storedDraft(1, lines, { status: "superseded", createdAt: createdAt.subtract({ hours: 24 * 100 }) });
    const world = emptyWorld({
      drafts: [old],
      nows: [watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1"])] })],
    });
    expect((await followUp(portsOf(world), draftRun, context)).questions).toEqual([]);
  });
});

describe("tickets whose number stands elsewhere", () => {
  const due = [
    dueTicket("A"),
    dueTicket("B", { createdAt: createdAt.subtract({ hours: 5 }) }),
    dueTicket("C", { held: true }),
  ];
  const places = [
    place("A", "invoice", "5"),
    place("A", "draft", "is-9"),
    place("B", "order", "7"),
    place("C", "order", "8"),
  ];

  test("are stopped and asked about, unless the ledger knows the place", async () => {
    const world = emptyWorld({ places, known: ["order 7", "draft is-9"] });
    const { stopped, questions } = await followUp(portsOf(world), { ...draftRun, due }, context);
    expect([...stopped]).toEqual([ticketNumber("A")]);
    expect(questions.map(({ reason, subject, about }) => [reason, subject, about])).toEqual([
      ["unknown-token", "ticket 65", { ticketId: 65, units: 100, fingerprint: "invoice 5" }],
    ]);
    expect(world.since?.equals(createdAt.subtract({ hours: 5 }))).toBe(true);
  });

  test("go on once somebody answered for these places, and stop again with another place", async () => {
    const world = emptyWorld({ places, known: ["order 7"], answered: ["draft is-9, invoice 5"] });
    expect((await followUp(portsOf(world), { ...draftRun, due }, context)).stopped.size).toBe(0);
    world.places.push(place("A", "invoice", "6"));
    expect((await followUp(portsOf(world), { ...draftRun, due }, context)).stopped.size).toBe(1);
  });

  test("the invoice of a draft that this very run found posted is known, in a plan too", async () => {
    const world = emptyWorld({
      drafts: [storedDraft(1, [storedLine(1, "A", "1")])],
      nows: [watchedNow(1, "missing", { invoices: [invoice(5, ["A", "1"])] })],
      places: [place("A", "invoice", "5")],
    });
    expect((await followUp(portsOf(world), { ...draftRun, mode: "plan", due }, context)).stopped.size).toBe(0);
  });

  test.each([
    { what: "a part of our order", status: "waiting", line: {}, stopped: 0 },
    { what: "an order of ours that is done with", status: "posted", line: {}, stopped: 0 },
    { what: "another line of our order", status: "waiting", line: { kivitendoRow: 8 }, stopped: 1 },
    { what: "a line that was taken back", status: "waiting", line: { reversed: true }, stopped: 1 },
    { what: "a line of another ticket", status: "waiting", line: { ticketNumber: ticketNumber("B") }, stopped: 1 },
  ] as const)("what kivitendo made of $what: $stopped stopped", async ({ status, line, stopped }) => {
    const target = "sales-order" as const;
    const lines = [storedLine(1, "A", "1", { kivitendoRow: 7, ...line }), storedLine(2, "A", "1", { kivitendoRow: 9 })];
    const linked = { invoices: [invoice(5, ["A", "1", "ST-STD", 7])], otherOrders: [{ orderId: 6, fromRow: 7 }] };
    const world = emptyWorld({
      drafts: [storedDraft(1, lines, { target, status })],
      nows: [watchedNow(1, "untouched", { ...linked, orderRows: [] })],
      places: [place("A", "invoice", "5"), place("A", "order", "6")],
    });
    const followed = await followUp(portsOf(world), { ...draftRun, mode: "plan", due: [dueTicket("A")] }, context);
    expect(followed.stopped.size).toBe(stopped);
    world.places = [place("A", "order", "66")];
    expect(
      (await followUp(portsOf(world), { ...draftRun, mode: "plan", due: [dueTicket("A")] }, context)).stopped.size,
    ).toBe(1);
  });

  test("are not looked for before somebody decides what was billed by hand", async () => {
    const world = emptyWorld({ places });
    const old = { closedBeforeStart: true, createdAt: null };
    const asked = [dueTicket("A", old), dueTicket("B", { ...old, opening: "bill" })];
    const { stopped } = await followUp(portsOf(world), { ...draftRun, due: asked }, context);
    expect([...stopped]).toEqual([ticketNumber("B")]);
  });

  test("one ticket of unknown age makes it look at all records", async () => {
    const world = emptyWorld();
    await followUp(portsOf(world), { ...draftRun, due: [...due, dueTicket("D", { createdAt: null })] }, context);
    expect(world.since).toBeNull();
  });
});

describe("the invoice's number on the ticket", () => {
  const options: FollowUpOptions = { ...draftRun, invoiceNumberField: "Invoice" };
  const posted = (draftId: number, letters: readonly string[], invoiceNumber: string): StoredDraft =>
    storedDraft(
      draftId,
      letters.map((letter, index) => storedLine(draftId * 10 + index, letter, "1")),
      { status: "posted", invoiceId: draftId, invoiceNumber },
    );

  test("all of a ticket, once", async () => {
    const world = emptyWorld({ drafts: [posted(1, ["A"], "RE1"), posted(2, ["A", "B"], "RE2")] });
    expect((await followUp(portsOf(world), options, context)).untold).toEqual([]);
    expect([...world.fields]).toEqual([
      [65, "RE1, RE2"],
      [66, "RE2"],
    ]);
    expect(world.told).toEqual([1, 2]);
    world.fields.clear();
    await followUp(portsOf(world), options, context);
    expect(world.fields.size).toBe(0);
  });

  test("a ticket that refuses it is told in the next run, and the others now", async () => {
    const world = emptyWorld({ drafts: [posted(1, ["A", "B"], "RE1"), posted(2, ["C"], "RE2")] });
    const written: TicketId[] = [];
    const { untold } = await followUp(
      portsOf(world, (ticketId) => {
        if (ticketId === 65) return Promise.reject(new RejectedError("Ticket 65 is in a closed queue.", "Open it."));
        written.push(ticketId);
        return Promise.resolve();
      }),
      options,
      context,
    );
    expect(untold).toEqual([{ ticketId: 65, ticketNumber: "65", why: "Ticket 65 is in a closed queue." }]);
    expect([written, world.told]).toEqual([[66, 67], [2]]);
    await followUp(portsOf(world), options, context);
    expect([world.fields.get(65 as TicketId), world.told]).toEqual(["RE1", [2, 1]]);
  });

  test("a helpdesk out of reach ends it, a plan writes nothing", async () => {
    const world = emptyWorld({ drafts: [posted(1, ["A"], "RE1")] });
    const down = portsOf(world, () => Promise.reject(new UnavailableError("down", "wait")));
    await expect(followUp(down, options, context)).rejects.toThrow(UnavailableError);
    await followUp(down, { ...options, mode: "plan" }, context);
    expect(world.told).toEqual([]);
  });
});

test("nothing waits and nothing is due: kivitendo is not asked", async () => {
  const ports = portsOf(emptyWorld());
  const refuse = (): never => {
    throw new Error("asked");
  };
  const questions: readonly InboxItem[] = (
    await followUp({ ...ports, kivitendo: { ...ports.kivitendo, look: refuse, findTokens: refuse } }, draftRun, context)
  ).questions;
  expect(questions).toEqual([]);
});
