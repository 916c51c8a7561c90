/** What goes into the files of an export, and what is told about it: the rules, row by row. */
import { describe, expect, test } from "vitest";
import { changesFile, stateFiles } from "../../src/customer-sync/export/files.ts";
import { planExport, refusalName } from "../../src/customer-sync/export/plan.ts";
import type { ExportPlan } from "../../src/customer-sync/export/plan.ts";
import type { ExportFormat, ExportedRecord, LastExport } from "../../src/customer-sync/ports.ts";
import type { MappingRules } from "../../src/customer-sync/rules.ts";
import { type Company, company, type Contact, contact, linked } from "./export-samples.ts";

const nothing: LastExport = { number: 0, records: [], refused: [] };

const mapping: MappingRules = {
  placeholderName: null,
  countries: "english",
  ownership: { company: {}, user: {} },
  extra: [],
};

function plan(
  rows: { readonly companies?: readonly Company[]; readonly contacts?: readonly Contact[] },
  { format = "opsi", after = nothing, all = false }: { format?: ExportFormat; after?: LastExport; all?: boolean } = {},
): ExportPlan {
  return planExport({ companies: rows.companies ?? [], contacts: rows.contacts ?? [] }, after, {
    format,
    all,
    mapping,
  });
}

/** What the bridge remembers once this was exported. */
function remembered(last: LastExport, { records, refused, differs }: ExportPlan): LastExport {
  return { number: last.number + (differs ? 1 : 0), records, refused: refused.map(refusalName) };
}

function namesOf(records: readonly ExportedRecord[]): Record<string, string> {
  return Object.fromEntries(
    records
      .filter(({ record }) => record === "company")
      .map(({ key, fields }) => [key, fields["CustomerCompanyName"] ?? ""]),
  );
}

const changesOf = ({ changes }: ExportPlan): readonly string[] =>
  changes.map(({ change, key, fields }) =>
    [change, key, ...fields.map(({ field, before, after }) => `${field}: ${before} → ${after}`)].join(" "),
  );
const refusalsOf = ({ refused }: ExportPlan): readonly string[] => refused.map(refusalName);

describe("the table of planExport", () => {
  const rows = { companies: [company(1)], contacts: [contact(11, 1)] };

  test("live and never exported: new; the same again: nothing", () => {
    const first = plan(rows);
    expect(changesOf(first)).toEqual(["new K1", "new eva11@firma-test.de"]);
    const again = plan(rows, { after: remembered(nothing, first) });
    expect(changesOf(again)).toEqual([]);
    expect(again).toMatchObject({ differs: false, changed: [], records: first.records });
  });

  test("not live and never exported: not there, and not refused", () => {
    const planned = plan({ companies: [company(1, { obsolete: true }), company(2, { inScope: false })] });
    expect(planned).toMatchObject({ records: [], refused: [], differs: false });
  });

  test("changed fields are told one by one, old and new", () => {
    const after = remembered(nothing, plan(rows));
    const changed = plan(
      { companies: [company(1, { city: "Kiel", street: "" })], contacts: [contact(11, 1)] },
      { after },
    );
    expect(changesOf(changed)).toEqual(["changed K1 Street: Ring 1 →  City: Hamburg → Kiel"]);
    expect(changed.changed).toHaveLength(1);
  });

  test.each([
    { name: "obsolete", gone: [company(1, { obsolete: true, name: "Neuer Name" })] },
    { name: "out of scope", gone: [company(1, { inScope: false })] },
    { name: "gone", gone: [] },
  ])("$name and exported before: invalid once, as it was exported, and back again", ({ gone }) => {
    const after = remembered(nothing, plan(rows));
    const invalid = plan({ companies: gone, contacts: [contact(11, 1, { active: false })] }, { after });
    expect(changesOf(invalid)).toEqual(["invalid K1", "invalid eva11@firma-test.de"]);
    expect(namesOf(invalid.records)).toEqual({ K1: "Firma 1 GmbH" });
    const still = remembered(after, invalid);
    expect(plan({ companies: gone, contacts: [] }, { after: still }).differs).toBe(false);
    expect(changesOf(plan(rows, { after: still }))).toEqual(["valid-again K1", "valid-again eva11@firma-test.de"]);
  });

  test("who breaks a rule after an export stays in the files as exported", () => {
    const after = remembered(nothing, plan(rows));
    const broken = plan(
      { companies: [company(1, { name: "" })], contacts: [contact(11, 1, { phone: "1" })] },
      { after },
    );
    expect(refusalsOf(broken)).toEqual(["company 1 incomplete"]);
    expect(namesOf(broken.records)).toEqual({ K1: "Firma 1 GmbH" });
    expect(changesOf(broken)).toEqual(["changed eva11@firma-test.de Phone:  → 1"]);
  });

  test("--all tells every record as new and remembers no more than changed", () => {
    const after = remembered(nothing, plan({ companies: [company(1), company(2)] }));
    const all = plan({ companies: [company(1)] }, { after, all: true });
    expect(changesOf(all)).toEqual(["new K1", "invalid K2"]);
    expect(all.changed.map(({ key }) => key)).toEqual(["K2"]);
  });
});

