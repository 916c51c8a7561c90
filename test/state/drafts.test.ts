import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { BillingState, DraftRecord, LedgerLine } from "../../src/billing/ports.ts";
import { draftForm, insertDraft } from "../../src/kivitendo/index.ts";
import {
  type ArticleId,
  BugError,
  type CustomerId,
  type CustomerNumber,
  type Decimal,
  type HundredthUnits,
  type MinutesPerUnit,
  type PartNumber,
  RefusedError,
  type RunId,
} from "../../src/model/index.ts";
import { createState } from "../../src/state/index.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { sampleDraft, sampleLine } from "../support/sample-draft.ts";
import { articleTime, settlementOf, ticket } from "../support/tickets.ts";

const now = Temporal.Instant.from("2026-11-22T08:00:00Z");
const minutes = "1" as MinutesPerUnit;

let bridge: BridgeDatabase;
let state: BillingState;
let run: RunId;
beforeAll(async () => {
  bridge = await createBridgeDatabase();
  state = createState(bridge.pool, { instance: "main", insertDraft }).billing;
});
afterAll(() => bridge.drop());
beforeEach(async () => {
  await bridge.admin(`
    truncate otrs_bridge.ledger, otrs_bridge.draft_lines, otrs_bridge.drafts, otrs_bridge.articles, otrs_bridge.tickets,
             otrs_bridge.cursor, otrs_bridge.links, otrs_bridge.billing_unit, public.drafts;
    insert into otrs_bridge.links (kind, row_id, helpdesk_key, status, confirmed)
    values ('company', 1150, 'K10001', 'linked', true)`);
  run = await state.startRun("billing", now);
});

/** Bills articles of a ticket; each as [row id, units, what had been billed when the plan was made]. */
function lineOf(id: number, position: number, articles: readonly (readonly [number, number, number])[]): LedgerLine {
  const { ticketId, ticketNumber } = ticket(id, {});
  return {
    ticketId,
    ticketNumber,
    partNumber: "ST-STD" as PartNumber,
    unitPrice: "95.00000" as Decimal,
    quantity: "0.25000" as Decimal,
    workedUnits: articles.reduce((sum, [, units]) => sum + units, 0) as HundredthUnits,
    netAmount: "23.75" as Decimal,
    position,
    late: false,
    entries: articles.map(([article, units, billedBefore]) => ({
      articleId: article as ArticleId,
      createdAt: articleTime(article),
      units: units as HundredthUnits,
      billedBefore: billedBefore as HundredthUnits,
    })),
  };
}

function recordOf(lines: readonly LedgerLine[], draftId = "is-invoice-otrs-1"): DraftRecord {
  return {
    run,
    customerId: 1150 as CustomerId,
    customerNumber: "K10001" as CustomerNumber,
    periodLabel: "2026-10",
    target: "invoice-draft",
    lines,
    draft: sampleDraft({ draftId, lines: lines.map((line) => sampleLine({ ticketNumber: line.ticketNumber })) }),
  };
}

/** How many rows stand where; all zero means that nothing was written. */
async function written(): Promise<Record<string, unknown> | undefined> {
  const [row] = await bridge.admin(`
    select (select count(*)::integer from public.drafts) as kivitendo,
           (select count(*)::integer from otrs_bridge.drafts) as drafts,
           (select count(*)::integer from otrs_bridge.draft_lines) as lines,
           (select count(*)::integer from otrs_bridge.ledger) as entries,
           (select coalesce(sum(billed_units), 0)::integer from otrs_bridge.articles) as billed`);
  return row;
}

const nothing = { kivitendo: 0, drafts: 0, lines: 0, entries: 0, billed: 0 };

