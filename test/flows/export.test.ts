/** Exports on a real database and a real directory: what is written, what is remembered, and what a crash leaves. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { exportPorts } from "../../src/bridge/export.ts";
import { exportCustomers } from "../../src/customer-sync/index.ts";
import type { ExportPorts, ExportReport, ExportRules } from "../../src/customer-sync/index.ts";
import { insertTarget } from "../../src/kivitendo/index.ts";
import { createState } from "../../src/state/index.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { restoreSample, saveSample } from "../support/customer-run.ts";
import { type Erp, openErp } from "../support/erp.ts";

let bridge: BridgeDatabase;
let erp: Erp;
let directory: string;
beforeAll(async () => {
  bridge = await createBridgeDatabase();
  erp = openErp(bridge.database.ownerUrl);
  await saveSample(bridge);
});
afterAll(async () => {
  await erp.close();
  await bridge.drop();
});
beforeEach(async () => {
  await restoreSample(bridge);
  await bridge.admin("delete from otrs_bridge.exported_records; delete from otrs_bridge.exports");
  directory = await mkdtemp(join(tmpdir(), "kivi-otrs-export-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function ports(changes: Partial<ExportPorts> = {}): ExportPorts {
  const state = createState(bridge.pool, { instance: "main", insertTarget });
  return { ...exportPorts(bridge.pool, state, "main", directory), ...changes };
}

async function runExport(rules: Partial<ExportRules> = {}, changed: Partial<ExportPorts> = {}): Promise<ExportReport> {
  return exportCustomers(ports(changed), {
    format: "opsi",
    all: false,
    source: {
      companyColumns: [],
      contactColumns: [],
      scope: { contactFlag: null, customerFlag: null, businessTypes: [], numberPattern: null },
      sentinel: null,
    },
    mapping: { placeholderName: null, countries: "english", ownership: { company: {}, user: {} }, extra: [] },
    ...rules,
  });
}

/** Lines of a file, by column; an apostrophe before a formula is part of the value. */
async function linesOf(name: string): Promise<readonly Record<string, string>[]> {
  return parse(await readFile(join(directory, name), "utf8"), { columns: true, delimiter: ";", bom: true });
}

async function changeLines(name = "changes.csv"): Promise<readonly string[]> {
  const lines = await linesOf(name);
  return lines.map(({ Change, Key, Field, Before, After }) => [Change, Key, Field, Before, After].join(" ").trim());
}

async function memory(): Promise<unknown> {
  return [
    await bridge.admin("select format, number, changed, refused from otrs_bridge.exports order by id"),
    await bridge.admin("select *, xmin::text from otrs_bridge.exported_records order by format, kind, row_id"),
  ];
}

describe("one export after the other", () => {
  test("the first writes everything as new; the next one changes nothing and remembers nothing", async () => {
    const first = await runExport();
    expect(first).toMatchObject({ number: 1, plan: { newlyRefused: 0 } });
    expect((await readdir(directory)).sort()).toEqual([
      "changes-0001.csv",
      "changes.csv",
      "companies.csv",
      "users.csv",
    ]);
    const companies = await linesOf("companies.csv");
    const users = await linesOf("users.csv");
    expect([companies.length, users.length]).toEqual([7, 12]);
    expect(companies[0]).toEqual({
      CustomerID: "K10001",
      Customer: "Müller & Söhne GmbH",
      Street: expect.any(String),
      Zip: expect.stringMatching(/^\d{5}$/),
      City: expect.any(String),
      Country: "Germany",
      URL: expect.any(String),
      Comment: "",
      Valid: "valid",
    });
    expect(users.map(({ CustomerID }) => CustomerID)).toContain("K10001");
    expect(new Set((await changeLines()).map((line) => line.split(" ")[0]))).toEqual(new Set(["new"]));
    expect(await changeLines()).toHaveLength(19);
    expect((await stat(join(directory, "users.csv"))).mode & 0o777).toBe(0o600);

    const before = [await memory(), await readFile(join(directory, "changes.csv"), "utf8")];
    const again = await runExport();
    expect(again).toMatchObject({ number: null, plan: { changes: [], differs: false } });
    expect(again.files.map((path) => path.replace(`${directory}/`, ""))).toEqual(["companies.csv", "users.csv"]);
    expect([await memory(), await readFile(join(directory, "changes.csv"), "utf8")]).toEqual(before);
  });

  test("a changed number keeps the id; a new address is a change; what left is invalid once", async () => {
    await runExport();
    await erp.query("update customer set customernumber = 'K99999' where customernumber = 'K10001'");
    await erp.query("update customer set city = 'Kiel' where customernumber = 'K10002'");
    await erp.setObsolete(1152, true);
    await erp.deleteContact(1205);
    const second = await runExport();
    expect(second.number).toBe(2);
    const lines = await changeLines();
    expect(lines.filter((line) => !line.includes("@"))).toEqual([
      expect.stringMatching(/^changed K10002 City .* Kiel$/),
      "invalid K10003",
    ]);
    expect(lines.filter((line) => line.includes("@"))).toEqual(["invalid oezlem@oelmuehle-test.de"]);
    expect(await changeLines("changes-0002.csv")).toEqual(lines);
    expect(await changeLines("changes-0001.csv")).toHaveLength(19);
    const companies = await linesOf("companies.csv");
    expect(companies.map(({ CustomerID, Valid }) => `${CustomerID} ${Valid}`)).toEqual(
      expect.arrayContaining(["K10001 valid", "K10003 invalid"]),
    );
    expect((await linesOf("users.csv")).find(({ Login }) => Login === "oezlem@oelmuehle-test.de")?.["Valid"]).toBe(
      "invalid",
    );
    expect((await runExport()).number).toBeNull();

    // Somebody else gets the old number: the id stays with whom it was given to.
    await erp.addCustomer({ number: "K10001", name: "Nachfolger GmbH" });
    const third = await runExport();
    expect(third.plan.refused).toMatchObject([{ code: "key-taken", label: "K10001 Nachfolger GmbH" }]);
    expect(third.plan.changes).toEqual([]);
    expect(await runExport()).toMatchObject({ number: null, plan: { newlyRefused: 0, refused: [{}] } });
  });

  test("each format has a memory of its own, and --all tells everything again", async () => {
    await runExport();
    expect((await runExport({ format: "plain" })).number).toBe(1);
    const before = await memory();
    const all = await runExport({ all: true });
    expect([all.number, all.plan.changes.length]).toEqual([null, 19]);
    expect(await changeLines()).toHaveLength(19);
    expect(await memory()).toEqual(before);
  });

  test("otobo's users have passwords that nobody knows, each another one", async () => {
    await runExport({ format: "otobo" });
    const passwords = (await linesOf("users.csv")).map(({ UserPassword }) => UserPassword ?? "");
    expect(new Set(passwords).size).toBe(12);
    expect(passwords.every((password) => /^[\w-]{32}$/.test(password))).toBe(true);
    expect(JSON.stringify(await memory())).not.toContain(passwords[0]);
  });
});

