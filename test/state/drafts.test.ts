import { beforeEach, describe, expect, test } from "vitest";
import type { DraftRecord, PlannedLine, StoredDraft } from "../../src/billing/ports.ts";
import { BugError, type Decimal, type MinutesPerUnit, RefusedError } from "../../src/model/index.ts";
import { decided, byKind, expectLedgerAdds, minutes, nothing, useLedger, written } from "../support/ledger.ts";
import { lineOf, recordOf, roundingLine, settledLine } from "../support/lines.ts";
import { articleTime, settlementOf, ticket } from "../support/tickets.ts";

const world = useLedger();
const read = settlementOf([ticket(11, { 101: 1500, 102: 25 }), ticket(12, { 103: 70 })]);
beforeEach(() => world.state.settle(read));

const write = (lines: readonly PlannedLine[], changes: Parameters<typeof recordOf>[2] = {}) =>
  world.state.writeDraft(recordOf(world.run, lines, changes), minutes);

const due = async () => {
  const { due: tickets } = await world.state.settle(read);
  return tickets.map(({ ticketId }) => ticketId);
};

describe("a draft and its lines", () => {
  test("stand in kivitendo and in the ledger, and nothing is due any more", async () => {
    const draft = await write([
      lineOf(11, [
        [101, 1500],
        [102, 25],
      ]),
      lineOf(12, [[103, 70]]),
      roundingLine("0.10000"),
    ]);
    expect(await written(world)).toEqual({ kivitendo: 1, drafts: 1, lines: 3, entries: 3, settled: 1595 });
    expect(draft).toMatchObject({ status: "waiting", target: "invoice-draft", netAmount: "57.00", period: "2026-10" });
    expect(await world.state.readDrafts({})).toMatchObject([
      { draftId: draft.draftId, netAmount: "57.00", createdAt: draft.createdAt, formMd5: draft.formMd5 },
    ]);
    const [again] = await world.state.readDrafts({});
    expect(again?.lines.map(({ lineId }) => lineId)).toEqual(draft.lines.map(({ lineId }) => lineId));
    expect(again?.lines).toMatchObject([
      { position: 1, kind: "billed", ticketId: 11, quantity: "0.25000", workedUnits: 1525, rule: "normal", edits: [] },
      { position: 2, kind: "billed", ticketId: 12, priceSource: "part", reversed: false },
      { position: 3, kind: "rounding", ticketId: null, ticketNumber: null, netAmount: "9.50" },
    ]);
    expect(
      await world.bridge.admin(
        `select d.form_md5 = md5(k.form) as untouched, k.employee_id, l.worked_on, l.agent
           from otrs_bridge.drafts d
           join public.drafts k on k.id = d.kivitendo_id
          cross join lateral (select worked_on::text, agent from otrs_bridge.ledger order by id limit 1) l`,
      ),
    ).toEqual([{ untouched: true, employee_id: 1119, worked_on: "2026-10-22", agent: "eva" }]);
    expect(await due()).toEqual([]);
  });

  test("settle what stands on no draft in the same transaction", async () => {
    const settlement = [settledLine(11, "included", [[102, 25]]), settledLine(12, "excluded", [[103, 70]])];
    const draft = await write([lineOf(11, [[101, 1500]])], { settlement });
    expect(draft.lines).toHaveLength(1);
    expect(await byKind(world)).toEqual({ billed: 1500, included: 25, excluded: 70 });
    expect(await due()).toEqual([]);
  });

  test("an article on two lines of one draft adds up", async () => {
    await write([lineOf(12, [[103, 60]]), lineOf(12, [[103, 10]], { kind: "goodwill" })]);
    expect(await written(world)).toMatchObject({ entries: 2, settled: 70 });
  });

  test("lines without a draft need none", async () => {
    const lines = [settledLine(11, "included", [[101, 1500]]), settledLine(12, "transfer", [[103, 70]])];
    await world.state.writeSettlement({ run: world.run, customerId: null, lines, replaces: [] }, minutes);
    expect(await written(world)).toEqual({ kivitendo: 0, drafts: 0, lines: 2, entries: 2, settled: 1570 });
    await expect(
      world.state.writeSettlement({ run: world.run, customerId: null, lines, replaces: [] }, minutes),
    ).rejects.toThrow(RefusedError);
  });
});

