/** Looking after drafts with a real ledger and a kivitendo-shaped database in which people post, edit and delete. */
import { expect, test } from "vitest";
import type { Decimal } from "../../../src/model/index.ts";
import { byKind, decided } from "../../support/ledger.ts";
import { lineOf } from "../../support/lines.ts";
import { settlementOf, ticket } from "../../support/tickets.ts";
import { decide, dueTickets, openQuestions, post, run, statuses, world, write } from "./ledger-world.ts";

test("a draft waits, is touched, is posted", async () => {
  const draft = await write();
  expect((await run()).changes).toEqual([]);
  await world.bridge.admin("update drafts set form = form || 'x: y'");
  await run();
  expect(await statuses()).toEqual([["changed", null]]);
  await post(5000, draft, { 11: "0.25", 12: "0.25" });
  expect((await run()).changes).toMatchObject([{ status: "posted", invoiceNumber: "RE5000" }]);
  expect(await statuses()).toEqual([["posted", "RE5000"]]);
  expect([await run(), await openQuestions()]).toMatchObject([{ changes: [], questions: [] }, {}]);
});

test("a draft that was thrown away: due again, not billed, or billed in another way", async () => {
  for (const [choice, units, due] of [
    ["due-again", {}, [11, 12]],
    ["waive", { waived: 3000 }, []],
  ] as const) {
    await write();
    await world.bridge.admin("delete from drafts");
    await run();
    await run();
    await decide("draft-gone", choice);
    expect([await byKind(world), await dueTickets()]).toEqual([units, due]);
    expect([await run(), await openQuestions()]).toMatchObject([{ questions: [] }, {}]);
  }
});

test("accepted, a draft that was thrown away is not asked about again, and counts once its invoice shows", async () => {
  const draft = await write();
  await world.bridge.admin("delete from drafts");
  await run();
  await decide("draft-gone", "accept");
  await run();
  expect([await openQuestions(), await byKind(world), await statuses()]).toEqual([
    {},
    { billed: 3000 },
    [["gone", null]],
  ]);
  await post(5001, draft, { 11: "0.25", 12: "0.25" });
  await run();
  expect(await statuses()).toEqual([["posted", "RE5001"]]);
});

test("a line that was taken out and one that was changed are asked about until somebody decides", async () => {
  await post(5002, await write(), { 11: "0.50" });
  await run();
  await run();
  expect(Object.keys(await openQuestions()).sort()).toEqual(["line-changed", "line-removed"]);
  await decide("line-changed", "accept");
  await decide("line-removed", "due-again");
  await run();
  expect([await openQuestions(), await dueTickets(), await byKind(world)]).toEqual([{}, [12], { billed: 1500 }]);
});

test("a run that ends before its questions are written has lost none of them", async () => {
  await post(5012, await write(), { 11: "0.25" });
  await world.state.settle(settlementOf([ticket(11, { 101: 1500 }), ticket(12, { 102: 1600 })]));
  await expect(run({ findTokens: () => Promise.reject(new Error("it broke")) })).rejects.toThrow("broke");
  await run();
  expect(Object.keys(await openQuestions())).toEqual(["line-removed"]);
});

test("a line that was taken back and posted after all is asked about until somebody answers", async () => {
  const draft = await write();
  await world.state.reverseLines([draft.lines[1]?.lineId ?? 0], decided);
  await post(5013, draft, { 11: "0.25", 12: "0.25" });
  await run();
  await run();
  expect(Object.keys(await openQuestions())).toContain("superseded-posted");
  await world.desk.decide((await openQuestions())["superseded-posted"] ?? 0, "accept", decided);
  await run();
  expect(Object.keys(await openQuestions())).not.toContain("superseded-posted");
});

test("an invoice that was corrected answers its question by itself", async () => {
  await post(5003, await write(), { 11: "0.50", 12: "0.25" });
  await run();
  expect(Object.keys(await openQuestions())).toEqual(["line-changed"]);
  await world.bridge.admin("update invoice set qty = 0.25");
  await run();
  expect([await openQuestions(), await statuses()]).toEqual([{}, [["posted", "RE5003"]]]);
});

test("a draft that was redone and posted from an open page", async () => {
  const old = await write();
  await world.desk.redo(old.draftId, decided);
  // Before the time is on a new draft, its tickets are stopped.
  await post(5004, null, { 11: "0.25", 12: "0.25" });
  const { stopped } = await run();
  expect([...stopped].map((number) => number.slice(-2))).toEqual(["11", "12"]);
  expect(Object.keys(await openQuestions()).sort()).toEqual(["superseded-posted", "unknown-token"]);
  // Afterwards, it is what the invoice billed once somebody deletes the new one.
  const again = await write();
  await run();
  expect(Object.keys(await openQuestions()).sort()).toEqual(["also-invoiced", "superseded-posted"]);
  await world.bridge.admin("delete from drafts where id = $1", [again.kivitendoId]);
  await run();
  expect([await openQuestions(), await statuses()]).toEqual([
    {},
    [
      ["superseded", null],
      ["posted", "RE5004"],
    ],
  ]);
});

test("a ticket that stands in an invoice made by hand: billed there, or not", async () => {
  await post(5005, null, { 11: "0.25", 12: "0.25" });
  expect((await run()).stopped.size).toBe(2);
  const ids = await world.bridge.admin("select id from otrs_bridge.inbox where closed_at is null order by subject");
  await world.desk.decide(Number(ids[0]?.["id"]), "opening", decided);
  await world.desk.decide(Number(ids[1]?.["id"]), "bill", decided);
  const { stopped, questions } = await run();
  expect([stopped.size, questions]).toEqual([0, []]);
  expect([await byKind(world), await dueTickets()]).toEqual([{ opening: 1500 }, [12]]);
});

test("time added to a ticket whose draft waits or is posted is not stopped", async () => {
  const draft = await write();
  await world.state.settle(settlementOf([ticket(11, { 101: 1500, 103: 500 })]));
  expect((await run()).stopped.size).toBe(0);
  await post(5006, draft, { 11: "0.25", 12: "0.25" });
  expect((await run()).stopped.size).toBe(0);
  expect((await run()).stopped.size).toBe(0);
});

test("a line that was taken back and still stands on a draft stops its ticket", async () => {
  const draft = await write();
  const [line] = draft.lines;
  await world.state.reverseLines([line?.lineId ?? 0], decided);
  const { stopped } = await run();
  expect([...stopped]).toEqual([line?.ticketNumber]);
});

test("an order is posted when its lines are, and a line that vanished is asked about", async () => {
  await world.bridge.admin("update defaults set sonumber = 'AU20260000'");
  const order = await write(
    [lineOf(11, [[101, 1500]]), lineOf(12, [[102, 1500]], { quantity: "2.00000" as Decimal })],
    "sales-order",
  );
  expect(await run()).toMatchObject({ changes: [], questions: [] });
  const [first, second] = order.lines;
  await world.bridge.admin("delete from orderitems where id = $1", [second?.kivitendoRow]);
  await run();
  expect([await statuses(), Object.keys(await openQuestions())]).toEqual([[["changed", null]], ["line-removed"]]);
  await decide("line-removed", "due-again");
  await post(5007, null, { 11: "0.25" });
  await world.bridge.admin(
    "insert into record_links (from_table, from_id, to_table, to_id) values ('orderitems', $1, 'invoice', 500700)",
    [first?.kivitendoRow],
  );
  const { stopped } = await run();
  expect([await statuses(), await openQuestions(), stopped.size, await dueTickets()]).toEqual([
    [["posted", "RE5007"]],
    {},
    0,
    [12],
  ]);
});
