import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KivitendoBilling } from "../../src/billing/ports.ts";
import { createKivitendoBilling } from "../../src/kivitendo/index.ts";
import type { CustomerId, PartNumber } from "../../src/model/index.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { sampleCustomer } from "../support/sample-draft.ts";

const partNumber = (text: string): PartNumber => text as PartNumber;
const customerId = (id: number): CustomerId => id as CustomerId;

let bridge: BridgeDatabase;
let billing: KivitendoBilling;

function connect(release: "3.5.8" | "3.9.2" | "4.0.0" | "4.1.0"): void {
  beforeAll(async () => {
    bridge = await createBridgeDatabase(release);
    billing = createKivitendoBilling(bridge.pool);
  });
  afterAll(() => bridge.drop());
}

/** An open order, as people type it; lines are part id, unit, price, discount and whatever else they need. */
async function order(
  head: { id: number; customer?: number; columns?: string; values?: string },
  lines: readonly { part: number; unit: string; price: string; discount?: string; more?: [string, string] }[],
): Promise<void> {
  const [{ has: types = false } = {}] = await bridge.admin(
    "select true as has from information_schema.columns where table_name = 'oe' and column_name = 'record_type'",
  );
  await bridge.admin(
    `insert into oe (id, ordnumber, customer_id, taxzone_id, currency_id, taxincluded, transdate,
                     ${types === true ? "record_type" : "quotation"}${head.columns ?? ""})
     values ($1::integer, 'AU' || $1::integer, $2, 4, 1, false, date '2026-01-01' + $1::integer - 3000,
             ${types === true ? "'sales_order'" : "false"}${head.values ?? ""})`,
    [head.id, head.customer ?? 1150],
  );
  for (const [index, { part, unit, price, discount = "0", more }] of lines.entries()) {
    await bridge.admin(
      `insert into orderitems (trans_id, position, parts_id, unit, sellprice, discount, qty${more ? `, ${more[0]}` : ""})
       values ($1, $2, $3, $4, $5, $6, 1${more ? `, ${more[1]}` : ""})`,
      [head.id, index + 1, part, unit, price, discount],
    );
  }
}

describe.each(["3.5.8", "3.9.2", "4.0.0", "4.1.0"] as const)("kivitendo %s", (release) => {
  connect(release);

  test("reads parts, customers and defaults as the bridge's own role", async () => {
    const parts = await billing.readParts([partNumber("ST-STD"), partNumber("FW-MIN"), partNumber("NONE")]);
    expect([...parts.keys()]).toEqual(["ST-STD", "FW-MIN"]);
    expect(parts.get("ST-STD")).toEqual({
      partId: 1140,
      partNumber: "ST-STD",
      description: "Systemtechnik Stundensatz",
      unit: "Std",
      unitPrice: "95.00000",
      obsolete: false,
      minutesPerUnit: "60",
      hasPriceFactor: false,
    });
    expect(await billing.readCustomers([customerId(1150)])).toEqual(new Map([[1150, sampleCustomer]]));
    expect(await billing.readDefaults("buchhaltung")).toEqual({ arChartId: 14, draftOwnerId: 1119 });
  });

  test("prices come from open orders and from the customer", async () => {
    await bridge.admin(
      "insert into part_customer_prices (parts_id, customer_id, price) values (1140, 1151, 85), (1140, 1151, 82.5), (1141, 1151, 0)",
    );
    await order({ id: 3001 }, [
      { part: 1140, unit: "Tag", price: "700", discount: "0.1" },
      { part: 1143, unit: "Stck", price: "4.90" },
    ]);
    await order({ id: 3002 }, [{ part: 1140, unit: "Std", price: "92.50" }]);
    await order({ id: 3003, columns: ", closed", values: ", true" }, [{ part: 1140, unit: "Std", price: "1" }]);
    const prices = await billing.readPrices([1150, 1151, 1152].map(customerId));
    expect(prices.get(customerId(1150))).toEqual({
      openOrders: [
        {
          orderNumber: "AU3002",
          partNumber: "ST-STD",
          offer: { source: "open-order", detail: "AU3002", unitPrice: "92.50000", discount: "0", projectId: null },
        },
        {
          orderNumber: "AU3001",
          partNumber: "ST-STD",
          offer: { source: "open-order", detail: "AU3001", unitPrice: "87.50000", discount: "0.1", projectId: null },
        },
      ],
      unusableOrders: [],
      customerPrices: new Map(),
    });
    expect(prices.get(customerId(1151))?.customerPrices).toEqual(new Map([["ST-STD", "82.50000"]]));
    expect(prices.get(customerId(1152))).toEqual({ openOrders: [], unusableOrders: [], customerPrices: new Map() });
  });
});

