import { expect, test } from "vitest";
import type { FollowUp } from "../../src/billing/follow-up/index.ts";
import type { BillingState, InboxItem, StoredDraft } from "../../src/billing/ports.ts";
import { writePlan } from "../../src/billing/write.ts";
import { MovedError, RefusedError, RejectedError } from "../../src/model/index.ts";
import type { CustomerId, FlowContext, RunEnd, RunId } from "../../src/model/index.ts";
import { at, customer, entry, otherCustomer, plan, rule, rules, ticket } from "./samples.ts";

const context: FlowContext = { report: () => undefined, signal: new AbortController().signal };
const after: FollowUp = { questions: [], asked: 0, stopped: new Set(), changes: [], told: 0, untold: [] };
const planned = plan(
  [
    ticket(1, [entry(1, 20)]),
    ticket(2, [entry(2, 30)], { customerId: otherCustomer.customerId }),
    ticket(3, [entry(3, 40)], { customerId: null, queue: "Intern" }),
  ],
  { rules: { ...rules, rules: [rule("intern", { when: { queues: ["Intern"] }, effect: "exclude" })] } },
);

/** Writes the plan where the ledger says `error` to one customer's draft or lines. */
async function write(refused: CustomerId | null, error: Error, isAsked = false) {
  const ends: RunEnd[] = [];
  const asked: InboxItem[] = [];
  const answer = <T>(customerId: CustomerId | null, value: T): Promise<T> =>
    customerId === refused ? Promise.reject(error) : Promise.resolve(value);
  const state: Partial<BillingState> = {
    startRun: () => Promise.resolve(1 as RunId),
    finishRun: (_run, end) => {
      ends.push(end);
      return Promise.resolve();
    },
    writeDraft: ({ customerId }) => answer(customerId, { draftId: 1 } as StoredDraft),
    writeSettlement: ({ customerId }) => answer(customerId, undefined),
    syncInbox: (items, { dryRun }) => {
      if (!dryRun) asked.push(...items);
      return Promise.resolve({ added: isAsked ? 0 : items.length, open: items.length });
    },
  };
  const ports = { state: state as BillingState, now: () => at("2026-11-22T04:00:00Z") };
  const report = writePlan(ports, rules, planned, after, context);
  await report.catch(() => undefined);
  return { report, ends, asked };
}

const moved = new MovedError("The ledger moved.", "Run it again.");

test.each([
  { of: customer.customerId, error: moved, subject: "customer K10001", written: ["K10002"], settled: 1, count: 1 },
  {
    of: null,
    error: moved,
    subject: "tickets without a known customer",
    written: ["K10001", "K10002"],
    settled: 0,
    count: 1,
  },
  {
    of: otherCustomer.customerId,
    error: new RejectedError("kivitendo cannot take it.", "Mend it."),
    subject: "customer K10002",
    written: ["K10001"],
    settled: 1,
    count: 0,
  },
])("$error.name for $subject stops that one only", async ({ of, error, subject, written, settled, count }) => {
  const { report, ends, asked } = await write(of, error);
  const { drafts, settled: lines, moved: unwritten } = await report;
  expect(drafts.map(({ customerNumber }) => customerNumber)).toEqual(written);
  expect([lines.length, unwritten]).toEqual([settled, count]);
  expect(asked).toMatchObject([{ reason: "draft-refused", subject, text: error.message }]);
  expect(ends).toMatchObject([{ status: "partial", error: null }]);
});

test("a moved ledger is no finished run, whether it was asked about before or not", async () => {
  expect((await write(customer.customerId, moved, true)).ends).toMatchObject([{ status: "partial" }]);
});

test("a guard's refusal stops the run", async () => {
  const error = new RefusedError("Time was billed with another unit.", "Set it back.");
  const { report, ends } = await write(customer.customerId, error);
  await expect(report).rejects.toBe(error);
  expect(ends).toMatchObject([{ status: "failed" }]);
});
