import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CustomerChange, CustomerOutcome, CustomerState } from "../../src/customer-sync/ports.ts";
import type { RunId } from "../../src/model/index.ts";
import { createCustomerState } from "../../src/state/customers.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";
import { plainSource, refused as refusedAs, sampleChange } from "../support/customer-run.ts";

const now = Temporal.Instant.from("2026-11-22T08:00:00Z");

let bridge: BridgeDatabase;
let state: CustomerState;
let run: RunId;
beforeAll(async () => {
  bridge = await createBridgeDatabase();
  state = createCustomerState(bridge.pool);
});
afterAll(() => bridge.drop());
beforeEach(async () => {
  await bridge.admin("delete from otrs_bridge.links; delete from otrs_bridge.guarded_changes");
  run = await state.startRun("customers", now);
});

function change(changes: Partial<CustomerChange> = {}): CustomerChange {
  return sampleChange({
    record: "user",
    rowId: 1200,
    label: "Jürgen Müller",
    key: "juergen.mueller@mueller-test.de",
    fields: { UserLastname: "Müller", ValidID: 1 },
    customerId: 1150,
    ...changes,
  });
}

const created = (of: CustomerChange): CustomerOutcome => ({ change: of, result: { outcome: "created", changed: [] } });
const updated = (of: CustomerChange, changed: readonly string[] = ["UserLastname"]): CustomerOutcome => ({
  change: of,
  result: { outcome: "updated", changed },
});
const refused = (of: CustomerChange, reason = "UserEmail is no address"): CustomerOutcome =>
  refusedAs(of, "invalid", reason);

function record(outcomes: readonly CustomerOutcome[], at = now, allowed = false) {
  return state.record(run, outcomes, { now: at, allowed });
}

async function link(rowId = 1200): Promise<Record<string, unknown> | undefined> {
  const rows = await bridge.admin("select * from otrs_bridge.links where row_id = $1", [rowId]);
  return rows[0];
}

test("an intent is there before its outcome, and keeps what was confirmed before", async () => {
  await state.commitIntent(run, [change()]);
  expect(await link()).toMatchObject({
    kind: "user",
    helpdesk_key: "juergen.mueller@mueller-test.de",
    customer_id: 1150,
    status: "writing",
    confirmed: false,
    source_hash: null,
    run_id: run,
  });
  await record([created(change())]);
  await state.commitIntent(run, [change({ kind: "update", sourceHash: "b" })]);
  expect(await link()).toMatchObject({ status: "writing", confirmed: true, valid: true, source_hash: "a" });
});

test("a success is linked, with the validity that was sent", async () => {
  await record([created(change()), created(change({ rowId: 1201, fields: { ValidID: 2 } }))]);
  expect(await link()).toMatchObject({ status: "linked", confirmed: true, valid: true, source_hash: "a", attempts: 0 });
  expect(await link(1201)).toMatchObject({ status: "linked", confirmed: true, valid: false });
});

test("a refusal keeps an earlier success, its customer and its validity", async () => {
  await record([created(change())]);
  const gone = change({ kind: "invalidate", fields: { ValidID: 2 }, sourceHash: "vanished", customerId: null });
  await record([refused(gone)]);
  expect(await link()).toMatchObject({
    status: "rejected",
    confirmed: true,
    valid: true,
    customer_id: 1150,
    source_hash: "vanished",
    rejection_code: "invalid",
    rejection_reason: "UserEmail is no address",
    attempts: 1,
    next_attempt_at: new Date("2026-11-22T08:05:00Z"),
  });
  await record([created(gone)]);
  expect(await link()).toMatchObject({
    status: "linked",
    valid: false,
    rejection_code: null,
    rejection_reason: null,
    attempts: 0,
    next_attempt_at: null,
  });
});

test("a refusal counts as new once for the same content, also with an intent between", async () => {
  const other = change({ rowId: 1201 });
  const newly = async (...outcomes: CustomerOutcome[]) =>
    (await state.record(run, outcomes, { now, allowed: false })).newlyRejected;
  expect(await newly(refused(change()), refused(other), created(change({ rowId: 1202 })))).toBe(2);
  expect(await newly(refused(change()), refused(other))).toBe(0);
  await state.commitIntent(run, [change()]);
  expect(await newly(refused(change()))).toBe(0);
  expect(await newly(refused(change({ sourceHash: "b" })))).toBe(1);
  expect(await newly(created(change({ sourceHash: "b" })))).toBe(0);
  expect(await newly(refused(change({ sourceHash: "b" })))).toBe(1);
  expect(await newly()).toBe(0);
});