describe("what goes wrong", () => {
  test("cut between files and memory: the next export writes the same files and tells the same changes", async () => {
    await runExport();
    await erp.addCustomer({ number: "K10009", name: "Neue Werft GmbH" });
    const before = await memory();
    const failing = { ...ports().exports, recordExport: () => Promise.reject(new Error("killed")) };
    await expect(runExport({}, { exports: failing })).rejects.toThrow("killed");
    expect(await memory()).toEqual(before);
    const files = await contents();
    expect(await changeLines()).toEqual(["new K10009"]);

    expect((await runExport()).number).toBe(2);
    expect(await contents()).toEqual(files);
    expect((await runExport()).number).toBeNull();
  });

  test("cut while the files take their names: nothing is remembered, and the next export mends it", async () => {
    await runExport();
    const before = await memory();
    await erp.addCustomer({ number: "K10009", name: "Neue Werft GmbH" });
    // A directory in the place of the third file: two have their names by then.
    const blocked = join(directory, "changes-0002.csv");
    await mkdir(join(blocked, "full"), { recursive: true });
    await expect(runExport()).rejects.toMatchObject({ name: "ConfigError", hint: expect.stringContaining("--out") });
    expect(await linesOf("companies.csv")).toHaveLength(8);
    expect(await changeLines()).toHaveLength(19);
    expect(await memory()).toEqual(before);
    expect((await readdir(directory)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    await rm(blocked, { recursive: true });
    expect((await runExport()).number).toBe(2);
    expect(await changeLines()).toEqual(["new K10009"]);
  });

  test("two at once: the second remembers nothing and says so", async () => {
    const real = ports();
    const overtaken: ExportPorts["exports"] = {
      ...real.exports,
      readLast: async (format) => {
        const last = await real.exports.readLast(format);
        await runExport();
        return last;
      },
    };
    await expect(runExport({}, { exports: overtaken })).rejects.toMatchObject({
      name: "UnavailableError",
      hint: expect.stringContaining("Export once more"),
    });
    expect(await bridge.admin("select number from otrs_bridge.exports")).toEqual([{ number: 1 }]);
  });

  test("an id can be changed by nobody, whatever a program tries", async () => {
    await runExport();
    await expect(bridge.pool.query("update otrs_bridge.exported_records set key = key || 'x'")).rejects.toThrow(
      /stays for ever/,
    );
    await expect(bridge.pool.query("delete from otrs_bridge.exported_records")).rejects.toThrow(/permission denied/);
  });

  test("an empty source and a missing sentinel are refused, and the files stay", async () => {
    await runExport();
    const before = [await memory(), await contents()];
    const source = {
      companyColumns: [],
      contactColumns: [],
      scope: { contactFlag: null, customerFlag: null, businessTypes: [], numberPattern: null },
      sentinel: "NOBODY",
    };
    await expect(runExport({ source })).rejects.toMatchObject({ name: "RefusedError" });
    await bridge.admin("set session_replication_role = replica; delete from customer_contacts; delete from contacts");
    await expect(runExport()).rejects.toMatchObject({
      name: "RefusedError",
      message: expect.stringMatching(/no contacts/),
    });
    expect([await memory(), await contents()]).toEqual(before);
  });

  test("a directory that cannot be written is the operator's to mend", async () => {
    await writeFile(join(directory, "file"), "");
    const state = createState(bridge.pool, { instance: "main", insertTarget });
    const { writeFiles } = exportPorts(bridge.pool, state, "main", join(directory, "file"));
    await expect(runExport({}, { writeFiles })).rejects.toMatchObject({ name: "ConfigError" });
    expect(await bridge.admin("select from otrs_bridge.exports")).toEqual([]);
  });
});

async function contents(): Promise<Record<string, string>> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".csv")).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name), "utf8")] as const)),
  );
}
