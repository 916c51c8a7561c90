import { describe, expect, test } from "vitest";
import type { TicketBatch, TicketSnapshot } from "../../src/billing/ports.ts";
import type { Helpdesk } from "../../src/helpdesk/index.ts";
import { TicketId } from "../../src/model/index.ts";
import { idsOf, never, timeOf } from "./helpdesk-client-desk.ts";
import type { Desk } from "./helpdesk-client-desk.ts";

/** No helpdesk under test has as many tickets. */
const nobodysTicket = TicketId.parse(2_000_000_000);

const ways = ["add-on", "stock"] as const;

/** Reading many tickets, and what the two ways tell alike and differently. */
export function describeCollecting(desk: Desk): void {
  describe("collecting", () => {
    describe.each(ways)("%s, in small pages", (collect) => {
      describePages(desk, () => desk.connect({ collect, ticketPage: 2, ticketChunk: 2 }));
    });
    describeAlike(desk);
    describeFieldWriting(desk);
  });
}

function describePages(desk: Desk, connect: () => Helpdesk): void {
  test("many tickets of one second come all, each once, whatever the pages", async () => {
    const made = [];
    for (let index = 0; index < 5; index += 1) made.push(await desk.make(["1"], { State: desk.names.other }));
    const ids = made.map((one) => one.TicketID);
    await desk.byHand(
      ...ids.map((id) => ({ Do: "TicketTimes" as const, TicketID: id, ClosedAt: "2026-08-01 10:00:00" })),
    );
    const search = { stateNames: [desk.names.other], stateTypes: [], changedSince: desk.at("2026-08-01 10:00:00") };
    const found = idsOf(await Array.fromAsync(connect().tickets.changed(search, never)));
    expect(found.filter((id) => ids.includes(id)).toSorted((a, b) => a - b)).toEqual(ids);
    expect(new Set(found).size).toBe(found.length);
  });

  test("tickets that change while pages are read are told, as they are then", async () => {
    const stamps = ["01", "02", "03", "04", "05"].map((second) => `2026-08-02 10:00:${second}`);
    const made: { id: TicketId; stamp: string }[] = [];
    for (const stamp of stamps) {
      const { TicketID } = await desk.make(["1"], { State: desk.names.renamed });
      await desk.byHand({ Do: "TicketTimes", TicketID, ClosedAt: stamp });
      made.push({ id: TicketID, stamp });
    }
    const [told, , , coming] = made;
    const search = { stateNames: [desk.names.renamed], stateTypes: [], changedSince: desk.at(stamps[0] ?? "") };
    const last = new Map<number, TicketSnapshot>();
    let batches = 0;
    for await (const batch of connect().tickets.changed(search, never)) {
      batches += 1;
      if (batches === 1) {
        for (const one of [told, coming])
          if (one) await desk.byHand({ Do: "TicketBook", TicketID: one.id, TimeUnit: "0.5" });
      }
      for (const ticket of batch.tickets) last.set(ticket.ticketId, ticket);
    }
    expect(made.filter(({ id }) => !last.has(id))).toEqual([]);
    expect(unitsOf(last.get(coming?.id ?? 0))).toBe(150);
    // What was told before it changed comes in this reading or in the next, which begins where this one ended.
    const changedSince = Temporal.Now.instant().subtract({ minutes: 5 });
    const next = await Array.fromAsync(connect().tickets.changed({ ...search, changedSince }, never));
    expect(unitsOf(next.flatMap(({ tickets }) => tickets).find(({ ticketId }) => ticketId === told?.id))).toBe(150);
  });

  test("tickets that are forbidden, gone or of nobody hide no others", async () => {
    const own = [await desk.make(["1"]), await desk.make(["2"]), await desk.make(["3"])];
    const root = { Agent: "root@localhost", Queue: desk.names.secretQueue };
    const secret = await desk.make(["4"], root);
    const gone = await desk.make(["5"]);
    await desk.byHand({ Do: "TicketDelete", TicketID: gone.TicketID });
    const [first, second, third] = own.map((one) => one.TicketID);
    const wanted = [first, secret.TicketID, second, nobodysTicket, gone.TicketID, third].flatMap((id) => id ?? []);
    const batches = await Array.fromAsync(connect().tickets.read(wanted, never));
    expect(idsOf(batches)).toEqual([first, second, third]);
    const unreadable = batches.flatMap((batch) => batch.unreadable);
    expect(new Set(unreadable)).toEqual(new Set([secret.TicketID, gone.TicketID, nobodysTicket]));
    expect(unreadable).toHaveLength(3);
    const found = idsOf(
      await Array.fromAsync(connect().tickets.changed({ ...desk.closed, changedSince: null }, never)),
    );
    expect(found).toEqual(expect.arrayContaining([first, second, third]));
    expect(found).not.toContain(secret.TicketID);
  });
}