describe("nothing at all is written", () => {
  const all: readonly PlannedLine[] = [lineOf(11, [[101, 1500]]), lineOf(12, [[103, 70]])];

  test.each<[string, readonly PlannedLine[], Parameters<typeof recordOf>[2], typeof BugError | typeof RefusedError]>([
    ["the ledger holds another sum", [lineOf(11, [[101, 1500, 5]])], {}, RefusedError],
    ["the article stands with another ticket", [lineOf(12, [[101, 1500]])], {}, RefusedError],
    ["the article is not known", [lineOf(11, [[999, 1500]])], {}, RefusedError],
    [
      "a settlement moved",
      [lineOf(11, [[101, 1500]])],
      { settlement: [settledLine(12, "included", [[103, 70, 1]])] },
      RefusedError,
    ],
    ["kivitendo does not take the draft", all, { content: { ownerId: 999_999 } }, BugError],
    ["the ledger does not take the lines afterwards", [lineOf(11, [[101, 0]])], {}, BugError],
    ["a line that needs a draft has none", [], { propose: true, settlement: [lineOf(11, [[101, 1500]])] }, BugError],
  ])("when %s", async (_name, lines, changes, error) => {
    await expect(write(lines, changes)).rejects.toThrow(error);
    expect(await written(world)).toEqual(nothing);
    expect(await world.state.readFrozenUnit()).toBeNull();
  });

  test("when two write the same time at once, one of them wins", async () => {
    const results = await Promise.allSettled([write(all), write(all), write(all.toReversed())]);
    expect(results.filter((result) => result.status === "fulfilled").length).toBe(1);
    for (const result of results) if (result.status === "rejected") expect(result.reason).toBeInstanceOf(RefusedError);
    expect(await written(world)).toEqual({ kivitendo: 1, drafts: 1, lines: 2, entries: 2, settled: 1570 });
  });
});

test("the unit is frozen by the first line", async () => {
  expect(await world.state.readFrozenUnit()).toBeNull();
  const inHours = (record: DraftRecord, unit: string) => world.state.writeDraft(record, unit as MinutesPerUnit);
  await inHours(recordOf(world.run, [lineOf(11, [[101, 1500]])]), "60");
  expect(await world.state.readFrozenUnit()).toBe("60");
  const other = recordOf(world.run, [lineOf(12, [[103, 70]])]);
  await expect(inHours(other, "1")).rejects.toThrow(/another unit/);
  await inHours(other, "60.0");
  expect(await written(world)).toMatchObject({ drafts: 2 });
});

