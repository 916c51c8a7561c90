import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { InboxItem } from "../../src/billing/ports.ts";
import type { CustomerOutcome, RejectionCode } from "../../src/customer-sync/ports.ts";
import { insertTarget } from "../../src/kivitendo/index.ts";
import type { RunId } from "../../src/model/index.ts";
import { createState, readInbox, readRuns, type State } from "../../src/state/index.ts";
import { done, refused, sampleChange } from "../support/customer-run.ts";
import { type BridgeDatabase, createBridgeDatabase } from "../support/bridge-database.ts";

const now = Temporal.Instant.from("2026-11-22T08:00:00Z");
const later = now.add({ hours: 24 });

let bridge: BridgeDatabase;
let state: State;
let run: RunId;
beforeAll(async () => {
  bridge = await createBridgeDatabase();
  state = createState(bridge.pool, { instance: "main", insertTarget });
});
afterAll(() => bridge.drop());
beforeEach(async () => {
  await bridge.admin("truncate otrs_bridge.inbox");
  run = await state.billing.startRun("billing", now);
});

function item(subject: string, changes: Partial<InboxItem> = {}): InboxItem {
  return {
    reason: "unknown-customer",
    subject,
    text: `${subject} waits.`,
    hint: "Do something.",
    about: {},
    choices: [],
    ...changes,
  };
}

function sync(
  items: readonly InboxItem[],
  changes: { complete?: boolean | readonly InboxItem["reason"][]; dryRun?: boolean; at?: Temporal.Instant } = {},
) {
  const { complete = true, dryRun = false, at = now } = changes;
  return state.billing.syncInbox(items, { run: dryRun ? null : run, now: at, complete, dryRun });
}

async function open(): Promise<readonly string[]> {
  return (await readInbox(bridge.pool)).map((entry) => `${entry.reason} ${entry.subject}`);
}

describe("billing's questions", () => {
  test("are asked once, and closed when they do not hold any more", async () => {
    expect(await sync([item("ticket 1"), item("ticket 2"), item("ticket 2")])).toEqual({ added: 2, open: 2 });
    expect(await sync([item("ticket 1"), item("ticket 2")], { at: later })).toEqual({ added: 0, open: 2 });
    expect(await sync([item("ticket 2"), item("ticket 2", { reason: "negative-difference" })], { at: later })).toEqual({
      added: 1,
      open: 2,
    });
    expect(await open()).toEqual(["unknown-customer ticket 2", "negative-difference ticket 2"]);
    expect(await sync([], { at: later })).toEqual({ added: 0, open: 0 });
    expect(
      await bridge.admin("select closed_at, decision from otrs_bridge.inbox where reason = 'negative-difference'"),
    ).toEqual([{ closed_at: new Date("2026-11-23T08:00:00Z"), decision: null }]);
  });

  test("a closed question that arises again is a new one", async () => {
    await sync([item("ticket 1")]);
    await sync([]);
    expect(await sync([item("ticket 1")], { at: later })).toEqual({ added: 1, open: 1 });
    expect(await readInbox(bridge.pool)).toMatchObject([{ openedAt: later, flow: "billing", text: "ticket 1 waits." }]);
  });

  test("a run that looked at a part closes nothing", async () => {
    await sync([item("ticket 1")]);
    expect(await sync([item("ticket 2")], { complete: false })).toEqual({ added: 1, open: 2 });
  });

  test("a run that looked at some reasons closes questions of these reasons only", async () => {
    await sync([
      item("ticket 1"),
      item("draft 2", { reason: "draft-gone" }),
      item("draft 3", { reason: "draft-gone" }),
    ]);
    expect(await sync([item("draft 3", { reason: "draft-gone" })], { complete: ["draft-gone"] })).toEqual({
      added: 0,
      open: 2,
    });
    expect(await open()).toEqual(["draft-gone draft 3", "unknown-customer ticket 1"]);
  });

  test("a dry run tells the same and writes nothing", async () => {
    await sync([item("ticket 1")]);
    expect(await sync([item("ticket 2"), item("ticket 3")], { dryRun: true })).toEqual({ added: 2, open: 2 });
    expect(await open()).toEqual(["unknown-customer ticket 1"]);
  });

  test("the wording is kept up to date, and not written when it is", async () => {
    await sync([item("ticket 1")]);
    await sync([item("ticket 1", { text: "ticket 1 waits for 2.00 units." })], { at: later });
    expect(await readInbox(bridge.pool)).toMatchObject([{ text: "ticket 1 waits for 2.00 units.", openedAt: now }]);
    const versions = () => bridge.admin("select xmin::text, ctid::text from otrs_bridge.inbox order by id");
    const before = await versions();
    await sync([item("ticket 1", { text: "ticket 1 waits for 2.00 units." })], { at: later });
    expect(await versions()).toEqual(before);
  });

  test("have an id, and choices with their effect that are kept up to date", async () => {
    const choice = (effect: string) => ({ choices: [{ choice: "waive", effect }] as const, about: { draftId: 7 } });
    await sync([item("ticket 1", choice("Settles 1.00 units."))]);
    await sync([item("ticket 1", choice("Settles 2.00 units."))]);
    const [row] = await bridge.admin("select id, about from otrs_bridge.inbox");
    expect(row?.["about"]).toEqual({ draftId: 7 });
    expect(await readInbox(bridge.pool)).toMatchObject([
      { id: `billing-${String(row?.["id"])}`, choices: ["waive"], effects: { waive: "Settles 2.00 units." } },
    ]);
  });

  test("may hold what no database column can", async () => {
    const strange = item("ticket \u0000 1", { text: "half \uD800", about: { fingerprint: "\u0000" } });
    expect(await sync([strange])).toEqual({ added: 1, open: 1 });
    expect(await state.billing.readUnanswered([strange])).toEqual([strange]);
  });

  test("the other flow's questions are left alone", async () => {
    await bridge.admin(
      `insert into otrs_bridge.inbox (flow, reason, subject, text, hint, opened_at)
       values ('customers', 'twin', 'K10001', 'text', 'hint', now())`,
    );
    expect(await sync([])).toEqual({ added: 0, open: 0 });
    expect(await open()).toEqual(["twin K10001"]);
  });
});

