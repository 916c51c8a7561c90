import { beforeEach, describe, expect, test } from "vitest";
import type { ConfirmedMatch, Differences, RecordKind } from "../../src/customer-sync/ports.ts";
import type { RunId } from "../../src/model/index.ts";
import { changesOf, done, refused } from "../support/customer-run.ts";
import { useSampleState } from "../support/sample-state.ts";

const start = Temporal.Instant.from("2026-11-22T08:00:00Z");
const later = start.add({ minutes: 1 });
const options = { now: start, allowed: false };

const sample = useSampleState();
let run: RunId;
beforeEach(async () => {
  run = await sample.state.startRun("customers", start);
});

function read(now = later): Promise<Differences> {
  return sample.read({ now });
}

async function company(rowId: number) {
  return (await read()).companies.find((row) => row.customerId === rowId);
}

async function contact(rowId: number) {
  return (await read()).contacts.find((row) => row.contactId === rowId);
}

describe("confirmed pairs", () => {
  const pair = (record: RecordKind, rowId: number, key: string): ConfirmedMatch => ({ record, rowId, key, by: "Eva" });

  test("are told as matched until they are adopted, through refusals and lost answers, and keep their key", async () => {
    await sample.state.confirmMatches([pair("company", 1150, "ACME"), pair("user", 1200, "jmueller")]);
    expect((await company(1150))?.link).toMatchObject({
      status: "matched",
      key: "ACME",
      adopted: true,
      confirmed: false,
    });
    const change = changesOf(await read()).find((each) => each.rowId === 1150);
    if (change === undefined) throw new Error("no change");
    expect(change).toMatchObject({ kind: "adopt", key: "ACME" });
    await sample.state.commitIntent(run, [change]);
    expect((await company(1150))?.link).toMatchObject({ status: "matched", key: "ACME" });
    await sample.state.record(run, [refused({ ...change, situation: "missing" }, "gone")], options);
    expect(await company(1150)).toBeUndefined();
    expect((await read(start.add({ hours: 1 }))).companies.find((row) => row.customerId === 1150)?.link).toMatchObject({
      status: "matched",
      key: "ACME",
      attempts: 1,
    });
    await sample.state.record(run, [{ change, result: { outcome: "adopted", changed: [] } }], options);
    await sample.bridge.admin("update customer set customernumber = 'K99' where id = 1150");
    expect((await company(1150))?.link).toMatchObject({
      status: "linked",
      key: "ACME",
      adopted: true,
      sourceKey: "K10001",
    });
    expect((await contact(1200))?.companyKey).toBe("ACME");
  });

  test("can be given up, or replaced, when they do not work", async () => {
    await sample.state.confirmMatches([pair("company", 1150, "ACME")]);
    const change = changesOf(await read()).find((each) => each.rowId === 1150);
    if (change === undefined) throw new Error("no change");
    await sample.state.record(run, [refused(change, "not-ours")], options);
    await sample.state.confirmMatches([pair("company", 1150, "ACME2")]);
    expect((await company(1150))?.link).toMatchObject({ status: "matched", key: "ACME2", attempts: 0 });
    await sample.state.record(run, [refused({ ...change, key: "ACME2" }, "not-ours")], options);
    await sample.state.decide("company", 1150, {
      choice: "recreate",
      value: null,
      by: "Eva",
      why: "another company after all",
      at: later,
    });
    expect((await company(1150))?.link).toMatchObject({ status: "rejected", adopted: false, confirmed: false });
  });

  test.each<[string, ConfirmedMatch[], RegExp]>([
    ["a linked row", [pair("company", 1150, "ACME")], /company-1150 is linked to "K10001" already/],
    ["a key that is used", [pair("company", 1153, "k10001")], /company-1153 cannot be linked to "K10001"/],
    ["a row twice", [pair("user", 7, "a"), pair("user", 7, "b")], /exclude each other/],
    ["a key twice", [pair("user", 7, "a"), pair("user", 8, "A")], /exclude each other/],
  ])("refused: %s; then nothing is written", async (_, matches, message) => {
    await sample.state.record(run, changesOf(await read(start)).map(done), options);
    const links = () =>
      sample.bridge.admin("select kind, row_id, helpdesk_key, xmin::text from otrs_bridge.links order by 1, 2");
    const before = await links();
    const all = [pair("company", 1153, "NEW"), ...matches];
    await expect(
      sample.state.confirmMatches(matches.some((each) => each.rowId === 1153) ? matches : all),
    ).rejects.toMatchObject({
      name: "ConfigError",
      message: expect.stringMatching(message) as unknown,
    });
    expect(await links()).toEqual(before);
  });

  test("an obsolete customer's waits, and is kept who confirmed them", async () => {
    await sample.state.confirmMatches([pair("company", 1153, "OLD")]);
    expect(await company(1153)).toBeUndefined();
    expect(
      await sample.bridge.admin("select kind, row_id, choice, value, decided_by from otrs_bridge.decisions"),
    ).toEqual([{ kind: "company", row_id: 1153, choice: "match", value: "OLD", decided_by: "Eva" }]);
    await sample.bridge.admin("update customer set obsolete = false where id = 1153");
    expect((await company(1153))?.link).toMatchObject({ status: "matched" });
  });
});
