import { beforeAll, describe, expect, test } from "vitest";
import type { HelpdeskTickets, TicketSnapshot } from "../../src/billing/ports.ts";
import { TicketId } from "../../src/model/index.ts";
import type { ClientContract } from "./helpdesk-client-contract.ts";
import { describeCollecting } from "./helpdesk-client-collecting.ts";
import { idsOf, never, prepareDesk, timeOf } from "./helpdesk-client-desk.ts";
import type { Desk } from "./helpdesk-client-desk.ts";

const september = { ClosedAt: "2026-09-15 10:00:00", ChangedAt: "2026-09-20 12:00:00" };

/** The port of flow 2, the same through the add-on and through the stock operations. */
export function describeTicketsPort(contract: ClientContract): void {
  const desk = prepareDesk(contract);
  describe.each([{ collect: "add-on" }, { collect: "stock" }] as const)("tickets, $collect", ({ collect }) => {
    const way = {} as { tickets: HelpdeskTickets };
    beforeAll(() => {
      way.tickets = desk.connect({ collect }).tickets;
    });
    const read = async (id: TicketId): Promise<TicketSnapshot | undefined> =>
      (await Array.fromAsync(way.tickets.read([id], never)))[0]?.tickets[0];
    describeContents(desk, read);
    describeEvents(desk, read);
    describeSearch(desk, way, read);
  });
  describeCollecting(desk);
}

type Read = (id: TicketId) => Promise<TicketSnapshot | undefined>;

function describeContents(desk: Desk, read: Read): void {
  test("a ticket comes as it is, with its time to the hundredth", async () => {
    const { TicketID, TicketNumber, ArticleIDs } = await desk.make(["1.25", 0, "0.10", "0.20", "-0.25"]);
    await desk.byHand(
      { Do: "TicketSet", TicketID, Type: desk.names.type, Service: desk.names.service, SLA: desk.names.sla },
      { Do: "TicketSet", TicketID, Priority: "5 very high" },
      { Do: "DynamicFieldSet", ObjectType: "Ticket", Key: String(TicketID), Name: desk.names.field, Value: "Gold äöü" },
      { Do: "TicketTimes", TicketID, ...september },
    );
    const ticket = await read(TicketID);
    expect(ticket).toMatchObject({
      ticketId: TicketID,
      ticketNumber: TicketNumber,
      title: `Drucker geht nicht äöü € ${desk.tag}`,
      queue: "Support",
      service: desk.names.service,
      sla: desk.names.sla,
      type: desk.names.type,
      priority: "5 very high",
      state: desk.names.closed,
      stateType: "closed",
      companyKey: desk.tag,
      customerUser: `${desk.tag}-eva`,
      dynamicFields: { [desk.names.field]: "Gold äöü" },
    });
    expect(timeOf(ticket)).toEqual([
      ["article", ArticleIDs[0], 125],
      ["article", ArticleIDs[2], 10],
      ["article", ArticleIDs[3], 20],
      ["article", ArticleIDs[4], -25],
    ]);
    expect(ticket?.entries[0]?.rows).toMatchObject([{ units: 125, subject: "Arbeit" }]);
    expect(String(ticket?.closedAt)).toBe(String(desk.at(september.ClosedAt)));
    expect(String(ticket?.changedAt)).toBe(String(desk.at(september.ChangedAt)));
    const age = ticket?.entries[0]?.key.createdAt.until(Temporal.Now.instant()).total("seconds");
    expect(Math.abs(age ?? 1e9)).toBeLessThan(600);
  });

  test("a ticket without anything", async () => {
    const { TicketID } = await desk.make([], { CustomerID: "", CustomerUser: "", State: "open" });
    expect(await read(TicketID)).toMatchObject({
      service: "",
      sla: "",
      companyKey: null,
      customerUser: "",
      dynamicFields: {},
      closedAt: null,
      firstClosedAt: null,
      entries: [],
    });
  });

  test("all time of a ticket is told, also what belongs to no article", async () => {
    const { TicketID, ArticleIDs } = await desk.make(["1.00"]);
    await desk.byHand({ Do: "TicketBook", TicketID, TimeUnit: "0.50", WithoutArticle: 1 });
    const [first, second, ...more] = timeOf(await read(TicketID));
    expect(first).toEqual(["article", ArticleIDs[0], 100]);
    expect([second?.[2], more]).toEqual([50, []]);
  });

  test("a second row of an article is told with the first; rows that cancel each other out are none", async () => {
    const { TicketID, ArticleIDs } = await desk.make(["1", "0.5"]);
    await desk.byHand(
      { Do: "TicketBook", TicketID, TimeUnit: "0.25", ArticleID: ArticleIDs[0] ?? 0 },
      { Do: "TicketBook", TicketID, TimeUnit: "-0.5", ArticleID: ArticleIDs[1] ?? 0 },
    );
    expect(timeOf(await read(TicketID))).toEqual([["article", ArticleIDs[0], 125]]);
  });
}