describe("ids", () => {
  test("stay when the customer number, the e-mail or the link changes", () => {
    const after = remembered(nothing, plan({ companies: [company(1)], contacts: [contact(11, 1)] }));
    const planned = plan(
      {
        companies: [company(1, { customerNumber: "K999", link: { ...linked, key: "OTHER" } })],
        contacts: [contact(11, 1, { email: "neu@firma-test.de" })],
      },
      { after },
    );
    expect(planned.records.map(({ key }) => key)).toEqual(["K1", "eva11@firma-test.de"]);
    expect(changesOf(planned)).toEqual(["changed eva11@firma-test.de Email: eva11@firma-test.de → neu@firma-test.de"]);
  });

  test("are those of the helpdesk where the row is linked, also against a lower row id", () => {
    const planned = plan({
      companies: [company(1, { customerNumber: "ACME" }), company(2, { link: { ...linked, key: "acme" } })],
    });
    expect(planned.records.map(({ key }) => key)).toEqual(["acme"]);
    expect(refusalsOf(planned)).toEqual(["company 1 key-taken"]);
  });

  test("an unconfirmed link gives no id, a matched one does", () => {
    const planned = plan({
      companies: [
        company(1, { link: { ...linked, confirmed: false, key: "ALT1" } }),
        company(2, { link: { ...linked, confirmed: false, status: "matched", key: "ALT2" } }),
      ],
    });
    expect(planned.records.map(({ key }) => key)).toEqual(["K1", "ALT2"]);
  });

  test.each(["null", "all", "NULL", "All"])("opsi takes no %s; the others do", (number) => {
    const companies = [company(1, { customerNumber: number })];
    expect(refusalsOf(plan({ companies }))).toEqual(["company 1 reserved-key"]);
    expect(refusalsOf(plan({ companies }, { format: "otobo" }))).toEqual([]);
  });

  test.each<ExportFormat>(["otobo", "opsi", "plain"])("%s: the same id in another spelling is refused", (format) => {
    const planned = plan(
      { companies: [company(1, { customerNumber: "Ä1" }), company(2, { customerNumber: "a1" }), company(3)] },
      { format },
    );
    expect(planned.records.map(({ key }) => key)).toEqual(["Ä1", "K3"]);
    expect(planned.refused).toMatchObject([{ rowId: 2, code: "key-taken", hint: expect.stringMatching(/\.$/) }]);
  });

  test("a number that somebody else was exported under is not given again, even when he is invalid", () => {
    const after = remembered(nothing, plan({ companies: [company(1)] }));
    expect(refusalsOf(plan({ companies: [company(2, { customerNumber: "K1" })] }, { after }))).toEqual([
      "company 2 key-taken",
    ]);
  });

  test("no number, no id", () => {
    expect(refusalsOf(plan({ companies: [company(1, { customerNumber: null })] }))).toEqual(["company 1 incomplete"]);
  });
});

