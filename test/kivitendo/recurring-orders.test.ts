import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DraftContent, WrittenTarget } from "../../src/billing/ports.ts";
import { createKivitendoBilling, insertTarget } from "../../src/kivitendo/index.ts";
import { ConfigError, type CustomerId, type Decimal, RejectedError } from "../../src/model/index.ts";
import { inTransaction } from "../../src/state/transaction.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { sampleContent, sampleCustomer, sampleLine } from "../support/sample-draft.ts";

const decimal = (text: string): Decimal => text as Decimal;
const customerId = 1150 as CustomerId;

let bridge: BridgeDatabase;
function connect(release: "3.5.8" | "3.9.2" | "4.0.0" | "4.1.0"): void {
  beforeAll(async () => {
    bridge = await createBridgeDatabase(release, { targets: ["recurring-order"] });
  });
  afterAll(() => bridge.drop());
}

/** The order of the measured runs: 250.00 a month, one hour billed never. */
async function standingOrder(config: Readonly<Record<string, string | boolean>> = {}): Promise<void> {
  const changes = Object.entries(config).map(
    ([column, value]) => `update periodic_invoices_configs set ${column} = '${value}';`,
  );
  await bridge.admin(`
    delete from oe;
    insert into oe (id, ordnumber, record_type, customer_id, taxzone_id, currency_id, taxincluded, amount, netamount,
                    marge_total, marge_percent, transdate)
    values (3001, 'AU1', 'sales_order', 1150, 4, 1, false, 309.40, 260, 260, 100, '2026-01-01');
    insert into orderitems (trans_id, position, parts_id, unit, qty, sellprice, discount, recurring_billing_mode)
    values (3001, 1, 1142, 'psch', 1, 250, 0, 'always'), (3001, 7, 1140, 'Std', 1, 10, 0, 'never');
    insert into periodic_invoices_configs (id, oe_id, periodicity, order_value_periodicity, ar_chart_id, active,
                                           start_date, first_billing_date, terminated)
    values (3002, 3001, 'm', 'p', 14, true, '2026-01-01', '2026-01-01', false);
    ${changes.join("\n")}`);
}

const content = (changes: Partial<DraftContent> = {}): DraftContent =>
  sampleContent({
    target: "recurring-order",
    recurring: { orderId: 3001, orderNumber: "AU1", priceFactor: decimal("1") },
    lines: [sampleLine(), sampleLine({ quantity: decimal("0.33333"), discount: decimal("0.1") })],
    ...changes,
  });
const scaled = (priceFactor: string): Partial<DraftContent> => ({
  recurring: { orderId: 3001, orderNumber: "AU1", priceFactor: decimal(priceFactor) },
});
const write = (changes?: Partial<DraftContent>): Promise<WrittenTarget> =>
  inTransaction(bridge.pool, "write", (client) => insertTarget(client, content(changes)));
const read = async () => (await createKivitendoBilling(bridge.pool).readRecurringOrders([customerId])).get(customerId);

describe.each(["3.9.2", "4.0.0", "4.1.0"] as const)("kivitendo %s", (release) => {
  connect(release);
  beforeEach(() => standingOrder());

  test("the order is found, and gets lines that are billed once", async () => {
    expect(await read()).toEqual([
      { orderId: 3001, orderNumber: "AU1", billingMonths: 1, valueMonths: 1, active: true, closed: false },
    ]);
    const written = await write();
    expect(written).toMatchObject({ kivitendoId: "3001", number: "AU1", formMd5: null });
    const items = await bridge.admin("select * from orderitems where trans_id = 3001 order by position");
    expect(items.map(({ position }) => position)).toEqual([1, 7, 8, 9]);
    expect(items.slice(2)).toMatchObject([
      { id: written.rowIds[0], recurring_billing_mode: "once", sellprice: "95.00000", qty: "1.50000" },
      { id: written.rowIds[1], recurring_billing_mode: "once", sellprice: "95.00000", qty: "0.33333", discount: 0.1 },
    ]);
    const [order] = await bridge.admin("select * from oe where id = 3001");
    // 250 + 10 + 142.50 + 28.50, 19 % of it
    expect(order).toMatchObject({ netamount: "431.00000", amount: "512.89000", marge_total: "431.00000" });
    expect(await bridge.admin("select * from history_erp where trans_id = 3001")).toMatchObject([
      { addition: "SAVED", what_done: "sales_order", snumbers: "ordnumber_AU1", employee_id: 1119 },
    ]);
  });
});