describe("parts and customers", () => {
  connect("4.1.0");
  beforeAll(async () => {
    await bridge.admin(`
      insert into units (name, base_unit, factor, type, sortkey)
      values ('Woche', 'Tag', 5, 'service', 20), ('10 min', 'min', 10, 'service', 21)`);
    await bridge.admin(`
      insert into parts (id, partnumber, description, unit, sellprice, part_type, buchungsgruppen_id, obsolete)
      values (1190, 'WOCHE', null, 'Woche', null, 'service', 300, true), (1191, 'ZEHN', '', '10 min', 15.5, 'service', 300, false)`);
  });
  const part = async (number: string) => (await billing.readParts([partNumber(number)])).get(number);

  test.each([
    ["ST-STD", "60"],
    ["FW-MIN", "1"],
    ["WOCHE", "2400"],
    ["ZEHN", "10"],
    ["ANFAHRT", null],
    ["PK-2M", null],
  ])("minutes in a unit of %s: %s", async (number, minutes) => {
    expect((await part(number))?.minutesPerUnit).toBe(minutes);
  });

  test("what is missing is missing, and what is empty does not break", async () => {
    expect(await part("GIBT-ES-NICHT")).toBeUndefined();
    expect(await part("WOCHE")).toMatchObject({ description: "", unitPrice: "0", obsolete: true });
    expect((await billing.readCustomers([customerId(999_999)])).size).toBe(0);
    expect((await billing.readDefaults("niemand")).draftOwnerId).toBeNull();
  });

  test("an employee who left owns no drafts", async () => {
    await bridge.admin("update employee set deleted = true where login = 'technik'");
    expect((await billing.readDefaults("technik")).draftOwnerId).toBeNull();
  });

  test("currency, tax, language, lock and hourly rate of customers", async () => {
    await bridge.admin("update customer set currency_id = 2, taxincluded_checked = true where id = 1155");
    await bridge.admin("update customer set order_lock = true, hourly_rate = 0 where id = 1152");
    await bridge.admin("update customer set hourly_rate = 87.5 where id = 1153");
    const found = await billing.readCustomers([1152, 1153, 1155].map(customerId));
    expect(found.get(customerId(1155))).toMatchObject({
      currency: "CHF",
      currencyId: 2,
      isDefaultCurrency: false,
      taxIncluded: true,
      languageCode: "en",
      taxZoneId: 3,
    });
    expect(found.get(customerId(1152))).toMatchObject({ orderLock: true, hourlyRate: null });
    expect(found.get(customerId(1153))).toMatchObject({ obsolete: true, hourlyRate: "87.50" });
  });

  test("a customer without a number is missing", async () => {
    await bridge.admin("update customer set customernumber = ' ' where id = 1156");
    expect([...(await billing.readCustomers([1156, 1157].map(customerId))).keys()]).toEqual([1157]);
  });

  test("a part that is priced per hundred is told", async () => {
    await bridge.admin("insert into price_factors (id, description, factor) values (1, 'pro 100', 100)");
    await bridge.admin("update parts set price_factor_id = 1 where partnumber = 'PK-2M'");
    expect(await part("PK-2M")).toMatchObject({ hasPriceFactor: true });
  });

  test("units that stand on each other in a circle are no units of time", async () => {
    await bridge.admin(`
      insert into units (name, base_unit, factor, type, sortkey) values ('A', null, 2, 'service', 30)`);
    await bridge.admin(
      "insert into units (name, base_unit, factor, type, sortkey) values ('B', 'A', 2, 'service', 31)",
    );
    await bridge.admin("update units set base_unit = 'B' where name = 'A'");
    await bridge.admin("update parts set unit = 'A' where partnumber = 'ANFAHRT'");
    expect((await part("ANFAHRT"))?.minutesPerUnit).toBeNull();
  });
});