describe("names of companies", () => {
  const twins = [company(1, { name: "Groß GmbH" }), company(2, { name: "GROSS gmbh " })];

  test("the number is appended to the later of two, as the helpdesk's database compares", () => {
    expect(namesOf(plan({ companies: twins }).records)).toEqual({ K1: "Groß GmbH", K2: "GROSS gmbh (K2)" });
  });

  test("stay as they were exported: the twin leaves, an older row comes", () => {
    const after = remembered(nothing, plan({ companies: twins }));
    const planned = plan({ companies: [twins[1] as Company, company(0, { name: "Groß GmbH" })] }, { after });
    expect(namesOf(planned.records)).toEqual({ K0: "Groß GmbH (K0)", K1: "Groß GmbH", K2: "GROSS gmbh (K2)" });
  });

  test("two that exchange their names get numbers, and keep them", () => {
    const after = remembered(nothing, plan({ companies: [company(1, { name: "A" }), company(2, { name: "B" })] }));
    const swapped = [company(1, { name: "B" }), company(2, { name: "A" })];
    const planned = plan({ companies: swapped }, { after });
    expect(namesOf(planned.records)).toEqual({ K1: "B (K1)", K2: "A (K2)" });
    expect(plan({ companies: swapped }, { after: remembered(after, planned) }).differs).toBe(false);
  });

  test("fit into the helpdesk's column with the number", () => {
    const long = "ä".repeat(191);
    const names = namesOf(plan({ companies: [company(1, { name: long }), company(2, { name: long })] }).records);
    expect(names["K2"]).toMatch(/^ä+… \(K2\)$/);
    expect(names["K2"]).toHaveLength(191);
  });

  test("are refused when the one with the number is taken, too", () => {
    const companies = [company(1, { name: "X" }), company(2, { name: "X (K3)" }), company(3, { name: "X" })];
    expect(refusalsOf(plan({ companies }))).toEqual(["company 3 name-taken"]);
  });

  test("may be equal in plain files", () => {
    expect(namesOf(plan({ companies: twins }, { format: "plain" }).records)).toEqual({
      K1: "Groß GmbH",
      K2: "GROSS gmbh",
    });
  });
});

describe("users", () => {
  const companies = [company(1)];

  test("carry the id that their company was exported with", () => {
    const after = remembered(nothing, plan({ companies }));
    const planned = plan(
      { companies: [company(1, { customerNumber: "K999" })], contacts: [contact(11, 1)] },
      { after },
    );
    expect(planned.records.find(({ record }) => record === "user")?.fields["UserCustomerID"]).toBe("K1");
  });

  test.each([
    { name: "without exported company", row: contact(11, 2), code: "waits-for-customer" },
    { name: "without given name", row: contact(11, 1, { givenName: " " }), code: "incomplete" },
    { name: "without family name", row: contact(11, 1, { name: "" }), code: "incomplete" },
    { name: "with half an address", row: contact(11, 1, { email: "eva" }), code: "incomplete" },
  ])("$name are refused: $code", ({ row, code }) => {
    const planned = plan({ companies, contacts: [row] });
    expect(planned.refused).toMatchObject([{ rowId: 11, code, hint: expect.stringMatching(/\.$/) }]);
    expect(planned.records).toHaveLength(1);
  });

  test("of two with one address the lower row id is exported, or the one that was", () => {
    const shared = { email: "Info@firma-test.de" };
    const both = [contact(11, 1, shared), contact(12, 1, shared)];
    expect(refusalsOf(plan({ companies, contacts: both }))).toEqual(["user 12 key-taken"]);
    const after = remembered(nothing, plan({ companies, contacts: [contact(12, 1)] }));
    const planned = plan(
      { companies, contacts: [contact(11, 1, { email: "EVA12@firma-test.de" }), contact(12, 1)] },
      { after },
    );
    expect(refusalsOf(planned)).toEqual(["user 11 key-taken"]);
  });

  test("an address that was exported for somebody else waits for one export", () => {
    const before = plan({ companies, contacts: [contact(11, 1), contact(12, 1)] });
    const after = remembered(nothing, before);
    const contacts = [contact(11, 1, { email: "neu@firma-test.de" }), contact(12, 1, { email: "eva11@firma-test.de" })];
    const first = plan({ companies, contacts }, { after });
    expect(refusalsOf(first)).toEqual(["user 12 email-taken"]);
    const second = plan({ companies, contacts }, { after: remembered(after, first) });
    expect(refusalsOf(second)).toEqual([]);
    expect(second.differs).toBe(true);
  });
});

