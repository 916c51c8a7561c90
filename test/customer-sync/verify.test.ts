import { expect, test } from "vitest";
import type { CustomerChange, HelpdeskRecord } from "../../src/customer-sync/ports.ts";
import { compareWithHelpdesk, repairOf } from "../../src/customer-sync/desk/verify.ts";

const options = { record: "user", instance: "main", marks: true } as const;

const wanted: CustomerChange = {
  kind: "update",
  record: "user",
  rowId: 1501,
  label: "Eva Kern",
  key: "eva@kern.test",
  newKey: null,
  expect: "ours",
  fields: { UserFirstname: "Eva", UserPhone: "0228 1", UserComment: "", ValidID: 1 },
  modes: { UserPhone: "fill-if-empty", UserComment: "create-only" },
  dynamicFields: { Floor: "2" },
  companies: ["10002"],
  sourceHash: "",
  customerId: 1127,
  sourceKey: null,
  situation: "confirmed",
  follows: false,
  notices: [],
  waitsFor: null,
};

const equal: HelpdeskRecord = {
  key: "eva@kern.test",
  fields: { UserFirstname: "Eva", UserPhone: "0228 1", UserComment: "" },
  validId: 1,
  dynamicFields: { Floor: "2" },
  companies: ["10002", "10009"],
  owner: { instance: "main", rowId: 1501 },
  tickets: null,
};

function drifts(found: Partial<HelpdeskRecord>): readonly string[] {
  return compareWithHelpdesk([wanted], [{ ...equal, ...found }], options).drifts.map(
    (drift) => `${drift.field}: ${drift.wanted} ≠ ${drift.found} (${drift.ownership})`,
  );
}

test("a record as it is wanted has no drift, whatever companies agents have added", () => {
  expect(compareWithHelpdesk([wanted], [equal], options)).toEqual({ checked: 1, drifts: [], lost: [], orphans: [] });
});

test.each<[string, Partial<HelpdeskRecord>, readonly string[]]>([
  ["owned field", { fields: { ...equal.fields, UserFirstname: "Ewa" } }, ["UserFirstname: Eva ≠ Ewa (owned)"]],
  [
    "field of the agents",
    { fields: { ...equal.fields, UserPhone: "0171" } },
    ["UserPhone: 0228 1 ≠ 0171 (fill-if-empty)"],
  ],
  ["create-only field", { fields: { ...equal.fields, UserComment: "VIP" } }, ["UserComment:  ≠ VIP (create-only)"]],
  ["dynamic field", { dynamicFields: {} }, ["DynamicField_Floor: 2 ≠  (owned)"]],
  ["additional company", { companies: ["10009"] }, ["Companies: 10002 ≠ 10009 (owned)"]],
  ["made invalid by hand", { validId: 2 }, ["ValidID: 1 ≠ 2 (owned)"]],
  ["invalid-temporarily is a human's", { validId: 3 }, []],
])("drift: %s", (_case, found, expected) => {
  expect(drifts(found)).toEqual(expected);
});

test("records that are gone, unmarked or somebody else's are lost, not drifted", () => {
  const why = (found: readonly HelpdeskRecord[]): readonly string[] =>
    compareWithHelpdesk([wanted], found, options).lost.map((each) => each.why);
  expect(why([])).toEqual(["missing"]);
  expect(why([{ ...equal, owner: null }])).toEqual(["unmarked"]);
  expect(why([{ ...equal, owner: { instance: "other", rowId: 1501 } }])).toEqual(["foreign"]);
  expect(why([{ ...equal, owner: { instance: "main", rowId: 9 } }])).toEqual(["foreign"]);
});

test("a record with our mark that no link knows is an orphan; strangers are none of our business", () => {
  const strange = { ...equal, key: "jo@kern.test" };
  expect(
    compareWithHelpdesk(
      [],
      [strange, { ...strange, owner: null }, { ...strange, owner: { instance: "b", rowId: 1 } }],
      options,
    ),
  ).toEqual({ checked: 0, drifts: [], lost: [], orphans: [{ record: "user", rowId: 1501, key: "jo@kern.test" }] });
});

test("a row that is not linked is not compared", () => {
  expect(compareWithHelpdesk([{ ...wanted, expect: "absent" }], [], options).lost).toEqual([]);
});

test("a repair sends owned fields that drifted, and nothing else", () => {
  const found = {
    ...equal,
    companies: [],
    fields: { UserFirstname: "Ewa", UserPhone: "", UserComment: "VIP" },
    dynamicFields: {},
  };
  const { drifts: all } = compareWithHelpdesk([wanted], [found], options);
  expect(repairOf(wanted, all)).toMatchObject({
    expect: "ours",
    fields: { UserFirstname: "Eva" },
    dynamicFields: { Floor: "2" },
    companies: ["10002"],
    modes: {},
  });
  expect(
    repairOf(
      wanted,
      all.filter((drift) => drift.ownership !== "owned"),
    ),
  ).toBeNull();
});