test("the last runs, newest first", async () => {
  await state.billing.finishRun(run, { finishedAt: later, status: "done", summary: { drafts: 2 }, error: null });
  const next = await state.customers.startRun("customers", later);
  expect(await readRuns(bridge.pool, 2)).toEqual([
    { id: next, flow: "customers", startedAt: later, finishedAt: null, status: null, summary: null, error: null },
    {
      id: run,
      flow: "billing",
      startedAt: now,
      finishedAt: later,
      status: "done",
      summary: { drafts: 2 },
      error: null,
    },
  ]);
});

describe("records that are not in the helpdesk as kivitendo has them", () => {
  beforeEach(() => bridge.admin("delete from otrs_bridge.links"));

  const company = sampleChange({ record: "company", rowId: 1150, key: "K10001", label: "K10001 Müller & Söhne GmbH" });

  test("wait with what they are, why, what to do and since when", async () => {
    await state.customers.record(run, [refused(company, "found", "A record stands there.")], { now, allowed: false });
    const user = sampleChange({ record: "user", rowId: 1200, key: "", label: " " });
    await state.customers.record(run, [refused(user, "incomplete", "No name.")], { now: later, allowed: false });
    expect(await readInbox(bridge.pool)).toEqual([
      {
        id: "company-1150",
        flow: "customers",
        reason: "found",
        subject: "customer K10001 Müller & Söhne GmbH",
        text: "A record stands there.",
        hint: expect.stringContaining("decide `adopt`") as unknown,
        openedAt: now,
        choices: ["adopt", "retry", "ignore", "rename"],
        effects: {},
      },
      {
        id: "user-1200",
        flow: "customers",
        reason: "incomplete",
        subject: "contact with row id 1200",
        text: "No name.",
        hint: expect.stringContaining("in kivitendo") as unknown,
        openedAt: later,
        choices: ["retry", "ignore"],
        effects: {},
      },
    ]);
  });

  test("keep their time while the reason is the same, and go when it is gone", async () => {
    const record = (outcome: CustomerOutcome, at: Temporal.Instant) =>
      state.customers.record(run, [outcome], { now: at, allowed: false });
    await record(refused(company, "found"), now);
    await record(refused(company, "found"), later);
    expect(await readInbox(bridge.pool)).toMatchObject([{ openedAt: now }]);
    await record(refused(company, "name-taken"), later);
    expect(await readInbox(bridge.pool)).toMatchObject([{ openedAt: later, reason: "name-taken" }]);
    await record(done(company), later);
    expect(await readInbox(bridge.pool)).toEqual([]);
  });

  test.each<RejectionCode>([
    "found",
    "not-ours",
    "already-ours",
    "gone",
    "key-differs",
    "key-taken",
    "name-taken",
    "email-taken",
    "invalid",
    "failed",
    "incomplete",
    "ambiguous",
    "waits-for-customer",
    "move-waits",
  ])("say what to do about %s; every choice that is named can be made", async (code) => {
    await state.customers.record(run, [refused(company, code)], { now, allowed: false });
    const [entry] = await readInbox(bridge.pool);
    expect(entry?.hint.length).toBeGreaterThan(30);
    const named = [...(entry?.hint.matchAll(/`([a-z-]+)`/g) ?? [])].map(([, choice]) => choice);
    for (const choice of named) expect(entry?.choices).toContain(choice);
  });
});