function describeAlike(desk: Desk): void {
  const readBoth = async (ids: readonly TicketId[]): Promise<readonly (readonly TicketBatch[])[]> =>
    Promise.all(ways.map(async (collect) => Array.fromAsync(desk.connect({ collect }).tickets.read(ids, never))));

  test("both ways tell the same tickets, entries and ledger keys", async () => {
    const made = [
      await desk.make(["1.25", "0.10", "-0.05"]),
      await desk.make(["0.1", "0.2", "0.7"], { State: "open" }),
      await desk.make(["2"], { CustomerID: "", CustomerUser: "" }),
      await desk.make(["0.5"]),
    ];
    const [first, second, third, merged] = made.map((one) => one.TicketID);
    await desk.byHand(
      { Do: "TicketBook", TicketID: first ?? 0, TimeUnit: "0.33", ArticleID: made[0]?.ArticleIDs[0] ?? 0 },
      { Do: "TicketState", TicketID: second ?? 0, State: desk.names.closed },
      { Do: "TicketState", TicketID: second ?? 0, State: "open" },
      { Do: "TicketSet", TicketID: third ?? 0, Service: desk.names.service, Priority: "1 very low" },
      { Do: "TicketMerge", MainTicketID: first ?? 0, MergeTicketID: merged ?? 0 },
      { Do: "TicketArchive", TicketID: third ?? 0 },
    );
    const [addon = [], stock = []] = await readBoth(made.map((one) => one.TicketID));
    expect(plainTickets(addon)).toHaveLength(4);
    expect(plainTickets(addon)).toEqual(plainTickets(stock));
  });

  test("rows, agents, the first close and the clock come through the add-on only", async () => {
    const UserLogin = `${desk.tag}-max`;
    await desk.byHand({
      Do: "AgentEnsure",
      UserLogin,
      Password: "throwaway-1",
      FirstName: "Max",
      LastName: "Weg",
      Groups: { users: "rw" },
    });
    const { TicketID, ArticleIDs } = await desk.make(["1"]);
    const article = ArticleIDs[0] ?? 0;
    await desk.byHand(
      { Do: "TicketTimes", TicketID, ClosedAt: "2026-09-01 10:00:00" },
      { Do: "TicketState", TicketID, State: "open" },
      { Do: "TicketState", TicketID, State: desk.names.closed },
      { Do: "TicketBook", TicketID, TimeUnit: "0.25", ArticleID: article, At: "2026-09-30 09:00:00", Agent: UserLogin },
      { Do: "TicketBook", TicketID, TimeUnit: "0.5", WithoutArticle: 1, At: "2026-09-30 10:00:00" },
      { Do: "AgentValid", UserLogin, ValidID: 2 },
    );
    const [addon = [], stock = []] = await readBoth([TicketID]);
    const [told, less] = [addon[0]?.tickets[0], stock[0]?.tickets[0]];
    expect(timeOf(told)).toEqual([
      ["article", article, 125],
      ["row", expect.any(Number), 50],
    ]);
    expect(timeOf(less)).toEqual([
      ["article", article, 125],
      ["rest", TicketID, 50],
    ]);
    const [ofArticle, ofNone] = told?.entries ?? [];
    expect(ofArticle?.rows).toMatchObject([
      { units: 100, agentLogin: "bridge", subject: "Arbeit" },
      { units: 25, agentLogin: UserLogin, agentName: "Max Weg", subject: "Arbeit" },
    ]);
    expect(String(ofArticle?.rows[1]?.bookedAt)).toBe(String(desk.at("2026-09-30 09:00:00")));
    expect(String(ofNone?.key.createdAt)).toBe(String(desk.at("2026-09-30 10:00:00")));
    expect(less?.entries[0]?.rows).toMatchObject([{ rowId: 0, units: 125, agentLogin: null, agentName: null }]);
    expect([String(told?.firstClosedAt), less?.firstClosedAt]).toEqual([String(desk.at("2026-09-01 10:00:00")), null]);
  });

  test("the clock of the helpdesk is told by the add-on, from the first page on", async () => {
    for (const collect of ways) {
      const { tickets } = desk.connect({ collect });
      expect(tickets.now()).toBeNull();
      await Array.fromAsync(tickets.changed({ ...desk.closed, changedSince: Temporal.Now.instant() }, never));
      const off = tickets.now()?.until(Temporal.Now.instant()).total("seconds");
      if (collect === "stock") expect(off).toBeUndefined();
      else expect(Math.abs(off ?? 1e9)).toBeLessThan(120);
    }
  });

  test("more tickets than a search tells at once are found in parts", async () => {
    const search = { ...desk.closed, changedSince: null };
    const all = idsOf(await Array.fromAsync(desk.connect().tickets.changed(search, never)));
    const limited = desk.connect({ collect: "stock", searchLimit: all.length });
    const found = idsOf(await Array.fromAsync(limited.tickets.changed(search, never)));
    // In any order: tickets of the same second come as the database likes.
    expect(new Set(found)).toEqual(new Set(all));
  });
}