function describeEvents(desk: Desk, read: Read): void {
  test("a merge carries articles and their time over, ids and creation included", async () => {
    const main = await desk.make(["1"]);
    const merged = await desk.make(["0.5"]);
    const before = await read(merged.TicketID);
    await desk.byHand({ Do: "TicketMerge", MainTicketID: main.TicketID, MergeTicketID: merged.TicketID });
    const after = await read(main.TicketID);
    expect(timeOf(after)).toEqual([
      ["article", main.ArticleIDs[0], 100],
      ["article", merged.ArticleIDs[0], 50],
    ]);
    expect(String(after?.entries[1]?.key.createdAt)).toBe(String(before?.entries[0]?.key.createdAt));
    expect(await read(merged.TicketID)).toMatchObject({ stateType: "merged", entries: [] });
  });

  test("a split leaves the time where it is", async () => {
    const { TicketID, ArticleIDs } = await desk.make(["1"]);
    const [split] = await desk.byHand({ Do: "TicketSplit", TicketID, ArticleID: ArticleIDs[0] ?? 0 });
    expect(timeOf(await read(TicketID))).toEqual([["article", ArticleIDs[0], 100]]);
    const { TicketID: newId } = split as { TicketID: number };
    expect(await read(TicketId.parse(newId))).toMatchObject({ entries: [] });
  });

  test("a deleted article is gone with its time, and a restored one is the same again", async () => {
    const { TicketID, ArticleIDs } = await desk.make(["1", "2"]);
    const before = await read(TicketID);
    const second = { TicketID, ArticleID: ArticleIDs[1] ?? 0 };
    await desk.byHand({ Do: "ArticleDelete", ...second });
    expect(timeOf(await read(TicketID))).toEqual([["article", ArticleIDs[0], 100]]);
    await desk.byHand({ Do: "ArticleRestore", ...second });
    const keys = (ticket: TicketSnapshot | undefined): unknown => JSON.stringify(ticket?.entries.map(({ key }) => key));
    expect(keys(await read(TicketID))).toBe(keys(before));
  });

  test("an archived ticket is read like others", async () => {
    const { TicketID } = await desk.make(["1"]);
    await desk.byHand({ Do: "TicketArchive", TicketID });
    expect((await read(TicketID))?.entries).toHaveLength(1);
  });

  test("a renamed state is told under its new name, and found by it", async () => {
    const { TicketID } = await desk.make(["1"], { State: desk.names.renamed });
    const State = `${desk.names.renamed} anew`;
    await desk.byHand({ Do: "StateRename", State: desk.names.renamed, Name: State });
    expect((await read(TicketID))?.state).toBe(State);
    await desk.byHand({ Do: "StateRename", State, Name: desk.names.renamed });
  });
}

