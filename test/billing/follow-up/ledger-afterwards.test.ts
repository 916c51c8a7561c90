/** Invoices that are cancelled, deleted, credited or changed after posting. */
import { expect, test } from "vitest";
import { byKind, decided } from "../../support/ledger.ts";
import { roundingLine } from "../../support/lines.ts";
import { ticket } from "../../support/tickets.ts";
import {
  activeLines,
  cancel,
  decide,
  dueTickets,
  lines,
  openQuestions,
  post,
  run,
  statuses,
  world,
  write,
} from "./ledger-world.ts";

test("a cancelled invoice is asked about; its lines become due once, and the new invoice is watched as well", async () => {
  await post(5100, await write(), { 11: "0.25", 12: "0.25" });
  await run();
  await cancel(5100);
  expect((await run({}, 0)).questions).toEqual([]);
  expect((await run()).changes).toMatchObject([{ status: "gone" }]);
  expect([await dueTickets(), await byKind(world), await statuses()]).toEqual([
    [],
    { billed: 3000 },
    [["gone", "RE5100"]],
  ]);
  await run();
  await decide("invoice-cancelled", "due-again");
  const { stopped, questions } = await run();
  expect([await dueTickets(), stopped.size, questions, await openQuestions()]).toEqual([[11, 12], 0, [], {}]);
  await post(5110, await write(), { 11: "0.25", 12: "0.25" });
  await run();
  expect([await statuses(), await openQuestions(), await byKind(world)]).toEqual([
    [
      ["superseded", "RE5100"],
      ["posted", "RE5110"],
    ],
    {},
    { billed: 3000 },
  ]);
  // The Storno is deleted, which makes the first invoice count again: both bill the time.
  await world.bridge.admin("update ar set storno = false where id = 5100");
  await run();
  expect(Object.keys(await openQuestions())).toEqual(["superseded-posted"]);
});

test("a cancelled invoice whose successor is made by hand bills the time", async () => {
  await post(5120, await write(), { 11: "0.25", 12: "0.25" });
  await run();
  await cancel(5120);
  await run();
  expect(Object.keys(await openQuestions())).toEqual(["invoice-cancelled"]);
  await post(5130, null, { 11: "0.25", 12: "0.25" });
  await run();
  expect([await openQuestions(), await statuses(), await dueTickets()]).toEqual([{}, [["posted", "RE5130"]], []]);
});

test.each([
  ["waive", { waived: 3000 }],
  ["accept", { billed: 3000 }],
] as const)("a deleted invoice: %s", async (choice, units) => {
  await post(5140, await write(), { 11: "0.25", 12: "0.25" });
  await run();
  await world.bridge.admin("delete from invoice; delete from ar");
  await run();
  await decide("invoice-cancelled", choice);
  await run();
  expect([await byKind(world), await openQuestions(), await dueTickets()]).toEqual([units, {}, []]);
});

test("a credit note over one line, and an invoice that was changed after posting", async () => {
  await post(5150, await write(), { 11: "0.25", 12: "0.25" });
  await run();
  await post(5160, null, { 11: "-0.25" });
  await world.bridge.admin("update ar set type = 'credit_note' where id = 5160");
  await world.bridge.admin("update invoice set qty = 2 where trans_id = 5150 and qty = 0.25 and position = 2");
  await run();
  expect(Object.keys(await openQuestions()).sort()).toEqual(["invoice-credited", "line-changed"]);
  await decide("line-changed", "accept");
  await decide("invoice-credited", "due-again");
  const { stopped } = await run();
  expect([await openQuestions(), await dueTickets(), stopped.size, await byKind(world)]).toEqual([
    {},
    [11],
    0,
    { billed: 1500 },
  ]);
});

