/** What drafts were posted as, and what became of those invoices. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WatchedDraft } from "../../src/billing/ports.ts";
import { lastInvoiceBefore, look } from "../../src/kivitendo/look.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { first, invoice, later, line, link, second, third, watched } from "./sample-records.ts";

describe.each(["3.5.8", "4.1.0"] as const)("kivitendo %s", (release) => {
  let bridge: BridgeDatabase;
  beforeAll(async () => {
    bridge = await createBridgeDatabase(release);
  });
  afterAll(() => bridge.drop());

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
          { ticketNumber: first, partNumber: "ST-STD", quantity: "1.5", description: "", fromRow: null },
          { ticketNumber: second, partNumber: "ST-STD", quantity: "0.33333", description: "", fromRow: null },
        ],
      },
    ]);
  });

  test("of several places the serial number counts, then the description, then the long description", async () => {
    await invoice(bridge, 5010, "RE10", later, [
      // two lines that somebody made one of
      { serialnumber: `${first}, ${second}`, description: "beide", qty: "2" },
      { serialnumber: "", description: "ohne Nummer", longdescription: `<p>Ticket#${third}</p>`, qty: "0.5" },
      { serialnumber: "", description: `${first}0`, longdescription: `0${second}`, qty: "4" },
      { serialnumber: "", description: "Rundung auf 15 Minuten", qty: "-0.25" },
    ]);
    const [named, rounded] = await look(bridge.pool, [
      watched(1, { tickets: [first, second, third] }),
      { ...watched(2, { tickets: [third] }), lines: [line(0, third, "1", null), line(1, null, "1", null)] },
    ]);
    const linesOf = (now: typeof named): unknown =>
      now?.invoices
        .find(({ invoiceId }) => invoiceId === 5010)
        ?.lines.map(({ ticketNumber, quantity, description }) => [ticketNumber, quantity, description]);
    expect(linesOf(named)).toEqual([
      [first, "2", ""],
      [second, "2", ""],
      [third, "0.5", ""],
    ]);
    expect(linesOf(rounded)).toEqual([
      [third, "0.5", ""],
      [null, "4", `${first}0`],
      [null, "-0.25", "Rundung auf 15 Minuten"],
    ]);
    await bridge.admin("update ar set customer_id = 1151 where id = 5010");
    const [moved] = await look(bridge.pool, [watched(1, { tickets: [first, second, third] })]);
    expect(linesOf(moved)).toEqual([
      [first, "2", ""],
      [second, "2", ""],
    ]);
  });

  test("what a draft was posted as: still there, cancelled, deleted, emptied, credited", async () => {
    for (const [id, number] of [
      [5020, "RE20"],
      [5021, "RE21"],
      [5022, "RE22"],
    ] as const) {
      await invoice(bridge, id, number, "2026-11-23 10:00", [{ serialnumber: first, description: "", qty: "1.5" }]);
    }
    const posted = (draftId: number, invoiceId: number, ...invoiceNumbers: string[]): WatchedDraft => ({
      ...watched(draftId),
      invoiceId,
      invoiceNumbers,
    });
    const drafts = [posted(1, 5020, "RE20"), posted(2, 5021, "RE21", "RE22"), posted(3, 5999, "RE99")];
    const seen = async (): Promise<unknown> =>
      (await look(bridge.pool, drafts)).map(({ invoices, withdrawn, credits }) => [
        invoices
          .filter(({ invoiceId }) => invoiceId >= 5020 && invoiceId < 5030)
          .map(({ invoiceNumber }) => invoiceNumber),
        withdrawn.map(({ invoiceNumber, how }) => `${invoiceNumber} ${how}`),
        credits.map(({ creditNoteNumber, invoiceId, lines }) => [creditNoteNumber, invoiceId, lines[0]?.quantity]),
      ]);
    expect(await seen()).toEqual([
      [["RE20"], [], []],
      [["RE21", "RE22"], [], []],
      [["RE20", "RE21", "RE22"], ["RE99 deleted"], []],
    ]);
    await bridge.admin("update ar set storno = true where id = 5022");
    await bridge.admin("update invoice set serialnumber = '' where trans_id = 5020");
    await invoice(bridge, 5023, "GU23", "2026-11-23 11:00", [{ serialnumber: first, description: "", qty: "-0.5" }], {
      type: "credit_note",
    });
    expect(await seen()).toEqual([
      [[], ["RE20 emptied"], [["GU23", 5020, "0.5"]]],
      [["RE21"], ["RE22 cancelled"], [["GU23", 5021, "0.5"]]],
      [["RE21"], ["RE99 deleted"], []],
    ]);
    await link(bridge, "ar", 5021, "ar", 5023);
    expect(await seen()).toMatchObject([
      [[], ["RE20 emptied"], []],
      [["RE21"], ["RE22 cancelled"], [["GU23", 5021, "0.5"]]],
      {},
    ]);
    await bridge.admin("delete from invoice where trans_id >= 5020; delete from ar where id >= 5020");
  });

  test("the newest invoice before a moment", async () => {
    await invoice(bridge, 4000, "RE-A", "2025-01-01 10:00", []);
    await invoice(bridge, 4001, "RE-B", "2025-02-01 10:00", []);
    const before = (text: string): Promise<number> => lastInvoiceBefore(bridge.pool, Temporal.Instant.from(text));
    expect([await before("2025-01-15T00:00:00Z"), await before("2025-02-03T00:00:00Z")]).toEqual([4000, 4001]);
    expect(await before("2024-01-01T00:00:00Z")).toBe(0);
  });
});