describe("lines that are taken back", () => {
  const lineIds = async () =>
    (await world.state.readDrafts({})).flatMap(({ lines }) => lines.map(({ lineId }) => lineId));

  test("are due again, and the draft without lines is superseded", async () => {
    await write([lineOf(11, [[101, 1500]]), lineOf(12, [[103, 70]])]);
    const [first = 0, second = 0] = await lineIds();
    await world.state.reverseLines([first], decided);
    expect(await due()).toEqual([11]);
    expect(await world.state.readDrafts({})).toMatchObject([
      { status: "waiting", netAmount: "47.50", lines: [{ reversed: true }, { reversed: false }] },
    ]);
    await world.state.reverseLines([second], decided);
    expect(await world.state.readDrafts({})).toMatchObject([{ status: "superseded", netAmount: "47.50" }]);
    expect(await byKind(world)).toEqual({});
    await expectLedgerAdds(world);
    expect(
      await world.bridge.admin(
        `select kind, quantity::text, net_amount::text, worked_units::integer, draft_id, decided_by, decided_why
           from otrs_bridge.lines where reverses = $1`,
        [first],
      ),
    ).toEqual([
      {
        kind: "billed",
        quantity: "-0.25000",
        net_amount: "-23.75",
        worked_units: -1500,
        draft_id: null,
        decided_by: "anna",
        decided_why: "Kulanz",
      },
    ]);
  });

  test("take along what cost nothing because they had charged for it, of the same part and price", async () => {
    const { draftId } = await write([lineOf(11, [[101, 1500]]), lineOf(12, [[103, 70]])]);
    const [billed] = await world.state.readDrafts({ draftIds: [draftId] });
    const within = (id: number, bite: readonly [number, number], changes: Partial<PlannedLine> = {}) =>
      lineOf(id, [bite], { kind: "transfer", quantity: "0" as Decimal, ...changes });
    await world.state.settle(
      settlementOf([ticket(11, { 101: 1500, 102: 25, 104: 5 }), ticket(12, { 103: 70, 105: 9 })]),
    );
    const lines = [within(11, [102, 25]), within(11, [104, 5], { unitPrice: "80" as Decimal }), within(12, [105, 9])];
    const { customerId } = recordOf(world.run, lines);
    await world.state.writeSettlement({ run: world.run, customerId, lines, replaces: [] }, minutes);
    await world.state.reverseLines([billed?.lines[0]?.lineId ?? 0], decided);
    expect(await byKind(world)).toEqual({ billed: 70, transfer: 14 });
    await expectLedgerAdds(world);
  });

  test("can be taken back once, by one of several at once, in any order", async () => {
    await write([lineOf(11, [[101, 1500]]), lineOf(12, [[103, 70]])]);
    const ids = await lineIds();
    const attempts = [ids, ids.toReversed(), ids].map((some) => world.state.reverseLines(some, decided));
    const results = await Promise.allSettled(attempts);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
    for (const result of results) if (result.status === "rejected") expect(result.reason).toBeInstanceOf(RefusedError);
    expect(await byKind(world)).toEqual({});
    const [reversal] = await world.bridge.admin(
      "select min(id) as id from otrs_bridge.lines where reverses is not null",
    );
    await expect(world.state.reverseLines([Number(reversal?.["id"])], decided)).rejects.toThrow(BugError);
    await expect(world.state.reverseLines([999_999], decided)).rejects.toThrow(BugError);
  });

  test("were drafted before rules, parts and states were kept", async () => {
    const { draftId } = await write([lineOf(11, [[101, 1500]])]);
    await world.bridge.admin(`
      alter table otrs_bridge.lines disable trigger keep_written_line;
      alter table otrs_bridge.drafts disable trigger keep_written_draft;
      update otrs_bridge.lines
         set part_id = null, unit = null, description = '', long_description = '', rule = null, price_source = null,
             service_start = null, service_end = null;
      update otrs_bridge.ledger set worked_on = null, agent = null;
      update otrs_bridge.drafts set head = '{}';
      alter table otrs_bridge.lines enable trigger keep_written_line;
      alter table otrs_bridge.drafts enable trigger keep_written_draft`);
    expect(await world.state.readDrafts({ draftIds: [draftId] })).toMatchObject([
      { status: "waiting", lines: [{ unit: null, partNumber: "ST-STD", rule: null, description: "" }] },
    ]);
    await world.desk.redo(draftId, decided);
    expect(await written(world)).toMatchObject({ kivitendo: 0, settled: 0 });
    expect(await due()).toEqual([11, 12]);
  });
});

describe("a plan that replaces a proposal", () => {
  const propose = () =>
    write([lineOf(11, [[101, 1500]]), lineOf(12, [[103, 70]]), roundingLine("0.10000")], { propose: true });
  const lineIds = ({ lines }: StoredDraft): [number, number] => [lines[0]?.lineId ?? 0, lines[1]?.lineId ?? 0];
  const readAgain = ({ draftId }: StoredDraft) => world.state.readDrafts({ draftIds: [draftId] });
  const more = () => world.state.settle(settlementOf([ticket(11, { 101: 1560, 102: 25 }), ticket(12, { 103: 70 })]));

  test("takes its lines back and writes anew in one transaction", async () => {
    const draft = await propose();
    await more();
    const anew = [lineOf(11, [[101, 1560, 1500]])];
    const settlement = [settledLine(12, "included", [[103, 70, 70]])];
    const replaces = lineIds(draft);
    const next = await write(anew, { settlement, replaces, propose: true });
    expect(next).toMatchObject({ status: "proposed", lines: [{ workedUnits: 1560 }] });
    expect(await readAgain(draft)).toMatchObject([{ status: "dropped", lines: [{}, {}, { reversed: true }] }]);
    expect(await byKind(world)).toEqual({ billed: 1560, included: 70 });
    await expectLedgerAdds(world);
  });

  test("may settle without a draft", async () => {
    const draft = await propose();
    const lines = [settledLine(12, "excluded", [[103, 70, 70]])];
    const replaces = [lineIds(draft)[1]];
    await world.state.writeSettlement({ run: world.run, customerId: null, lines, replaces }, minutes);
    expect(await byKind(world)).toEqual({ billed: 1500, excluded: 70 });
    expect(await readAgain(draft)).toMatchObject([{ status: "proposed", netAmount: "23.75" }]);
  });

  test.each<[string, (draft: StoredDraft) => Promise<unknown>]>([
    ["edited", (draft) => world.desk.edit(lineIds(draft)[0], { kind: "quantity", quantity: "1" as Decimal }, decided)],
    ["released", (draft) => world.desk.release(draft.draftId, decided)],
    ["taken back", (draft) => world.desk.redo(draft.draftId, decided)],
  ])("writes nothing when the line was %s meanwhile", async (_name, meanwhile) => {
    const draft = await propose();
    await more();
    await meanwhile(draft);
    const before = await written(world);
    const late = write([lineOf(11, [[101, 1560, 1500]])], { replaces: [lineIds(draft)[0]] });
    await expect(late).rejects.toThrow(/ledger moved/);
    expect(await written(world)).toEqual(before);
  });
});