describe("lines of orders", () => {
  connect("4.1.0");
  const prices = async (customer = 1150) =>
    (await billing.readPrices([customerId(customer)])).get(customerId(customer));
  const project = async (id: number): Promise<void> => {
    await bridge.admin(
      `insert into project (id, projectnumber, description, project_type_id, project_status_id) values ($1::integer, 'P' || $1::integer, '', 1, 1)`,
      [id],
    );
  };

  test.each([
    ["min", "1.60", "96.00000"],
    ["Std", "95.12345", "95.12345"],
    ["Tag", "760", "95.00000"],
  ])("a price per %s of %s is %s per hour", async (unit, price, perHour) => {
    await bridge.admin("delete from oe");
    await order({ id: 3001 }, [{ part: 1140, unit, price }]);
    expect((await prices())?.openOrders.map(({ offer }) => offer.unitPrice)).toEqual([perHour]);
  });

  test("what gives no exact price is said, with the reason", async () => {
    await bridge.admin("delete from oe");
    await order({ id: 3001 }, [
      { part: 1141, unit: "Std", price: "95" },
      { part: 1140, unit: "psch", price: "95" },
      { part: 1140, unit: "Std", price: "95", more: ["price_factor", "7"] },
      { part: 1140, unit: "Std", price: "950", more: ["price_factor", "10"] },
    ]);
    await order({ id: 3002 }, [{ part: 1140, unit: "Std", price: "95" }]);
    await bridge.admin("update oe set currency_id = 2 where id = 3002");
    await order({ id: 3003 }, [{ part: 1140, unit: "Std", price: "95" }]);
    await bridge.admin("update oe set taxincluded = true where id = 3003");
    const found = await prices();
    expect(found?.openOrders.map(({ offer }) => offer.unitPrice)).toEqual(["95.00000"]);
    expect(found?.unusableOrders).toEqual([
      expect.objectContaining({ orderNumber: "AU3003", reason: expect.stringContaining("contains the tax") }),
      expect.objectContaining({ orderNumber: "AU3002", reason: "is in a foreign currency" }),
      expect.objectContaining({
        orderNumber: "AU3001",
        partNumber: "FW-MIN",
        reason: "has the price 95.00000 per Std, which is no exact price per min",
      }),
      expect.objectContaining({ reason: 'is in "psch", which cannot be converted into the part\'s unit "Std"' }),
      expect.objectContaining({ reason: "has the price 95.00000 per Std, which is no exact price per Std" }),
    ]);
  });

  test("the line's project, else the order's", async () => {
    await bridge.admin("delete from oe");
    await project(1501);
    await project(1502);
    await order({ id: 3001, columns: ", globalproject_id", values: ", 1501" }, [
      { part: 1140, unit: "Std", price: "90" },
      { part: 1140, unit: "Std", price: "91", more: ["project_id", "1502"] },
    ]);
    expect((await prices())?.openOrders.map(({ offer }) => offer.projectId)).toEqual([1501, 1502]);
  });

  test("optional lines, lines billed once, offers and what the bridge wrote itself are no agreement", async () => {
    await bridge.admin("delete from oe");
    await order({ id: 3001 }, [
      { part: 1140, unit: "Std", price: "90", more: ["optional", "true"] },
      { part: 1140, unit: "Std", price: "91", more: ["recurring_billing_mode", "'once'"] },
      { part: 1140, unit: "Std", price: "92", more: ["id", "7001"] },
    ]);
    await order({ id: 3002 }, [{ part: 1140, unit: "Std", price: "93" }]);
    await bridge.admin("update oe set record_type = 'sales_quotation' where id = 3002");
    await order({ id: 3003 }, [{ part: 1140, unit: "Std", price: "94" }]);
    expect((await prices())?.openOrders.map(({ offer }) => offer.unitPrice)).toEqual(["94.00000", "92.00000"]);
    await bridge.admin(
      "insert into otrs_bridge.runs (id, flow, started_at) overriding system value values (1, 'billing', now())",
    );
    await bridge.admin(`
      insert into otrs_bridge.drafts (target, kivitendo_id, customer_id, customer_number, period, net_amount, run_id)
      values ('sales-order', '3003', 1150, 'K10001', '2026-10', 0, 1)`);
    await bridge.admin(`
      insert into otrs_bridge.lines (kind, unit_price, quantity, worked_units, net_amount, late, kivitendo_row)
      values ('waived', 0, 0, 0, 0, false, 7001)`);
    expect((await prices())?.openOrders).toEqual([]);
  });
});