describe("which orders", () => {
  connect("4.1.0");

  test.each([
    ["terminated", { terminated: true }],
    ["ended", { end_date: "2025-12-31" }],
  ])("%s: none", async (_name, config) => {
    await standingOrder(config);
    expect(await read()).toBeUndefined();
  });

  test.each([
    ["m", "y", { billingMonths: 1, valueMonths: 12 }],
    ["q", "p", { billingMonths: 3, valueMonths: 3 }],
    ["b", "2", { billingMonths: 6, valueMonths: 24 }],
    ["y", "m", { billingMonths: 12, valueMonths: 1 }],
    ["o", "y", { billingMonths: 1, valueMonths: 1 }],
  ])("%s with prices for %s", async (periodicity, value, months) => {
    await standingOrder({ periodicity, order_value_periodicity: value, active: false });
    expect(await read()).toMatchObject([{ ...months, active: false }]);
  });

  test("one whose last period was billed carries nothing any more", async () => {
    await standingOrder({ end_date: "2026-12-31" });
    await bridge.admin(
      "insert into ar (id, invnumber, customer_id, taxzone_id, currency_id) values (900, 'RE1', 1150, 4, 1)",
    );
    const billed = (day: string): Promise<unknown> =>
      bridge.admin(
        "insert into periodic_invoices (id, config_id, ar_id, period_start_date) values (nextval('id'), 3002, 900, $1)",
        [day],
      );
    await billed("2026-11-01");
    expect(await read()).toHaveLength(1);
    await billed("2026-12-01");
    expect(await read()).toBeUndefined();
    await bridge.admin("update periodic_invoices_configs set extend_automatically_by = 12");
    expect(await read()).toHaveLength(1);
    await bridge.admin("update periodic_invoices_configs set periodicity = 'o', end_date = null");
    expect(await read()).toBeUndefined();
  });
});

describe("prices for other periods than invoices", () => {
  connect("4.1.0");

  test("are scaled beforehand on request", async () => {
    await standingOrder({ order_value_periodicity: "y" });
    const { rowIds } = await write(scaled("12"));
    const items = await bridge.admin("select sellprice from orderitems where id = any ($1) order by position", [
      rowIds,
    ]);
    expect(items).toEqual([{ sellprice: "1140.00000" }, { sellprice: "1140.00000" }]);
  });

  test("are divided when an invoice is for several of them", async () => {
    await standingOrder({ periodicity: "q", order_value_periodicity: "m" });
    const { rowIds } = await write({ ...scaled("0.33333"), lines: [sampleLine({ unitPrice: decimal("96") })] });
    expect(await bridge.admin("select sellprice from orderitems where id = any ($1)", [rowIds])).toEqual([
      { sellprice: "32.00000" },
    ]);
  });

  test.each([
    ["not asked for", { order_value_periodicity: "y" }, scaled("1")],
    ["asked for another ratio", { order_value_periodicity: "y" }, scaled("6")],
    ["asked for and not needed", {}, scaled("12")],
  ])("%s: refused, nothing written", async (_name, config, changes) => {
    await standingOrder(config);
    await expect(write(changes)).rejects.toThrow(RejectedError);
    expect(await bridge.admin("select count(*)::integer as rows from orderitems")).toEqual([{ rows: 2 }]);
  });

  test("a price that the job would round to another amount is refused", async () => {
    await standingOrder({ order_value_periodicity: "y" });
    const line = sampleLine({ unitPrice: decimal("1.58333"), quantity: decimal("100") });
    await expect(write({ ...scaled("12"), lines: [line] })).rejects.toThrow(/cannot be scaled/);
  });
});

describe("an order that is not as it was planned with", () => {
  connect("4.1.0");
  beforeEach(() => standingOrder());

  test.each([
    ["gone", "delete from oe", /no longer carries/],
    ["terminated", "update periodic_invoices_configs set terminated = true", /no longer carries/],
    ["another customer's", "update oe set customer_id = 1151", /no longer carries/],
    ["with tax included", "update oe set taxincluded = true", /no longer carries/],
    ["in a foreign currency", "update oe set currency_id = 2", /foreign currency/],
    ["in a tax zone without tax account", "update oe set taxzone_id = 2", /has a rate and no account/],
  ])("%s is refused", async (_name, change, reason) => {
    await bridge.admin(change);
    await expect(write()).rejects.toThrow(reason);
  });

  test("an order lock refuses", async () => {
    await expect(write({ customer: { ...sampleCustomer, orderLock: true } })).rejects.toThrow(/Auftragssperre/);
  });
});

describe("kivitendo 3.5.8", () => {
  connect("3.5.8");

  test("has no lines that are billed once", async () => {
    await expect(read()).rejects.toThrow(ConfigError);
    await expect(write()).rejects.toThrow(/since release 3\.8\.0/);
    expect((await createKivitendoBilling(bridge.pool).readRecurringOrders([])).size).toBe(0);
  });
});
