import { beforeEach, describe, expect, test } from "vitest";
import { AddonKit, type UpsertRecord } from "./addon-kit.ts";
import type { Contract } from "./helpdesk-under-test.ts";

/** What the add-on refuses for one record, with its code, and what it tells with it. */
export function describeRefusals(contract: Contract): void {
  let kit: AddonKit;
  beforeEach(() => {
    kit = new AddonKit(contract);
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

    test("the record that has the name or the address is told, and its owner when it has one", async () => {
      await kit.upsert([kit.company(), kit.person()]);
      const twin = kit.company({ Key: `${kit.tag}-d`, RowId: "3" });
      const rival = kit.person({}, { Key: `${kit.tag}-other`, RowId: "4" });
      const stranger = kit.company({
        Key: `${kit.tag}-s`,
        Fields: { CustomerCompanyName: `Frei ${kit.tag}`, ValidID: 1 },
      });
      await kit.byAgent(stranger);
      const third = kit.company({ Key: `${kit.tag}-e`, RowId: "5", Fields: stranger.Fields });
      for (const DryRun of [1, 0]) {
        const [name, address, unmarked] = await kit.upsert([twin, rival, third], { DryRun });
        expect(name).toMatchObject({ OtherKey: `${kit.tag}-c`, Owner: { Instance: kit.instance, RowId: "1" } });
        expect(address).toMatchObject({
          OtherKey: `eva@${kit.tag}-test.de`,
          Owner: { Instance: kit.instance, RowId: "2" },
        });
        expect(unmarked).toMatchObject({ Code: "name-taken", OtherKey: `${kit.tag}-s` });
        expect(unmarked).not.toHaveProperty("Owner");
      }
    });

    test("addresses of invalid users are not looked at", async () => {
      expect(await kit.one(kit.person({ UserEmail: `${kit.tag}@b`, ValidID: 2 }))).toMatchObject({
        Outcome: "created",
      });
    });
  });
}
