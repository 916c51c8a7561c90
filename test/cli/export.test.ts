/** `customers export` as people meet it: what it says, what it writes, and with which exit code. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWorld, type World } from "../support/bridge.ts";
import { documentOf, failureOf, inWorld } from "./kivi-otrs.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.end());

const exporting = ["customers", "export", "--format", "opsi", "--out", "files"];

test("the first export, one without changes, one with a refusal, and the helpdesk is not asked", async () => {
  const first = documentOf("customers export", await inWorld(world, [...exporting, "--json", "--quiet"]));
  expect(first).toMatchObject({ format: "opsi", number: 1, customers: 7, contacts: 12, refused: [], newlyRefused: 0 });
  expect(first.changes[0]).toEqual({
    change: "new",
    record: "customer",
    kivitendoId: 1150,
    key: "K10001",
    label: "K10001 Müller & Söhne GmbH",
    fields: [],
  });
  expect(first.files).toEqual(
    ["companies.csv", "users.csv", "changes-0001.csv", "changes.csv"].map((name) => join("files", name)),
  );
  expect(readFileSync(join(world.directory, "files", "companies.csv"), "utf8")).toContain(
    '"K10001";"Müller & Söhne GmbH"',
  );

  const again = await inWorld(world, exporting);
  expect(again).toMatchObject({ code: 0, stderr: "" });
  expect(again.stdout).toBe(
    "Nothing changed since the last export.\n7 customers and 12 contacts in files: 2 files written.\n",
  );

  await world.erp.addCustomer({ number: "ALL", name: "Alle GmbH" });
  await world.erp.query("update customer set city = 'Kiel' where customernumber = 'K10001'");
  const refused = await inWorld(world, exporting);
  expect(refused.code).toBe(3);
  expect(refused.stdout).toBe(
    "  changed     customer  K10001 Müller & Söhne GmbH [K10001]: City\n" +
      '  refused     ALL Alle GmbH: The helpdesk does not take "ALL" as an id.\n' +
      "    Enter another customer number in kivitendo, then export again.\n" +
      "Export 2 (opsi): 1 of 19 records differ.\n" +
      "7 customers and 12 contacts in files: 4 files written.\n",
  );
  expect((await inWorld(world, exporting)).code).toBe(0);
  expect(world.requests).toEqual([]);
});

test("wrong use is said before anything is read", async () => {
  const format = await inWorld(world, ["customers", "export", "--format", "xml", "--out", "files", "--json"]);
  expect(documentOf("error", format).error).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining("otobo, opsi, plain"),
  });
  expect((await inWorld(world, ["customers", "export", "--format", "plain"])).code).toBe(2);
  const blocked = await inWorld(world, ["customers", "export", "--format", "plain", "--out", "bridge.yaml", "--json"]);
  expect(failureOf(blocked)).toMatchObject({ code: 2, hint: expect.stringContaining("--out") });
});