test("reasons with characters that the database cannot store are kept without them", async () => {
  await record([refused(change(), "a\u0000b \ud800 'ö'")]);
  expect(await link()).toMatchObject({ rejection_reason: "ab \ufffd 'ö'" });
});

test("a thousand outcomes are one statement, and the same row twice is no error", async () => {
  const many = Array.from({ length: 1000 }, (_, index) => change({ rowId: index + 1 }));
  await state.commitIntent(run, [...many, change({ rowId: 7, key: "later" })]);
  expect(await link(7)).toMatchObject({ helpdesk_key: "later" });
  await record([...many.map(created), refused(change({ rowId: 7 }))]);
  const rows = await bridge.admin("select status, count(*)::integer as n from otrs_bridge.links group by 1 order by 1");
  expect(rows).toEqual([
    { status: "linked", n: 999 },
    { status: "rejected", n: 1 },
  ]);
  const statements = await bridge.admin("select count(distinct xmin::text)::integer as n from otrs_bridge.links");
  expect(statements).toEqual([{ n: 1 }]);
});

describe("a key that changes", () => {
  const rename = change({ kind: "update", expect: "ours", newKey: "j.mueller@mueller-test.de", sourceHash: "b" });

  test("is remembered with the intent, and the link's once it was written", async () => {
    await record([created(change())]);
    await state.commitIntent(run, [rename]);
    expect(await link()).toMatchObject({ helpdesk_key: change().key, new_key: rename.newKey, status: "writing" });
    await record([updated(rename, ["Key"])]);
    expect(await link()).toMatchObject({ helpdesk_key: rename.newKey, new_key: null, status: "linked" });
  });

  test("stays the old one when it was refused", async () => {
    await record([created(change())]);
    await record([refusedAs(rename, "key-taken")]);
    expect(await link()).toMatchObject({ helpdesk_key: change().key, status: "rejected", confirmed: true });
  });

  test("of a company: the customer number is recorded with a success only", async () => {
    const company = change({ record: "company", rowId: 1150, key: "K10001", sourceKey: "K10001", customerId: null });
    await record([created(company)]);
    expect(await link(1150)).toMatchObject({ source_key: "K10001" });
    const renumbered = { ...company, kind: "update" as const, newKey: "K2", sourceKey: "K2" };
    await record([refusedAs(renumbered, "key-taken")]);
    expect(await link(1150)).toMatchObject({ source_key: "K10001", helpdesk_key: "K10001" });
    await record([updated(renumbered, ["Key"])]);
    expect(await link(1150)).toMatchObject({ source_key: "K2", helpdesk_key: "K2" });
  });
});

describe("an adoption", () => {
  const adopt = change({ kind: "adopt", expect: "unowned", situation: "found" });

  test("is remembered for good, and that of a record of our own is none", async () => {
    await record([{ change: adopt, result: { outcome: "adopted", changed: [] } }]);
    expect(await link()).toMatchObject({ adopted: true, confirmed: true });
    await record([updated(change({ kind: "update" }))]);
    expect(await link()).toMatchObject({ adopted: true });
    await record([created(change({ rowId: 1201 }))]);
    await record([{ change: { ...adopt, rowId: 1201 }, result: { outcome: "adopted", changed: [] } }]);
    expect(await link(1201)).toMatchObject({ adopted: false });
  });

  test("that was refused leaves nothing behind", async () => {
    await state.commitIntent(run, [adopt]);
    expect(await link()).toMatchObject({ adopting: true, adopted: false });
    await record([refusedAs(adopt, "not-ours")]);
    expect(await link()).toMatchObject({ adopting: false, adopted: false, confirmed: false });
  });

  test("whose answer was lost is told as matched, so that the next run takes up there", async () => {
    await state.commitIntent(run, [adopt]);
    const selection = { customerNumbers: [], contacts: [] };
    const { contacts } = await state.readDifferences({
      mapping: "1",
      selection,
      source: plainSource,
      everything: false,
      now,
    });
    expect(contacts.find((row) => row.contactId === 1200)?.link).toMatchObject({ status: "matched", adopted: true });
  });
});

