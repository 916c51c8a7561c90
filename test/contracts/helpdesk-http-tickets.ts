import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { operationError, type Contract } from "./helpdesk-under-test.ts";

const Created = z.object({ ArticleID: z.number(), TicketID: z.string(), TicketNumber: z.string() });
const stamp = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);

function note(article: object = {}): object {
  return { Subject: "Notiz", Body: "Text äöü €", ContentType: "text/plain; charset=utf8", ...article };
}

/** Writing and reading tickets. */
export function describeTickets(contract: Contract): void {
  const ticketOf = (ticket: object = {}) => ({
    Title: "Drucker geht nicht",
    Queue: "Support",
    State: "new",
    Priority: "3 normal",
    CustomerUser: `${contract.tag}-eva`,
    ...ticket,
  });
  const create = async (ticket: object = {}, article: object = {}) =>
    Created.parse(await contract.caller.post("/Ticket", { Ticket: ticketOf(ticket), Article: note(article) }));

  describe("creating a ticket", () => {
    test.each([
      { name: "no article", body: () => ({ Ticket: ticketOf() }), code: "MissingParameter" },
      { name: "no ticket", body: () => ({ Article: note() }), code: "MissingParameter" },
      {
        name: "no title",
        body: () => ({ Ticket: ticketOf({ Title: "" }), Article: note() }),
        code: "MissingParameter",
      },
      {
        name: "no customer",
        body: () => ({ Ticket: ticketOf({ CustomerUser: "" }), Article: note() }),
        code: "MissingParameter",
      },
      {
        name: "no state",
        body: () => ({ Ticket: ticketOf({ State: "" }), Article: note() }),
        code: "MissingParameter",
      },
      {
        name: "an unknown state",
        body: () => ({ Ticket: ticketOf({ State: "zu" }), Article: note() }),
        code: "InvalidParameter",
      },
      {
        name: "an unknown queue",
        body: () => ({ Ticket: ticketOf({ Queue: "?" }), Article: note() }),
        code: "InvalidParameter",
      },
      {
        name: "an unknown login",
        body: () => ({ Ticket: ticketOf({ CustomerUser: "x" }), Article: note() }),
        code: "InvalidParameter",
      },
      { name: "no body", body: () => ({ Ticket: ticketOf(), Article: note({ Body: "" }) }), code: "MissingParameter" },
      {
        name: "no content type",
        body: () => ({ Ticket: ticketOf(), Article: note({ ContentType: "" }) }),
        code: "MissingParameter",
      },
      {
        name: "a dead session",
        body: () => ({ SessionID: "x", Ticket: ticketOf(), Article: note() }),
        code: "AuthFail",
      },
      {
        name: "no login at all",
        body: () => ({ SessionID: "", Ticket: ticketOf(), Article: note() }),
        code: "MissingParameter",
      },
    ])("with $name is refused", async ({ body, code }) => {
      expect(await contract.caller.post("/Ticket", body())).toMatchObject(operationError(`TicketCreate.${code}`));
    });

    test("gives numbers and strings as measured", async () => {
      const created = await create();
      expect(created.TicketNumber).toMatch(/^\d{16}$/);
      expect(await contract.caller.post("/TicketGet", { TicketID: created.TicketID })).toMatchObject({
        Ticket: [{ TicketID: Number(created.TicketID), TicketNumber: created.TicketNumber, CustomerID: contract.tag }],
      });
    });

    test("takes any address for a customer", async () => {
      const { TicketID } = await create({ CustomerUser: "nobody@fremd-test.de" });
      expect(await contract.caller.post("/TicketGet", { TicketID })).toMatchObject({
        Ticket: [{ CustomerID: "", CustomerUserID: "nobody@fremd-test.de" }],
      });
    });
  });

  describe("reading tickets", () => {
    let first = "";
    let second = "";
    beforeAll(async () => {
      first = (await create({}, { TimeUnit: "1.5" })).TicketID;
      second = (await create({ State: "closed successful" })).TicketID;
    });

    test("gives a list whose entries have these keys", async () => {
      const reply = await contract.caller.post("/TicketGet", { TicketID: first, AllArticles: 1, Extended: 1 });
      const [ticket] = z.object({ Ticket: z.array(z.record(z.string(), z.unknown())) }).parse(reply).Ticket;
      const { Article, ...rest } = ticket ?? {};
      expect(rest).toMatchObject({
        Age: expect.any(Number),
        ArchiveFlag: "n",
        Created: stamp,
        Changed: stamp,
        FirstResponse: stamp,
        StateType: "new",
        TimeUnit: 1.5,
        SLAID: "",
        ServiceID: "",
        UnlockTimeout: expect.any(Number),
      });
      expect(rest).not.toHaveProperty("Closed");
      expect(Object.keys(rest).sort()).toEqual(ticketKeys);
      const [article] = z.array(z.record(z.string(), z.unknown())).parse(Article);
      expect(Object.keys(article ?? {}).sort()).toEqual(articleKeys);
      expect(article).toMatchObject({
        ArticleNumber: 1,
        Body: "Text äöü €",
        From: `"Eva Müller" <eva-${contract.tag}@mueller-test.de>`,
        IncomingTime: expect.any(Number),
        IsVisibleForCustomer: 1,
        SenderType: "agent",
        SenderTypeID: "1",
        TicketID: Number(first),
        TimeUnit: 1.5,
        To: "Support",
      });
    });

    test.each([
      { name: "one string with commas", ids: () => `${first},${second}`, count: 2 },
      { name: "a list", ids: () => [Number(first), second], count: 2 },
      { name: "a number", ids: () => Number(second), count: 1 },
    ])("takes ids as $name", async ({ ids, count }) => {
      const reply = await contract.caller.post("/TicketGet", { TicketID: ids() });
      expect(reply).toMatchObject({ Ticket: Array.from({ length: count }, () => ({ TicketID: expect.any(Number) })) });
      expect(JSON.stringify(reply)).not.toContain('"Article":');
    });

    test.each([
      { name: "one unknown id among good ones", ids: () => [first, 999_999_999], code: "AccessDenied" },
      { name: "an unknown id", ids: () => 999_999_999, code: "AccessDenied" },
      { name: "an empty list", ids: () => [], code: "WrongStructure" },
      { name: "no id", ids: () => undefined, code: "MissingParameter" },
    ])("refuses $name", async ({ ids, code }) => {
      const reply = await contract.caller.post("/TicketGet", { TicketID: ids() });
      expect(reply).toMatchObject(operationError(`TicketGet.${code}`));
    });

    test("gives the close time with Extended only", async () => {
      const plain = await contract.caller.post("/TicketGet", { TicketID: second });
      expect(JSON.stringify(plain)).not.toContain("Closed");
      const extended = await contract.caller.post("/TicketGet", { TicketID: second, Extended: 1 });
      expect(extended).toMatchObject({ Ticket: [{ Closed: stamp, SolutionInMin: 0 }] });
    });
  });

  describe("updating a ticket", () => {
    test("changes the state, writes an article, and answers with strings", async () => {
      const { TicketID } = await create({ State: "open" });
      const closed = await contract.caller.patch(`/Ticket/${TicketID}`, { Ticket: { State: "closed successful" } });
      expect(closed.json).toEqual({ TicketID, TicketNumber: expect.any(String) });
      const noted = await contract.caller.patch(`/Ticket/${TicketID}`, { Article: note({ TimeUnit: "0,5" }) });
      expect(noted.json).toEqual({ TicketID, TicketNumber: expect.any(String), ArticleID: expect.any(Number) });
      const read = await contract.caller.post("/TicketGet", { TicketID, AllArticles: 1 });
      expect(read).toMatchObject({
        Ticket: [
          {
            StateType: "closed",
            TimeUnit: 0.5,
            Article: [{ TimeUnit: 0 }, { TimeUnit: 0.5, From: "Kivi Bridge", To: "" }],
          },
        ],
      });
    });

    test.each([
      { name: "an unknown ticket", id: 999_999_999, body: { Ticket: { State: "open" } }, code: "AccessDenied" },
      { name: "an unknown state", id: 0, body: { Ticket: { State: "zu" } }, code: "InvalidParameter" },
      { name: "an article that is none", id: 0, body: { Article: "x" }, code: "InvalidParameter" },
      {
        name: "an unknown dynamic field",
        id: 0,
        body: { DynamicField: [{ Name: "Nope", Value: "x" }] },
        code: "InvalidParameter",
      },
    ])("refuses $name", async ({ id, body, code }) => {
      const TicketID = id === 0 ? (await create()).TicketID : id;
      const reply = await contract.caller.patch(`/Ticket/${TicketID}`, body);
      expect(reply.json).toMatchObject(operationError(`TicketUpdate.${code}`));
    });

    test("to a pending state wants a time", async () => {
      const { TicketID } = await create();
      const update = async (ticket: object) => contract.caller.patch(`/Ticket/${TicketID}`, { Ticket: ticket });
      const refused = await update({ State: "pending reminder" });
      expect(refused.json).toMatchObject(operationError("TicketUpdate.MissingParameter"));
      await update({ State: "pending reminder", PendingTime: { Diff: 60 } });
      const [ticket] = z
        .object({ Ticket: z.array(z.object({ UntilTime: z.number(), StateType: z.string() })) })
        .parse(await contract.caller.post("/TicketGet", { TicketID })).Ticket;
      expect(ticket?.StateType).toBe("pending reminder");
      expect(Math.abs((ticket?.UntilTime ?? 0) - 3600)).toBeLessThan(60);
    });

    test("leaves rows in its history", async () => {
      const { TicketID } = await create({ State: "open" }, { TimeUnit: "1.5" });
      await contract.caller.patch(`/Ticket/${TicketID}`, { Ticket: { State: "closed successful" } });
      const reply = await contract.caller.post("/TicketHistory", { TicketID });
      const Rows = z.object({
        TicketHistory: z.tuple([
          z.object({
            TicketID: z.string(),
            History: z.array(z.looseObject({ HistoryType: z.string(), Name: z.string() })),
          }),
        ]),
      });
      const rows = Rows.parse(reply).TicketHistory[0].History;
      expect(rows.map((row) => row.HistoryType)).toEqual(historyTypes);
      expect(rows.map((row) => row.Name)).toEqual(
        expect.arrayContaining(["%%1.5%%1.5", "%%open%%closed successful%%"]),
      );
      expect(Object.keys(rows[0] ?? {}).sort()).toEqual(historyKeys);
    });
  });
}

