import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AddonKit, dynamic, dynamicPrefix, Info, objectType } from "./addon-kit.ts";
import { operationError, type Contract } from "./helpdesk-under-test.ts";

/** Ends of the names, for both kinds of record; made by the suite where they are missing. */
const dynamicFields = [
  { End: "Text", FieldType: "Text" },
  { End: "Choice", FieldType: "Dropdown" },
  { End: "Date", FieldType: "Date" },
  { End: "Switch", FieldType: "Checkbox" },
] as const;

/**
 * Everything but the helpdesk's own fields: modes, fields that the site has added, dynamic fields, additional companies.
 * The site of every helpdesk under test maps two fields more: CustomerCompanyIndustry and UserRoom.
 */
export function describeValues(contract: Contract): void {
  let kit: AddonKit;
  const byHand: typeof contract.helpdesk.byHand = async (steps) => contract.helpdesk.byHand(steps);
  beforeAll(async () => {
    const PossibleValues = ["gold", "silver"];
    for (const { End, FieldType } of dynamicFields)
      for (const type of ["Company", "User"] as const) {
        const at = { ObjectType: objectType[type], Name: dynamicPrefix[type] + End };
        await byHand([{ Do: "DynamicFieldEnsure", ...at, FieldType, PossibleValues }]);
      }
    const gone = { ObjectType: "CustomerUser", Name: "KiviUserGone", FieldType: "Text", ValidID: 2 } as const;
    await byHand([{ Do: "DynamicFieldEnsure", ...gone }]);
  });
  beforeEach(() => {
    kit = new AddonKit(contract);
  });

  test("Info names the mapped fields and the valid dynamic fields", async () => {
    const { Fields, DynamicFields, Countries } = Info.parse(
      await contract.caller.post("/KivitendoBridge/Info"),
    ).KivitendoBridge;
    expect(Fields.Company).toEqual(
      expect.arrayContaining(["CustomerID", "CustomerCompanyName", "CustomerCompanyIndustry", "ValidID"]),
    );
    expect(Fields.User).toEqual(expect.arrayContaining(["UserLogin", "UserCustomerID", "UserEmail", "UserRoom"]));
    expect(Fields.User).not.toContain("UserPassword");
    for (const { End, FieldType: Type } of dynamicFields)
      for (const type of ["Company", "User"] as const)
        expect(DynamicFields[type]).toContainEqual({ Name: dynamicPrefix[type] + End, Type });
    expect(DynamicFields.User.map(({ Name }) => Name)).not.toContain("KiviUserGone");
    expect(Countries).toEqual(expect.arrayContaining(["Germany", "Afghanistan"]));
  });

  describe("modes", () => {
    const fields = { UserTitle: "Dr.", UserPhone: "1", UserMobile: "2", UserRoom: "E 1" };
    const Modes = {
      UserTitle: "create-only",
      UserPhone: "fill-if-empty",
      UserMobile: "owned",
      UserRoom: "fill-if-empty",
      DynamicField_KiviUserText: "create-only",
      DynamicField_KiviUserChoice: "fill-if-empty",
    } as const;
    const DynamicFields = { KiviUserText: "a", KiviUserChoice: "gold" };

    test("a new record takes everything", async () => {
      expect(await kit.one(kit.person(fields, { Modes, DynamicFields }))).toMatchObject({
        Outcome: "created",
        Changed: expect.arrayContaining(["UserTitle", "UserPhone", "UserMobile", "UserRoom"]),
      });
      expect(await kit.stored("User", `eva@${kit.tag}-test.de`)).toMatchObject(fields);
      expect((await kit.record("User", `eva@${kit.tag}-test.de`))?.DynamicFields).toMatchObject(DynamicFields);
    });

    test("a known record takes what is empty, and what is ours", async () => {
      await kit.one(kit.person({ UserMobile: "9" }));
      const record = kit.person(fields, { Expect: "ours", Modes, DynamicFields });
      for (const DryRun of [1, 0])
        expect(await kit.one(record, { DryRun })).toMatchObject({
          Outcome: "updated",
          Changed: ["UserPhone", "UserMobile", "UserRoom", "DynamicField_KiviUserChoice"],
        });
      expect(await kit.one(record)).toMatchObject({ Outcome: "unchanged" });
      const other = { UserTitle: "x", UserPhone: "x", UserMobile: "3", UserRoom: "x" };
      const values = { KiviUserText: "x", KiviUserChoice: "silver" };
      expect(await kit.one(kit.person(other, { Expect: "ours", Modes, DynamicFields: values }))).toMatchObject({
        Changed: ["UserMobile"],
      });
    });

    test("an adopted record takes what is for new records, and keeps what is filled", async () => {
      await kit.byAgent(kit.person({ UserTitle: "Prof.", UserPhone: "9" }));
      expect(await kit.one(kit.person(fields, { Expect: "unowned", Modes, DynamicFields }))).toMatchObject({
        Outcome: "adopted",
        Changed: ["UserTitle", "UserMobile", "UserRoom", "DynamicField_KiviUserChoice", "DynamicField_KiviUserText"],
      });
      expect(await kit.stored("User", `eva@${kit.tag}-test.de`)).toMatchObject({ UserTitle: "Dr.", UserPhone: "9" });
    });
  });

  test("fields of the site are written like the others, and stay when they are not named", async () => {
    const Fields = { ...kit.company().Fields, CustomerCompanyIndustry: "Bau" };
    expect(await kit.one(kit.company({ Fields }))).toMatchObject({
      Changed: ["CustomerCompanyName", "ValidID", "CustomerCompanyIndustry"],
    });
    await kit.one(kit.company({ Expect: "ours", Fields: { CustomerCompanyCity: "Köln" } }));
    expect(await kit.stored("Company", `${kit.tag}-c`)).toMatchObject({ CustomerCompanyIndustry: "Bau" });
    const emptied = kit.company({ Expect: "ours", Fields: { CustomerCompanyIndustry: "" } });
    expect(await kit.one(emptied)).toMatchObject({ Changed: ["CustomerCompanyIndustry"] });
    expect(await kit.one(emptied)).toMatchObject({ Outcome: "unchanged" });
  });

  test("an emoji is stored, or what the database has room for, and changes nothing the next time", async () => {
    const record = kit.person(
      { UserComment: "gern \u{1F600}" },
      { DynamicFields: dynamic("User", { Text: "\u{1F600}" }) },
    );
    expect(await kit.one(record)).toMatchObject({ Outcome: "created" });
    expect(await kit.one({ ...record, Expect: "ours" })).toMatchObject({ Outcome: "unchanged", Changed: [] });
  });

  describe("dynamic fields", () => {
    const values = { Text: "Größe", Choice: "gold", Date: "2026-02-28", Switch: "1" };

    test.each(["Company", "User"] as const)("of a %s are written, told, changed and removed", async (type) => {
      const names = (...ends: string[]) => ends.map((end) => `DynamicField_${dynamicPrefix[type]}${end}`);
      const made = type === "Company" ? kit.company() : kit.person();
      const record = { ...made, DynamicFields: dynamic(type, values) };
      const ours = { ...record, Expect: "ours" as const };
      const stored = async () => (await kit.record(type, record.Key))?.DynamicFields;
      expect((await kit.one(record))?.Changed?.slice(-4)).toEqual(names("Choice", "Date", "Switch", "Text"));
      expect(await stored()).toEqual(record.DynamicFields);
      expect(await kit.one(ours)).toMatchObject({ Outcome: "unchanged", Changed: [] });

      const change = { ...ours, DynamicFields: dynamic(type, { Text: "", Choice: "silver" }) };
      const Changed = names("Choice", "Text");
      expect(await kit.one(change, { DryRun: 1 })).toMatchObject({ Outcome: "updated", Changed });
      expect(await stored()).toEqual(record.DynamicFields);
      expect(await kit.one(change)).toMatchObject({ Outcome: "updated", Changed });
      expect(await stored()).toEqual(dynamic(type, { Choice: "silver", Date: "2026-02-28", Switch: "1" }));
      expect(await kit.one(change)).toMatchObject({ Outcome: "unchanged" });
    });

    test("what an agent has set is seen", async () => {
      await kit.one(kit.company());
      const at = { ObjectType: "CustomerCompany" as const, Key: `${kit.tag}-c`, Name: "KiviFirmText" };
      await byHand([{ Do: "DynamicFieldSet", ...at, Value: "by hand" }]);
      const record = kit.company({ Expect: "ours", DynamicFields: { KiviFirmText: "by hand" } });
      expect(await kit.one(record)).toMatchObject({ Outcome: "unchanged" });
      await kit.one({ ...record, DynamicFields: { KiviFirmText: "ours" } });
      expect(await byHand([{ Do: "DynamicFieldGet", ...at }])).toEqual(["ours"]);
    });

    test.each([
      { name: "one that does not exist", DynamicFields: { KiviUserNone: "1" }, reason: /KiviUserNone/ },
      { name: "one that is not valid", DynamicFields: { KiviUserGone: "1" }, reason: /KiviUserGone/ },
      { name: "a value that is not in the list", DynamicFields: { KiviUserChoice: "tin" }, reason: /KiviUserChoice/ },
      { name: "a day that there is not", DynamicFields: { KiviUserDate: "2026-02-30" }, reason: /KiviUserDate/ },
      { name: "a switch of 2", DynamicFields: { KiviUserSwitch: "2" }, reason: /KiviUserSwitch/ },
      { name: "a value that is no string", DynamicFields: { KiviUserText: ["1"] }, reason: /KiviUserText/ },
    ])("$name: invalid", async ({ DynamicFields, reason }) => {
      for (const DryRun of [1, 0]) {
        const result = await kit.one(kit.person({}, { DynamicFields }), { DryRun });
        expect(result).toMatchObject({ Code: "invalid", Reason: expect.stringMatching(reason) });
      }
      expect(await kit.stored("User", `eva@${kit.tag}-test.de`)).toBeNull();
    });
  });

  describe("additional companies", () => {
    const login = () => `eva@${kit.tag}-test.de`;
    const members = async () => (await byHand([{ Do: "MemberList", UserLogin: login() }]))[0];

    test("added, taken away, and those of agents left alone", async () => {
      const own = `${kit.tag}-c`;
      const created = await kit.one(kit.person({}, { Companies: [own, "z1", "z2", "z2"] }));
      expect(created?.Changed?.at(-1)).toBe("Companies");
      expect(await members()).toEqual(["z1", "z2"]);
      await byHand([{ Do: "MemberSet", UserLogin: login(), CustomerID: "z9", Active: 1 }]);
      const change = async (Companies: string[], DryRun = 0) =>
        kit.one(kit.person({}, { Expect: "ours", Companies }), { DryRun });

      expect(await change(["z2", "z3"], 1)).toMatchObject({ Outcome: "updated", Changed: ["Companies"] });
      expect(await members()).toEqual(["z1", "z2", "z9"]);
      expect(await change(["z2", "z3"])).toMatchObject({ Outcome: "updated", Changed: ["Companies"] });
      expect(await change(["z3", "z2"])).toMatchObject({ Outcome: "unchanged" });
      expect(await members()).toEqual(["z2", "z3", "z9"]);
      expect((await kit.record("User", login()))?.Companies).toEqual(["z2", "z3", "z9"]);

      expect(await change(["z9"])).toMatchObject({ Changed: ["Companies"] });
      expect(await change([])).toMatchObject({ Outcome: "unchanged" });
      expect(await members()).toEqual(["z9"]);
    });

    test("left out, they stay; one that an agent has taken away is added again", async () => {
      await kit.one(kit.person({}, { Companies: ["z1"] }));
      expect(await kit.one(kit.person({ UserPhone: "1" }, { Expect: "ours" }))).toMatchObject({
        Changed: ["UserPhone"],
      });
      expect(await members()).toEqual(["z1"]);
      await byHand([{ Do: "MemberSet", UserLogin: login(), CustomerID: "z1", Active: 0 }]);
      expect(await kit.one(kit.person({}, { Expect: "ours", Companies: ["z1"] }))).toMatchObject({
        Changed: ["Companies"],
      });
      expect(await members()).toEqual(["z1"]);
    });

    test("one that an agent has taken away and given again is the agent's", async () => {
      await kit.one(kit.person({}, { Companies: ["z1"] }));
      await byHand([{ Do: "MemberSet", UserLogin: login(), CustomerID: "z1", Active: 0 }]);
      expect(await kit.one(kit.person({}, { Expect: "ours", Companies: [] }))).toMatchObject({ Outcome: "unchanged" });
      await byHand([{ Do: "MemberSet", UserLogin: login(), CustomerID: "z1", Active: 1 }]);
      await kit.one(kit.person({}, { Expect: "ours", Companies: [] }));
      expect(await members()).toEqual(["z1"]);
    });
  });

  test.each<{ name: string; record: () => object }>([
    { name: "an unknown mode", record: () => ({ ...kit.person(), Modes: { UserPhone: "always" } }) },
    { name: "modes that are no object", record: () => ({ ...kit.person(), Modes: ["owned"] }) },
    { name: "dynamic fields that are no object", record: () => ({ ...kit.person(), DynamicFields: ["1"] }) },
    { name: "companies that are no list", record: () => ({ ...kit.person(), Companies: "z1" }) },
    { name: "an empty company", record: () => ({ ...kit.person(), Companies: [""] }) },
    { name: "companies of a company", record: () => ({ ...kit.company(), Companies: ["z1"] }) },
    { name: "a new key for a new record", record: () => ({ ...kit.person(), NewKey: "x" }) },
    { name: "an empty new key", record: () => ({ ...kit.person(), Expect: "ours", NewKey: "" }) },
    { name: "the new key 0", record: () => ({ ...kit.person(), Expect: "ours", NewKey: "0" }) },
  ])("$name is refused as a whole", async ({ record }) => {
    const body = { Instance: kit.instance, Records: [record()] };
    const reply = await contract.caller.post("/KivitendoBridge/Upsert", body);
    expect(reply).toMatchObject(operationError("KivitendoBridgeUpsert.InvalidParameter"));
  });
}
