/** Sending and recording: what is asked again, what is recorded when, and what users wait for. */
import { describe, expect, test } from "vitest";
import { applyPlan } from "../../src/customer-sync/apply.ts";
import { ask } from "../../src/customer-sync/ask.ts";
import type { CustomerPlan } from "../../src/customer-sync/plan.ts";
import type { CustomerChange, CustomerOutcome, RejectionCode, UpsertOutcome } from "../../src/customer-sync/ports.ts";
import type { ContactId, CustomerId, CustomerNumber, RunId } from "../../src/model/index.ts";
import { company, companyLink, contact, link, plan, refusal, userLink, vanished } from "./samples.ts";

const updated: UpsertOutcome = { outcome: "updated", changed: ["x"] };
const created: UpsertOutcome = { outcome: "created", changed: [] };
const [update] = plan({ companies: [company({ link: companyLink() })] }).companies;
const [create] = plan({ companies: [company()] }).companies;
const [leave] = plan({ companies: [company({ link: companyLink(), obsolete: true })] }).companies;
const [adopt] = plan({
  companies: [company({ link: companyLink({ status: "matched", confirmed: false, adopted: true }) })],
}).companies;

/** Asks with the given answers, one a try; returns what was sent each time and what came of it. */
async function asked(change: CustomerChange | undefined, answers: readonly UpsertOutcome[]) {
  const sent: CustomerChange[] = [];
  const [outcome] = await ask(change === undefined ? [] : [change], async (changes) => {
    sent.push(...changes);
    return [answers[sent.length - 1] ?? refusal("failed")];
  });
  return { sent, outcome };
}

describe("asking again", () => {
  test("as our own, when the record of an earlier write was lost", async () => {
    const { sent, outcome } = await asked(create, [refusal("already-ours"), updated]);
    expect(sent).toMatchObject([{ expect: "absent" }, { kind: "update", expect: "ours" }]);
    expect(outcome).toMatchObject({ result: updated, change: { situation: "confirmed" } });
  });

  test("and what was adopted stays known as adopted", async () => {
    const { sent } = await asked(adopt, [refusal("already-ours"), updated]);
    expect(sent).toMatchObject([{ expect: "unowned" }, { kind: "adopt", expect: "ours" }]);
  });

  test("under the key that somebody gave it in the helpdesk", async () => {
    const { sent, outcome } = await asked(update, [refusal("gone", { keyNow: "NEU" }), updated]);
    expect(sent.map(({ key, newKey }) => [key, newKey])).toEqual([
      ["K10001", null],
      ["NEU", null],
    ]);
    expect(outcome).toMatchObject({ result: updated, change: { key: "NEU", situation: "renamed" } });
  });

  test("without its values, when a leaving record's values are refused", async () => {
    const { sent, outcome } = await asked(leave, [refusal("name-taken"), updated]);
    expect(sent[1]).toMatchObject({ kind: "invalidate", fields: { ValidID: 2 } });
    expect(Object.keys(sent[1]?.fields ?? {})).toEqual(["ValidID"]);
    expect(outcome?.result).toEqual(updated);
  });

  test("as a new record, when that of a row that was typed again is gone, too; else what is taken over is adopted", async () => {
    const former = {
      rowId: 1100,
      key: "K10001",
      label: "K10001 Müller & Söhne GmbH",
      adopted: false,
      customerId: null,
    };
    const [again] = plan({ companies: [company({ former })] }).companies;
    const { sent, outcome } = await asked(again, [refusal("gone"), created]);
    expect(sent).toMatchObject([
      { expect: "ours", takesOver: former },
      { kind: "create", expect: "absent" },
    ]);
    expect(outcome).toMatchObject({ result: created, change: { situation: "absent" } });
    const unchanged: UpsertOutcome = { outcome: "unchanged", changed: [] };
    expect((await asked(again, [unchanged])).outcome?.result).toEqual({ outcome: "adopted", changed: [] });
  });

  test("ends when two sides undo each other", async () => {
    const answers = Array.from({ length: 9 }, (_, n) => refusal("gone", { keyNow: `K${n}` }));
    expect((await asked(update, answers)).sent.length).toBeLessThan(6);
  });

  test("is not done for a record that is nowhere: one that leaves is gone on both sides, one that stays is missing", async () => {
    expect((await asked(leave, [refusal("gone")])).outcome?.result).toEqual({ outcome: "unchanged", changed: [] });
    const [gone] = plan({ vanishedCompanies: [vanished(1150, companyLink())] }).companies;
    expect((await asked(gone, [refusal("gone")])).outcome?.result).toEqual({ outcome: "unchanged", changed: [] });
    expect((await asked(update, [refusal("gone")])).outcome?.change.situation).toBe("missing");
  });

  test.each<{ code: RejectionCode; situation: string }>([
    { code: "found", situation: "found" },
    { code: "not-ours", situation: "foreign" },
    { code: "key-differs", situation: "ambiguous" },
    { code: "key-taken", situation: "ambiguous" },
    { code: "name-taken", situation: "ambiguous" },
    { code: "email-taken", situation: "ambiguous" },
    { code: "invalid", situation: "incomplete" },
    { code: "failed", situation: "confirmed" },
  ])("$code reveals: $situation", async ({ code, situation }) => {
    expect((await asked(update, [refusal(code)])).outcome?.change.situation).toBe(situation);
  });
});

