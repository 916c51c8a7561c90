/** Drafts, orders and invoices as they stand in kivitendo, and as the bridge asks about them. */
import { createHash } from "node:crypto";
import type { WatchedDraft } from "../../src/billing/ports.ts";
import type { CustomerId, Decimal, PartNumber, TicketNumber } from "../../src/model/index.ts";
import type { BridgeDatabase } from "../support/bridge-database.ts";

export const [first, second, third] = ["2026112210000017", "2026112210000024", "2026112210000031"] as [
  TicketNumber,
  TicketNumber,
  TicketNumber,
];
export const createdAt = Temporal.Instant.from("2026-11-22T03:00:00Z");
export const later = "2026-11-22 10:00";

interface WatchedChanges {
  readonly kivitendoId?: string;
  readonly formMd5?: string;
  readonly tickets?: readonly TicketNumber[];
}

export function watched(
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
    invoiceId: null,
    invoiceNumbers: [],
    lines: tickets.map((ticketNumber, index) => line(index, ticketNumber, "1.5", null)),
  };
}

export function orderWatched(
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

export function line(
  lineId: number,
  ticketNumber: TicketNumber | null,
  quantity: string,
  kivitendoRow: number | null,
): WatchedDraft["lines"][number] {
  return { lineId, ticketNumber, partNumber: "ST-STD" as PartNumber, quantity: quantity as Decimal, kivitendoRow };
}

export function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

export async function draft(bridge: BridgeDatabase, id: string, form: string, module = "is"): Promise<void> {
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
export async function invoice(
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

export async function order(
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

export async function link(
  bridge: BridgeDatabase,
  from: string,
  fromId: number,
  to: string,
  toId: number,
): Promise<void> {
  await bridge.admin("insert into record_links (from_table, from_id, to_table, to_id) values ($1, $2, $3, $4)", [
    from,
    fromId,
    to,
    toId,
  ]);
}
