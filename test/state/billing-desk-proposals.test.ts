import { beforeEach, describe, expect, test, vi } from "vitest";
import type { PlannedLine, ProposalEdit, StoredDraft } from "../../src/billing/ports.ts";
import { ConfigError, type Decimal, type PartNumber, RefusedError } from "../../src/model/index.ts";
import { withClient } from "../support/database.ts";
import { byKind, decided, expectLedgerAdds, minutes, nothing, useLedger, written } from "../support/ledger.ts";
import { lineOf, recordOf, roundingLine } from "../support/lines.ts";
import { settlementOf, ticket } from "../support/tickets.ts";

const world = useLedger();
beforeEach(() => world.state.settle(settlementOf([ticket(11, { 101: 1500, 102: 25 }), ticket(12, { 103: 70 })])));

const write = (lines: readonly PlannedLine[], changes: Parameters<typeof recordOf>[2] = {}) =>
  world.state.writeDraft(recordOf(world.run, lines, { propose: true, ...changes }), minutes);
const propose = async () =>
  readAgain(await write([lineOf(11, [[101, 1500]]), lineOf(12, [[103, 70]]), roundingLine("0.10000")]));

const lineIdOf = (draft: StoredDraft, position: number): number =>
  draft.lines.find((line) => line.position === position)?.lineId ?? 0;
const readAgain = async ({ draftId }: StoredDraft) => {
  const [draft] = await world.state.readDrafts({ draftIds: [draftId] });
  if (draft === undefined) throw new Error("the draft is gone");
  return draft;
};
const quantity = (value: string): ProposalEdit => ({ kind: "quantity", quantity: value as Decimal });
const otherPart: ProposalEdit = {
  kind: "part",
  partId: 1141,
  partNumber: "ST-ANF" as PartNumber,
  unit: "Std",
  unitPrice: "33.33333" as Decimal,
  quantity: "0.33333" as Decimal,
};

test("a proposal stands in the ledger only, so nothing of it is planned twice", async () => {
  const draft = await propose();
  expect(draft).toMatchObject({ status: "proposed", kivitendoId: null, formMd5: null, netAmount: "57.00" });
  expect(await written(world)).toEqual({ kivitendo: 0, drafts: 1, lines: 3, entries: 2, settled: 1570 });
});