test("a credit note over a whole draft takes what rounds it along, and is watched itself", async () => {
  const rounding = roundingLine("0.25");
  await post(5190, await write([...lines, rounding]), { 11: "0.25", 12: "0.25" });
  await world.bridge.admin(
    "insert into invoice (id, trans_id, position, parts_id, description, qty) values (519009, 5190, 9, 1140, $1, 0.25)",
    [rounding.description],
  );
  await run();
  await post(5195, null, { 11: "-0.25", 12: "-0.25" });
  await world.bridge.admin("update ar set type = 'credit_note' where id = 5195");
  expect((await run()).questions).toMatchObject([{ reason: "invoice-credited" }]);
  await decide("invoice-credited", "due-again");
  expect([(await run()).questions, await statuses(), await dueTickets(), await activeLines()]).toEqual([
    [],
    [["posted", "RE5190"]],
    [11, 12],
    0,
  ]);
  // The credit note is cancelled, which makes the invoice count again: both will bill the time.
  await world.bridge.admin("update ar set storno = true where id = 5195");
  const [again] = (await run()).questions;
  expect([again?.reason, again?.about.lineIds?.length]).toEqual(["superseded-posted", 2]);
  await decide("superseded-posted", "accept");
  expect((await run()).questions).toEqual([]);
});

test("what was accepted is not told again", async () => {
  await post(5200, await write(), { 11: "0.25", 12: "0.5" });
  expect((await run()).questions).toMatchObject([{ reason: "line-changed" }]);
  await decide("line-changed", "accept");
  expect((await run()).questions).toEqual([]);
});

test("an order whose invoice was cancelled: asked, and billed by the next invoice that is made of it", async () => {
  await world.bridge.admin("update defaults set sonumber = 'AU20260100'");
  const order = await write(lines, "sales-order");
  const invoiceOrder = async (id: number): Promise<void> => {
    await post(id, null, { 11: "0.25", 12: "0.25" });
    for (const [index, { kivitendoRow }] of order.lines.entries()) {
      await world.bridge.admin(
        "insert into record_links (from_table, from_id, to_table, to_id) values ('orderitems', $1, 'invoice', $2)",
        [kivitendoRow, id * 100 + index],
      );
    }
  };
  await invoiceOrder(5170);
  await run();
  expect(await statuses()).toEqual([["posted", "RE5170"]]);
  await cancel(5170);
  await run();
  await run();
  expect([await statuses(), Object.keys(await openQuestions())]).toEqual([
    [["waiting", "RE5170"]],
    ["invoice-cancelled"],
  ]);
  await invoiceOrder(5180);
  await run();
  expect([await statuses(), await openQuestions()]).toEqual([[["posted", "RE5180"]], {}]);
});

test("a draft that was saved as another one is asked about, saying so; due again it goes on once that is deleted", async () => {
  const draft = await write();
  await world.bridge.admin("update drafts set id = 'is-saved-anew', description = 'Kopie'");
  const { questions } = await run();
  expect(questions.map(({ reason, text }) => [reason, text.includes('draft "Kopie"')])).toEqual([["draft-gone", true]]);
  await decide("draft-gone", "due-again");
  expect((await run()).stopped.size).toBe(2);
  await world.bridge.admin("update drafts set id = $1", [draft.kivitendoId]);
  const stale = await run();
  expect(stale.questions.map(({ text }) => text)).toEqual(
    [11, 12].map(
      (id) =>
        `Ticket ${ticket(id, {}).ticketNumber} is due and its number stands in kivitendo already: draft "Kopie" (our draft ${draft.draftId} (customer K10001), taken back). The ledger no longer counts that.`,
    ),
  );
  await world.bridge.admin("delete from drafts");
  await run();
  expect([await openQuestions(), await dueTickets()]).toEqual([{}, [11, 12]]);
});

test("a draft that was taken back lately is watched, however old it is", async () => {
  const old = await write();
  await world.bridge.admin("update otrs_bridge.drafts set created_at = now() - interval '200 days'");
  await world.state.reverseLines(
    old.lines.map(({ lineId }) => lineId),
    { ...decided, at: Temporal.Now.instant().subtract({ hours: 24 }) },
  );
  await post(5190, old, { 11: "0.25", 12: "0.25" });
  await run();
  expect(Object.keys(await openQuestions()).sort()).toEqual(["superseded-posted", "unknown-token"]);
});