function describeSearch(desk: Desk, way: { readonly tickets: HelpdeskTickets }, read: Read): void {
  const search = async (since: string | null, states: object = {}): Promise<readonly TicketId[]> => {
    const changedSince = since === null ? null : desk.at(since);
    return idsOf(await Array.fromAsync(way.tickets.changed({ ...desk.closed, ...states, changedSince }, never)));
  };

  test("found by the last change, both ends of a second included, in its order", async () => {
    const first = await desk.make(["1"]);
    const second = await desk.make(["1"]);
    const ClosedAt = "2026-09-01 08:00:00";
    await desk.byHand(
      { Do: "TicketTimes", TicketID: second.TicketID, ClosedAt, ChangedAt: "2026-09-20 12:00:01" },
      { Do: "TicketTimes", TicketID: first.TicketID, ClosedAt, ChangedAt: "2026-09-20 12:00:02" },
    );
    const both = new Set([first.TicketID, second.TicketID]);
    const ours = (ids: readonly TicketId[]): TicketId[] => ids.filter((id) => both.has(id));
    expect(ours(await search(null))).toEqual([second.TicketID, first.TicketID]);
    expect(ours(await search("2026-09-20 12:00:01"))).toEqual([second.TicketID, first.TicketID]);
    expect(ours(await search("2026-09-20 12:00:02"))).toEqual([first.TicketID]);
    expect(ours(await search("2026-09-20 12:00:03"))).toEqual([]);
  });

  test("found by type or by name of its state, and not when it is open again", async () => {
    const { TicketID } = await desk.make(["1"]);
    // By type the whole helpdesk is searched, so only what changed just now.
    const byType = { stateTypes: ["closed"], stateNames: [] };
    const justNow = desk.stamp((await read(TicketID))?.changedAt ?? desk.at("2030-01-01 00:00:00"));
    expect(await search(justNow, byType)).toContain(TicketID);
    expect(await search(null)).toContain(TicketID);
    expect(await search(null, { stateNames: [desk.names.other] })).not.toContain(TicketID);
    await desk.byHand({ Do: "TicketState", TicketID, State: "open" });
    expect(await search(justNow, byType)).not.toContain(TicketID);
    expect(await search(null)).not.toContain(TicketID);
    expect(await read(TicketID)).toMatchObject({ stateType: "open", closedAt: expect.anything() });
  });

  test("a name that does not exist is refused, not taken for nothing", async () => {
    await expect(search(null, { stateNames: ["closed sucessful"] })).rejects.toThrow(/no ticket state/);
  });

  test("closed before a moment: any close counts, in any state now, and the moment itself does not", async () => {
    const { TicketID } = await desk.make(["1"]);
    await desk.byHand(
      { Do: "TicketTimes", TicketID, ClosedAt: desk.long.ago },
      { Do: "TicketState", TicketID, State: "open" },
      { Do: "TicketState", TicketID, State: desk.names.closed },
      { Do: "TicketState", TicketID, State: "open" },
    );
    const before = async (moment: Temporal.Instant, since: Temporal.Instant | null = null): Promise<boolean> =>
      idsOf(await Array.fromAsync(way.tickets.closedBefore(moment, since, never))).includes(TicketID);
    const moment = desk.at(desk.long.ago);
    expect(await before(moment.add({ seconds: 1 }))).toBe(true);
    expect(await before(moment)).toBe(false);
    const justNow = Temporal.Now.instant();
    expect(await before(moment.add({ seconds: 1 }), justNow.subtract({ minutes: 2 }))).toBe(true);
    expect(await before(moment.add({ seconds: 1 }), justNow.add({ hours: 30 }))).toBe(false);
  });

  test("time booked after the close moves the last change, not the close", async () => {
    const { TicketID } = await desk.make(["1"]);
    await desk.byHand({ Do: "TicketTimes", TicketID, ...september });
    expect(await search("2026-09-21 00:00:00")).not.toContain(TicketID);
    await desk.byHand({ Do: "TicketBook", TicketID, TimeUnit: "0.75" });
    expect(await search("2026-09-21 00:00:00")).toContain(TicketID);
    const ticket = await read(TicketID);
    expect(String(ticket?.closedAt)).toBe(String(desk.at(september.ClosedAt)));
    expect(timeOf(ticket).map(([, , units]) => units)).toEqual([100, 75]);
  });
}
