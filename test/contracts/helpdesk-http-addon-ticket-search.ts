import { beforeAll, describe, expect, test } from "vitest";
import { Caller, operationError, type Contract } from "./helpdesk-under-test.ts";
import { closed, Page, route, TicketsKit } from "./tickets-kit.ts";

/** The add-on's Tickets operation by change, page by page; who may ask it, and for what. */
export function describeAddonTicketSearch(contract: Contract): void {
  const kit = new TicketsKit(contract);
  beforeAll(async () => kit.setUp());

  describe("KivitendoBridge/Tickets by change", () => {
    test("goes page by page through tickets of the same second, in a stable order", async () => {
      const ids: number[] = [];
      for (const second of [7, 7, 7, 5, 7]) {
        const { TicketID } = await kit.make({ State: closed, Articles: [{ TimeUnit: 1 }, { TimeUnit: 2 }] });
        await kit.byHand({ Do: "TicketTimes", TicketID, ClosedAt: kit.at(3), ChangedAt: kit.at(4, second) });
        ids.push(TicketID);
      }
      const [a = 0, b = 0, c = 0, first = 0, d = 0] = ids;
      const search = { StateTypes: ["closed"], ChangedSince: kit.at(4, 5), Limit: 2 };
      const seen = await kit.pages({ ...search, Limit: 5000 });
      const ours = (list: number[]) => list.filter((id) => ids.includes(id));
      expect(ours(seen.flat())).toEqual([first, a, b, c, d]);
      const page = await kit.ask(search);
      expect(page).toMatchObject({
        Tickets: [{ TicketID: first }, { TicketID: a }],
        Next: { Changed: kit.at(4, 7), TicketID: a },
      });
      const next = await kit.ask({ ...search, After: page.Next });
      expect(next.Tickets.map(({ TicketID, Times }) => [TicketID, Times.length])).toEqual([
        [b, 2],
        [c, 2],
      ]);
      expect((await kit.ask({ ...search, After: next.Next, Limit: 1 })).Tickets).toMatchObject([{ TicketID: d }]);
      const inclusive = await kit.ask({ ...search, ChangedSince: kit.at(4, 7), Limit: 4 });
      expect(inclusive.Tickets.map(({ TicketID }) => TicketID)).toEqual([a, b, c, d]);
    });

    test("tells the states that are asked for, archived tickets too, and no queue that the agent cannot read", async () => {
      const [good, bad, open] = [
        await kit.make({ State: closed }),
        await kit.make({ State: "closed unsuccessful" }),
        await kit.make(),
      ];
      const [secret, merged, removed] = [
        await kit.make({ State: closed, Queue: kit.hidden }),
        await kit.make({ State: closed }),
        await kit.make({ State: "removed" }),
      ];
      await kit.byHand(
        { Do: "TicketMerge", MainTicketID: good.TicketID, MergeTicketID: merged.TicketID },
        { Do: "TicketArchive", TicketID: good.TicketID },
      );
      for (const { TicketID } of [good, bad, open, secret, merged, removed])
        await kit.byHand({ Do: "TicketTimes", TicketID, ChangedAt: kit.at(6) });
      const found = async (states: object) => {
        const { Tickets } = await kit.ask({ ...states, ChangedSince: kit.at(6), Limit: 10 });
        return Tickets.filter(({ Changed }) => Changed === kit.at(6));
      };
      expect(await found({ StateTypes: ["closed"] })).toMatchObject([
        { TicketID: good.TicketID, Archived: 1 },
        { TicketID: bad.TicketID, Archived: 0 },
      ]);
      expect(await found({ States: ["closed unsuccessful"] })).toMatchObject([{ TicketID: bad.TicketID }]);
      expect(await found({ StateTypes: ["open", "closed"] })).toHaveLength(3);
    });

    test("tells tickets with some close before a moment, whatever has become of them", async () => {
      const early = await kit.make({ State: closed });
      const reopened = await kit.make({ State: closed });
      const late = await kit.make({ State: closed });
      await kit.byHand(
        { Do: "TicketTimes", TicketID: early.TicketID, ClosedAt: kit.at(8), ChangedAt: kit.at(9) },
        { Do: "TicketTimes", TicketID: reopened.TicketID, ClosedAt: kit.at(8) },
        { Do: "TicketState", TicketID: reopened.TicketID, State: "open" },
      );
      // In a call of their own: the helpdesk's event modules run at the end of a call and may move the change time.
      await kit.byHand(
        { Do: "TicketTimes", TicketID: reopened.TicketID, ChangedAt: kit.at(9) },
        { Do: "TicketTimes", TicketID: late.TicketID, ClosedAt: kit.at(8, 1), ChangedAt: kit.at(9) },
      );
      const found = async (body: object) => {
        const { Tickets } = await kit.ask({ ChangedSince: kit.at(9), Limit: 10, ...body });
        return Tickets.filter(({ Changed }) => Changed === kit.at(9)).map(({ TicketID }) => TicketID);
      };
      expect(await found({ ClosedBefore: kit.at(8, 1) })).toEqual([early.TicketID, reopened.TicketID]);
      expect(await found({ ClosedBefore: kit.at(8) })).toEqual([]);
      expect(await found({ ClosedBefore: kit.at(8, 1), StateTypes: ["closed"] })).toEqual([early.TicketID]);
    });
  });

  describe("who may ask KivitendoBridge/Tickets, and for what", () => {
    test("agents in the group only", async () => {
      const login = { CustomerUserLogin: `${contract.tag}-eva`, Password: "evapw" };
      const customer = await new Caller(contract.helpdesk).logIn(login);
      const stranger = await new Caller(contract.helpdesk).logIn(kit.helper);
      const body = { TicketIDs: [1] };
      const error = (code: string) => operationError(`KivitendoBridgeTickets.${code}`);
      expect(await contract.caller.post(route, { ...body, SessionID: "dead" })).toMatchObject(error("AuthFail"));
      expect(await customer.post(route, body)).toMatchObject(error("AuthFail"));
      const denied = await stranger.post(route, body);
      expect(denied).toMatchObject(error("AccessDenied"));
      expect(JSON.stringify(denied)).toContain(kit.helper.UserLogin);
    });

    test("the queues are those of the agent who asks", async () => {
      const UserLogin = `${kit.tag}-other`;
      const Groups = { kivitendo_bridge: "rw", [kit.hidden]: "ro" } as const;
      await kit.byHand({ Do: "AgentEnsure", UserLogin, Password: "otherpw", Groups });
      const [plain, secret] = [await kit.make(), await kit.make({ Queue: kit.hidden })];
      const other = await new Caller(contract.helpdesk).logIn({ UserLogin, Password: "otherpw" });
      const body = { TicketIDs: [plain.TicketID, secret.TicketID] };
      expect(Page.parse(await other.post(route, body))).toMatchObject({
        Tickets: [{ TicketID: secret.TicketID }],
        Unreadable: [plain.TicketID],
      });
      await kit.byHand({ Do: "AgentGroup", UserLogin, Group: kit.hidden, Permission: "none" });
      expect(Page.parse(await other.post(route, body)).Tickets).toEqual([]);
    });

    test.each<{ name: string; body: object; says?: string }>([
      { name: "nothing", body: {} },
      { name: "both kinds of states", body: { States: [closed], StateTypes: ["closed"] } },
      { name: "no state", body: { States: [] } },
      { name: "a state that is no string", body: { States: [["closed"]] } },
      { name: "an unknown state", body: { States: ["closed", closed] }, says: "no ticket state closed" },
      { name: "an unknown state type", body: { StateTypes: ["done"] }, says: "done" },
      { name: "merged tickets", body: { StateTypes: ["merged"] }, says: "TicketIDs only" },
      { name: "ids and states", body: { TicketIDs: [1], StateTypes: ["closed"] } },
      { name: "ids and a limit", body: { TicketIDs: [1], Limit: 1 } },
      { name: "no ids", body: { TicketIDs: [] } },
      { name: "an id that is none", body: { TicketIDs: [1, "x"] } },
      { name: "5001 ids", body: { TicketIDs: Array.from({ length: 5001 }, (_, n) => n + 1) } },
      { name: "a page of 0", body: { StateTypes: ["closed"], Limit: 0 } },
      { name: "a page of 5001", body: { StateTypes: ["closed"], Limit: 5001 } },
      { name: "a date without a time", body: { StateTypes: ["closed"], ChangedSince: "2026-10-01" } },
      { name: "an impossible date", body: { ClosedBefore: "2026-02-30 00:00:00" } },
      { name: "a place that is none", body: { StateTypes: ["closed"], After: "2026-10-01 00:00:00" } },
      { name: "a place without a ticket", body: { StateTypes: ["closed"], After: { Changed: "2026-10-01 00:00:00" } } },
      { name: "dynamic fields that are no list", body: { TicketIDs: [1], DynamicFields: "x" } },
      { name: "51 dynamic fields", body: { TicketIDs: [1], DynamicFields: Array.from({ length: 51 }, () => "x") } },
      {
        name: "an unknown dynamic field",
        body: { TicketIDs: [1], DynamicFields: ["KiviNone"] },
        says: "no valid dynamic field KiviNone of tickets",
      },
      { name: "a malformed instance", body: { TicketIDs: [1], Instance: "Groß" } },
    ])("$name is refused", async ({ body, says = "" }) => {
      const reply = await contract.caller.post(route, body);
      expect(reply).toMatchObject(operationError("KivitendoBridgeTickets.InvalidParameter"));
      expect(JSON.stringify(reply)).toContain(says);
    });

    test("what may be left out may also be null", async () => {
      const nothing = {
        StateTypes: null,
        States: null,
        ChangedSince: null,
        ClosedBefore: null,
        After: null,
        Limit: null,
      };
      const { TicketID } = await kit.make();
      const page = await kit.ask({ TicketIDs: [TicketID], DynamicFields: null, ...nothing });
      expect(page.Tickets).toMatchObject([{ TicketID }]);
      const search = await kit.ask({ ...nothing, StateTypes: ["closed"], TicketIDs: null, DynamicFields: null });
      expect(search.Unreadable).toEqual([]);
    });
  });
}