describe("what became of drafts", () => {
  test("is kept, found again by state, customer and ticket, and told once", async () => {
    const { draftId } = await write([lineOf(11, [[101, 1500]])]);
    const other = await write([lineOf(12, [[103, 70]])]);
    await world.state.recordStatus(draftId, "posted", { invoiceId: 4711, invoiceNumber: "2026-17, 2026-18" });
    const ids = async (filter: Parameters<typeof world.state.readDrafts>[0]) =>
      (await world.state.readDrafts(filter)).map((draft) => draft.draftId);
    expect(await ids({ statuses: ["posted"] })).toEqual([draftId]);
    expect(await ids({ statuses: ["posted", "waiting"] })).toEqual([draftId, other.draftId]);
    expect(await ids({ ticketNumbers: [ticket(12, {}).ticketNumber] })).toEqual([other.draftId]);
    expect(await ids({ customerNumbers: ["K10001"], statuses: ["waiting"] })).toEqual([other.draftId]);
    expect(await ids({ customerNumbers: ["K10002"] })).toEqual([]);
    expect(await ids({ draftIds: [] })).toEqual([]);
    expect(await ids({ untold: true })).toEqual([draftId]);
    await world.state.recordTold(draftId, articleTime(1));
    expect(await ids({ untold: true })).toEqual([]);
    expect(await world.state.readDrafts({ draftIds: [draftId] })).toMatchObject([
      { status: "posted", invoiceId: 4711, invoiceNumber: "2026-17, 2026-18" },
    ]);
    await expect(world.state.recordStatus(999, "gone", null)).rejects.toThrow(BugError);
  });

  test("places in kivitendo are known by ticket and record", async () => {
    const draft = await write([lineOf(11, [[101, 1500]])]);
    await world.state.recordStatus(draft.draftId, "posted", { invoiceId: 4711, invoiceNumber: "2026-17, 2026-18" });
    const place = (number: number, where: "draft" | "order" | "invoice", id: string, label = "") => ({
      ticketNumber: ticket(number, {}).ticketNumber,
      where,
      id,
      label,
      customerId: null,
    });
    const ours = [
      place(11, "draft", draft.kivitendoId ?? ""),
      place(11, "invoice", "4711", "2026-17"),
      place(11, "invoice", "4712", "2026-18"),
    ];
    const strange = [
      place(12, "draft", draft.kivitendoId ?? ""),
      place(11, "order", draft.kivitendoId ?? ""),
      place(11, "draft", "is-invoice-1"),
      place(11, "invoice", "4713", "2026-19"),
    ];
    expect(await world.state.knownPlaces([...ours, ...strange])).toEqual(ours);
    expect(await world.state.knownPlaces([])).toEqual([]);
  });

  test("what was written cannot be changed any more, by the bridge neither", async () => {
    await write([lineOf(11, [[101, 1500]])]);
    for (const statement of [
      "update otrs_bridge.drafts set net_amount = 0",
      "update otrs_bridge.drafts set form_md5 = ''",
      "update otrs_bridge.drafts set status = 'proposed'",
      "update otrs_bridge.lines set quantity = 0",
    ]) {
      await expect(world.bridge.pool.query(statement)).rejects.toThrow(/is written/);
    }
  });
});
