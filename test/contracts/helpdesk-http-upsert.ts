import { beforeEach, describe, expect, test } from "vitest";
import { AddonKit, type UpsertRecord } from "./addon-kit.ts";
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
      expect: "absent" | "ours";
      there: "nothing" | "ours" | "other row" | "other instance" | "unmarked";
      want: string;
    }>([
      { expect: "absent", there: "nothing", want: "created" },
      { expect: "absent", there: "ours", want: "already-ours" },
      { expect: "absent", there: "other row", want: "not-ours" },
      { expect: "absent", there: "other instance", want: "not-ours" },
      { expect: "absent", there: "unmarked", want: "not-ours" },
      { expect: "ours", there: "nothing", want: "gone" },
      { expect: "ours", there: "ours", want: "updated" },
      { expect: "ours", there: "other row", want: "not-ours" },
      { expect: "ours", there: "other instance", want: "not-ours" },
      { expect: "ours", there: "unmarked", want: "not-ours" },
    ])("expected $expect, there is $there: $want", async ({ expect: Expect, there, want }) => {
      for (const made of [kit.company(), kit.person()]) {
        if (there === "ours") await kit.one(made);
        if (there === "other row") await kit.one({ ...made, RowId: "99" });
        if (there === "other instance") await kit.one(made, other);
        if (there === "unmarked") {
          const { ValidID, ...fields } = made.Fields as Record<string, string>;
          const key =
            made.Type === "Company"
              ? { Do: "CompanyAdd" as const, CustomerID: made.Key }
              : { Do: "UserAdd" as const, UserLogin: made.Key };
          await contract.helpdesk.byHand([{ ...fields, ...key, ValidID }]);
        }
        const before = await kit.stored(made.Type, made.Key);
        const change = made.Type === "Company" ? { CustomerCompanyStreet: "Ring 1" } : { UserStreet: "Ring 1" };
        const record = { ...made, Expect, Fields: { ...made.Fields, ...change } };
        for (const DryRun of [1, 0]) {
          const result = await kit.one(record, { DryRun });
          expect(result?.Code ?? result?.Outcome).toBe(want);
          if (DryRun === 1 || result?.Code !== undefined) expect(await kit.stored(made.Type, made.Key)).toEqual(before);
        }
        if (want === "created" || want === "updated")
          expect(await kit.stored(made.Type, made.Key)).toMatchObject(change);
      }
    });

    test("another spelling of the key is another record's: key-differs", async () => {
      await kit.upsert([kit.company(), kit.person()]);
      for (const Expect of ["absent", "ours"] as const) {
        expect(await kit.one(kit.company({ Key: `${kit.tag}-C`, Expect }))).toMatchObject({
          Outcome: "rejected",
          Code: "key-differs",
        });
        expect(await kit.one(kit.person({}, { Key: `Eva@${kit.tag}-test.de`, Expect }))).toMatchObject({
          Code: "key-differs",
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

  describe("what is refused for one record, alike in a dry run", () => {
    test.each<{ name: string; code: string; record: () => UpsertRecord; reason?: RegExp }>([
      {
        name: "another company's name",
        code: "name-taken",
        record: () => kit.company({ Key: `${kit.tag}-d`, RowId: "3" }),
      },
      {
        name: "another user's address",
        code: "email-taken",
        record: () => kit.person({}, { Key: `${kit.tag}-other`, RowId: "3" }),
      },
      {
        name: "another user's address in other case",
        code: "email-taken",
        record: () => kit.person({ UserEmail: `EVA@${kit.tag}-Test.de` }, { Key: `${kit.tag}-other`, RowId: "3" }),
      },
      {
        name: "no name",
        code: "invalid",
        record: () => kit.company({ Key: `${kit.tag}-d`, Fields: { ValidID: 1 } }),
        reason: /CustomerCompanyName/,
      },
      {
        name: "no validity",
        code: "invalid",
        record: () => kit.company({ Key: `${kit.tag}-d`, Fields: { CustomerCompanyName: `${kit.tag} d` } }),
        reason: /ValidID/,
      },
      {
        name: "no first name",
        code: "invalid",
        record: () => kit.person({ UserFirstname: "", UserEmail: `a@${kit.tag}-x.de` }, { Key: `${kit.tag}-x` }),
        reason: /UserFirstname/,
      },
      {
        name: "the first name 0",
        code: "invalid",
        record: () => kit.person({ UserFirstname: "0", UserEmail: `a@${kit.tag}-x.de` }, { Key: `${kit.tag}-x` }),
        reason: /UserFirstname/,
      },
      {
        name: "an impossible address",
        code: "invalid",
        record: () => kit.person({ UserEmail: `${kit.tag}@b` }, { Key: `${kit.tag}-x` }),
        reason: /@b/,
      },
      {
        name: "an umlaut before the @",
        code: "invalid",
        record: () => kit.person({ UserEmail: `ä@${kit.tag}.de` }, { Key: `${kit.tag}-x` }),
      },
      {
        name: "an example address",
        code: "invalid",
        record: () => kit.person({ UserEmail: `${kit.tag}@example.com` }, { Key: `${kit.tag}-x` }),
      },
      {
        name: "a long name",
        code: "invalid",
        record: () =>
          kit.company({ Key: `${kit.tag}-d`, Fields: { CustomerCompanyName: "x".repeat(192), ValidID: 1 } }),
        reason: /CustomerCompanyName/,
      },
      {
        name: "a long title",
        code: "invalid",
        record: () =>
          kit.person({ UserTitle: "x".repeat(51), UserEmail: `a@${kit.tag}-x.de` }, { Key: `${kit.tag}-x` }),
        reason: /UserTitle/,
      },
      {
        name: "an unknown field",
        code: "invalid",
        record: () => kit.company({ Expect: "ours", Fields: { Colour: "red" } }),
        reason: /Colour/,
      },
      {
        name: "a password",
        code: "invalid",
        record: () => kit.person({ UserPassword: "x" }, { Expect: "ours" }),
        reason: /UserPassword/,
      },
      {
        name: "the key among the fields",
        code: "invalid",
        record: () => kit.person({ UserLogin: "x" }, { Expect: "ours" }),
        reason: /UserLogin/,
      },
      {
        name: "a value that is no string",
        code: "invalid",
        record: () => kit.person({ UserPhone: ["1"] }, { Expect: "ours" }),
        reason: /UserPhone/,
      },
      {
        name: "a validity of 3",
        code: "invalid",
        record: () => kit.person({ ValidID: 3 }, { Expect: "ours" }),
        reason: /ValidID/,
      },
      {
        name: "a key with a trailing blank",
        code: "invalid",
        record: () =>
          kit.company({ Key: `${kit.tag}-e `, Fields: { CustomerCompanyName: `${kit.tag} e`, ValidID: 1 } }),
      },
    ])("$name: $code", async ({ code, record, reason = /./ }) => {
      await kit.upsert([kit.company(), kit.person()]);
      const before = [await kit.stored("Company", `${kit.tag}-c`), await kit.stored("User", `eva@${kit.tag}-test.de`)];
      for (const DryRun of [1, 0]) {
        const [result, good] = await kit.upsert(
          [
            record(),
            kit.company({
              Key: `${kit.tag}-good${DryRun}`,
              RowId: "7",
              Fields: { CustomerCompanyName: `Gut ${kit.tag}`, ValidID: 1 },
            }),
          ],
          { DryRun },
        );
        expect(result).toMatchObject({ Outcome: "rejected", Code: code, Reason: expect.stringMatching(reason) });
        expect(result).not.toHaveProperty("Changed");
        expect(good?.Outcome).toBe("created");
      }
      expect([await kit.stored("Company", `${kit.tag}-c`), await kit.stored("User", `eva@${kit.tag}-test.de`)]).toEqual(
        before,
      );
    });

    test("addresses of invalid users are not looked at", async () => {
      expect(await kit.one(kit.person({ UserEmail: `${kit.tag}@b`, ValidID: 2 }))).toMatchObject({
        Outcome: "created",
      });
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