const historyTypes = [
  "NewTicket",
  "CustomerUpdate",
  "NewTicket",
  "Misc",
  "TimeAccounting",
  "OwnerUpdate",
  "StateUpdate",
  "SetPendingTime",
];
const historyKeys =
  "ArticleID CreateBy CreateTime HistoryType HistoryTypeID Name OwnerID PriorityID QueueID StateID TicketID TypeID".split(
    " ",
  );
const ticketKeys = (
  "Age ArchiveFlag ChangeBy Changed CreateBy Created CustomerID CustomerUserID EscalationResponseTime EscalationSolutionTime " +
  "EscalationTime EscalationUpdateTime FirstResponse GroupID Lock LockID Owner OwnerID Priority PriorityID Queue QueueID " +
  "RealTillTimeNotUsed Responsible ResponsibleID SLAID ServiceID State StateID StateType TicketID TicketNumber TimeUnit Title Type TypeID " +
  "UnlockTimeout UntilTime"
).split(" ");
const articleKeys = (
  "ArticleID ArticleNumber Bcc Body Cc ChangeBy ChangeTime Charset CommunicationChannelID ContentCharset ContentType CreateBy " +
  "CreateTime From InReplyTo IncomingTime IsVisibleForCustomer MessageID MimeType References ReplyTo SenderType SenderTypeID " +
  "Subject TicketID TimeUnit To"
).split(" ");
