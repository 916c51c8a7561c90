import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DraftContent, PlannedLine, Target, WrittenTarget } from "../../src/billing/ports.ts";
import { draftForm, insertTarget } from "../../src/kivitendo/index.ts";
import { BugError, type CustomerId, type Decimal, type PartNumber, RejectedError } from "../../src/model/index.ts";
import { inTransaction } from "../../src/state/transaction.ts";
import golden from "../fixtures/kivitendo-golden/sales-order-ui.json" with { type: "json" };
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { sampleContent, sampleCustomer, sampleLine } from "../support/sample-draft.ts";

const decimal = (text: string): Decimal => text as Decimal;
const allTargets: readonly Target[] = ["invoice-draft", "sales-order", "recurring-order"];

let bridge: BridgeDatabase;
function connect(release: "3.5.8" | "3.9.2" | "4.0.0" | "4.1.0", targets = allTargets): void {
  beforeAll(async () => {
    bridge = await createBridgeDatabase(release, { targets });
  });
  afterAll(() => bridge.drop());
}

const write = (content: DraftContent): Promise<WrittenTarget> =>
  inTransaction(bridge.pool, "write", (client) => insertTarget(client, content));
const order = (changes: Partial<DraftContent> = {}): DraftContent =>
  sampleContent({ target: "sales-order", ...changes });
const rowsOf = (table: string, key: string, id: string | number): Promise<Record<string, unknown>[]> =>
  bridge.admin(`select * from ${table} where ${key} = $1 order by 1`, [id]);
/** Every column as text, as the measured rows have it. */
const textsOf = async (table: string, key: string, id: string, ordering = "1"): Promise<Record<string, unknown>[]> => {
  const rows = await bridge.admin(
    `select (select jsonb_object_agg(j.key, j.value #>> '{}') from jsonb_each(to_jsonb(t)) j) as row
       from (select * from ${table} where ${key} = $1 order by ${ordering}) t`,
    [id],
  );
  return rows.map(({ row }) => row as Record<string, unknown>);
};

const cable: PlannedLine["part"] = { partId: 1143, partNumber: "PK-2M" as PartNumber, unit: "Stck" };
const measuredLines: readonly PlannedLine[] = [
  sampleLine({ discount: decimal("0.1") }),
  sampleLine({ quantity: decimal("0.33333") }),
  sampleLine({ part: cable, unitPrice: decimal("4.905"), quantity: decimal("3") }),
];

describe.each(["3.5.8", "3.9.2", "4.0.0", "4.1.0"] as const)("kivitendo %s", (release) => {
  connect(release);

  test("writes a draft", async () => {
    const content = sampleContent({ lines: [sampleLine(), sampleLine({ unitPrice: decimal("1.60") })] });
    const written = await write(content);
    const [row] = await rowsOf("drafts", "id", written.kivitendoId);
    expect(row).toMatchObject({
      module: "is",
      submodule: "invoice",
      description: content.description,
      employee_id: 1119,
      form: draftForm(content),
    });
    expect(written).toMatchObject({ number: null, rowIds: [] });
    expect(written.formMd5).toBe(createHash("md5").update(draftForm(content)).digest("hex"));
  });

  test("writes a sales order with number, amounts, version and history", async () => {
    const written = await write(order({ lines: measuredLines }));
    expect(written).toMatchObject({ number: "AU20260008", formMd5: null });
    const [row] = await rowsOf("oe", "id", written.kivitendoId);
    expect(row).toMatchObject({ ordnumber: "AU20260008", amount: "207.82000", netamount: "174.64000", closed: false });
    expect(row?.["record_type"] ?? row?.["quotation"]).toBe(release === "3.5.8" ? false : "sales_order");
    const items = await bridge.admin("select id, base_qty from orderitems where trans_id = $1 order by position", [
      written.kivitendoId,
    ]);
    expect(items.map(({ id }) => id)).toEqual(written.rowIds);
    expect(items.map((item) => Number(item["base_qty"]))).toEqual([1.5, 0.33333, 3]);
    expect(await rowsOf("history_erp", "trans_id", written.kivitendoId)).toMatchObject([
      { employee_id: 1119, addition: "SAVED", what_done: "sales_order", snumbers: "ordnumber_AU20260008" },
    ]);
    if (release !== "3.5.8") {
      expect(await rowsOf("oe_version", "oe_id", written.kivitendoId)).toMatchObject([
        { version: 1, final_version: false },
      ]);
    }
  });

  test("nothing is booked", async () => {
    for (const table of ["ar", "invoice", "acc_trans"]) {
      expect(await bridge.admin(`select count(*)::integer as rows from ${table}`)).toEqual([{ rows: 0 }]);
    }
  });
});

