import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { TicketBatch, TicketSnapshot } from "../../src/billing/ports.ts";
import type { Step } from "../../src/demo/helpdesk/index.ts";
import { TicketId } from "../../src/model/index.ts";
import type { ClientContract } from "./helpdesk-client-contract.ts";
import { freshTag } from "./helpdesk-under-test.ts";

const Made = z.object({ TicketID: TicketId, TicketNumber: z.string(), ArticleIDs: z.array(z.number()) });
type Made = z.output<typeof Made>;

/** No helpdesk under test has as many tickets. */
const nobodysTicket = TicketId.parse(2_000_000_000);

const september = { ClosedAt: "2026-09-15 10:00:00", ChangedAt: "2026-09-20 12:00:00" };
const closed = { stateNames: [], stateTypes: ["closed"] };

/** The port of flow 2. */
export function describeTicketsPort(contract: ClientContract): void {
  describe("tickets", () => {
    const tag = freshTag();
    let zone = "";

    const byHand = byHandIn(contract);
    const readAll = readerOf(contract);
    const make = async (articles: readonly (string | number)[], more: object = {}): Promise<Made> => {
      const [made] = await byHand({
        Do: "TicketCreate",
        Title: `Drucker geht nicht äöü € ${tag}`,
        CustomerID: tag,
        CustomerUser: `${tag}-eva`,
        State: "closed successful",
        Articles: articles.map((TimeUnit) => ({ Subject: "Arbeit", TimeUnit })),
        ...more,
      });
      return Made.parse(made);
    };
    const at = (stamp: string): Temporal.Instant =>
      Temporal.PlainDateTime.from(stamp.replace(" ", "T")).toZonedDateTime(zone).toInstant();
    const search = async (
      since: string | null,
      states: typeof closed | object = closed,
    ): Promise<readonly TicketId[]> =>
      contract.helpdesk.tickets.search({ ...closed, ...states, changedSince: since === null ? null : at(since) });
    const read = async (id: TicketId): Promise<TicketSnapshot | undefined> => (await readAll([id]))[0]?.tickets[0];

    beforeAll(async () => {
      zone = (await contract.helpdesk.info()).timeZone;
    });

    test("a ticket comes as it is, with its time to the hundredth", async () => {
      const { TicketID, TicketNumber, ArticleIDs } = await make(["1.25", 0, "0.10", "0.20", "-0.25"]);
      await byHand({ Do: "TicketTimes", TicketID, ...september });
      const ticket = await read(TicketID);
      expect(ticket).toMatchObject({
        ticketId: TicketID,
        ticketNumber: TicketNumber,
        title: `Drucker geht nicht äöü € ${tag}`,
        queue: "Support",
        state: "closed successful",
        stateType: "closed",
        companyKey: tag,
        totalUnits: 130,
      });
      expect(ticket?.articles.map((article) => [article.articleId, article.units])).toEqual([
        [ArticleIDs[0], 125],
        [ArticleIDs[2], 10],
        [ArticleIDs[3], 20],
        [ArticleIDs[4], -25],
      ]);
      expect(String(ticket?.closedAt)).toBe(String(at(september.ClosedAt)));
      expect(String(ticket?.changedAt)).toBe(String(at(september.ChangedAt)));
      const age = ticket?.articles[0]?.createdAt.until(Temporal.Now.instant()).total("seconds");
      expect(Math.abs(age ?? 1e9)).toBeLessThan(600);
    });

    test("a ticket without customer and time", async () => {
      const { TicketID } = await make([], { CustomerID: "", CustomerUser: "", State: "open" });
      expect(await read(TicketID)).toMatchObject({ companyKey: null, closedAt: null, totalUnits: 0, articles: [] });
    });

    test("time without an article is in the total only", async () => {
      const { TicketID } = await make(["1.00"]);
      await byHand({ Do: "TicketBook", TicketID, TimeUnit: "0.50", WithoutArticle: 1 });
      const ticket = await read(TicketID);
      expect(ticket?.totalUnits).toBe(150);
      expect(ticket?.articles.map((article) => article.units)).toEqual([100]);
    });

    test("found by the last change, both ends of a second included, in its order", async () => {
      const first = await make(["1"]);
      const second = await make(["1"]);
      await byHand(
        {
          Do: "TicketTimes",
          TicketID: second.TicketID,
          ClosedAt: "2026-09-01 08:00:00",
          ChangedAt: "2026-09-20 12:00:01",
        },
        {
          Do: "TicketTimes",
          TicketID: first.TicketID,
          ClosedAt: "2026-09-01 08:00:00",
          ChangedAt: "2026-09-20 12:00:02",
        },
      );
      const both = new Set([first.TicketID, second.TicketID]);
      const ours = (ids: readonly TicketId[]): TicketId[] => ids.filter((id) => both.has(id));
      expect(ours(await search(null))).toEqual([second.TicketID, first.TicketID]);
      expect(ours(await search("2026-09-20 12:00:01"))).toEqual([second.TicketID, first.TicketID]);
      expect(ours(await search("2026-09-20 12:00:02"))).toEqual([first.TicketID]);
      expect(ours(await search("2026-09-20 12:00:03"))).toEqual([]);
    });

    test("found by type or by name of its state, and not when it is open again", async () => {
      const { TicketID } = await make(["1"]);
      const names = { stateTypes: [], stateNames: ["closed successful"] };
      const others = { stateTypes: [], stateNames: ["closed unsuccessful"] };
      expect(await search(null, names)).toContain(TicketID);
      expect(await search(null, others)).not.toContain(TicketID);
      await byHand({ Do: "TicketState", TicketID, State: "open" });
      expect(await search(null)).not.toContain(TicketID);
      expect(await search(null, names)).not.toContain(TicketID);
      expect((await read(TicketID))?.stateType).toBe("open");
    });

    test("a name that does not exist is refused, not taken for nothing", async () => {
      await expect(search(null, { stateTypes: [], stateNames: ["closed sucessful"] })).rejects.toThrow(
        /no ticket state/,
      );
    });

    test("closed before a moment: any close counts, the moment itself does not", async () => {
      const { TicketID } = await make(["1"]);
      await byHand(
        { Do: "TicketTimes", TicketID, ClosedAt: "2026-09-30 23:59:59" },
        { Do: "TicketState", TicketID, State: "open" },
        { Do: "TicketState", TicketID, State: "closed successful" },
      );
      const before = async (stamp: string): Promise<boolean> =>
        (await contract.helpdesk.tickets.searchClosedBefore(at(stamp), null)).includes(TicketID);
      expect(await before("2026-10-01 00:00:00")).toBe(true);
      expect(await before("2026-09-30 23:59:59")).toBe(false);
    });

    test("time booked after the close moves the last change, not the close", async () => {
      const { TicketID } = await make(["1"]);
      await byHand({ Do: "TicketTimes", TicketID, ...september });
      expect(await search("2026-09-21 00:00:00")).not.toContain(TicketID);
      await byHand({ Do: "TicketBook", TicketID, TimeUnit: "0.75" });
      expect(await search("2026-09-21 00:00:00")).toContain(TicketID);
      const ticket = await read(TicketID);
      expect(String(ticket?.closedAt)).toBe(String(at(september.ClosedAt)));
      expect(ticket?.totalUnits).toBe(175);
    });

    test("a merge carries articles and their time over, ids and creation included", async () => {
      const main = await make(["1"]);
      const merged = await make(["0.5"]);
      const before = await read(merged.TicketID);
      await byHand({ Do: "TicketMerge", MainTicketID: main.TicketID, MergeTicketID: merged.TicketID });
      const after = await read(main.TicketID);
      expect(after?.totalUnits).toBe(150);
      expect(after?.articles.map(String)).toHaveLength(2);
      const moved = after?.articles.find((article) => article.articleId === merged.ArticleIDs[0]);
      expect(String(moved?.createdAt)).toBe(String(before?.articles[0]?.createdAt));
      expect(await read(merged.TicketID)).toMatchObject({ stateType: "merged", totalUnits: 0, articles: [] });
    });

    test("a deleted article is gone, with its time", async () => {
      const { TicketID, ArticleIDs } = await make(["1", "2"]);
      await byHand({ Do: "ArticleDelete", TicketID, ArticleID: ArticleIDs[1] ?? 0 });
      expect(await read(TicketID)).toMatchObject({ totalUnits: 100, articles: [{ articleId: ArticleIDs[0] }] });
    });

    test("one ticket that cannot be read hides no other", async () => {
      const made = [await make(["1"]), await make(["2"]), await make(["3"]), await make(["4"])];
      const ids = made.map((one) => one.TicketID);
      const batches = await readAll([...ids.slice(0, 2), nobodysTicket, ...ids.slice(2)], 4);
      expect(batches.flatMap((batch) => batch.tickets.map((one) => one.totalUnits))).toEqual([100, 200, 300, 400]);
      expect(batches.map((batch) => batch.unreadable)).toEqual([[nobodysTicket], []]);
    });

    test("more tickets than a search tells at once are found in parts", async () => {
      const made = [];
      for (const stamp of ["2025-03-01 10:00:00", "2025-03-01 10:00:10", "2025-05-01 10:00:00"]) {
        const { TicketID } = await make(["1"], { State: "closed unsuccessful" });
        await byHand({ Do: "TicketTimes", TicketID, ClosedAt: "2025-02-01 10:00:00", ChangedAt: stamp });
        made.push(TicketID);
      }
      const wanted = { stateTypes: [], stateNames: ["closed unsuccessful"], changedSince: null };
      const all = await contract.helpdesk.tickets.search(wanted);
      const limited = contract.connect({ searchLimit: all.length });
      // In any order: tickets of the same second come as the database likes.
      expect(new Set(await limited.tickets.search(wanted))).toEqual(new Set(all));
      expect(all).toEqual(expect.arrayContaining(made));
    });
  });
}

function byHandIn(contract: ClientContract): (...steps: Step[]) => Promise<unknown[]> {
  return async (...steps) => contract.under.byHand(steps);
}

function readerOf(contract: ClientContract): (ids: readonly TicketId[], chunk?: number) => Promise<TicketBatch[]> {
  return async (ids, ticketChunk = 50) =>
    Array.fromAsync(contract.connect({ ticketChunk }).tickets.read(ids, new AbortController().signal));
}
