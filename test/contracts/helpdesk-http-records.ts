import { beforeEach, describe, expect, test } from "vitest";
import { AddonKit } from "./addon-kit.ts";
import { operationError, type Contract } from "./helpdesk-under-test.ts";

/** The add-on's Records operation: many records in one call, and nothing written. */
export function describeRecords(contract: Contract): void {
  let kit: AddonKit;
  const numbered = (n: number) =>
    kit.company({
      RowId: String(n),
      Key: `${kit.tag}-${n}`,
      Fields: { CustomerCompanyName: `Nr ${n} ${kit.tag}`, ValidID: 1 },
    });
  beforeEach(() => {
    kit = new AddonKit(contract);
  });

  describe("KivitendoBridge/Records", () => {
    test("tells records by key, with their owner; keys that are not there are left out", async () => {
      await kit.one(kit.company({ Fields: { ...kit.company().Fields, CustomerCompanyCity: "Köln" } }));
      await kit.one(kit.person());
      await kit.byAgent(numbered(7));
      const Keys = [`${kit.tag}-c`, `${kit.tag}-none`, `${kit.tag}-7`];
      const { Records, Next } = await kit.records("Company", { Keys });
      expect(Next).toBe("");
      expect(Records.map(({ Key }) => Key).toSorted()).toEqual([`${kit.tag}-7`, `${kit.tag}-c`]);
      const ours = Records.find(({ Key }) => Key === `${kit.tag}-c`);
      expect(ours).toMatchObject({
        Fields: {
          CustomerCompanyName: `Firma ${kit.tag}`,
          CustomerCompanyCity: "Köln",
          CustomerCompanyStreet: "",
          CustomerCompanyIndustry: "",
          ValidID: 1,
        },
        DynamicFields: {},
        Companies: [],
        Owner: { Instance: kit.instance, RowId: "1" },
      });
      expect(ours?.Fields).not.toHaveProperty("CustomerID");
      expect(ours).not.toHaveProperty("Tickets");
      expect(Records.find(({ Key }) => Key === `${kit.tag}-7`)?.Owner).toBeNull();

      const user = await kit.record("User", `eva@${kit.tag}-test.de`);
      expect(user?.Fields).toMatchObject({ UserCustomerID: `${kit.tag}-c`, UserLastname: "Müller", UserRoom: "" });
      expect(user?.Fields).not.toHaveProperty("UserPassword");
      expect(user?.Fields).not.toHaveProperty("UserLogin");
    });

    test("a key is found as the database compares keys", async () => {
      await kit.upsert([kit.company(), kit.person()]);
      const Keys = [`${kit.tag}-C`, `${kit.tag}-c`];
      expect((await kit.records("Company", { Keys })).Records.map(({ Key }) => Key)).toEqual([`${kit.tag}-c`]);
      expect((await kit.record("User", `EVA@${kit.tag}-test.de`))?.Key).toBe(`eva@${kit.tag}-test.de`);
    });

    test("tells records by row id: those of this instance only", async () => {
      await kit.upsert([numbered(1), numbered(2)]);
      await kit.one(numbered(3), { Instance: `${kit.instance}-b` });
      const { Records, Next } = await kit.records("Company", { RowIds: ["2", "3", "4"] });
      expect(Records).toMatchObject([{ Key: `${kit.tag}-2`, Owner: { Instance: kit.instance, RowId: "2" } }]);
      expect(Next).toBe("");
      expect((await kit.records("User", { RowIds: ["1"] })).Records).toEqual([]);
    });

    test("counts the tickets that carry the key", async () => {
      await kit.upsert([kit.company(), kit.person()]);
      const who = { CustomerID: `${kit.tag}-c`, CustomerUser: `eva@${kit.tag}-test.de` };
      const states = ["open", "closed successful", "closed unsuccessful", "new", "removed"];
      for (const State of states)
        await contract.helpdesk.byHand([{ Do: "TicketCreate", Title: State, ...who, State, Articles: [] }]);
      await contract.helpdesk.byHand([
        { Do: "TicketCreate", Title: "other user", ...who, CustomerUser: "nobody", Articles: [] },
      ]);
      expect((await kit.record("User", who.CustomerUser, { Tickets: 1 }))?.Tickets).toEqual({ All: 5, Open: 2 });
      expect((await kit.record("Company", who.CustomerID, { Tickets: 1 }))?.Tickets).toEqual({ All: 6, Open: 3 });
      await kit.one(numbered(1));
      expect((await kit.record("Company", `${kit.tag}-1`, { Tickets: 1 }))?.Tickets).toEqual({ All: 0, Open: 0 });
    });

    test("goes through all records of ours, page by page", async () => {
      await kit.upsert([1, 2, 3, 4, 5].map((n) => numbered(n)));
      const seen: string[][] = [];
      let After = "";
      do {
        const { Records, Next } = await kit.records("Company", { After, Limit: 2, Owner: "ours" });
        seen.push(Records.map(({ Key }) => Key));
        After = Next;
      } while (After !== "");
      expect(seen.flat()).toEqual([1, 2, 3, 4, 5].map((n) => `${kit.tag}-${n}`));
      expect(Math.max(...seen.map((page) => page.length))).toBe(2);
    });

    test("skips and repeats none, in whatever order the database puts its keys", async () => {
      const ends = [
        "Z",
        "a",
        "Á",
        "ab",
        "a-b",
        "a_b",
        "a b",
        "B",
        "B10",
        "b2",
        "ß",
        "ss",
        "öz",
        "10",
        "9",
        "#",
        "~",
        "Æ",
        "ÿ",
      ];
      const results = await kit.upsert(ends.map((end, n) => ({ ...numbered(n + 1), Key: `${kit.tag}-${end}` })));
      const made = results.filter(({ Outcome }) => Outcome === "created").map(({ Key }) => Key);
      expect(made.length).toBeGreaterThan(12);
      for (const Limit of [1, 4]) {
        const seen: string[] = [];
        let After = "";
        do {
          const { Records, Next } = await kit.records("Company", { After, Limit, Owner: "ours" });
          seen.push(...Records.map(({ Key }) => Key));
          After = Next;
        } while (After !== "");
        expect(seen.toSorted()).toEqual(made.toSorted());
      }
    });

    test("goes on after a key, over all records or over those without a mark", async () => {
      await kit.upsert([numbered(1), numbered(3), numbered(5)]);
      for (const n of [2, 4]) await kit.byAgent(numbered(n));
      const from = async (n: number, Owner: string, Limit: number) =>
        (await kit.records("Company", { After: `${kit.tag}-${n}`, Limit, Owner })).Records.map(({ Key }) => Key);
      expect(await from(1, "any", 3)).toEqual([2, 3, 4].map((n) => `${kit.tag}-${n}`));
      expect(await from(1, "unowned", 2)).toEqual([2, 4].map((n) => `${kit.tag}-${n}`));
      const page = await kit.records("Company", { After: `${kit.tag}-1`, Limit: 2 });
      expect(page.Next).toBe(`${kit.tag}-3`);
    });

    test.each<{ name: string; body: object }>([
      { name: "no instance", body: { Instance: undefined, Type: "User", Keys: [] } },
      { name: "an unknown type", body: { Type: "Queue", Keys: [] } },
      { name: "nothing to look for", body: { Type: "User" } },
      { name: "two things to look for", body: { Type: "User", Keys: [], RowIds: [] } },
      { name: "1001 keys", body: { Type: "User", Keys: Array.from({ length: 1001 }, (_, n) => `k${n}`) } },
      { name: "keys that are no strings", body: { Type: "User", Keys: [["a"]] } },
      { name: "a row id that is none", body: { Type: "User", RowIds: ["x"] } },
      { name: "a page of 0", body: { Type: "User", After: "", Limit: 0 } },
      { name: "a page of 1001", body: { Type: "User", After: "", Limit: 1001 } },
      { name: "a page without a limit", body: { Type: "User", After: "" } },
      { name: "an unknown owner", body: { Type: "User", After: "", Limit: 1, Owner: "theirs" } },
      { name: "tickets of 2", body: { Type: "User", Keys: [], Tickets: 2 } },
    ])("$name is refused", async ({ body }) => {
      const reply = await contract.caller.post("/KivitendoBridge/Records", { Instance: kit.instance, ...body });
      expect(reply).toMatchObject(operationError("KivitendoBridgeRecords.InvalidParameter"));
    });
  });
}