describe("a sales order in 4.1.0", () => {
  connect("4.1.0");

  /** What the bridge knows better than a form, and what people typed into the measured one. */
  const own = {
    oe: {
      customer_id: "1150",
      ordnumber: "AU20260008",
      notes: "",
      intnotes: "",
      cusordnumber: "",
      payment_id: "1126",
      language_id: "1101",
      reqdate: null,
      transaction_description: "Tickets 2026-10, Leistungszeitraum: 01.10.2026 – 31.10.2026",
      tax_point_start: "2026-10-01",
      tax_point: "2026-10-31",
    },
    orderitems: {
      description: "Ticket#2026112210000017 – Drucker druckt nicht",
      longdescription: "<p>22.11.2026, 1,50 h</p>",
      serialnumber: "2026112210000017",
      active_price_source: "",
      invoicing_period_start: "2026-10-05",
      invoicing_period_end: "2026-10-07",
    },
    history_erp: { snumbers: "ordnumber_AU20260008" },
    oe_version: {},
  } as const;
  const ids = new Set(["id", "trans_id", "oe_id", "parts_id", "itime"]);
  const comparable = (row: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([column]) => !ids.has(column))
        // jsonb writes booleans out, and numbers of `real` without trailing zeros
        .map(([column, value]) => [column, value === "true" ? "t" : value === "false" ? "f" : value]),
    );

  test("has every column as kivitendo's own form leaves it", async () => {
    await bridge.admin("update parts set lastcost = 0 where id = 1143");
    const { kivitendoId } = await write(order({ lines: measuredLines }));
    const keys = { oe: "id", orderitems: "trans_id", history_erp: "trans_id", oe_version: "oe_id" } as const;
    for (const table of ["oe", "orderitems", "history_erp", "oe_version"] as const) {
      const measured = golden.order_first_save
        .filter((change) => change.table === table && change.change === "insert")
        .map((change) => comparable({ ...change.row, ...own[table] }));
      expect(measured.length).toBeGreaterThan(0);
      const ordering = table === "orderitems" ? "position" : "1";
      expect((await textsOf(table, keys[table], kivitendoId, ordering)).map(comparable)).toEqual(measured);
    }
  });

  test("the margin is what remains after the purchase price", async () => {
    await bridge.admin("update parts set lastcost = 1.85 where id = 1143");
    const { kivitendoId } = await write(order({ lines: measuredLines.slice(2) }));
    const margin = { marge_total: "9.17000", marge_percent: "62.29620" };
    expect(await rowsOf("orderitems", "trans_id", kivitendoId)).toMatchObject([{ ...margin, lastcost: "1.85000" }]);
    expect(await rowsOf("oe", "id", kivitendoId)).toMatchObject([margin]);
  });

  test("tax included", async () => {
    const { kivitendoId } = await write(order({ customer: { ...sampleCustomer, taxIncluded: true } }));
    expect(await rowsOf("oe", "id", kivitendoId)).toMatchObject([
      { amount: "142.50000", netamount: "119.75000", taxincluded: true },
    ]);
  });

  test("the tax is that of the end of the service period", async () => {
    const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);
    const gross = async (periodEnd: string): Promise<unknown> => {
      const { kivitendoId } = await write(order({ periodStart: day("2020-07-01"), periodEnd: day(periodEnd) }));
      return (await rowsOf("oe", "id", kivitendoId))[0]?.["amount"];
    };
    expect(await gross("2020-12-31")).toBe("165.30000");
    expect(await gross("2021-01-01")).toBe("169.58000");
  });

  test("goodwill, rounding, project, and several hundred lines", async () => {
    const lines = [
      sampleLine({ kind: "goodwill", unitPrice: decimal("0") }),
      sampleLine({ kind: "rounding", ticket: null, quantity: decimal("-0.25"), service: null }),
      ...Array.from({ length: 400 }, () => sampleLine({ quantity: decimal("1") })),
    ];
    const { kivitendoId, rowIds } = await write(order({ lines }));
    expect(rowIds.length).toBe(402);
    expect(await rowsOf("oe", "id", kivitendoId)).toMatchObject([{ netamount: "37976.25000", amount: "45191.74000" }]);
    const items = await bridge.admin("select * from orderitems where trans_id = $1 order by position limit 2", [
      kivitendoId,
    ]);
    expect(items).toMatchObject([
      { sellprice: "0.00000", marge_total: "0.00000", marge_percent: "0.00000" },
      // kivitendo's workflow to an invoice leaves out lines with a quantity below 0 (measured on 4.1.0)
      { qty: "0.25000", base_qty: 0.25, sellprice: "-95.00000", serialnumber: "", invoicing_period_start: null },
    ]);
  });
});