describe("refusals", () => {
  test("count as new once, and healing is remembered", () => {
    const broken = { companies: [company(1, { customerNumber: null })] };
    const first = plan(broken);
    expect(first).toMatchObject({ newlyRefused: 1, differs: true });
    const after = remembered(nothing, first);
    expect(plan(broken, { after })).toMatchObject({ newlyRefused: 0, differs: false });
    expect(plan({}, { after })).toMatchObject({ newlyRefused: 0, differs: true, changed: [] });
  });
});

describe("files", () => {
  const odd = company(1, { name: '=SUM(A1) "Müller"; Söhne', street: "+49 Weg", city: "-1", homepage: "@x" });
  const filesOf = (format: ExportFormat): readonly string[] => {
    const planned = plan({ companies: [odd], contacts: [contact(11, 1, { phone: "+49 40 123" })] }, { format });
    return [...stateFiles(planned, () => "secret"), changesFile(planned, "changes.csv")].map(({ text }) => text);
  };

  test("otobo: the template's columns, no byte order mark, values as they are", () => {
    expect(filesOf("otobo").slice(0, 2)).toEqual([
      '"CustomerID";"CustomerCompanyName";"CustomerCompanyStreet";"CustomerCompanyZIP";"CustomerCompanyCity";' +
        '"CustomerCompanyCountry";"CustomerCompanyURL";"CustomerCompanyComment";"Valid"\r\n' +
        '"K1";"=SUM(A1) ""Müller""; Söhne";"+49 Weg";"20095";"-1";"Germany";"@x";"";"valid"\r\n',
      '"UserLogin";"UserTitle";"UserFirstname";"UserLastname";"UserPassword";"UserEmail";"UserCustomerID";' +
        '"UserPhone";"UserMobile";"Valid"\r\n' +
        '"eva11@firma-test.de";"";"Eva";"Kunde 11";"secret";"eva11@firma-test.de";"K1";"+49 40 123";"";"valid"\r\n',
    ]);
  });

  test("opsi: the screen's fields, for a spreadsheet, formulas made harmless", () => {
    const [companies, users] = filesOf("opsi");
    expect(companies).toBe(
      '\uFEFF"CustomerID";"Customer";"Street";"Zip";"City";"Country";"URL";"Comment";"Valid"\r\n' +
        `"K1";"'=SUM(A1) ""Müller""; Söhne";"'+49 Weg";"20095";"'-1";"Germany";"'@x";"";"valid"\r\n`,
    );
    expect(users).toContain(`"Eva";"Kunde 11";"eva11@firma-test.de";"K1";"'=SUM(A1) ""Müller""; Söhne";"'+49 40 123"`);
  });

  test("plain: row id and customer number beside the key", () => {
    const [companies, users] = filesOf("plain");
    expect(companies).toMatch(/^\uFEFF"KivitendoId";"CustomerNumber";"CustomerID";.*\r\n"1";"K1";"K1";/);
    expect(users).toMatch(
      /^\uFEFF"KivitendoId";"CustomerNumber";"UserLogin";.*\r\n"11";"K1";"eva11@firma-test.de";"K1";/,
    );
  });

  test("changes.csv: a line a record, a line a field, refusals with what to do", () => {
    const after = remembered(nothing, plan({ companies: [company(1), company(2)] }));
    const planned = plan(
      { companies: [company(1, { city: "=Kiel" }), company(3), company(4, { customerNumber: "All" })] },
      { after },
    );
    const lines = changesFile(planned, "changes.csv").text.split("\r\n");
    expect(lines).toEqual([
      '\uFEFF"Change";"Record";"KivitendoId";"Key";"Label";"Field";"Before";"After";"Reason"',
      `"changed";"customer";"1";"K1";"K1 Firma 1 GmbH";"City";"Hamburg";"'=Kiel";""`,
      '"invalid";"customer";"2";"K2";"K2 Firma 2 GmbH";"";"";"";""',
      '"new";"customer";"3";"K3";"K3 Firma 3 GmbH";"";"";"";""',
      expect.stringMatching(
        /^"refused";"customer";"4";"";"All Firma 4 GmbH";"";"";"";"The helpdesk does not take .*export again\."$/,
      ),
      "",
    ]);
  });
});