function describeFieldWriting(desk: Desk): void {
  test("a text field of a ticket is set, and what cannot be set is named", async () => {
    const { tickets } = desk.connect();
    const { TicketID } = await desk.make(["1"]);
    const field = { ObjectType: "Ticket" as const, Key: String(TicketID), Name: desk.names.field };
    await tickets.writeField(TicketID, desk.names.field, "RE-4711 äöü");
    expect(await desk.byHand({ Do: "DynamicFieldGet", ...field })).toEqual(["RE-4711 äöü"]);
    await tickets.writeField(TicketID, desk.names.field, "RE-4712");
    const [batch] = await Array.fromAsync(tickets.read([TicketID], never));
    expect(batch?.tickets[0]?.dynamicFields).toEqual({ [desk.names.field]: "RE-4712" });
    const unknown = { name: "ConfigError", message: expect.stringContaining("KiviNobody") };
    await expect(tickets.writeField(TicketID, "KiviNobody", "x")).rejects.toMatchObject(unknown);
    const secret = await desk.make(["1"], { Agent: "root@localhost", Queue: desk.names.secretQueue });
    for (const id of [secret.TicketID, nobodysTicket]) {
      await expect(tickets.writeField(id, desk.names.field, "x")).rejects.toMatchObject({ name: "RejectedError" });
    }
  });
}

function unitsOf(ticket: TicketSnapshot | undefined): number {
  return (ticket?.entries ?? []).reduce((sum, entry) => sum + entry.units, 0);
}

/** What both ways promise, by ticket: everything but rows and the first close. */
function plainTickets(batches: readonly TicketBatch[]): readonly object[] {
  const tickets = batches.flatMap((batch) => batch.tickets).toSorted((a, b) => a.ticketId - b.ticketId);
  return tickets.map((ticket) => ({
    ...(JSON.parse(JSON.stringify(ticket)) as object),
    firstClosedAt: null,
    entries: ticket.entries.map(({ key, units }) => ({ ...key, createdAt: String(key.createdAt), units })),
  }));
}
