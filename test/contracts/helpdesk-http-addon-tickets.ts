import { beforeAll, describe, expect, test } from "vitest";
import type { Step } from "../../src/demo/helpdesk/index.ts";
import { Info } from "./addon-kit.ts";
import type { Contract } from "./helpdesk-under-test.ts";
import { closed, Made, Page, route, TicketsKit, type Told } from "./tickets-kit.ts";

/** The add-on's Tickets operation by id: rows of accounted time, and what is never told. */
export function describeAddonTickets(contract: Contract): void {
  const kit = new TicketsKit(contract);
  beforeAll(async () => kit.setUp());

  describe("KivitendoBridge/Tickets by id", () => {
    test("tells a ticket with its rows of time, and who booked them", async () => {
      const made = await kit.make({
        State: closed,
        CustomerUser: "someone@kivi-test.de",
        Articles: [
          { Subject: "Telefonat – Köln", Body: "streng geheim", TimeUnit: 1.5, At: "2026-10-05 09:00:00" },
          { Subject: "ohne Zeit" },
        ],
      });
      await kit.byHand({
        Do: "TicketBook",
        TicketID: made.TicketID,
        TimeUnit: 0.25,
        Agent: kit.helper.UserLogin,
        Subject: "",
      });
      const reply = await contract.caller.post(route, { TicketIDs: [made.TicketID] });
      expect(JSON.stringify(reply)).not.toContain("geheim");
      const { Tickets, Agents, Unreadable, Next, TimeZone, Now } = Page.parse(reply);
      const info = Info.parse(await contract.caller.post("/KivitendoBridge/Info")).KivitendoBridge;
      expect(Tickets).toMatchObject([
        {
          TicketID: made.TicketID,
          TicketNumber: made.TicketNumber,
          Title: `Zeit ${kit.tag}`,
          Queue: "Support",
          Service: "",
          SLA: "",
          Type: "Unclassified",
          Priority: "3 normal",
          State: closed,
          StateType: "closed",
          CustomerID: kit.tag,
          CustomerUserID: "someone@kivi-test.de",
          Archived: 0,
          DynamicFields: {},
          Times: [
            {
              ArticleID: made.ArticleIDs[0],
              ArticleCreated: "2026-10-05 09:00:00",
              Subject: "Telefonat – Köln",
              Units: "1.50",
              AgentID: info.AgentId,
              Booked: "2026-10-05 09:00:00",
            },
            { Units: "0.25" },
          ],
        },
      ]);
      const [first, second] = Tickets[0]?.Times ?? [];
      expect(second?.RowID).toBeGreaterThan(first?.RowID ?? Number.NaN);
      expect(Agents[String(info.AgentId)]?.Login).toBe(info.Agent);
      expect(Agents[String(second?.AgentID)]).toEqual({ Login: kit.helper.UserLogin, Name: "Eva Müller" });
      expect({ Unreadable, Next, TimeZone }).toEqual({ Unreadable: [], Next: null, TimeZone: info.TimeZone });
      expect(Math.abs(Now - Date.now() / 1000)).toBeLessThan(60);
    });

    test("tells every state; what is forbidden or gone hides nobody", async () => {
      const [open, secret, gone] = [await kit.make(), await kit.make({ Queue: kit.hidden }), await kit.make()];
      await kit.byHand({ Do: "TicketDelete", TicketID: gone.TicketID });
      const ids = [gone.TicketID, secret.TicketID, open.TicketID, 999_999_999];
      const page = await kit.read(...ids);
      expect(page.Tickets.map(({ TicketID }) => TicketID)).toEqual([open.TicketID]);
      expect(page.Unreadable).toEqual([secret.TicketID, gone.TicketID, 999_999_999]);
      expect((await kit.one(open.TicketID)).Closed).toBe("");
    });

    test("tells rows without an article, a second row of one, and negative ones", async () => {
      const { TicketID, ArticleIDs } = await kit.make({ Articles: [{ TimeUnit: 2 }] });
      const [ArticleID = 0] = ArticleIDs;
      await kit.byHand(
        { Do: "TicketBook", TicketID, TimeUnit: 4, WithoutArticle: 1, At: "2026-10-25 02:30:00" },
        { Do: "ArticleEdit", TicketID, ArticleID, TimeUnit: 0.25, Agent: kit.helper.UserLogin },
        { Do: "TicketBook", TicketID, TimeUnit: -0.5 },
      );
      const { Times } = await kit.one(TicketID);
      expect(Times.map(({ ArticleID: id, Units }) => [id, Units])).toMatchObject([
        [ArticleID, "2.00"],
        [null, "4.00"],
        [ArticleID, "0.25"],
        [expect.any(Number), "-0.50"],
      ]);
      expect(Times[1]).toMatchObject({ ArticleCreated: null, Subject: null, Booked: "2026-10-25 02:30:00" });
      expect(Times[2]?.AgentID).not.toBe(Times[0]?.AgentID);
    });

    test("a deleted article takes its rows along; restored, they have new ids; the change time tells neither", async () => {
      const { TicketID, ArticleIDs } = await kit.make({ State: closed, Articles: [{ TimeUnit: 1 }, { TimeUnit: 2 }] });
      const [ArticleID = 0, other] = ArticleIDs;
      await kit.byHand({ Do: "TicketTimes", TicketID, ClosedAt: kit.at(1) });
      const before = await kit.one(TicketID);
      await kit.byHand({ Do: "ArticleDelete", TicketID, ArticleID });
      expect(await kit.unitsOf(TicketID)).toEqual([[other, "2.00"]]);
      await kit.byHand({ Do: "ArticleRestore", TicketID, ArticleID });
      const after = await kit.one(TicketID);
      expect(after.Changed).toBe(before.Changed);
      const rowOf = ({ Times }: Told) => Times.find((row) => row.ArticleID === ArticleID);
      expect(rowOf(after)).toEqual({ ...rowOf(before), RowID: rowOf(after)?.RowID });
      expect(rowOf(after)?.RowID).not.toBe(rowOf(before)?.RowID);
    });

    test("a merge moves the rows of both kinds; the emptied ticket is told by its id", async () => {
      const main = await kit.make({ State: closed, Articles: [{ TimeUnit: 1 }] });
      const merged = await kit.make({ State: closed, Articles: [{ TimeUnit: 0.5 }], CustomerID: "other" });
      await kit.byHand(
        { Do: "TicketBook", TicketID: merged.TicketID, TimeUnit: 3, WithoutArticle: 1 },
        { Do: "TicketMerge", MainTicketID: main.TicketID, MergeTicketID: merged.TicketID },
      );
      expect(await kit.unitsOf(main.TicketID)).toEqual([
        [main.ArticleIDs[0], "1.00"],
        [merged.ArticleIDs[0], "0.50"],
        [null, "3.00"],
      ]);
      expect(await kit.one(merged.TicketID)).toMatchObject({ StateType: "merged", Times: [] });
    });

    test("a split leaves the time where it is", async () => {
      const { TicketID, ArticleIDs } = await kit.make({ Articles: [{ TimeUnit: 1 }] });
      const [split] = await kit.byHand({ Do: "TicketSplit", TicketID, ArticleID: ArticleIDs[0] ?? 0 });
      expect(await kit.unitsOf(TicketID)).toEqual([[ArticleIDs[0], "1.00"]]);
      expect(await kit.one(Made.parse(split).TicketID)).toMatchObject({ CustomerID: kit.tag, Times: [] });
    });

    test("tells the last and the first close", async () => {
      const { TicketID } = await kit.make({ State: closed });
      await kit.byHand(
        { Do: "TicketTimes", TicketID, ClosedAt: kit.at(1) },
        { Do: "TicketState", TicketID, State: "open" },
      );
      expect(await kit.one(TicketID)).toMatchObject({ Closed: kit.at(1), FirstClosed: kit.at(1), StateType: "open" });
      await kit.byHand({ Do: "TicketState", TicketID, State: "closed unsuccessful" });
      const again = await kit.one(TicketID);
      expect(again.FirstClosed).toBe(kit.at(1));
      expect(again.Closed > kit.at(23)).toBe(true);
    });

    test("tells type, service, SLA, priority and dynamic fields by name, and Info lists them", async () => {
      const { TicketID } = await kit.make();
      const [Contract, Until, Paid] = [`KiviContract${kit.tag}`, `KiviUntil${kit.tag}`, `KiviPaid${kit.tag}`];
      const field = (Name: string, FieldType: string): Step => ({
        Do: "DynamicFieldEnsure",
        ObjectType: "Ticket",
        Name,
        FieldType,
      });
      const put = (Name: string, Value: string): Step => ({
        Do: "DynamicFieldSet",
        ObjectType: "Ticket",
        Key: String(TicketID),
        Name,
        Value,
      });
      await kit.byHand(
        { Do: "NameEnsure", Kind: "Type", Name: `Incident ${kit.tag}` },
        { Do: "NameEnsure", Kind: "Service", Name: `Wartung ${kit.tag}` },
        { Do: "NameEnsure", Kind: "SLA", Name: `Gold ${kit.tag}` },
        { Do: "TicketSet", TicketID, Type: `Incident ${kit.tag}`, Service: `Wartung ${kit.tag}`, Priority: "4 high" },
        { Do: "TicketSet", TicketID, SLA: `Gold ${kit.tag}` },
        field(Contract, "Text"),
        field(Until, "Date"),
        field(Paid, "Checkbox"),
        put(Contract, "Größe L"),
        put(Until, "2026-12-31 00:00:00"),
      );
      const page = await kit.ask({ TicketIDs: [TicketID], DynamicFields: [Contract, Until, Paid] });
      expect(page.Tickets).toMatchObject([
        { Type: `Incident ${kit.tag}`, Service: `Wartung ${kit.tag}`, SLA: `Gold ${kit.tag}`, Priority: "4 high" },
      ]);
      expect(page.Tickets[0]?.DynamicFields).toEqual({ [Contract]: "Größe L", [Until]: "2026-12-31" });
      expect((await kit.one(TicketID)).DynamicFields).toEqual({});
      const info = Info.parse(await contract.caller.post("/KivitendoBridge/Info")).KivitendoBridge;
      expect(info.TicketDynamicFields).toContainEqual({ Name: Until, Type: "Date" });
      expect(info.Types).toContainEqual({ Name: `Incident ${kit.tag}`, Valid: 1 });
      expect(info.Services).toContainEqual({ Name: `Wartung ${kit.tag}`, Valid: 1 });
      expect(info.SLAs).toContainEqual({ Name: `Gold ${kit.tag}`, Valid: 1 });
      expect(info.Priorities).toContainEqual({ Name: "4 high", Valid: 1 });
    });

    test("an agent who is gone is still named; a renamed state has its new name", async () => {
      const login = `${kit.tag}-gone`;
      await kit.byHand(
        { Do: "AgentEnsure", UserLogin: login, Password: "gonepw", FirstName: "Uwe", LastName: "Weg" },
        { Do: "StateEnsure", Name: `done ${kit.tag}`, Type: "closed" },
      );
      const { TicketID } = await kit.make({ State: `done ${kit.tag}` });
      await kit.byHand(
        { Do: "TicketBook", TicketID, TimeUnit: 1, Agent: login },
        { Do: "AgentValid", UserLogin: login, ValidID: 2 },
        { Do: "StateRename", State: `done ${kit.tag}`, Name: `finished ${kit.tag}` },
      );
      const { Tickets, Agents } = await kit.read(TicketID);
      expect(Tickets).toMatchObject([{ State: `finished ${kit.tag}`, StateType: "closed" }]);
      expect(Object.values(Agents)).toContainEqual({ Login: login, Name: "Uwe Weg" });
    });
  });
}
