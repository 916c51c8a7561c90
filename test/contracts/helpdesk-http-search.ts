import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Step } from "../../src/demo/helpdesk/index.ts";
import type { Contract } from "./helpdesk-under-test.ts";

const Made = z.object({ TicketID: z.number(), TicketNumber: z.string() });
const Found = z.object({ TicketID: z.array(z.string()).optional() });

type Name = "closed" | "unsuccessful" | "open" | "reopened" | "merged";

/** Searching: the traps that the bridge steps around. Each search sees the five tickets of this part only. */
export function describeSearch(contract: Contract): void {
  describe("searching", () => {
    const ids = new Map<string, Name>();
    const idOf = (name: Name) => [...ids].find(([, known]) => known === name)?.[0] ?? "";
    let number = "";
    let oddCustomer = "";

    beforeAll(async () => {
      oddCustomer = `${contract.tag}+B (C)`;
      const make = async (name: Name, State: string, CustomerID: string) => {
        const CustomerUser = `${contract.tag}-eva`;
        const step: Step = { Do: "TicketCreate", Title: `Suche ${name}`, State, CustomerID, CustomerUser };
        const made = Made.parse((await contract.helpdesk.byHand([step]))[0]);
        ids.set(String(made.TicketID), name);
        if (name === "closed") number = made.TicketNumber;
        return made.TicketID;
      };
      const closed = await make("closed", "closed successful", contract.tag);
      const unsuccessful = await make("unsuccessful", "closed unsuccessful", oddCustomer);
      await make("open", "open", contract.tag);
      const reopened = await make("reopened", "closed successful", contract.tag);
      const merged = await make("merged", "open", contract.tag);
      await contract.helpdesk.byHand([
        { Do: "TicketMerge", MainTicketID: closed, MergeTicketID: merged },
        { Do: "TicketTimes", TicketID: closed, CreatedAt: "2025-01-01 08:00:00", ClosedAt: "2025-01-31 23:59:59" },
        {
          Do: "TicketTimes",
          TicketID: unsuccessful,
          CreatedAt: "2025-01-01 09:00:00",
          ClosedAt: "2025-02-01 00:00:00",
          ChangedAt: "2025-02-02 00:00:00",
        },
        { Do: "TicketTimes", TicketID: reopened, ClosedAt: "2025-01-15 12:00:00" },
        { Do: "TicketState", TicketID: reopened, State: "open" },
      ]);
    });

    const find = async (body: object) => {
      const reply = Found.parse(await contract.caller.post("/TicketSearch", { TicketID: [...ids.keys()], ...body }));
      return reply.TicketID?.map((id) => ids.get(id) ?? id) ?? reply;
    };
    const names = async (body: object) => {
      const found = await find(body);
      return Array.isArray(found) ? found.sort() : found;
    };
    const all = ["closed", "merged", "open", "reopened", "unsuccessful"];
    const january = {
      TicketCloseTimeNewerDate: "2025-01-01 00:00:00",
      TicketCloseTimeOlderDate: "2025-01-31 23:59:59",
    };

    test.each<{ what: string; body: object; want: string[] }>([
      { what: "the type closed", body: { StateType: "closed" }, want: ["closed", "unsuccessful"] },
      {
        what: "a list of types",
        body: { StateType: ["closed", "open"] },
        want: ["closed", "open", "reopened", "unsuccessful"],
      },
      { what: "a type's id", body: { StateTypeIDs: [3] }, want: ["closed", "unsuccessful"] },
      { what: "state ids", body: { StateIDs: [2, 3] }, want: ["closed", "unsuccessful"] },
      { what: "a state's name", body: { States: ["closed successful"] }, want: ["closed"] },
      { what: "a queue's name", body: { Queues: ["Support"] }, want: all },
      { what: "an unknown parameter", body: { Bogus: 1 }, want: all },
      {
        what: "a parameter the web service does not pass",
        body: { TicketLastCloseTimeNewerDate: "2030-01-01 00:00:00" },
        want: all,
      },
      { what: "Result", body: { Result: "COUNT" }, want: all },
      { what: "any close in the window, reopened or not", body: january, want: ["closed", "reopened"] },
      { what: "any close in the window and now closed", body: { ...january, StateType: "closed" }, want: ["closed"] },
      {
        what: "a close on the lower bound",
        body: { TicketCloseTimeNewerDate: "2025-02-01 00:00:00" },
        want: ["unsuccessful"],
      },
      {
        what: "a change on both bounds",
        body: {
          TicketLastChangeTimeNewerDate: "2025-02-02 00:00:00",
          TicketLastChangeTimeOlderDate: "2025-02-02 00:00:00",
        },
        want: ["unsuccessful"],
      },
      {
        what: "a change after",
        body: { TicketLastChangeTimeNewerDate: "2025-02-02 00:00:01" },
        want: ["merged", "open", "reopened"],
      },
      {
        what: "the last minutes",
        body: { TicketLastChangeTimeNewerMinutes: 60 },
        want: ["merged", "open", "reopened"],
      },
      { what: "a creation before", body: { TicketCreateTimeOlderDate: "2025-01-01 08:30:00" }, want: ["closed"] },
      { what: "a one-digit month", body: { TicketCreateTimeOlderDate: "2025-1-1 8:30:00" }, want: ["closed"] },
      { what: "titles with a wildcard", body: { Title: "*ope*" }, want: ["open", "reopened"] },
      { what: "a customer user", body: { CustomerUserLogin: "nobody-at-all" }, want: [] },
    ])("finds by $what", async ({ body, want }) => {
      expect(await names(body)).toEqual(want.length === 0 ? {} : want);
    });

    test.each([
      { what: "the documented type Closed", body: { StateType: "Closed" } },
      { what: "the documented type Open", body: { StateType: "Open" } },
      { what: "an unknown state", body: { States: ["zu"] } },
      { what: "an unknown queue", body: { Queues: ["Nirgends"] } },
      { what: "an ISO date", body: { TicketCloseTimeNewerDate: "2025-01-01T00:00:00Z" } },
      { what: "a date without time", body: { TicketCloseTimeNewerDate: "2025-01-01" } },
      { what: "an impossible date", body: { TicketCloseTimeNewerDate: "2025-02-31 00:00:00" } },
      { what: "a date in the future", body: { TicketCloseTimeNewerDate: "2099-01-01 00:00:00" } },
      {
        what: "a reversed window",
        body: { TicketCloseTimeNewerDate: "2025-02-01 00:00:00", TicketCloseTimeOlderDate: "2025-01-01 00:00:00" },
      },
      { what: "an unknown order", body: { SortBy: "Blah" } },
      { what: "a negative limit", body: { Limit: -1 } },
      { what: "an unknown number", body: { TicketNumber: "1" } },
    ])("finds nothing, without an error, by $what", async ({ body }) => {
      expect(await find(body)).toEqual({});
    });

    test("finds by number, and by exact customer id where the plain one is read as a condition", async () => {
      expect(await find({ TicketNumber: number })).toEqual(["closed"]);
      expect(await find({ CustomerID: oddCustomer })).toEqual({});
      expect(await find({ CustomerIDRaw: oddCustomer })).toEqual(["unsuccessful"]);
      expect(await names({ CustomerID: `${contract.tag}*` })).toEqual(all);
      expect(await find({ CustomerIDRaw: `${contract.tag}*` })).toEqual({});
      expect(await names({ CustomerID: contract.tag })).toEqual(["closed", "merged", "open", "reopened"]);
    });

    test("sorts and cuts off", async () => {
      expect(await find({ SortBy: "Changed", OrderBy: "Up", Limit: 2 })).toEqual(["closed", "unsuccessful"]);
      expect(await find({ SortBy: "Age", OrderBy: "Up", Limit: "2" })).toEqual(["closed", "unsuccessful"]);
      expect(await find({ SortBy: "TicketNumber", OrderBy: "Up", Limit: 0 })).toEqual([...ids.values()]);
      expect(await find({ SortBy: ["StateType"], Limit: 1 })).toEqual({});
    });

    test("gives ids as strings, one too", async () => {
      const reply = await contract.caller.post("/TicketSearch", { TicketID: Number(idOf("open")) });
      expect(reply).toEqual({ TicketID: [idOf("open")] });
    });
  });
}
