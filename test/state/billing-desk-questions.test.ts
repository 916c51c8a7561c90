import { beforeEach, describe, expect, test } from "vitest";
import type { Choice, InboxItem, PlannedLine } from "../../src/billing/ports.ts";
import { ConfigError, type HundredthUnits, RefusedError, type TicketNumber } from "../../src/model/index.ts";
import { readInbox } from "../../src/state/index.ts";
import { byKind, decided, expectLedgerAdds, ledgerNow, minutes, useLedger, written } from "../support/ledger.ts";
import { lineOf, recordOf, settledLine } from "../support/lines.ts";
import { settlementOf, ticket, ticketId } from "../support/tickets.ts";

const world = useLedger();
const read = settlementOf([ticket(11, { 101: 1500, 102: 25 }), ticket(12, { 103: 70 })], {
  closedBeforeStart: new Set([ticketId(12)]),
});
beforeEach(() => world.state.settle(read));

const write = (lines: readonly PlannedLine[]) => world.state.writeDraft(recordOf(world.run, lines), minutes);
const due = async (settlement = settlementOf([])) => (await world.state.settle(settlement)).due;

function item(reason: InboxItem["reason"], about: InboxItem["about"], choices: readonly Choice[]): InboxItem {
  return {
    reason,
    subject: "ticket 2026102210000011",
    text: "Something is to be decided.",
    hint: "Decide it.",
    about,
    choices: choices.map((choice) => ({ choice, effect: `Means ${choice}.` })),
  };
}

const sync = (items: readonly InboxItem[]) =>
  world.state.syncInbox(items, { run: world.run, now: ledgerNow, complete: true, dryRun: false });

/** Asks one question and answers its number. */
async function ask(...question: Parameters<typeof item>): Promise<number> {
  await sync([item(...question)]);
  const [row] = await world.bridge.admin("select id from otrs_bridge.inbox where closed_at is null");
  return Number(row?.["id"]);
}

const hundredths = (units: number) => units as HundredthUnits;

describe("an answer", () => {
  test("closes its question, with who, why and when, and is listed before with its effect", async () => {
    const id = await ask("negative-difference", { ticketId: ticketId(11) }, ["waive", "hold"]);
    expect(await readInbox(world.bridge.pool)).toMatchObject([
      { id: `billing-${id}`, choices: ["waive", "hold"], effects: { waive: "Means waive.", hold: "Means hold." } },
    ]);
    await world.desk.decide(id, "hold", decided);
    expect(await readInbox(world.bridge.pool)).toEqual([]);
    const who = { decided_by: "anna", decided_why: "Kulanz", decided_at: new Date(ledgerNow.epochMilliseconds) };
    expect(
      await world.bridge.admin(
        "select decision, closed_at = decided_at as closed, decided_by, decided_why, decided_at from otrs_bridge.inbox",
      ),
    ).toEqual([{ decision: "hold", closed: true, ...who }]);
    expect(
      await world.bridge.admin(
        `select ticket_id::integer, draft_id, reason, choice, decided_by, decided_why, decided_at
           from otrs_bridge.billing_decisions`,
      ),
    ).toEqual([{ ticket_id: 11, draft_id: null, reason: "negative-difference", choice: "hold", ...who }]);
    await expect(world.desk.decide(id, "hold", decided)).rejects.toThrow(/no longer open/);
  });

  test("has to be one that is offered, to a question that is there, by somebody for a reason", async () => {
    const id = await ask("negative-difference", { ticketId: ticketId(11) }, ["waive"]);
    await expect(world.desk.decide(id, "move", decided)).rejects.toThrow(/does not offer "move"/);
    await expect(world.desk.decide(id + 1, "waive", decided)).rejects.toThrow(ConfigError);
    await expect(world.desk.decide(id, "waive", { ...decided, by: " " })).rejects.toThrow(ConfigError);
    expect(await written(world)).toMatchObject({ lines: 0 });
  });

  test("that settles time counts units, so it freezes what one is; one that settles none does not", async () => {
    const held = await ask("negative-difference", { ticketId: ticketId(11) }, ["waive", "hold"]);
    await world.desk.decide(held, "hold", decided);
    expect(await world.state.readFrozenUnit()).toBeNull();
    const waived = await ask("negative-difference", { ticketId: ticketId(11) }, ["waive"]);
    await world.desk.decide(waived, "waive", decided);
    expect(await world.state.readFrozenUnit()).toBe("1");
  });

  test("may be about a ticket that was never read", async () => {
    const about = { ticketId: ticketId(4711), fingerprint: "forbidden" };
    await world.desk.decide(await ask("unreadable-ticket", about, ["accept"]), "accept", decided);
    expect(await world.bridge.admin("select ticket_id, choice from otrs_bridge.billing_decisions")).toEqual([
      { ticket_id: null, choice: "accept" },
    ]);
    const id = await ask("negative-difference", about, ["hold"]);
    await expect(world.desk.decide(id, "hold", decided)).rejects.toThrow(/never read/);
  });

  test("about an unreadable ticket holds for what was open, and for nothing open", async () => {
    const about = (fingerprint: string) => ({ ticketId: ticketId(11), fingerprint });
    await world.desk.decide(await ask("unreadable-ticket", about("unreadable 70"), ["accept"]), "accept", decided);
    const added = async (fingerprint: string) =>
      (await sync([item("unreadable-ticket", about(fingerprint), ["accept"])])).added;
    expect([await added("unreadable 70"), await added("unreadable"), await added("unreadable 90")]).toEqual([0, 0, 1]);
  });

  test("is given once by two at the same time", async () => {
    const id = await ask("closed-before-start", { ticketId: ticketId(12), units: hundredths(70) }, ["opening"]);
    const results = await Promise.allSettled([1, 2].map(() => world.desk.decide(id, "opening", decided)));
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await byKind(world)).toEqual({ opening: 70 });
  });
});