describe("an edit", () => {
  test.each<[string, ProposalEdit, object, object, string]>([
    [
      "makes a line goodwill",
      { kind: "goodwill" },
      { kind: "goodwill", unitPrice: "0.00000", quantity: "0.25000", netAmount: "0.00", priceSource: "edited" },
      { kind: { from: "billed", to: "goodwill" }, netAmount: { from: "23.75", to: "0.00" } },
      "23.75",
    ],
    [
      "takes another part, rounded as kivitendo rounds",
      otherPart,
      { partNumber: "ST-ANF", unitPrice: "33.33333", quantity: "0.33333", netAmount: "11.11" },
      { partId: { from: "1140", to: "1141" }, unitPrice: { from: "95.00000", to: "33.33333" } },
      "34.86",
    ],
    [
      "changes the quantity",
      quantity("0.12345"),
      { quantity: "0.12345", netAmount: "11.73" },
      { quantity: { from: "0.25000", to: "0.12345" }, netAmount: { from: "23.75", to: "11.73" } },
      "35.48",
    ],
  ])("%s, keeps the original, and ends the rounding", async (_name, edit, line, change, net) => {
    const draft = await propose();
    await world.desk.edit(lineIdOf(draft, 1), edit, decided);
    const edited = await readAgain(draft);
    expect(edited).toMatchObject({ status: "proposed", netAmount: net });
    expect(edited.lines).toMatchObject([
      { ...line, edits: [{ change, by: "anna", why: "Kulanz", at: decided.at }] },
      { quantity: "0.25000", edits: [] },
      { kind: "rounding", reversed: true },
    ]);
    expect(await written(world)).toMatchObject({ settled: 1570, kivitendo: 0 });
  });

  test("changes the text and leaves the rounding", async () => {
    const draft = await propose();
    await world.desk.edit(
      lineIdOf(draft, 1),
      { kind: "text", description: "Fernwartung", longDescription: null },
      decided,
    );
    expect((await readAgain(draft)).lines).toMatchObject([
      {
        description: "Fernwartung",
        edits: [{ change: { description: { from: "Ticket 2026102210000011", to: "Fernwartung" } } }],
      },
      {},
      { kind: "rounding", reversed: false },
    ]);
  });

  test("of a rounding is its quantity only, below 0 too", async () => {
    const draft = await propose();
    await world.desk.edit(lineIdOf(draft, 3), quantity("-0.1"), decided);
    expect(await readAgain(draft)).toMatchObject({ netAmount: "38.00", lines: [{}, {}, { netAmount: "-9.50" }] });
    await expect(world.desk.edit(lineIdOf(draft, 3), { kind: "goodwill" }, decided)).rejects.toThrow(ConfigError);
    const hold: ProposalEdit = { kind: "leave-out", time: "hold" };
    await expect(world.desk.edit(lineIdOf(draft, 3), hold, decided)).rejects.toThrow(ConfigError);
  });

  test("of the discount of a price counts exactly", async () => {
    const draft = await write([lineOf(11, [[101, 1500]], { discount: "0.15" as Decimal })]);
    await world.desk.edit(lineIdOf(draft, 1), quantity("1.11111"), decided);
    await expect(world.desk.edit(lineIdOf(draft, 1), quantity("1.111110"), decided)).rejects.toThrow(
      /like that already/,
    );
    // 95 × 0.85 × 1.11111 = 89.7221325
    expect(await readAgain(draft)).toMatchObject({ lines: [{ netAmount: "89.72" }] });
  });

  test.each<["waive" | "hold", Record<string, number>, number[], boolean]>([
    ["waive", { billed: 70, waived: 1505 }, [11], false],
    ["hold", { billed: 70 }, [11], true],
  ])("leaves a line out, with time within what it charged, and lets it %s", async (then, settled, open, held) => {
    const draft = await propose();
    await world.state.settle(settlementOf([ticket(11, { 101: 1500, 102: 25, 104: 5 })]));
    const lines = [lineOf(11, [[104, 5]], { kind: "transfer", quantity: "0" as Decimal })];
    await world.state.writeSettlement({ ...recordOf(world.run, []), lines, replaces: [] }, minutes);
    await world.desk.edit(lineIdOf(draft, 1), { kind: "leave-out", time: then }, decided);
    expect(await byKind(world)).toEqual(settled);
    expect(await readAgain(draft)).toMatchObject({
      status: "proposed",
      netAmount: "23.75",
      lines: [{ reversed: true, edits: [{ by: "anna" }] }, { reversed: false }, { reversed: true }],
    });
    const { due } = await world.state.settle(settlementOf([]));
    expect(due.map(({ ticketId }) => ticketId)).toEqual(expect.arrayContaining(open));
    expect(due.find(({ ticketId }) => ticketId === 11)).toMatchObject({ held });
    await world.desk.edit(lineIdOf(draft, 2), { kind: "leave-out", time: then }, decided);
    expect(await readAgain(draft)).toMatchObject({ status: "dropped", netAmount: "0.00" });
    await expectLedgerAdds(world);
  });

  test.each<[string, ProposalEdit, string, typeof ConfigError | typeof RefusedError]>([
    ["needs a reason", { kind: "goodwill" }, " ", ConfigError],
    ["takes no quantity of 0", quantity("0.00"), "why", ConfigError],
    ["takes no negative quantity", quantity("-1"), "why", ConfigError],
    ["takes five decimals", quantity("0.123456"), "why", ConfigError],
  ])("%s", async (_name, edit, why, error) => {
    const draft = await propose();
    await expect(world.desk.edit(lineIdOf(draft, 1), edit, { ...decided, why })).rejects.toThrow(error);
    expect(await readAgain(draft)).toEqual(draft);
  });

  test("tells how an edited line gets to another customer, which no run does", async () => {
    const draft = await propose();
    const [line] = draft.lines;
    await world.bridge.admin("update otrs_bridge.tickets set company_key = 'K10002' where ticket_id = 11");
    const release = () => world.desk.release(draft.draftId, decided);
    await expect(release()).rejects.toMatchObject({ hint: expect.stringContaining("billing draft") as unknown });
    await world.desk.edit(line?.lineId ?? 0, { kind: "text", description: "Anders", longDescription: null }, decided);
    await expect(release()).rejects.toMatchObject({
      hint: expect.stringContaining(`billing redo ${draft.draftId}`) as unknown,
    });
  });

  test("comes too late for a line that left, and for a draft that was released", async () => {
    const draft = await propose();
    await world.desk.edit(lineIdOf(draft, 1), { kind: "leave-out", time: "waive" }, decided);
    await expect(world.desk.edit(lineIdOf(draft, 1), { kind: "goodwill" }, decided)).rejects.toThrow(RefusedError);
    await world.desk.release(draft.draftId, decided);
    await expect(world.desk.edit(lineIdOf(draft, 2), { kind: "goodwill" }, decided)).rejects.toThrow(/is waiting/);
    await expect(world.desk.edit(999_999, { kind: "goodwill" }, decided)).rejects.toThrow(ConfigError);
  });
});