describe("numbers of orders", () => {
  connect("4.1.0");
  const number = async (): Promise<string | null> => (await write(order())).number;
  const remember = (text: string | null): Promise<unknown> => bridge.admin("update defaults set sonumber = $1", [text]);
  const existing = (text: string, type = "sales_order"): Promise<unknown> =>
    bridge.admin(
      "insert into oe (ordnumber, customer_id, taxzone_id, currency_id, record_type) values ($1, 1150, 4, 1, $2)",
      [text, type],
    );

  test.each([
    ["AU0099", "AU0100"],
    ["AU9", "AU10"],
    ["9999", "10000"],
    ["A-2026-", "A-2026-1"],
    [null, "1"],
  ])("after %s comes %s", async (last, next) => {
    await remember(last);
    expect(await number()).toBe(next);
    expect(await bridge.admin("select sonumber from defaults")).toEqual([{ sonumber: next }]);
  });

  test("numbers that orders have are skipped, those of other records are not", async () => {
    await remember("B100");
    for (let index = 101; index <= 125; index++) await existing(`B${index}`);
    await existing("B126", "sales_quotation");
    expect(await number()).toBe("B126");
  });

  test("orders written at once get one number each", async () => {
    await remember("C0");
    const numbers = await Promise.all(Array.from({ length: 4 }, number));
    expect(new Set(numbers)).toEqual(new Set(["C1", "C2", "C3", "C4"]));
  });

  test("what is rolled back leaves no gap", async () => {
    await remember("D0");
    await inTransaction(bridge.pool, "trial", (client) => insertTarget(client, order()));
    expect(await number()).toBe("D1");
  });
});

describe("refused by name", () => {
  connect("4.1.0");
  const customer = (changes: Partial<typeof sampleCustomer>): Partial<DraftContent> => ({
    customer: { ...sampleCustomer, ...changes },
  });

  test.each(allTargets)("customers that cannot be billed as %s", async (target) => {
    for (const [changes, reason] of [
      [{ obsolete: true }, /is marked as invalid/],
      [{ taxZoneId: null }, /has no tax zone/],
      [{ isDefaultCurrency: false, currency: "CHF" }, /is billed in CHF/],
    ] as const) {
      const refused = write(sampleContent({ target, ...customer(changes) }));
      await expect(refused).rejects.toThrow(RejectedError);
      await expect(refused).rejects.toThrow(reason);
    }
  });

  test("an order lock refuses orders and not drafts", async () => {
    await expect(write(order(customer({ orderLock: true })))).rejects.toThrow(/Auftragssperre/);
    expect((await write(sampleContent(customer({ orderLock: true })))).kivitendoId).toMatch(/^is-invoice-otrs-/);
  });

  const refusals: readonly (readonly [string, Partial<DraftContent>, RegExp])[] = [
    ["a tax zone whose tax has no account", customer({ taxZoneId: 2 }), /has a rate and no account/],
    ["a tax zone without tax", customer({ taxZoneId: 99 }), /has no tax for part ST-STD/],
    ["a part in another unit", { lines: [sampleLine({ part: { ...cable, unit: "Std" } })] }, /no longer in kivitendo/],
    ["nothing", { lines: [sampleLine({ quantity: decimal("0") })] }, /is 0 Std after rounding/],
    ["six decimals", { lines: [sampleLine({ quantity: decimal("0.333333") })] }, /more than five decimals/],
    [
      "an amount that kivitendo cannot keep",
      {
        lines: [
          sampleLine({ quantity: decimal("99999"), unitPrice: decimal("99999.99") }),
          sampleLine({ quantity: decimal("99999"), unitPrice: decimal("99999.99") }),
        ],
      },
      /too large/,
    ],
    [
      "a discount with more digits than a real",
      { lines: [sampleLine({ discount: decimal("0.123456789") })] },
      /exactly/,
    ],
  ];
  test.each(refusals)("an order with %s, without a number drawn", async (_name, changes, reason) => {
    const refused = write(order(changes));
    await expect(refused).rejects.toThrow(RejectedError);
    await expect(refused).rejects.toThrow(reason);
    expect(await bridge.admin("select sonumber from defaults")).toEqual([{ sonumber: "AU20260007" }]);
  });

  test("no lines are a fault of the program", async () => {
    await expect(write(order({ lines: [] }))).rejects.toThrow(BugError);
  });

  test("another customer id than the database has", async () => {
    await expect(write(order(customer({ customerId: 1 as CustomerId })))).rejects.toThrow();
  });
});

describe("3.5.8 keeps quantities as real", () => {
  connect("3.5.8");

  test("one that would lose digits is refused", async () => {
    await expect(write(order({ lines: [sampleLine({ quantity: decimal("1234.56789") })] }))).rejects.toThrow(
      /cannot keep the quantity 1234.56789/,
    );
    expect((await write(order({ lines: [sampleLine({ quantity: decimal("0.83333") })] }))).rowIds.length).toBe(1);
  });
});

describe("without the rights for orders", () => {
  connect("4.1.0", ["invoice-draft"]);

  test("drafts are written and orders are not", async () => {
    expect((await write(sampleContent())).kivitendoId).toMatch(/^is-invoice-otrs-/);
    await expect(write(order())).rejects.toThrow(/permission denied|right/i);
  });
});