describe("what is open on a ticket", () => {
  test.each<[Choice, Record<string, number>, string | null]>([
    ["waive", { waived: 70 }, null],
    ["opening", { opening: 70 }, "booked"],
    ["bill", {}, "bill"],
  ])("%s", async (choice, settled, opening) => {
    const about = { ticketId: ticketId(12), units: hundredths(70) };
    await world.desk.decide(await ask("closed-before-start", about, [choice]), choice, decided);
    expect(await byKind(world)).toEqual(settled);
    const [row] = await world.bridge.admin("select opening from otrs_bridge.tickets where ticket_id = 12");
    expect(row).toEqual({ opening });
    await expectLedgerAdds(world);
  });

  test("is settled entry by entry, dated, for the ticket's customer, and a negative difference, too", async () => {
    await write([lineOf(11, [[101, 1500]])]);
    await due(settlementOf([ticket(11, { 101: 1400, 102: 25 })]));
    const id = await ask("negative-difference", { ticketId: ticketId(11), units: hundredths(-75) }, ["waive"]);
    await world.desk.decide(id, "waive", decided);
    expect(
      await world.bridge.admin(
        `select e.source_id::integer, e.units::integer, e.worked_on::text, e.agent, l.customer_id, l.worked_units::integer,
                l.decided_by
           from otrs_bridge.ledger e join otrs_bridge.lines l on l.id = e.line_id
          where l.kind = 'waived' order by e.source_id`,
      ),
    ).toEqual(
      [
        { source_id: 101, units: -100 },
        { source_id: 102, units: 25 },
      ].map((entry) => ({
        ...entry,
        worked_on: "2026-10-01",
        agent: "eva",
        customer_id: 1150,
        worked_units: -75,
        decided_by: "anna",
      })),
    );
    expect((await due()).map((each) => each.ticketId)).not.toContain(11);
  });

  test("is not settled when it is something else by now", async () => {
    const id = await ask("negative-difference", { ticketId: ticketId(11), units: hundredths(1500) }, ["waive"]);
    await expect(world.desk.decide(id, "waive", decided)).rejects.toThrow(/about 15\.00 units, and 15\.25 are open/);
    await write([
      lineOf(11, [
        [101, 1500],
        [102, 25],
      ]),
    ]);
    await expect(world.desk.decide(id, "waive", decided)).rejects.toThrow(/nothing is open/);
    expect(await byKind(world)).toEqual({ billed: 1525 });
    expect(await readInbox(world.bridge.pool)).toHaveLength(1);
  });
});

