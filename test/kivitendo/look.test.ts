import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { look } from "../../src/kivitendo/look.ts";
import { findTokens } from "../../src/kivitendo/tokens.ts";
import type { TicketNumber } from "../../src/model/index.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import {
  createdAt,
  draft,
  first,
  invoice,
  later,
  link,
  md5,
  order,
  orderWatched,
  second,
  watched,
} from "./sample-records.ts";

describe.each(["3.5.8", "3.9.2", "4.0.0", "4.1.0"] as const)("kivitendo %s", (release) => {
  let bridge: BridgeDatabase;
  beforeAll(async () => {
    bridge = await createBridgeDatabase(release);
  });
  afterAll(() => bridge.drop());

  test("a draft is as it was, touched, or gone", async () => {
    await draft(bridge, "is-1", "---\nid: ''\n");
    await draft(bridge, "is-2", "---\nid: ''\n");
    await bridge.admin("update drafts set form = form || 'x: y' where id = 'is-2'");
    const now = await look(bridge.pool, [
      watched(1, { kivitendoId: "is-1", formMd5: md5("---\nid: ''\n") }),
      watched(2, { kivitendoId: "is-2", formMd5: md5("---\nid: ''\n") }),
      watched(3, { kivitendoId: "is-3" }),
    ]);
    expect(now.map(({ draftId, row, invoices }) => [draftId, row, invoices])).toEqual([
      [1, "untouched", []],
      [2, "changed", []],
      [3, "missing", []],
    ]);
  });

  test("an order is followed through its links, over a delivery order as well", async () => {
    await order(bridge, 6000, "AU1", [
      { id: 7001, qty: "1.5" },
      { id: 7002, qty: "2" },
      { id: 7003, qty: "0.25" },
    ]);
    await invoice(bridge, 6100, "RE2", later, [{ serialnumber: null, description: "umgeschrieben", qty: "1.25" }]);
    await invoice(bridge, 6101, "RE3", later, [{ serialnumber: null, description: "b", qty: "2" }]);
    await link(bridge, "orderitems", 7001, "invoice", 610_001);
    await link(bridge, "orderitems", 7002, "delivery_order_items", 7500);
    await link(bridge, "orderitems", 7002, "invoice", 610_101);
    await link(bridge, "delivery_order_items", 7500, "invoice", 610_101);
    await order(bridge, 6050, "AU-SAMMEL", [{ id: 7050, qty: "1.5" }]);
    await link(bridge, "orderitems", 7001, "orderitems", 7050);
    const [now] = await look(bridge.pool, [
      orderWatched(1, "6000", [
        [first, "1.5", 7001],
        [second, "2.00000", 7002],
        // what takes something off stands in the order with its price below 0
        [null, "-0.25000", 7003],
      ]),
    ]);
    expect(now).toMatchObject({
      row: "untouched",
      closed: false,
      orderRows: [
        { row: 7001, quantity: "1.5" },
        { row: 7002, quantity: "2" },
        { row: 7003, quantity: "0.25" },
      ],
      otherOrders: [{ orderId: 6050, fromRow: 7001 }],
      invoices: [
        { invoiceNumber: "RE2", lines: [{ ticketNumber: first, quantity: "1.25", fromRow: 7001 }] },
        { invoiceNumber: "RE3", lines: [{ ticketNumber: second, quantity: "2", fromRow: 7002 }] },
      ],
    });
  });

  test("an invoice of an order that was made and cancelled between two looks, and one that took its place", async () => {
    await order(bridge, 6400, "AU9", [
      { id: 7401, qty: "1.5" },
      { id: 7402, qty: "2" },
    ]);
    await invoice(bridge, 6410, "RE41", later, [{ serialnumber: null, description: "a", qty: "1.5" }], {
      storno: true,
    });
    await invoice(bridge, 6411, "RE42", later, [{ serialnumber: null, description: "b", qty: "2" }], { storno: true });
    await invoice(bridge, 6412, "RE43", later, [{ serialnumber: null, description: "b", qty: "2" }]);
    await link(bridge, "orderitems", 7401, "invoice", 641_001);
    await link(bridge, "orderitems", 7402, "invoice", 641_101);
    await link(bridge, "orderitems", 7402, "invoice", 641_201);
    const seen = orderWatched(1, "6400", [
      [first, "1.5", 7401],
      [second, "2", 7402],
    ]);
    const [now] = await look(bridge.pool, [seen]);
    expect(now).toMatchObject({
      invoices: [{ invoiceNumber: "RE43", lines: [{ fromRow: 7402 }] }],
      withdrawn: [{ invoiceNumber: "RE41", how: "cancelled" }],
    });
  });

  test("lines that left an order, another quantity, a closed order, and one that is gone", async () => {
    await order(bridge, 6200, "AU2", [{ id: 7201, qty: "1.5" }]);
    await order(bridge, 6201, "AU3", [{ id: 7202, qty: "1" }]);
    await bridge.admin("update oe set closed = true where id = 6201");
    const now = await look(bridge.pool, [
      orderWatched(1, "6200", [
        [first, "1.5", 7201],
        [second, "2", 7299],
      ]),
      orderWatched(2, "6201", [[first, "1.5", 7202]]),
      orderWatched(3, "6299", [[first, "1.5", 7298]]),
    ]);
    expect(now.map(({ row, closed, orderRows }) => [row, closed, orderRows.map((each) => each.row)])).toEqual([
      ["changed", false, [7201]],
      ["changed", true, [7202]],
      ["missing", false, []],
    ]);
  });

  test("ticket numbers are found as whole words in drafts, orders and invoices of the sales side", async () => {
    const number = (digits: string): TicketNumber => `77${digits}` as TicketNumber;
    await draft(
      bridge,
      "is-7",
      `---\ncustomer_id: '1150'\nserialnumber_1: '${number("01")}'\nqty_1: '${number("02")}/100'\n`,
    );
    await draft(bridge, "ir-7", `---\nserialnumber_1: '${number("01")}'\n`, "ir");
    await order(bridge, 6300, "AU7", [
      { id: 7301, qty: "1", description: `Ticket#${number("01")}: x${number("03")}5` },
    ]);
    await order(bridge, 6301, "", [{ id: 7302, qty: "1", description: number("01") }]);
    await order(bridge, 6302, "LB1", [{ id: 7303, qty: "1", description: number("01") }], "vendor_id");
    await invoice(bridge, 6303, "RE7", later, [
      { serialnumber: null, description: "", longdescription: `<p>${number("04")}</p>`, qty: "1" },
    ]);
    await invoice(bridge, 6304, "RE8", "2026-01-01 10:00", [{ serialnumber: number("04"), description: "", qty: "1" }]);
    await invoice(bridge, 6305, "GU7", later, [{ serialnumber: number("04"), description: "", qty: "1" }], {
      type: "credit_note",
    });
    const numbers = ["01", "02", "03", "04", "05"].map(number);
    const places = await findTokens(bridge.pool, [...numbers, "T-1" as TicketNumber], createdAt);
    expect(places).toEqual([
      { ticketNumber: number("01"), where: "draft", id: "is-7", label: "", customerId: 1150 },
      { ticketNumber: number("01"), where: "order", id: "6300", label: "AU7", customerId: 1150 },
      { ticketNumber: number("04"), where: "invoice", id: "6303", label: "RE7", customerId: 1150 },
    ]);
    expect((await findTokens(bridge.pool, numbers, null)).map(({ label }) => label)).toContain("RE8");
    expect(await findTokens(bridge.pool, [], null)).toEqual([]);
  });
});
