import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WatchedDraft } from "../../src/billing/ports.ts";
import { look } from "../../src/kivitendo/look.ts";
import { findTokens } from "../../src/kivitendo/tokens.ts";
import type { CustomerId, Decimal, PartNumber, TicketNumber } from "../../src/model/index.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";

const [first, second, third] = ["2026112210000017", "2026112210000024", "2026112210000031"] as [
  TicketNumber,
  TicketNumber,
  TicketNumber,
];
const createdAt = Temporal.Instant.from("2026-11-22T03:00:00Z");
const later = "2026-11-22 10:00";

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

  test("posted lines are known by the serial number, else by the description", async () => {
    await invoice(bridge, 5000, "RE1", later, [
      { serialnumber: first, description: `wie Ticket#${second}`, qty: "1.5" },
      { serialnumber: "", description: `Ticket#${second} – Monitor`, qty: "0.33333" },
      { serialnumber: `9${third}`, description: `Ticket#${third}5`, qty: "1" },
    ]);
    await invoice(bridge, 5001, "RE-ALT", "2026-11-21 10:00", [{ serialnumber: third, description: "", qty: "1" }]);
    await invoice(bridge, 5002, "GU1", later, [{ serialnumber: third, description: "", qty: "1" }], {
      type: "credit_note",
    });
    await invoice(bridge, 5003, "ST1", later, [{ serialnumber: third, description: "", qty: "1" }], { storno: true });
    const [now] = await look(bridge.pool, [watched(1, { tickets: [first, second, third] })]);
    expect(now?.invoices).toEqual([
      {
        invoiceId: 5000,
        invoiceNumber: "RE1",
        lines: [
          { ticketNumber: first, partNumber: "ST-STD", quantity: "1.5", fromRow: null },
          { ticketNumber: second, partNumber: "ST-STD", quantity: "0.33333", fromRow: null },
        ],
      },
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

interface WatchedChanges {
  readonly kivitendoId?: string;
  readonly formMd5?: string;
  readonly tickets?: readonly TicketNumber[];
}

function watched(
  draftId: number,
  { kivitendoId = "none", formMd5 = "", tickets = [first] }: WatchedChanges = {},
): WatchedDraft {
  return {
    draftId,
    target: "invoice-draft",
    kivitendoId,
    formMd5,
    customerId: 1150 as CustomerId,
    createdAt,
    lines: tickets.map((ticketNumber, index) => line(index, ticketNumber, "1.5", null)),
  };
}

function orderWatched(
  draftId: number,
  kivitendoId: string,
  lines: readonly (readonly [TicketNumber | null, string, number])[],
): WatchedDraft {
  return {
    ...watched(draftId, { kivitendoId }),
    target: "sales-order",
    formMd5: null,
    lines: lines.map(([ticketNumber, quantity, row], index) => line(index, ticketNumber, quantity, row)),
  };
}

function line(
  lineId: number,
  ticketNumber: TicketNumber | null,
  quantity: string,
  kivitendoRow: number | null,
): WatchedDraft["lines"][number] {
  return { lineId, ticketNumber, partNumber: "ST-STD" as PartNumber, quantity: quantity as Decimal, kivitendoRow };
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

async function draft(bridge: BridgeDatabase, id: string, form: string, module = "is"): Promise<void> {
  await bridge.admin(
    "insert into drafts (id, module, submodule, description, form) values ($1, $2, 'invoice', '', $3)",
    [id, module, form],
  );
}

interface InvoiceLine {
  readonly serialnumber: string | null;
  readonly description: string;
  readonly longdescription?: string;
  readonly qty: string;
}

/** Lines get the ids 100 × invoice + 1, 2, … */
async function invoice(
  bridge: BridgeDatabase,
  id: number,
  number: string,
  at: string,
  lines: readonly InvoiceLine[],
  { type = "invoice", storno = false }: { type?: string; storno?: boolean } = {},
): Promise<void> {
  await bridge.admin(
    `insert into ar (id, invnumber, customer_id, itime, type, storno, currency_id, taxzone_id)
     values ($1, $2, 1150, $3, $4, $5, 1, 4)`,
    [id, number, at, type, storno],
  );
  for (const [index, { serialnumber, description, longdescription = "", qty }] of lines.entries()) {
    await bridge.admin(
      `insert into invoice (id, trans_id, position, parts_id, itime, serialnumber, description, longdescription, qty)
       values ($1, $2, $3, 1140, $4, $5, $6, $7, $8)`,
      [id * 100 + index + 1, id, index + 1, at, serialnumber, description, longdescription, qty],
    );
  }
}

async function order(
  bridge: BridgeDatabase,
  id: number,
  number: string,
  lines: readonly { readonly id: number; readonly qty: string; readonly description?: string }[],
  partner: "customer_id" | "vendor_id" = "customer_id",
): Promise<void> {
  // Up to 3.8 the type of an order shows in other columns.
  const hasTypes =
    (await bridge.admin("select from pg_attribute where attrelid = 'oe'::regclass and attname = 'record_type'"))
      .length > 0;
  await bridge.admin(
    `insert into oe (id, ordnumber, ${partner}, taxzone_id, currency_id, itime${hasTypes ? ", record_type" : ""})
     values ($1, $2, $3, 4, 1, $4${hasTypes ? ", 'sales_order'" : ""})`,
    [id, number, 1150, later],
  );
  for (const [index, { id: row, qty, description = "" }] of lines.entries()) {
    await bridge.admin(
      `insert into orderitems (id, trans_id, position, parts_id, qty, description, itime) values ($1, $2, $3, 1140, $4, $5, $6)`,
      [row, id, index + 1, qty, description, later],
    );
  }
}

async function link(bridge: BridgeDatabase, from: string, fromId: number, to: string, toId: number): Promise<void> {
  await bridge.admin("insert into record_links (from_table, from_id, to_table, to_id) values ($1, $2, $3, $4)", [
    from,
    fromId,
    to,
    toId,
  ]);
}
