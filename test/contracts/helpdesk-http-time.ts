import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Step } from "../../src/demo/helpdesk/index.ts";
import { operationError, type Contract } from "./helpdesk-under-test.ts";

const Ticket = z.object({
  Changed: z.string(),
  Closed: z.string().optional(),
  CustomerID: z.string().nullable(),
  StateType: z.string(),
  TimeUnit: z.number(),
  Article: z.array(z.object({ ArticleID: z.number(), TimeUnit: z.number(), CreateTime: z.string() })).default([]),
});
const Made = z.object({ TicketID: z.number(), TicketNumber: z.string(), ArticleIDs: z.array(z.number()) });
const long = "2025-01-02 03:04:05";

/** Accounted time, and everything that moves it. */
export function describeTime(contract: Contract): void {
  const read = async (TicketID: number | string) => {
    const reply = await contract.caller.post("/TicketGet", { TicketID, AllArticles: 1, Extended: 1 });
    return z.object({ Ticket: z.tuple([Ticket]) }).parse(reply).Ticket[0];
  };
  const make = async (ticket: Partial<Extract<Step, { Do: "TicketCreate" }>> = {}) => {
    const CustomerID = contract.tag;
    const step: Step = {
      Do: "TicketCreate",
      Title: "Zeit",
      CustomerID,
      CustomerUser: `${contract.tag}-eva`,
      ...ticket,
    };
    return Made.parse((await contract.helpdesk.byHand([step]))[0]);
  };
  const byHand = async (...steps: Step[]) => contract.helpdesk.byHand(steps);

  describe("accounted time", () => {
    test.each([
      { given: "1.5", booked: 1.5 },
      { given: "2,25", booked: 2.25 },
      { given: 0.333, booked: 0.33 },
      { given: "0.999", booked: 0.99 },
      { given: 3, booked: 3 },
      { given: "", booked: 0 },
      { given: 0, booked: 0 },
    ])("given as $given is booked as $booked", async ({ given, booked }) => {
      const { TicketID } = await make();
      const Article = { Subject: "x", Body: "y", ContentType: "text/plain; charset=utf8", TimeUnit: given };
      await contract.caller.patch(`/Ticket/${TicketID}`, { Article });
      expect(await read(TicketID)).toMatchObject({ TimeUnit: booked, Article: [{ TimeUnit: booked }] });
    });

    test.each(["-1", "abc", "1.", ".5", "1,2,3", "1 h"])("is not accepted over the web as %s", async (TimeUnit) => {
      const { TicketID } = await make();
      const Article = { Subject: "x", Body: "y", ContentType: "text/plain; charset=utf8", TimeUnit };
      const reply = await contract.caller.patch(`/Ticket/${TicketID}`, { Article });
      expect(reply.json).toMatchObject(operationError("TicketUpdate.InvalidParameter"));
      expect((await read(TicketID)).Article).toEqual([]);
    });

    test("of the ticket itself is ignored", async () => {
      const { TicketID } = await make();
      await contract.caller.patch(`/Ticket/${TicketID}`, { Ticket: { TimeUnit: 3 } });
      expect((await read(TicketID)).TimeUnit).toBe(0);
    });

    test("may be negative when an agent corrects it, and may lack an article", async () => {
      const { TicketID } = await make({ Articles: [{ TimeUnit: 2 }] });
      await byHand(
        { Do: "TicketBook", TicketID, TimeUnit: -0.5 },
        { Do: "TicketBook", TicketID, TimeUnit: 4, WithoutArticle: 1 },
      );
      const ticket = await read(TicketID);
      expect(ticket.TimeUnit).toBe(5.5);
      expect(ticket.Article.map((article) => article.TimeUnit)).toEqual([2, -0.5]);
    });

    test("booked after the close moves Changed, not Closed", async () => {
      const { TicketID } = await make({ State: "closed successful", Articles: [{ TimeUnit: 1 }] });
      await byHand({ Do: "TicketTimes", TicketID, ClosedAt: long });
      expect(await read(TicketID)).toMatchObject({ Closed: long, Changed: long });
      await byHand({ Do: "TicketBook", TicketID, TimeUnit: 1 });
      const after = await read(TicketID);
      expect(after).toMatchObject({ Closed: long, TimeUnit: 2 });
      expect(after.Changed > long).toBe(true);
    });

    test("goes with its article when tickets are merged; the last close stays", async () => {
      const main = await make({ State: "closed successful", Articles: [{ TimeUnit: 1 }] });
      const merged = await make({ State: "closed successful", CustomerID: "other", Articles: [{ TimeUnit: 0.5 }] });
      await byHand(
        { Do: "TicketTimes", TicketID: main.TicketID, ClosedAt: long },
        { Do: "TicketTimes", TicketID: merged.TicketID, ClosedAt: "2024-01-01 00:00:00" },
      );
      await byHand({ Do: "TicketMerge", MainTicketID: main.TicketID, MergeTicketID: merged.TicketID });
      const ticket = await read(main.TicketID);
      expect(ticket).toMatchObject({ TimeUnit: 1.5, Closed: long, CustomerID: contract.tag });
      expect(ticket.Changed > long).toBe(true);
      expect(ticket.Article.map((article) => article.ArticleID)).toEqual([...main.ArticleIDs, ...merged.ArticleIDs]);
      expect(await read(merged.TicketID)).toMatchObject({
        StateType: "merged",
        TimeUnit: 0,
        Article: [{ TimeUnit: 0 }],
      });
    });

    test("disappears with its article, and Changed does not tell", async () => {
      const { TicketID, ArticleIDs } = await make({
        State: "closed successful",
        Articles: [{ TimeUnit: 1 }, { TimeUnit: 2 }],
      });
      await byHand(
        { Do: "TicketTimes", TicketID, ClosedAt: long },
        { Do: "ArticleDelete", TicketID, ArticleID: ArticleIDs[0] ?? 0 },
      );
      expect(await read(TicketID)).toMatchObject({
        TimeUnit: 2,
        Changed: long,
        Article: [{ ArticleID: ArticleIDs[1], TimeUnit: 2 }],
      });
    });

    test("moves with the contact to another customer, on closed tickets too", async () => {
      const login = `${contract.tag}-mover`;
      const person = { UserLogin: login, UserFirstname: "Max", UserLastname: "Um", UserEmail: `${login}@um-test.de` };
      await byHand({ Do: "UserAdd", ...person, UserCustomerID: contract.tag });
      const { TicketID } = await make({ CustomerUser: login, State: "closed successful", Articles: [{ TimeUnit: 1 }] });
      await byHand(
        { Do: "TicketTimes", TicketID, ClosedAt: long },
        { Do: "UserUpdate", UserLogin: login, UserCustomerID: "elsewhere" },
      );
      const ticket = await read(TicketID);
      expect(ticket).toMatchObject({ CustomerID: "elsewhere", TimeUnit: 1, Closed: long });
      expect(ticket.Changed > long).toBe(true);
    });

    test("stays through reopening; Closed is the last close", async () => {
      const { TicketID } = await make({ State: "closed successful", Articles: [{ TimeUnit: 1 }] });
      await byHand({ Do: "TicketTimes", TicketID, ClosedAt: long }, { Do: "TicketState", TicketID, State: "open" });
      expect(await read(TicketID)).toMatchObject({ StateType: "open", Closed: long, TimeUnit: 1 });
      await byHand({ Do: "TicketState", TicketID, State: "closed unsuccessful" });
      const again = await read(TicketID);
      expect((again.Closed ?? "") > long).toBe(true);
    });
  });
}