describe("a move that waits", () => {
  const waiting = change({
    kind: "update",
    customerId: 1151,
    sourceHash: "moved",
    waitsFor: { code: "move-waits", reason: "All tickets would move to K10002." },
  });

  test("is written as it stands, and waits for a decision only; the customer stays", async () => {
    await record([created(change())]);
    await state.commitIntent(run, [waiting]);
    expect(await link()).toMatchObject({ customer_id: 1150 });
    expect(await record([updated(waiting)])).toEqual({ newlyRejected: 1 });
    expect(await link()).toMatchObject({
      status: "rejected",
      confirmed: true,
      valid: true,
      customer_id: 1150,
      asked_customer_id: 1151,
      source_hash: "moved",
      rejection_code: "move-waits",
      rejection_reason: "All tickets would move to K10002.",
      attempts: 0,
      next_attempt_at: Infinity,
    });
  });

  test("is not asked about again when something else changes", async () => {
    await record([created(change())]);
    await record([updated(waiting)]);
    const since = (await link())?.["rejected_at"];
    const later = now.add({ hours: 1 });
    expect(await record([updated({ ...waiting, sourceHash: "other phone" })], later)).toEqual({ newlyRejected: 0 });
    expect(await link()).toMatchObject({ source_hash: "other phone", rejected_at: since });
    const elsewhere = { ...waiting, waitsFor: { code: "move-waits" as const, reason: "All would move to K10003." } };
    expect(await record([updated({ ...elsewhere, sourceHash: "elsewhere" })])).toEqual({ newlyRejected: 1 });
  });

  test("that was refused by the helpdesk is a refusal like any other", async () => {
    await record([created(change())]);
    await record([refused(waiting)]);
    expect(await link()).toMatchObject({ rejection_code: "invalid", customer_id: 1150, asked_customer_id: null });
  });
});

describe("what the guard counts", () => {
  const gone = change({ kind: "invalidate", fields: { ValidID: 2 } });
  const unchanged = { outcome: "unchanged", changed: [] } as const;

  async function recent(at = now) {
    const selection = { customerNumbers: [], contacts: [] };
    return (await state.readDifferences({ mapping: "1", selection, source: plainSource, everything: false, now: at }))
      .recent;
  }

  test("is what was done, by record and kind, for 24 hours", async () => {
    const company = change({ record: "company", rowId: 1150, kind: "invalidate", customerId: null });
    await record([
      updated(gone, ["ValidID"]),
      updated(change({ rowId: 1201, kind: "update" }), ["Key", "UserEmail"]),
      { change: change({ rowId: 1202, kind: "adopt" }), result: { outcome: "adopted", changed: [] } },
      updated(company, ["ValidID"]),
      // Not among them: what follows its customer, is nowhere any more, was refused, or is plain work.
      updated(change({ rowId: 1203, kind: "invalidate", follows: true }), ["ValidID"]),
      { change: change({ rowId: 1204, kind: "invalidate", situation: "missing" }), result: unchanged },
      refused(change({ rowId: 1205, kind: "invalidate" })),
      updated(change({ rowId: 1208, kind: "update" })),
    ]);
    // A record counts once, however often it came and went.
    await record([updated(gone, ["ValidID"])]);
    const counted = {
      company: { deactivations: 1, keyChanges: 0, adoptions: 0 },
      user: { deactivations: 1, keyChanges: 1, adoptions: 1 },
    };
    expect(await recent()).toEqual(counted);
    expect(await recent(now.add({ hours: 24 }).subtract({ seconds: 1 }))).toEqual(counted);
    expect(await recent(now.add({ hours: 24 }))).toMatchObject({ user: { deactivations: 0 } });
  });

  test("is also what was found done: the run that did it may have lost the outcome", async () => {
    await record([
      { change: gone, result: unchanged },
      { change: change({ rowId: 1202, kind: "adopt", expect: "ours" }), result: unchanged },
    ]);
    expect(await recent()).toMatchObject({ user: { deactivations: 1, keyChanges: 0, adoptions: 1 } });
  });

  test("leaves out what was allowed, which is kept all the same", async () => {
    await record([updated(gone, ["ValidID"])], now, true);
    expect(await recent()).toMatchObject({ user: { deactivations: 0 } });
    expect(await bridge.admin("select kind, row_id, change, allowed, run_id from otrs_bridge.guarded_changes")).toEqual(
      [{ kind: "user", row_id: 1200, change: "deactivation", allowed: true, run_id: run }],
    );
  });

  test("the rows of the source are remembered, and written when they differ", async () => {
    const read = async () => {
      const selection = { customerNumbers: [], contacts: [] };
      const options = { mapping: "1", selection, source: plainSource, everything: false, now };
      return (await state.readDifferences(options)).lastSourceRows;
    };
    const versions = () => bridge.admin("select kind, xmin::text, rows from otrs_bridge.source_rows order by kind");
    expect(await read()).toBeNull();
    await state.recordSourceRows({ companies: 8, contacts: 13 });
    expect(await read()).toEqual({ companies: 8, contacts: 13 });
    const before = await versions();
    await state.recordSourceRows({ companies: 8, contacts: 13 });
    expect(await versions()).toEqual(before);
    await state.recordSourceRows({ companies: 8, contacts: 12 });
    expect((await versions())[0]).toEqual(before[0]);
    expect(await read()).toEqual({ companies: 8, contacts: 12 });
  });
});