describe("a release", () => {
  test("writes what the proposal holds now, of the day of the release", async () => {
    const draft = await propose();
    await world.desk.edit(lineIdOf(draft, 1), { kind: "leave-out", time: "waive" }, decided);
    await world.desk.edit(lineIdOf(draft, 2), quantity("0.50000"), decided);
    const at = Temporal.Instant.from("2026-12-31T23:30:00Z");
    const released = await world.desk.release(draft.draftId, { ...decided, at });
    expect(released).toMatchObject({ status: "waiting", netAmount: "47.50", formMd5: expect.any(String) as string });
    const { lines, ...content } = world.lastContent();
    expect(content).toMatchObject({
      target: "invoice-draft",
      customer: { customerNumber: "K10001" },
      ownerId: 1119,
      arChartId: 14,
      description: "Tickets 2026-10 – Müller & Söhne GmbH",
      periodStart: Temporal.PlainDate.from("2026-10-01"),
      periodEnd: Temporal.PlainDate.from("2026-10-31"),
      today: Temporal.PlainDate.from("2027-01-01"),
      recurring: null,
    });
    const planned = lineOf(12, [[103, 70]]);
    expect(lines).toEqual([{ ...planned, discount: "0.00000", quantity: "0.50000", netAmount: "47.50" }]);
    expect(await written(world)).toMatchObject({ kivitendo: 1, settled: 1570 });
    await expect(world.desk.release(draft.draftId, decided)).rejects.toThrow(/no longer a proposal/);
    expect(
      await world.bridge.admin("select choice, draft_id, decided_by from otrs_bridge.billing_decisions order by id"),
    ).toMatchObject([
      { choice: "leave-out-waive" },
      { choice: "release", draft_id: draft.draftId, decided_by: "anna" },
    ]);
  });

  test("is done once by two at the same time", async () => {
    const { draftId } = await propose();
    const results = await Promise.allSettled([1, 2].map(() => world.desk.release(draftId, decided)));
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await written(world)).toMatchObject({ kivitendo: 1 });
  });

  test.each<[string, string, RegExp]>([
    ["is held", "update otrs_bridge.tickets set held = true where ticket_id = 11", /2026102210000011 is held/],
    [
      "stands under another customer",
      "update otrs_bridge.tickets set company_key = 'K10002' where ticket_id = 11",
      /another customer/,
    ],
    [
      "stands under a customer that nobody knows",
      "update otrs_bridge.tickets set company_key = 'FREMD' where ticket_id = 11",
      /another customer/,
    ],
  ])("refuses by name while a ticket %s", async (_name, statement, message) => {
    const draft = await propose();
    await world.bridge.admin(statement);
    await expect(world.desk.release(draft.draftId, decided)).rejects.toThrow(message);
    expect(await readAgain(draft)).toEqual(draft);
  });

  test("refuses a customer that is gone, and an unknown draft", async () => {
    const { draftId } = await propose();
    await world.bridge.admin("update otrs_bridge.drafts set customer_id = 4711");
    await expect(world.desk.release(draftId, decided)).rejects.toThrow(/no longer in kivitendo/);
    await expect(world.desk.release(999, decided)).rejects.toThrow(ConfigError);
  });
});

