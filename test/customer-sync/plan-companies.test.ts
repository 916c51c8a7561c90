import { describe, expect, test } from "vitest";
import { company, companyLink, formerCompany, plan, vanished } from "./samples.ts";

describe("a customer with the number of one that is gone", () => {
  const before = companyLink({ sourceKey: "K10001" });
  const refused = companyLink({ status: "rejected", confirmed: false });
  const vanishedCompanies = [vanished(1149, before)];

  test.each(["K10001 Müller & Söhne GmbH", "k10001 MULLER & Sohne  GmbH "])("takes up its company as %j", (label) => {
    const { companies, held } = plan({ companies: [company({ former: formerCompany(label) })], vanishedCompanies });
    expect(held).toEqual([]);
    expect(companies).toMatchObject([
      { kind: "adopt", rowId: 1150, situation: "returned", takesOver: { rowId: 1149 } },
    ]);
  });

  test("waits when the name is another, and the company from before leaves", () => {
    const former = formerCompany("K10001 Kern AG");
    const { companies, held } = plan({ companies: [company({ former })], vanishedCompanies });
    expect(companies).toMatchObject([{ kind: "invalidate", rowId: 1149 }]);
    expect(held).toMatchObject([{ change: { rowId: 1150 }, result: { outcome: "rejected", code: "found" } }]);
    expect(JSON.stringify(held)).toContain("K10001 Kern AG, row id 1149");
  });

  test("waits also when its own name was never recorded", () => {
    expect(plan({ companies: [company({ former: formerCompany("K10001") })] }).held).toMatchObject([
      { result: { code: "found" } },
    ]);
  });

  test("goes on with decision adopt, and apart from it with decision rename", () => {
    const former = formerCompany("K10001 Kern AG");
    const decided = (choice: "adopt" | "rename", value: string | null): unknown =>
      plan({ companies: [company({ former, link: { ...refused, decision: { choice, value } } })] }).companies;
    expect(decided("adopt", null)).toMatchObject([{ kind: "adopt", key: "K10001", takesOver: former }]);
    expect(decided("rename", "K10001b")).toMatchObject([{ kind: "create", key: "K10001b", expect: "absent" }]);
  });

  test("goes on with a write in doubt, whatever its name is by now", () => {
    const link = companyLink({ status: "writing", confirmed: false });
    const row = company({ former: formerCompany("K10001 Kern AG"), link });
    expect(plan({ companies: [row] }).companies).toMatchObject([{ kind: "adopt", takesOver: { rowId: 1149 } }]);
  });

  test("does not make that company invalid when it is obsolete itself", () => {
    const row = company({ former: formerCompany("K10001 Kern AG"), link: refused, obsolete: true });
    expect(plan({ companies: [row] })).toMatchObject({ companies: [], held: [{ result: { code: "found" } }] });
  });
});