describe("lines of a draft", () => {
  test.each<[InboxItem["reason"], Choice, "lines" | "draft", Record<string, number>]>([
    ["line-removed", "due-again", "lines", { billed: 70 }],
    ["line-removed", "waive", "lines", { billed: 70, waived: 1500 }],
    ["draft-gone", "due-again", "draft", {}],
    ["draft-gone", "waive", "draft", { waived: 1570 }],
  ])("%s: %s", async (reason, choice, about, settled) => {
    const { draftId, lines } = await write([lineOf(11, [[101, 1500]]), lineOf(12, [[103, 70]])]);
    const id = await ask(reason, about === "draft" ? { draftId } : { draftId, lineIds: [lines[0]?.lineId ?? 0] }, [
      choice,
    ]);
    await world.desk.decide(id, choice, decided);
    expect(await byKind(world)).toEqual(settled);
    const [draft] = await world.state.readDrafts({ draftIds: [draftId] });
    expect(draft?.status).toBe(about === "draft" ? "superseded" : "waiting");
    await expectLedgerAdds(world);
  });

  test("of a superseded draft that was posted after all: what is open counts as settled", async () => {
    const { draftId, lines } = await write([lineOf(12, [[103, 70]])]);
    await world.desk.redo(draftId, decided);
    const about = { draftId, lineIds: lines.map(({ lineId }) => lineId) };
    await world.desk.decide(await ask("superseded-posted", about, ["waive"]), "waive", decided);
    expect(await byKind(world)).toEqual({ waived: 70 });
  });
});

describe("time that was billed to another customer", () => {
  const moved = settlementOf([ticket(11, { 101: 1500, 102: 25 }, { companyKey: "K10002" as never })]);
  const open = async () =>
    (await due(moved)).map(({ ticketId: id, billedElsewhere, entries }) => ({
      id,
      billedElsewhere,
      open: entries.reduce((sum, { units, settledUnits }) => sum + units - settledUnits, 0),
    }));

  beforeEach(async () => {
    await world.state.writeDraft(
      recordOf(world.run, [lineOf(11, [[101, 1500]])], { settlement: [settledLine(11, "included", [[102, 5]])] }),
      minutes,
    );
    await world.bridge.admin("delete from otrs_bridge.time_entries where ticket_id = 12");
  });

  test.each<[Choice, number, Record<string, number>]>([
    ["keep", 20, { billed: 1500, included: 5 }],
    ["move", 1525, {}],
  ])("%s", async (choice, units, settled) => {
    expect(await open()).toEqual([{ id: 11, billedElsewhere: true, open: 20 }]);
    await world.desk.decide(await ask("billed-elsewhere", { ticketId: ticketId(11) }, [choice]), choice, decided);
    expect(await byKind(world)).toEqual(settled);
    expect(await open()).toEqual([{ id: 11, billedElsewhere: false, open: units }]);
  });

  test("what somebody settled by hand does not move", async () => {
    await world.desk.decide(await ask("negative-difference", { ticketId: ticketId(11) }, ["waive"]), "waive", decided);
    await due(moved);
    await world.desk.decide(await ask("billed-elsewhere", { ticketId: ticketId(11) }, ["move"]), "move", decided);
    expect(await byKind(world)).toEqual({ waived: 20 });
  });

  test("waits as long as the customer is not known, or nothing is to be moved", async () => {
    const id = await ask("billed-elsewhere", { ticketId: ticketId(11) }, ["keep", "move"]);
    await expect(world.desk.decide(id, "move", decided)).rejects.toThrow(/no line of another customer/);
    await due(settlementOf([ticket(11, { 101: 1500, 102: 25 }, { companyKey: null })]));
    for (const choice of ["keep", "move"] as const) {
      await expect(world.desk.decide(id, choice, decided)).rejects.toThrow(/no customer of kivitendo/);
    }
  });
});