/** Applies a plan to a helpdesk that answers by key, and returns what was written and recorded, in order. */
async function applied(given: CustomerPlan, answers: (change: CustomerChange) => UpsertOutcome) {
  const log: string[] = [];
  const recorded: CustomerOutcome[] = [];
  const sent: CustomerChange[] = [];
  const name = ({ record, rowId }: CustomerChange): string => `${record}-${rowId}`;
  const result = await applyPlan(
    {
      helpdesk: {
        upsert: async (changes) => {
          log.push(`send ${changes.map(name).join(" ")}`);
          sent.push(...changes);
          return changes.map(answers);
        },
      },
      state: {
        commitIntent: async (_run, changes) => void log.push(`intent ${changes.map(name).join(" ")}`),
        record: async (_run, outcomes, { allowed }) => {
          log.push(`record ${outcomes.map(({ change }) => name(change)).join(" ")}${allowed ? " (allowed)" : ""}`);
          recorded.push(...outcomes);
          return { newlyRejected: outcomes.filter(({ result: each }) => each.outcome === "rejected").length };
        },
      },
      now: () => Temporal.Instant.from("2026-10-01T08:00:00Z"),
    },
    1 as RunId,
    given,
    { instance: "main", allowed: true },
    { report: () => undefined, signal: new AbortController().signal },
  );
  return { log, recorded, sent, ...result };
}

describe("a plan", () => {
  const both = plan({ companies: [company()], contacts: [contact({ companyKey: null })] });

  test("is sent companies first; intent, call and record go together", async () => {
    const { log } = await applied(both, () => created);
    expect(log).toEqual([
      "intent company-1150",
      "send company-1150",
      "record company-1150 (allowed)",
      "intent user-1200",
      "send user-1200",
      "record user-1200 (allowed)",
    ]);
  });

  test("goes on without the users of a company that was refused", async () => {
    const { sent, recorded, newlyRejected } = await applied(both, () => refusal("found"));
    expect(sent.map(({ record }) => record)).toEqual(["company"]);
    expect(recorded[1]).toMatchObject({ result: { code: "waits-for-customer" }, change: { situation: "waiting" } });
    expect(newlyRejected).toBe(2);
  });

  test.each([
    { name: "a rename that was refused", answer: refusal("key-taken"), keyNow: null, want: "K10001" },
    { name: "a rename that was done", answer: updated, keyNow: null, want: "K2" },
    { name: "an agent's rename", answer: updated, keyNow: "VON HAND", want: "VON HAND" },
  ])("files users under what their company is called after $name", async ({ answer, keyNow, want }) => {
    const number = (keyNow === null ? "K2" : "K10001") as CustomerNumber;
    const renamed = plan({
      companies: [company({ customerNumber: number, link: companyLink() })],
      contacts: [contact({ link: userLink() })],
    });
    const { sent } = await applied(renamed, (change) =>
      keyNow !== null && change.key === "K10001" ? refusal("gone", { keyNow }) : answer,
    );
    expect(sent.at(-1)?.fields["UserCustomerID"]).toBe(want);
  });

  test("leaves out additional companies that did not come", async () => {
    const otherCustomers = [{ customerId: 1151 as CustomerId, key: null }];
    const given = plan({
      companies: [company({ customerId: 1151 as CustomerId, customerNumber: "K10002" as CustomerNumber })],
      contacts: [contact({ otherCustomers })],
    });
    const answers = (change: CustomerChange): UpsertOutcome =>
      change.record === "company" ? refusal("found") : created;
    expect((await applied(given, answers)).sent.at(-1)).toMatchObject({ record: "user", companies: [] });
    expect((await applied(given, () => created)).sent.at(-1)).toMatchObject({ companies: ["K10002"] });
  });

  test("does not record what stands aside for a swap that failed: the next run takes it up at once", async () => {
    const rows = [1, 2].map((id) =>
      contact({
        contactId: id as ContactId,
        email: `${3 - id}@x`,
        link: link(`u${id}`, { customerId: 1150 as CustomerId }),
      }),
    );
    let tries = 0;
    const { log, outcomes } = await applied(plan({ contacts: rows }), (change) => {
      if (String(change.fields["UserEmail"]).startsWith("kivitendo-bridge-")) return updated;
      const taken = refusal("email-taken", { owner: { instance: "main", rowId: 3 - change.rowId } });
      return change.rowId === 2 && ++tries > 1 ? refusal("failed") : taken;
    });
    expect(log.filter((line) => line.startsWith("record"))).toEqual(["record user-2 (allowed)"]);
    expect(outcomes.map(({ change }) => change.rowId).sort((a, b) => a - b)).toEqual([1, 2]);
  });

  test("does not take over a name that another row of the same run keeps", async () => {
    const names = plan({ companies: [company({ link: companyLink() })] });
    const { recorded } = await applied(names, (change) =>
      change.fields["CustomerCompanyName"] === "Müller & Söhne GmbH"
        ? refusal("name-taken", { owner: { instance: "main", rowId: 9 }, otherKey: "K9" })
        : updated,
    );
    expect(recorded).toMatchObject([
      { result: updated, change: { fields: { CustomerCompanyName: "Müller & Söhne GmbH (K10001)" } } },
    ]);
  });
});
