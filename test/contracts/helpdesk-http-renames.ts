import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { AddonKit, dynamic, dynamicPrefix, objectType, type UpsertRecord } from "./addon-kit.ts";
import type { Contract } from "./helpdesk-under-test.ts";

const Created = z.tuple([z.object({ TicketID: z.number() })]);
const Tickets = z.object({
  Ticket: z.array(z.object({ CustomerID: z.string().nullable(), CustomerUserID: z.string().nullable() })),
});

/** A key that changes: by the bridge, with everything that hangs on it, or by an agent, which the mark survives. */
export function describeRenames(contract: Contract): void {
  let kit: AddonKit;
  const byHand: typeof contract.helpdesk.byHand = async (steps) => contract.helpdesk.byHand(steps);
  const company = () => `${kit.tag}-c`;
  const login = () => `eva@${kit.tag}-test.de`;
  const ticket = async (CustomerID: string, CustomerUser: string, State = "open") => {
    const made = await byHand([{ Do: "TicketCreate", Title: "t", CustomerID, CustomerUser, State, Articles: [] }]);
    return Created.parse(made)[0].TicketID;
  };
  const carried = async (TicketID: number) => {
    const { Ticket } = Tickets.parse(await contract.caller.post("/TicketGet", { TicketID }));
    return Ticket.map((found) => [found.CustomerID, found.CustomerUserID])[0];
  };
  beforeAll(async () => {
    for (const type of ["Company", "User"] as const) {
      const at = { ObjectType: objectType[type], Name: `${dynamicPrefix[type]}Text` };
      await byHand([{ Do: "DynamicFieldEnsure", ...at, FieldType: "Text" }]);
    }
  });
  beforeEach(async () => {
    kit = new AddonKit(contract);
    await kit.upsert([
      kit.company({ DynamicFields: dynamic("Company", { Text: "stays" }) }),
      kit.person({}, { DynamicFields: dynamic("User", { Text: "stays" }), Companies: ["z1"] }),
    ]);
  });

  describe("a company gets another key", () => {
    const renamed = (more: Partial<UpsertRecord> = {}): UpsertRecord =>
      kit.company({ Expect: "ours", NewKey: `${kit.tag}-n`, Fields: {}, ...more });

    test("users, tickets, additional companies, dynamic fields and mark follow", async () => {
      const other = kit.person(
        { UserCustomerID: "z2", UserEmail: `b@${kit.tag}.de` },
        { RowId: "3", Key: `${kit.tag}-b` },
      );
      await kit.one({ ...other, Companies: [company()] });
      await byHand([{ Do: "MemberSet", UserLogin: `${kit.tag}-agent`, CustomerID: company(), Active: 1 }]);
      const open = await ticket(company(), login());
      const closed = await ticket(company(), "nobody", "closed successful");
      const foreign = await ticket("z2", login());

      expect(await kit.one(renamed(), { DryRun: 1 })).toMatchObject({ Outcome: "updated", Changed: ["Key"] });
      expect(await carried(open)).toEqual([company(), login()]);
      const change = { CustomerCompanyCity: "Köln" };
      const result = await kit.one(renamed({ Fields: change }));
      expect(result).toMatchObject({ Key: company(), Outcome: "updated", Changed: ["Key", "CustomerCompanyCity"] });

      expect(await kit.stored("Company", company())).toBeNull();
      expect(await kit.stored("Company", `${kit.tag}-n`)).toMatchObject(change);
      expect(await kit.stored("User", login())).toMatchObject({ UserCustomerID: `${kit.tag}-n` });
      expect(await carried(open)).toEqual([`${kit.tag}-n`, login()]);
      expect(await carried(closed)).toEqual([`${kit.tag}-n`, "nobody"]);
      expect(await carried(foreign)).toEqual(["z2", login()]);
      expect(await kit.record("Company", `${kit.tag}-n`)).toMatchObject({
        DynamicFields: dynamic("Company", { Text: "stays" }),
        Owner: { Instance: kit.instance, RowId: "1" },
      });
      expect((await kit.record("User", `${kit.tag}-b`))?.Companies).toEqual([`${kit.tag}-n`]);
      const [agents] = await byHand([{ Do: "MemberList", UserLogin: `${kit.tag}-agent` }]);
      expect(agents).toEqual([`${kit.tag}-n`]);
      // ours it still is: taken away when it is not wanted any more
      await kit.one({ ...other, Expect: "ours", Companies: [] });
      expect((await kit.record("User", `${kit.tag}-b`))?.Companies).toEqual([]);
    });

    test("later records of the request see the new key, in a dry run as well", async () => {
      const user = kit.person({ UserCustomerID: `${kit.tag}-n` }, { Expect: "ours" });
      const again = kit.company({ RowId: "9", Fields: { CustomerCompanyName: `Neu ${kit.tag}`, ValidID: 1 } });
      const taken = { ...again, Key: `${kit.tag}-n`, RowId: "8" };
      for (const DryRun of [1, 0]) {
        const results = await kit.upsert([renamed(), user, taken, again], { DryRun });
        expect(results.map(({ Outcome, Code }) => Code ?? Outcome)).toEqual([
          "updated",
          "unchanged",
          "not-ours",
          "created",
        ]);
      }
    });

    test(
      "all of its users follow, however many, and those whose address is refused today",
      { timeout: 90_000 },
      async () => {
        const users = Array.from({ length: 260 }, (_, n) =>
          kit.person({ UserEmail: `u${n}@${kit.tag}.de` }, { RowId: String(100 + n), Key: `${kit.tag}-u${n}` }),
        );
        await kit.upsert(users);
        const odd = kit.person({ UserEmail: `${kit.tag}@b`, ValidID: 2 }, { RowId: "99", Key: `${kit.tag}-odd` });
        await kit.one(odd);
        await kit.one(renamed());
        const keys = [...users, odd].map(({ Key }) => Key);
        const { Records } = await kit.records("User", { Keys: keys });
        expect(new Set(Records.map(({ Fields }) => Fields["UserCustomerID"]))).toEqual(new Set([`${kit.tag}-n`]));
        expect(Records).toHaveLength(261);
      },
    );
  });

  describe("a user gets another login", () => {
    const newLogin = () => `neu@${kit.tag}-test.de`;
    const renamed = (more: Partial<UpsertRecord> = {}): UpsertRecord => ({
      ...kit.person({}, { Expect: "ours", NewKey: newLogin() }),
      Fields: {},
      ...more,
    });

    test("tickets, preferences, password, additional companies, dynamic fields and mark follow", async () => {
      await byHand([
        { Do: "UserUpdate", UserLogin: login(), UserPassword: "secret" },
        { Do: "PreferenceSet", UserLogin: login(), Name: "UserLanguage", Value: "de" },
        { Do: "MemberSet", UserLogin: login(), CustomerID: "z9", Active: 1 },
      ]);
      const own = await ticket(company(), login());
      const elsewhere = await ticket("z1", login(), "closed successful");
      expect(await kit.one(renamed(), { DryRun: 1 })).toMatchObject({ Outcome: "updated", Changed: ["Key"] });
      expect(await kit.one(renamed())).toMatchObject({ Key: login(), Outcome: "updated", Changed: ["Key"] });

      expect(await kit.stored("User", login())).toBeNull();
      expect(await carried(own)).toEqual([company(), newLogin()]);
      expect(await carried(elsewhere)).toEqual(["z1", newLogin()]);
      expect(await byHand([{ Do: "PreferenceGet", UserLogin: newLogin(), Name: "UserLanguage" }])).toEqual(["de"]);
      expect(await kit.record("User", newLogin())).toMatchObject({
        Fields: { UserEmail: login(), UserCustomerID: company() },
        DynamicFields: dynamic("User", { Text: "stays" }),
        Companies: ["z1", "z9"],
        Owner: { Instance: kit.instance, RowId: "2" },
      });
      const entered = await contract.caller.post("/Session", { CustomerUserLogin: newLogin(), Password: "secret" });
      expect(entered).toHaveProperty("SessionID");
      // the bridge's own additional company is still its own
      await kit.one(kit.person({}, { Key: newLogin(), Expect: "ours", Companies: [] }));
      expect((await kit.record("User", newLogin()))?.Companies).toEqual(["z9"]);
    });

    test("another spelling of the same login is a rename, too", async () => {
      const NewKey = `Eva@${kit.tag}-test.de`;
      const own = await ticket(company(), login());
      expect(await kit.one(renamed({ NewKey }))).toMatchObject({ Changed: ["Key"] });
      expect(await carried(own)).toEqual([company(), NewKey]);
      expect(await kit.record("User", NewKey)).toMatchObject({
        Key: NewKey,
        DynamicFields: dynamic("User", { Text: "stays" }),
        Companies: ["z1"],
        Owner: { RowId: "2" },
      });
    });
  });

  test("the same key is no rename", async () => {
    const record = kit.company({ Expect: "ours", NewKey: company() });
    expect(await kit.one(record)).toMatchObject({ Outcome: "unchanged", Changed: [] });
  });

  test.each<{ name: string; taken: "Company" | "User"; isOurs: boolean }>([
    { name: "a company's", taken: "Company", isOurs: true },
    { name: "an unmarked company's", taken: "Company", isOurs: false },
    { name: "a user's, in another spelling", taken: "User", isOurs: true },
  ])("a key that is $name: key-taken", async ({ taken, isOurs }) => {
    const Key = `${kit.tag}-x`;
    const Fields = { CustomerCompanyName: `X ${kit.tag}`, ValidID: 1 };
    const other =
      taken === "Company"
        ? kit.company({ RowId: "7", Key, Fields })
        : kit.person({ UserEmail: `x@${kit.tag}.de` }, { RowId: "7", Key });
    if (isOurs) await kit.one(other);
    else await kit.byAgent(other);
    const record = taken === "Company" ? kit.company({ Expect: "ours" }) : kit.person({}, { Expect: "ours" });
    const NewKey = taken === "Company" ? Key : Key.toUpperCase();
    for (const DryRun of [1, 0]) {
      const result = await kit.one({ ...record, NewKey }, { DryRun });
      expect(result).toMatchObject({ Code: "key-taken", OtherKey: Key });
      expect(result?.Owner).toEqual(isOurs ? { Instance: kit.instance, RowId: "7" } : undefined);
    }
    expect(await kit.stored(record.Type, record.Key)).not.toBeNull();
  });

  test.each(["x ", " x", "a\tb", "x".repeat(192)])("the new key %j cannot be stored: invalid", async (NewKey) => {
    expect(await kit.one(kit.company({ Expect: "ours", NewKey }))).toMatchObject({ Code: "invalid" });
    expect(await kit.one(kit.person({}, { Expect: "ours", NewKey }))).toMatchObject({ Code: "invalid" });
  });

  test("a refused rename leaves everything as it was", async () => {
    const Fields = { CustomerCompanyName: `Zwei ${kit.tag}`, ValidID: 1 };
    await kit.one(kit.company({ RowId: "7", Key: `${kit.tag}-d`, Fields }));
    const record = kit.company({ Expect: "ours", NewKey: `${kit.tag}-n`, Fields });
    expect(await kit.one(record)).toMatchObject({ Code: "name-taken", OtherKey: `${kit.tag}-d` });
    expect(await kit.stored("Company", company())).not.toBeNull();
    expect(await kit.stored("Company", `${kit.tag}-n`)).toBeNull();
  });

  describe("an agent gives another key", () => {
    test("the mark follows, and the old key's refusal names the new one", async () => {
      const keys = { Company: `${kit.tag}-hand`, User: `hand@${kit.tag}-test.de` };
      await byHand([
        { Do: "CompanyUpdate", CustomerID: company(), NewCustomerID: keys.Company },
        { Do: "UserUpdate", UserLogin: login(), NewUserLogin: keys.User },
      ]);
      for (const made of [kit.company(), kit.person()]) {
        const KeyNow = keys[made.Type];
        const { Records } = await kit.records(made.Type, { RowIds: [made.RowId] });
        expect(Records).toMatchObject([{ Key: KeyNow, Owner: { Instance: kit.instance, RowId: made.RowId } }]);
        for (const Expect of ["ours", "unowned"] as const)
          expect(await kit.one({ ...made, Expect })).toMatchObject({ Code: "gone", KeyNow });
        expect(await kit.one({ ...made, Fields: {}, Key: KeyNow, Expect: "ours" })).toMatchObject({
          Outcome: "unchanged",
        });
      }
      expect((await kit.record("User", keys.User))?.Companies).toEqual(["z1"]);
      await kit.one(kit.person({ UserCustomerID: keys.Company }, { Key: keys.User, Expect: "ours", Companies: [] }));
      expect((await kit.record("User", keys.User))?.Companies).toEqual([]);
    });

    test("another spelling of the key: the record is written as before", async () => {
      const keys = { Company: company().toUpperCase(), User: `EVA@${kit.tag}-test.de` };
      await byHand([
        { Do: "CompanyUpdate", CustomerID: company(), NewCustomerID: keys.Company },
        { Do: "UserUpdate", UserLogin: login(), NewUserLogin: keys.User },
      ]);
      for (const type of ["Company", "User"] as const) {
        const made = type === "Company" ? kit.company() : kit.person();
        const DynamicFields = dynamic(type, { Text: "new" });
        const again = { ...made, Key: keys[type], Expect: "ours" as const, Fields: {}, DynamicFields };
        expect(await kit.one(again)).toMatchObject({
          Outcome: "updated",
          Changed: Object.keys(DynamicFields).map((name) => `DynamicField_${name}`),
        });
        expect(await kit.one(again)).toMatchObject({ Outcome: "unchanged" });
        expect(await kit.record(type, keys[type])).toMatchObject({ DynamicFields, Owner: { RowId: made.RowId } });
      }
    });

    test("a record that is nowhere has no key now", async () => {
      const gone = await kit.one(kit.company({ RowId: "77", Key: `${kit.tag}-none`, Expect: "ours" }));
      expect(gone).toMatchObject({ Code: "gone" });
      expect(gone).not.toHaveProperty("KeyNow");
    });

    test("the old key is free for another record", async () => {
      await byHand([{ Do: "CompanyUpdate", CustomerID: company(), NewCustomerID: `${kit.tag}-hand` }]);
      const Fields = { CustomerCompanyName: `Neu ${kit.tag}`, ValidID: 1 };
      expect(await kit.one(kit.company({ RowId: "7", Fields }))).toMatchObject({ Outcome: "created" });
      expect((await kit.record("Company", company()))?.Owner?.RowId).toBe("7");
    });
  });
}
