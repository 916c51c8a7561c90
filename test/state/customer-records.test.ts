import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { CustomerChange, CustomerOutcome, CustomerState } from "../../src/customer-sync/ports.ts";
import type { RunId } from "../../src/model/index.ts";
import { createCustomerState } from "../../src/state/customers.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";

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
  await bridge.admin("delete from otrs_bridge.links");
  run = await state.startRun("customers", now);
});

function change(changes: Partial<CustomerChange> = {}): CustomerChange {
  return {
    kind: "create",
    record: "user",
    rowId: 1200,
    label: "Jürgen Müller",
    key: "juergen.mueller@mueller-test.de",
    expect: "absent",
    fields: { UserLastname: "Müller", ValidID: 1 },
    sourceHash: "a",
    customerId: 1150,
    ...changes,
  };
}

const created = (of: CustomerChange): CustomerOutcome => ({ change: of, result: { outcome: "created", changed: [] } });
const refused = (of: CustomerChange, reason = "UserEmail is no address"): CustomerOutcome => ({
  change: of,
  result: { outcome: "rejected", code: "invalid", reason },
});

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
  await state.record(run, [created(change())], now);
  await state.commitIntent(run, [change({ kind: "update", sourceHash: "b" })]);
  expect(await link()).toMatchObject({ status: "writing", confirmed: true, valid: true, source_hash: "a" });
});

test("a success is linked, with the validity that was sent", async () => {
  await state.record(run, [created(change()), created(change({ rowId: 1201, fields: { ValidID: 2 } }))], now);
  expect(await link()).toMatchObject({ status: "linked", confirmed: true, valid: true, source_hash: "a", attempts: 0 });
  expect(await link(1201)).toMatchObject({ status: "linked", confirmed: true, valid: false });
});

test("a refusal keeps an earlier success, its customer and its validity", async () => {
  await state.record(run, [created(change())], now);
  const gone = change({ kind: "invalidate", fields: { ValidID: 2 }, sourceHash: "vanished", customerId: null });
  await state.record(run, [refused(gone)], now);
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
  await state.record(run, [created(gone)], now);
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
  const record = async (...outcomes: CustomerOutcome[]) => (await state.record(run, outcomes, now)).newlyRejected;
  expect(await record(refused(change()), refused(other), created(change({ rowId: 1202 })))).toBe(2);
  expect(await record(refused(change()), refused(other))).toBe(0);
  await state.commitIntent(run, [change()]);
  expect(await record(refused(change()))).toBe(0);
  expect(await record(refused(change({ sourceHash: "b" })))).toBe(1);
  expect(await record(created(change({ sourceHash: "b" })))).toBe(0);
  expect(await record(refused(change({ sourceHash: "b" })))).toBe(1);
  expect(await record()).toBe(0);
});

test("reasons with characters that the database cannot store are kept without them", async () => {
  await state.record(run, [refused(change(), "a\u0000b \ud800 'ö'")], now);
  expect(await link()).toMatchObject({ rejection_reason: "ab \ufffd 'ö'" });
});

test("a thousand outcomes are one statement, and the same row twice is no error", async () => {
  const many = Array.from({ length: 1000 }, (_, index) => change({ rowId: index + 1 }));
  await state.commitIntent(run, [...many, change({ rowId: 7, key: "later" })]);
  expect(await link(7)).toMatchObject({ helpdesk_key: "later" });
  await state.record(run, [...many.map(created), refused(change({ rowId: 7 }))], now);
  const rows = await bridge.admin("select status, count(*)::integer as n from otrs_bridge.links group by 1 order by 1");
  expect(rows).toEqual([
    { status: "linked", n: 999 },
    { status: "rejected", n: 1 },
  ]);
  const statements = await bridge.admin("select count(distinct xmin::text)::integer as n from otrs_bridge.links");
  expect(statements).toEqual([{ n: 1 }]);
});

test("a run is opened and closed", async () => {
  const next = await state.startRun("customers", now);
  expect(next).toBeGreaterThan(run);
  const summary = { customers: { created: 1 } };
  await state.finishRun(next, { finishedAt: now.add({ seconds: 3 }), status: "failed", summary, error: "no \u0000" });
  expect(await bridge.admin("select * from otrs_bridge.runs where id = $1", [next])).toEqual([
    {
      id: next,
      flow: "customers",
      started_at: new Date("2026-11-22T08:00:00Z"),
      finished_at: new Date("2026-11-22T08:00:03Z"),
      status: "failed",
      summary,
      error: "no ",
    },
  ]);
});
