import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KivitendoBilling } from "../../src/billing/ports.ts";
import { createKivitendoBilling, draftForm, insertDraft } from "../../src/kivitendo/index.ts";
import {
  BugError,
  ConfigError,
  type CustomerId,
  type Decimal,
  type PartNumber,
  RejectedError,
} from "../../src/model/index.ts";
import { inTransaction } from "../../src/state/transaction.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { sampleCustomer, sampleDraft, sampleLine } from "../support/sample-draft.ts";

const partNumber = (text: string): PartNumber => text as PartNumber;
const customerId = (id: number): CustomerId => id as CustomerId;

describe.each(["3.5.8", "3.9.2", "4.0.0", "4.1.0"] as const)("kivitendo %s", (release) => {
  let bridge: BridgeDatabase;
  let billing: KivitendoBilling;
  beforeAll(async () => {
    bridge = await createBridgeDatabase(release);
    billing = createKivitendoBilling(bridge.pool);
  });
  afterAll(() => bridge.drop());

  test("reads part, customer and defaults as the bridge's own role", async () => {
    expect(await billing.readPart(partNumber("ST-STD"))).toEqual({
      partId: 1140,
      partNumber: "ST-STD",
      description: "Systemtechnik Stundensatz",
      unit: "Std",
      unitPrice: "95.00000",
      obsolete: false,
      minutesPerUnit: "60",
    });
    expect(await billing.readCustomer(customerId(1150))).toEqual(sampleCustomer);
    expect(await billing.readDefaults("buchhaltung")).toEqual({ arChartId: 14, draftOwnerId: 1119 });
  });

  test("writes a draft", async () => {
    const draft = sampleDraft({ lines: [sampleLine(), sampleLine({ unitPrice: "1.60" as Decimal })] });
    const { formMd5 } = await inTransaction(bridge.pool, "write", (client) => insertDraft(client, draft));
    const [row] = await bridge.admin("select *, md5(form) as md5 from public.drafts where id = $1", [draft.draftId]);
    expect(row).toMatchObject({
      module: "is",
      submodule: "invoice",
      description: draft.description,
      employee_id: 1119,
      form: draftForm(draft),
      md5: formMd5,
    });
    expect(formMd5).toBe(createHash("md5").update(draftForm(draft)).digest("hex"));
  });
});

describe("details", () => {
  let bridge: BridgeDatabase;
  let billing: KivitendoBilling;
  beforeAll(async () => {
    bridge = await createBridgeDatabase();
    billing = createKivitendoBilling(bridge.pool);
    await bridge.admin(
      "insert into units (name, base_unit, factor, type, sortkey) values ('Woche', 'Tag', 5, 'service', 20)",
    );
    await bridge.admin(
      "insert into units (name, base_unit, factor, type, sortkey) values ('10 min', 'min', 10, 'service', 21)",
    );
    await bridge.admin(`
      insert into parts (id, partnumber, description, unit, sellprice, part_type, buchungsgruppen_id, obsolete)
      values (1190, 'WOCHE', null, 'Woche', null, 'service', 300, true), (1191, 'ZEHN', '', '10 min', 15.5, 'service', 300, false)`);
  });
  afterAll(() => bridge.drop());

  test.each([
    ["ST-STD", "60"],
    ["FW-MIN", "1"],
    ["WOCHE", "2400"],
    ["ZEHN", "10"],
    ["ANFAHRT", null],
    ["PK-2M", null],
  ])("minutes in a unit of %s: %s", async (number, minutes) => {
    expect((await billing.readPart(partNumber(number)))?.minutesPerUnit).toBe(minutes);
  });

  test("what is missing is null, and what is empty does not break", async () => {
    expect(await billing.readPart(partNumber("GIBT-ES-NICHT"))).toBeNull();
    expect(await billing.readPart(partNumber("WOCHE"))).toMatchObject({
      description: "",
      unitPrice: "0",
      obsolete: true,
    });
    expect(await billing.readCustomer(customerId(999_999))).toBeNull();
    expect((await billing.readDefaults("niemand")).draftOwnerId).toBeNull();
  });

  test("an employee who left owns no drafts", async () => {
    await bridge.admin("update employee set deleted = true where login = 'technik'");
    expect((await billing.readDefaults("technik")).draftOwnerId).toBeNull();
  });

  test("currency, tax and language of a customer", async () => {
    await bridge.admin("update customer set currency_id = 2, taxincluded_checked = true where id = 1155");
    expect(await billing.readCustomer(customerId(1155))).toMatchObject({
      currency: "CHF",
      isDefaultCurrency: false,
      taxIncluded: true,
      languageCode: "en",
      taxZoneId: 3,
    });
    expect(await billing.readCustomer(customerId(1153))).toMatchObject({ obsolete: true });
  });

  test("a customer without a number is refused by itself", async () => {
    await bridge.admin("update customer set customernumber = ' ' where id = 1156");
    await expect(billing.readCustomer(customerId(1156))).rejects.toThrow(RejectedError);
  });

  test("a part that is priced per hundred is refused", async () => {
    await bridge.admin("insert into price_factors (id, description, factor) values (1, 'pro 100', 100)");
    await bridge.admin("update parts set price_factor_id = 1 where partnumber = 'PK-2M'");
    await expect(billing.readPart(partNumber("PK-2M"))).rejects.toThrow(ConfigError);
  });

  test("units that stand on each other in a circle are no units of time", async () => {
    await bridge.admin(
      "insert into units (name, base_unit, factor, type, sortkey) values ('A', null, 2, 'service', 30)",
    );
    await bridge.admin(
      "insert into units (name, base_unit, factor, type, sortkey) values ('B', 'A', 2, 'service', 31)",
    );
    await bridge.admin("update units set base_unit = 'B' where name = 'A'");
    await bridge.admin("update parts set unit = 'A' where partnumber = 'ANFAHRT'");
    expect((await billing.readPart(partNumber("ANFAHRT")))?.minutesPerUnit).toBeNull();
  });

  test("a draft id that is too long never reaches the database", async () => {
    const draft = sampleDraft({ draftId: "x".repeat(51) });
    await expect(inTransaction(bridge.pool, "write", (client) => insertDraft(client, draft))).rejects.toThrow(BugError);
  });
});
