import { beforeEach, describe, expect, test } from "vitest";
import { AddonKit } from "./addon-kit.ts";
import { Caller, type Contract } from "./helpdesk-under-test.ts";

/** The add-on's Upsert operation, row for row as docs/addon-protocol.md tells. */
export function describeUpsert(contract: Contract): void {
  let kit: AddonKit;
  beforeEach(() => {
    kit = new AddonKit(contract);
  });

  describe("what is expected against what is there", () => {
    const other = { Instance: "somebody-else" };
    test.each<{
      expect: "absent" | "unowned" | "ours";
      there: "nothing" | "ours" | "other row" | "other instance" | "unmarked";
      want: string;
    }>([
      { expect: "absent", there: "nothing", want: "created" },
      { expect: "absent", there: "ours", want: "already-ours" },
      { expect: "absent", there: "other row", want: "not-ours" },
      { expect: "absent", there: "other instance", want: "not-ours" },
      { expect: "absent", there: "unmarked", want: "found" },
      { expect: "unowned", there: "nothing", want: "gone" },
      { expect: "unowned", there: "ours", want: "already-ours" },
      { expect: "unowned", there: "other row", want: "not-ours" },
      { expect: "unowned", there: "other instance", want: "not-ours" },
      { expect: "unowned", there: "unmarked", want: "adopted" },
      { expect: "ours", there: "nothing", want: "gone" },
      { expect: "ours", there: "ours", want: "updated" },
      { expect: "ours", there: "other row", want: "not-ours" },
      { expect: "ours", there: "other instance", want: "not-ours" },
      { expect: "ours", there: "unmarked", want: "found" },
    ])("expected $expect, there is $there: $want", async ({ expect: Expect, there, want }) => {
      for (const made of [kit.company(), kit.person()]) {
        if (there === "ours") await kit.one(made);
        if (there === "other row") await kit.one({ ...made, RowId: "99" });
        if (there === "other instance") await kit.one(made, other);
        if (there === "unmarked") await kit.byAgent(made);
        const before = await kit.stored(made.Type, made.Key);
        const change = made.Type === "Company" ? { CustomerCompanyStreet: "Ring 1" } : { UserStreet: "Ring 1" };
        const record = { ...made, Expect, Fields: { ...made.Fields, ...change } };
        for (const DryRun of [1, 0]) {
          const result = await kit.one(record, { DryRun });
          expect(result?.Code ?? result?.Outcome).toBe(want);
          if (DryRun === 1 || result?.Code !== undefined) expect(await kit.stored(made.Type, made.Key)).toEqual(before);
          const Instance = there === "other instance" ? "somebody-else" : kit.instance;
          if (want === "not-ours")
            expect(result?.Owner).toEqual({ Instance, RowId: there === "other row" ? "99" : made.RowId });
          else expect(result).not.toHaveProperty("Owner");
        }
        if (want === "created" || want === "updated" || want === "adopted") {
          expect(await kit.stored(made.Type, made.Key)).toMatchObject(change);
          expect(await kit.one({ ...record, Expect: "ours" })).toMatchObject({ Outcome: "unchanged", Changed: [] });
        }
      }
    });

    test("a record is adopted even when none of its fields differs", async () => {
      for (const made of [kit.company(), kit.person()]) {
        await kit.byAgent(made);
        const Fields = { ...made.Fields };
        expect(await kit.one({ ...made, Expect: "unowned", Fields }, { DryRun: 1 })).toMatchObject({
          Outcome: "adopted",
          Changed: [],
        });
        expect(await kit.one({ ...made, Expect: "ours" })).toMatchObject({ Code: "found" });
        expect(await kit.one({ ...made, Expect: "unowned", Fields })).toMatchObject({
          Outcome: "adopted",
          Changed: [],
        });
        expect(await kit.one({ ...made, Expect: "ours" })).toMatchObject({ Outcome: "unchanged" });
      }
    });

    test("the mark of a row that is gone goes to the row that has taken its place, once and within the instance", async () => {
      for (const made of [kit.company(), kit.person()]) {
        await kit.one({ ...made, RowId: "98" });
        const again = { ...made, RowId: "99", Expect: "ours" as const, FormerRowId: "98" };
        expect(await kit.one({ ...again, FormerRowId: "97" })).toMatchObject({ Code: "not-ours" });
        expect(await kit.one(again, { Instance: "somebody-else" })).toMatchObject({ Code: "not-ours" });
        expect(await kit.one(again, { DryRun: 1 })).toMatchObject({ Outcome: "adopted", Changed: [] });
        expect(await kit.one({ ...made, RowId: "98", Expect: "ours" })).toMatchObject({ Outcome: "unchanged" });
        expect(await kit.one(again)).toMatchObject({ Outcome: "adopted", Changed: [] });
        expect((await kit.record(made.Type, made.Key))?.Owner).toEqual({ Instance: kit.instance, RowId: "99" });
        expect(await kit.one(again)).toMatchObject({ Outcome: "unchanged" });
        expect(await kit.one({ ...made, RowId: "98", Expect: "ours" })).toMatchObject({ Code: "not-ours" });
      }
    });

    test("a record that is taken over can be renamed in the same call; create-only fields stay as they are", async () => {
      const made = kit.person({ UserPhone: "1" });
      await kit.upsert([kit.company(), { ...made, RowId: "98" }]);
      const again = kit.person(
        { UserPhone: "2", UserFirstname: "Evi" },
        {
          RowId: "99",
          Expect: "ours",
          FormerRowId: "98",
          NewKey: `${kit.tag}-evi`,
          Modes: { UserPhone: "create-only" },
        },
      );
      expect(await kit.one(again)).toMatchObject({ Outcome: "adopted", Changed: ["Key", "UserFirstname"] });
      expect(await kit.record("User", `${kit.tag}-evi`)).toMatchObject({
        Fields: { UserFirstname: "Evi", UserPhone: "1" },
        Owner: { Instance: kit.instance, RowId: "99" },
      });
    });

    test("of two bridges that adopt a record at once, one gets it", async () => {
      const instances = [kit.instance, `${kit.instance}-b`];
      for (let n = 0; n < 5; n += 1) {
        const Fields = { CustomerCompanyName: `Frei ${n} ${kit.tag}`, ValidID: 1 };
        const record = kit.company({ Key: `${kit.tag}-${n}`, Fields, Expect: "unowned" });
        await kit.byAgent(record);
        const told = await Promise.all(
          instances.map(async (Instance) => {
            const result = await kit.one(record, { Instance });
            return result?.Code ?? result?.Outcome;
          }),
        );
        expect(new Set(told)).toEqual(new Set(["adopted", "not-ours"]));
        const owner = (await kit.record("Company", record.Key))?.Owner?.Instance;
        expect(owner).toBe(instances[told.indexOf("adopted")]);
      }
    });

    test("another spelling of the key is another record's: key-differs", async () => {
      await kit.upsert([kit.company(), kit.person()]);
      for (const Expect of ["absent", "unowned", "ours"] as const) {
        expect(await kit.one(kit.company({ Key: `${kit.tag}-C`, Expect }))).toMatchObject({
          Outcome: "rejected",
          Code: "key-differs",
          OtherKey: `${kit.tag}-c`,
          Owner: { Instance: kit.instance, RowId: "1" },
        });
        expect(await kit.one(kit.person({}, { Key: `Eva@${kit.tag}-test.de`, Expect }))).toMatchObject({
          Code: "key-differs",
          OtherKey: `eva@${kit.tag}-test.de`,
        });
      }
    });
  });

  describe("what is written", () => {
    test("only the fields that are sent; Changed names those that differ", async () => {
      const fields = { CustomerCompanyStreet: "Ring 1", CustomerCompanyCity: "Köln" };
      const created = await kit.one(kit.company({ Fields: { ...kit.company().Fields, ...fields } }));
      expect(created).toEqual({
        Type: "Company",
        RowId: "1",
        Key: `${kit.tag}-c`,
        Outcome: "created",
        Changed: ["CustomerCompanyName", "CustomerCompanyStreet", "CustomerCompanyCity", "ValidID"],
      });
      await contract.helpdesk.byHand([
        { Do: "CompanyUpdate", CustomerID: `${kit.tag}-c`, CustomerCompanyComment: "by hand" },
      ]);
      const change = { CustomerCompanyStreet: "", CustomerCompanyCity: "Köln" };
      expect(await kit.one(kit.company({ Expect: "ours", Fields: change }))).toMatchObject({
        Outcome: "updated",
        Changed: ["CustomerCompanyStreet"],
      });
      expect(await kit.one(kit.company({ Expect: "ours", Fields: change }))).toMatchObject({
        Outcome: "unchanged",
        Changed: [],
      });
      const now = await kit.stored("Company", `${kit.tag}-c`);
      expect(now).toMatchObject({
        CustomerCompanyName: `Firma ${kit.tag}`,
        CustomerCompanyCity: "Köln",
        CustomerCompanyComment: "by hand",
      });
      expect(now?.["CustomerCompanyStreet"] ?? "").toBe("");
    });

    test("a user's password stays, and a human's invalid-temporarily is not lifted", async () => {
      await kit.upsert([kit.company(), kit.person()]);
      const login = { Do: "UserUpdate" as const, UserLogin: `eva@${kit.tag}-test.de` };
      await contract.helpdesk.byHand([{ ...login, UserPassword: "secret", ValidID: 3 }]);
      expect(await kit.one(kit.person({ UserPhone: "1" }, { Expect: "ours" }))).toMatchObject({
        Changed: ["UserPhone"],
      });
      expect(await kit.stored("User", login.UserLogin)).toMatchObject({ ValidID: 3, UserPhone: "1" });
      expect(await kit.one(kit.person({ ValidID: 2 }, { Expect: "ours" }))).toMatchObject({ Changed: ["ValidID"] });
      expect(await kit.one(kit.person({ ValidID: 1 }, { Expect: "ours" }))).toMatchObject({ Changed: ["ValidID"] });
      const customer = await new Caller(contract.helpdesk).logIn({
        CustomerUserLogin: login.UserLogin,
        Password: "secret",
      });
      expect(customer.session).toHaveLength(32);
    });

    test("the mark tells instance and row", async () => {
      await kit.one(kit.company());
      const [mark] = await contract.helpdesk.byHand([{ Do: "MarkGet", Kind: "Company", Key: `${kit.tag}-c` }]);
      expect(mark).toEqual({ Instance: kit.instance, RowId: "1" });
    });
  });

  test("a dry run sees what earlier records of the request would have written", async () => {
    const twin = kit.company({ Key: `${kit.tag}-d`, RowId: "3" });
    const [first, user, second] = await kit.upsert([kit.company(), kit.person(), twin], { DryRun: 1, Sequence: 3 });
    expect([first?.Outcome, user?.Outcome, second?.Code]).toEqual(["created", "created", "name-taken"]);
    expect([await kit.stored("Company", `${kit.tag}-c`), await kit.stored("User", `eva@${kit.tag}-test.de`)]).toEqual([
      null,
      null,
    ]);
    const [mark] = await contract.helpdesk.byHand([{ Do: "MarkGet", Kind: "Company", Key: `${kit.tag}-c` }]);
    expect(mark).toBeNull();
  });
}