describe("a draft and its lines", () => {
  test("stand in kivitendo and in the ledger, and nothing is due any more", async () => {
    const read = settlementOf([ticket(11, { 101: 1500, 102: 25 }), ticket(12, { 103: 70 })]);
    await state.settle(read);
    const record = recordOf([
      lineOf(11, 1, [
        [101, 1500, 0],
        [102, 25, 0],
      ]),
      lineOf(12, 2, [[103, 70, 0]]),
    ]);
    await state.writeDraft(record, minutes);
    expect(await written()).toEqual({ kivitendo: 1, drafts: 1, lines: 2, entries: 3, billed: 1595 });
    expect(await bridge.admin("select form, employee_id from public.drafts")).toEqual([
      { form: draftForm(record.draft), employee_id: 1119 },
    ]);
    expect(
      await bridge.admin(
        `select d.kivitendo_id, d.customer_id, d.customer_number, d.period, d.net_amount::text, d.target, d.run_id,
                d.form_md5 = md5(k.form) as untouched
           from otrs_bridge.drafts d
           join public.drafts k on k.id = d.kivitendo_id`,
      ),
    ).toEqual([
      {
        kivitendo_id: "is-invoice-otrs-1",
        customer_id: 1150,
        customer_number: "K10001",
        period: "2026-10",
        net_amount: "47.50",
        target: "invoice-draft",
        run_id: run,
        untouched: true,
      },
    ]);
    expect(await state.settle(read)).toEqual([]);
    expect(await state.readOpenTickets()).toEqual([]);
  });

  test("carry the customer's name into kivitendo's list of drafts, but no HTML", async () => {
    await state.settle(settlementOf([ticket(11, { 101: 25 })]));
    const record = recordOf([lineOf(11, 1, [[101, 25, 0]])]);
    await state.writeDraft({ ...record, draft: { ...record.draft, description: "Tickets – <b>Müller</b>" } }, minutes);
    expect(await bridge.admin("select description from public.drafts")).toEqual([
      { description: "Tickets – ‹b›Müller‹/b›" },
    ]);
  });

  test("are told with the ticket when more time is due", async () => {
    await state.settle(settlementOf([ticket(11, { 101: 1500 })]));
    await state.writeDraft(recordOf([lineOf(11, 1, [[101, 1500, 0]])]), minutes);
    expect(await state.settle(settlementOf([ticket(11, { 101: 1500, 102: 400 })]))).toMatchObject([
      {
        articles: [{ articleId: 102, seenUnits: 400, billedUnits: 0 }],
        billedLines: [
          { customerId: 1150, partNumber: "ST-STD", unitPrice: "95.00000", workedUnits: 1500, quantity: "0.25000" },
        ],
      },
    ]);
  });

  test("an article on two lines of one draft adds up", async () => {
    await state.settle(settlementOf([ticket(11, { 101: 100 })]));
    await state.writeDraft(recordOf([lineOf(11, 1, [[101, 60, 0]]), lineOf(11, 2, [[101, 40, 0]])]), minutes);
    expect(await written()).toMatchObject({ entries: 2, billed: 100 });
  });
});

describe("nothing at all is written", () => {
  beforeEach(() => state.settle(settlementOf([ticket(11, { 101: 1500 }), ticket(12, { 102: 25 })])));

  test("when an article was billed since the plan was made", async () => {
    await state.writeDraft(recordOf([lineOf(11, 1, [[101, 1500, 0]])]), minutes);
    const before = await written();
    const late = state.writeDraft(
      recordOf([lineOf(12, 1, [[102, 25, 0]]), lineOf(11, 2, [[101, 1500, 0]])], "is-invoice-otrs-2"),
      minutes,
    );
    await expect(late).rejects.toThrow(RefusedError);
    await expect(late).rejects.toThrow(/ledger moved since the plan was made/);
    expect(await written()).toEqual(before);
  });

  test("when an article moved to another ticket, or is not there", async () => {
    await state.settle(settlementOf([ticket(12, { 101: 1500, 102: 25 })]));
    await expect(state.writeDraft(recordOf([lineOf(11, 1, [[101, 1500, 0]])]), minutes)).rejects.toThrow(RefusedError);
    await expect(state.writeDraft(recordOf([lineOf(11, 1, [[999, 1500, 0]])]), minutes)).rejects.toThrow(RefusedError);
    expect(await written()).toEqual(nothing);
  });

  test("when kivitendo does not take the draft", async () => {
    const record = recordOf([lineOf(11, 1, [[101, 1500, 0]])]);
    const nobody = { ...record, draft: { ...record.draft, ownerId: 999_999 } };
    await expect(state.writeDraft(nobody, minutes)).rejects.toThrow(BugError);
    expect(await written()).toEqual(nothing);
    expect(await state.readFrozenUnit()).toBeNull();
  });

  test("when the ledger does not take the lines after the draft was written", async () => {
    await expect(state.writeDraft(recordOf([lineOf(11, 1, [[101, 0, 0]])]), minutes)).rejects.toThrow(BugError);
    expect(await written()).toEqual(nothing);
  });

  test("when two writers bill the same time at once, one of them wins", async () => {
    const attempts = ["a", "b", "c"].map((name) =>
      state.writeDraft(recordOf([lineOf(11, 1, [[101, 1500, 0]]), lineOf(12, 2, [[102, 25, 0]])], name), minutes),
    );
    const results = await Promise.allSettled(attempts);
    expect(results.filter((result) => result.status === "fulfilled").length).toBe(1);
    for (const result of results) if (result.status === "rejected") expect(result.reason).toBeInstanceOf(RefusedError);
    expect(await written()).toEqual({ kivitendo: 1, drafts: 1, lines: 2, entries: 2, billed: 1525 });
  });
});

test("the unit is frozen by the first draft", async () => {
  await state.settle(settlementOf([ticket(11, { 101: 1500 }), ticket(12, { 102: 25 })]));
  expect(await state.readFrozenUnit()).toBeNull();
  await state.writeDraft(recordOf([lineOf(11, 1, [[101, 1500, 0]])]), "60" as MinutesPerUnit);
  expect(await state.readFrozenUnit()).toBe("60");
  const other = recordOf([lineOf(12, 1, [[102, 25, 0]])], "is-invoice-otrs-2");
  await expect(state.writeDraft(other, minutes)).rejects.toThrow(/another unit/);
  await state.writeDraft(other, "60.0" as MinutesPerUnit);
  expect(await written()).toMatchObject({ drafts: 2 });
});
