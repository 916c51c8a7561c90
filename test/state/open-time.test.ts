/** What an answer settles where several things are open on one ticket, and proposals whose circumstances changed. */
import { expect, test } from "vitest";
import type { EntryTime, InboxItem } from "../../src/billing/ports.ts";
import type { HundredthUnits, TicketNumber } from "../../src/model/index.ts";
import { createBillingDesk } from "../../src/state/index.ts";
import { insertTarget } from "../../src/kivitendo/index.ts";
import { byKind, decided, expectLedgerAdds, ledgerNow, minutes, useLedger, written } from "../support/ledger.ts";
import { lineOf, mueller, recordOf } from "../support/lines.ts";
import { articleEntry, settlementOf, ticket, ticketId } from "../support/tickets.ts";

const world = useLedger();
const hundredths = (units: number) => units as HundredthUnits;

async function ask(reason: InboxItem["reason"], about: InboxItem["about"]): Promise<number> {
  const item = {
    reason,
    subject: reason,
    text: "?",
    hint: "!",
    about,
    choices: [{ choice: "waive", effect: "" }],
  } as const;
  await world.state.syncInbox([item], { run: null, now: ledgerNow, complete: false, dryRun: false });
  const [row] = await world.bridge.admin("select max(id) as id from otrs_bridge.inbox");
  return Number(row?.["id"]);
}

test("time without an article is settled alone, and the others with everything that is open", async () => {
  const told = ticket(11, { 101: 1500 });
  const rest: EntryTime = {
    ...articleEntry(101, 40),
    key: { kind: "rest", sourceId: 11, createdAt: told.createdAt },
  };
  await world.state.settle(settlementOf([{ ...told, entries: [...told.entries, rest] }]));
  const [alone, all] = [
    await ask("time-without-article", { ticketId: ticketId(11), units: hundredths(40) }),
    await ask("unknown-customer", { ticketId: ticketId(11), units: hundredths(1000), openUnits: hundredths(1500) }),
  ];
  await world.desk.decide(alone, "waive", decided);
  expect(await byKind(world)).toEqual({ waived: 40 });
  await world.desk.decide(all, "waive", decided);
  expect(await byKind(world)).toEqual({ waived: 1540 });
  await expectLedgerAdds(world);
});

const propose = () =>
  world.state.writeDraft(recordOf(world.run, [lineOf(11, [[101, 1500]])], { propose: true }), minutes);

test("a proposal can be released after the helpdesk has handed out the id of its ticket again", async () => {
  await world.state.settle(settlementOf([ticket(11, { 101: 1500 })]));
  const { draftId } = await propose();
  await world.state.settle(settlementOf([ticket(11, {}, { ticketNumber: "2026102210000077" as TicketNumber })]));
  expect(await world.desk.release(draftId, decided)).toMatchObject({ status: "waiting" });
  expect(world.lastContent().lines).toMatchObject([{ ticket: { ticketNumber: "2026102210000011" } }]);
});

test("a proposal of a customer whose prices contain the tax by now is not released", async () => {
  await world.state.settle(settlementOf([ticket(11, { 101: 1500 })]));
  const { draftId } = await propose();
  const desk = createBillingDesk(world.bridge.pool, {
    insertTarget,
    readCustomer: () => Promise.resolve({ ...mueller, taxIncluded: true }),
    timeZone: "Europe/Berlin",
    minutesPerUnit: minutes,
  });
  await expect(desk.release(draftId, decided)).rejects.toThrow(/prices that include the tax/);
  expect(await written(world)).toMatchObject({ kivitendo: 0 });
});