describe("redo", () => {
  test("takes a proposal back", async () => {
    const draft = await propose();
    await world.desk.redo(draft.draftId, decided);
    expect(await readAgain(draft)).toMatchObject({ status: "dropped" });
    expect(await byKind(world)).toEqual({});
    await expect(world.desk.redo(draft.draftId, decided)).rejects.toThrow(/it is dropped/);
  });

  test("deletes a draft that nobody touched", async () => {
    const draft = await write([lineOf(11, [[101, 1500]]), roundingLine("0.1")], { propose: false });
    await world.desk.redo(draft.draftId, decided);
    expect(await readAgain(draft)).toMatchObject({
      status: "superseded",
      lines: [{ reversed: true }, { reversed: true }],
    });
    expect(await written(world)).toMatchObject({ kivitendo: 0, settled: 0 });
    expect(await write([lineOf(11, [[101, 1500]])], { propose: false })).toMatchObject({ status: "waiting" });
  });

  test.each<[string, string, RegExp]>([
    [
      "somebody saved it",
      "update public.drafts set form = form || 'notes: x'",
      /no longer stands .* as it was written/,
    ],
    ["somebody posted or deleted it", "delete from public.drafts", /no longer stands .* as it was written/],
    ["it was seen changed", "update otrs_bridge.drafts set status = 'changed'", /it is changed/],
    ["it was posted", "update otrs_bridge.drafts set status = 'posted'", /it is posted/],
  ])("refuses when %s", async (_name, statement, message) => {
    const draft = await write([lineOf(11, [[101, 1500]])], { propose: false });
    await world.bridge.admin(statement);
    const before = await written(world);
    await expect(world.desk.redo(draft.draftId, decided)).rejects.toThrow(message);
    expect(await written(world)).toEqual(before);
  });

  test("waits for somebody who saves the draft right now, and then refuses", async () => {
    const draft = await write([lineOf(11, [[101, 1500]])], { propose: false });
    await withClient(world.bridge.database.url, async (person) => {
      await person.query("begin");
      await person.query("update public.drafts set form = form || 'notes: x'");
      const redo = expect(world.desk.redo(draft.draftId, decided)).rejects.toThrow(RefusedError);
      await vi.waitFor(async () => {
        const waiting = "select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'";
        expect(await world.bridge.admin(waiting, [world.bridge.database.name])).toHaveLength(1);
      }, 10_000);
      await person.query("commit");
      await redo;
    });
    expect(await written(world)).toMatchObject({ kivitendo: 1, settled: 1500 });
  });

  test("has no way to delete what is not ours to the letter", async () => {
    await world.bridge.admin(
      "insert into public.drafts (id, module, submodule, employee_id, form) values ('hers', 'is', 'invoice', 1119, 'x')",
    );
    const { kivitendoId, draftId } = await write([lineOf(11, [[101, 1500]])], { propose: false });
    const discard = async (id: string | null, form: string) => {
      const call = "select otrs_bridge.discard_draft($1, md5($2)) as done";
      const { rows } = await world.bridge.pool.query<{ done: boolean }>(call, [id, form]);
      return rows[0]?.done;
    };
    const [ours] = await world.bridge.admin("select form from public.drafts where id = $1", [kivitendoId]);
    const form = String(ours?.["form"]);
    expect(await discard("hers", "x")).toBe(false);
    expect(await discard(kivitendoId, "x")).toBe(false);
    await world.state.recordStatus(draftId, "changed", null);
    expect(await discard(kivitendoId, form)).toBe(false);
    expect(await written(world)).toMatchObject({ kivitendo: 2 });
    await world.state.recordStatus(draftId, "waiting", null);
    expect(await discard(kivitendoId, form)).toBe(true);
    // Not even when our own table says that we wrote it.
    await world.bridge.admin(`
      alter table otrs_bridge.drafts disable trigger keep_written_draft;
      update otrs_bridge.drafts set kivitendo_id = 'hers', form_md5 = md5('x');
      alter table otrs_bridge.drafts enable trigger keep_written_draft`);
    expect(await discard("hers", "x")).toBe(false);
  });

  test("leaves orders to people", async () => {
    const draft = await write([lineOf(11, [[101, 1500]])], { propose: false });
    await world.bridge.admin(`
      alter table otrs_bridge.drafts disable trigger keep_written_draft;
      update otrs_bridge.drafts set target = 'sales-order';
      alter table otrs_bridge.drafts enable trigger keep_written_draft`);
    await expect(world.desk.redo(draft.draftId, decided)).rejects.toThrow(/is an order/);
    expect(await written(world)).not.toEqual(nothing);
  });
});