describe("an answer for good", () => {
  const asked = (fingerprint: string) => item("unknown-token", { ticketId: ticketId(11), fingerprint }, ["bill"]);

  test.each<Choice>(["bill", "accept"])("%s holds until the circumstances change", async (choice) => {
    const about = { ticketId: ticketId(11), fingerprint: "order 17" };
    await world.desk.decide(await ask("unknown-token", about, [choice]), choice, decided);
    expect(await world.state.readUnanswered([asked("order 17"), asked("order 18")])).toEqual([asked("order 18")]);
    expect(await sync([asked("order 17")])).toEqual({ added: 0, open: 0 });
    expect(await sync([asked("order 18")])).toEqual({ added: 1, open: 1 });
    expect(await sync([asked("order 17")])).toEqual({ added: 0, open: 0 });
  });

  test("holds for the same text where nothing else tells the circumstances", async () => {
    await world.desk.decide(await ask("line-changed", {}, ["accept"]), "accept", decided);
    const same = item("line-changed", {}, ["accept"]);
    expect(await sync([same])).toEqual({ added: 0, open: 0 });
    expect(await sync([{ ...same, text: "Something else." }])).toEqual({ added: 1, open: 1 });
  });
});

describe("tickets", () => {
  const number = ticket(11, {}).ticketNumber;

  test("are held and let go by number", async () => {
    const held = async () => (await due()).find((each) => each.ticketNumber === number)?.held;
    await world.desk.hold(number, true, decided);
    expect(await held()).toBe(true);
    await world.desk.hold(number, false, decided);
    expect(await held()).toBe(false);
    expect(
      await world.bridge.admin("select ticket_id::integer, choice from otrs_bridge.billing_decisions order by id"),
    ).toEqual([
      { ticket_id: 11, choice: "hold" },
      { ticket_id: 11, choice: "unhold" },
    ]);
    await expect(world.desk.hold("4711" as TicketNumber, true, decided)).rejects.toThrow(ConfigError);
  });

  test("closed before the start are booked as billed by hand, and the unit is frozen", async () => {
    await world.desk.book([ticketId(12)], decided);
    expect(await byKind(world)).toEqual({ opening: 70 });
    expect(await world.state.readFrozenUnit()).toBe("1");
    // Booked afterwards: due like any other time.
    const later = settlementOf([ticket(12, { 103: 90 })], { closedBeforeStart: new Set([ticketId(12)]) });
    expect((await due(later)).find((each) => each.ticketId === 12)).toMatchObject({
      opening: "booked",
      entries: [{ units: 90, settledUnits: 70 }],
    });
    await world.desk.book([], decided);
  });

  test("closed before the start are booked without time as well: what is added later is due", async () => {
    const before = { closedBeforeStart: new Set([ticketId(12), ticketId(13)]) };
    await world.state.settle(settlementOf([ticket(13, {})], before));
    await world.desk.book([ticketId(12)], decided);
    const later = await due(settlementOf([ticket(13, { 104: 25 })], before));
    expect(later.find((each) => each.ticketId === 13)).toMatchObject({ opening: "booked", entries: [{ units: 25 }] });
    expect(await byKind(world)).toEqual({ opening: 70 });
    expect(
      await world.bridge.admin("select ticket_id::integer, choice from otrs_bridge.billing_decisions order by 1"),
    ).toEqual([12, 13].map((id) => ({ ticket_id: id, choice: "opening" })));
  });

  test("closed before the start with time that was not in the list are still asked about", async () => {
    const before = { closedBeforeStart: new Set([ticketId(12), ticketId(13)]) };
    await world.state.settle(settlementOf([ticket(13, { 104: 25 })], before));
    await world.desk.book([ticketId(12)], decided);
    expect((await due()).find((each) => each.ticketId === 13)).toMatchObject({ opening: null });
  });

  test("closed later are not booked, nor the others with them", async () => {
    await expect(world.desk.book([ticketId(11), ticketId(12)], decided)).rejects.toThrow(RefusedError);
    await expect(world.desk.book([ticketId(99)], decided)).rejects.toThrow(/with id 99/);
    expect(await written(world)).toMatchObject({ lines: 0 });
    expect(await world.state.readFrozenUnit()).toBeNull();
  });
});
